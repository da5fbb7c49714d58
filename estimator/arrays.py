"""Types of numbers that the physics takes (a float or an array in, the broadcast shape out), and the memory they live in."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Num = float | Array
Numbers = dict[str, Num]
"""Numbers by name; one with a range is a `Parameter`, which is a float."""
Values = dict[str, Any]
"""Outputs or arguments by name: numbers, flags, words or arrays of these."""
Flags = bool | np.bool_ | NDArray[np.bool_]
Codes = int | NDArray[np.int8]
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # names of options in glibc's malloc.h


def unwrap(value: Any) -> Any:
    """A float where the value is a single number, else the array.

    Examples
    --------
    >>> unwrap(np.asarray(2.0)), unwrap([1.0, 2.0]).tolist()
    (2.0, [1.0, 2.0])
    """
    array = np.asarray(value, float)
    return float(array) if array.ndim == 0 else array


def divides(base: Num) -> bool:
    """Whether a ratio to these numbers is one: none of them is zero, nor so near it that the ratio has no finite value."""
    return not np.any(np.abs(np.asarray(base, float)) < 1e-200)


@cache
def keep_freed() -> None:
    """Keep some 64 MiB of freed memory: trimming the heap after every block of points costs half of the time.

    By itself glibc would learn this from large arrays, but Dask starts its workers with an eager MALLOC_TRIM_THRESHOLD_.
    """
    _set(_M_TRIM_THRESHOLD, 64 << 20)
    _set(_M_MMAP_THRESHOLD, 32 << 20)


@cache
def share_heap() -> None:
    """One heap for all threads: by itself each gets its own, up to eight a core, and each holds what it once needed."""
    _set(_M_ARENA_MAX, 1)


def _set(option: int, value: int) -> None:
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(option, value)
