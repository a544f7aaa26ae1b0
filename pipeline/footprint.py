"""What a crawling process does without."""

import ctypes
import gc
import sys
from importlib.abc import MetaPathFinder

import pyarrow as pa


def lighten() -> None:
    """Spare start-up a second, and the process 100 MB; to be called before anything is opened.

    The tables' objects and rows in waiting are many and hold no cycles: to search them took a
    quarter of the crawl's CPU. And pyarrow imports pandas, if it is there, with the first array
    it makes; told that it is not, it looks again only when somebody wants a data frame.
    """
    gc.set_threshold(100_000, 20, 20)
    _settle_heap()
    finder = _WithoutPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([""])
    finally:
        sys.meta_path.remove(finder)


def relieve() -> None:
    """Give back to the system what is held in cycles, and what allocators keep for later."""
    gc.unfreeze()
    gc.collect()
    pa.default_memory_pool().release_unused()
    if _LIBC_TRIM:
        _LIBC_TRIM(0)


_LIBC = ctypes.CDLL(None)
_LIBC_TRIM = getattr(_LIBC, "malloc_trim", None)
_LIBC_SET = getattr(_LIBC, "mallopt", None)
"""glibc's alone: elsewhere nothing of the kind is to be set."""
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
"""Parameters of mallopt, in malloc.h."""
_LARGE = 1 << 18
_HEAPS = 2


def _settle_heap() -> None:
    """One allocator, which gives back what was large at once.

    Arrow's own, mimalloc, keeps 50 MB after reading one file. And glibc would, after each large
    piece set free, put the next ones of its size among the small ones, and give a heap to each
    thread, of which Arrow has several.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    if _LIBC_SET:
        _LIBC_SET(_MMAP_THRESHOLD, _LARGE)
        _LIBC_SET(_ARENA_MAX, _HEAPS)


class _WithoutPandas(MetaPathFinder):
    """Finds everything but pandas."""

    def find_spec(self, fullname: str, *_: object) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(name=fullname)
