"""Types of numbers that the physics takes: a float or an array of floats in, the broadcast shape out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Num = float | Array


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
