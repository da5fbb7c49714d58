"""Types of numbers that the physics takes: a float or an array of floats in, the broadcast shape out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Num = float | Array
