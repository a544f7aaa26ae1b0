"""What a stage is: an item in, rows and further items out.

A stage knows no queue, file, global setting or retry policy; its client is a constructor
argument. Which stage follows which, pipeline.graph alone knows.
"""

from typing import Any, NamedTuple, Protocol, TypeVar

In_contra = TypeVar("In_contra", contravariant=True)


class Emit(NamedTuple):
    """What a stage makes of one item."""

    rows: tuple[tuple[Any, ...], ...]
    """Records of schemas, ready to be stored."""
    next: tuple[object, ...] = ()
    """Items for later stages that hold more than the rows' keys: answers, certificates."""


class Stage(Protocol[In_contra]):
    """A network result becomes an outcome on a row; an exception means a bug of ours."""

    async def __call__(self, item: In_contra, /) -> Emit:
        """Measure one item."""
        ...
