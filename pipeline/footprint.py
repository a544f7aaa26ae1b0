"""What a crawling process does without."""

import gc
import sys
from importlib.abc import MetaPathFinder

import pyarrow as pa


def lighten() -> None:
    """Spare start-up a second, and the process 50 MB; to be called before anything is opened.

    The tables' objects and rows in waiting are many and hold no cycles: to search them took a
    quarter of the crawl's CPU. And pyarrow imports pandas, if it is there, with the first array
    it makes; told that it is not, it looks again only when somebody wants a data frame.
    """
    gc.set_threshold(100_000, 20, 20)
    finder = _WithoutPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([""])
    finally:
        sys.meta_path.remove(finder)


def relieve() -> None:
    """Give back to the system what a finished crawl leaves in cycles, and what Arrow keeps."""
    gc.unfreeze()
    gc.collect()
    pa.default_memory_pool().release_unused()


class _WithoutPandas(MetaPathFinder):
    """Finds everything but pandas."""

    def find_spec(self, fullname: str, *_: object) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(name=fullname)
