"""Settings of the memory allocator (glibc's malloc), made once per process; with another C library nothing is set."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from functools import cache

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # names of options in glibc's malloc.h


@cache
def keep_freed() -> None:
    """Keep some 64 MiB of freed memory: trimming the heap after every block of points costs half of the time.

    By itself glibc would learn this from large arrays, but Dask starts its workers with an eager MALLOC_TRIM_THRESHOLD_.
    """
    _set(_M_TRIM_THRESHOLD, 64 << 20)
    _set(_M_MMAP_THRESHOLD, 32 << 20)


@cache
def share() -> None:
    """One heap for all threads: by itself each gets its own, up to eight a core, and each holds what it once needed."""
    _set(_M_ARENA_MAX, 1)


def _set(option: int, value: int) -> None:
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(option, value)
