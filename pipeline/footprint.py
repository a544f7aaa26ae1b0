"""What a crawling process does without."""

import ctypes
import gc
import sys
from importlib.abc import MetaPathFinder

import pyarrow as pa

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # parameters of mallopt (malloc.h)
_LARGE = 1 << 18
_HEAPS = 2


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
    """Give back to the system what is held in cycles, and what is free."""
    gc.unfreeze()
    gc.collect()
    give_back()


def give_back() -> None:
    """Give back what allocators keep for later: else a heap that was large once fills up again."""
    pa.default_memory_pool().release_unused()
    _tell_glibc("malloc_trim", 0)


def _settle_heap() -> None:
    """One allocator for all, which gives back at once what was large.

    Arrow's own, mimalloc, keeps 50 MB after reading one file. And glibc would put pieces as large
    as any that was set free among the small ones, and give each thread a heap of its own, of which
    Arrow has several.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    _tell_glibc("mallopt", _MMAP_THRESHOLD, _LARGE)
    _tell_glibc("mallopt", _ARENA_MAX, _HEAPS)


def _tell_glibc(function: str, *numbers: int) -> None:
    """Call it where it is: other libraries of C have nothing of the kind to be set."""
    found = getattr(ctypes.CDLL(None), function, None)
    if found is not None:
        found(*numbers)


class _WithoutPandas(MetaPathFinder):
    """Finds everything but pandas."""

    def find_spec(self, fullname: str, *_: object) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(name=fullname)
