"""The nearest value of an option at which something is possible: looked for in all of its range, and closed in on."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from estimator.arrays import Array, Flags
from estimator.quantities import Field

_FIRST, _EACH = 385, 65
"""Values that are tried at first over all of the range, and between two of these each time after."""
_CLOSE = 1e-9
"""How near to each other, of the value, the last that is possible and the next that is not are in the end."""
_DECADES = 9
"""How far below its highest value a quantity that may come near zero is looked at."""


def nearest_feasible(
    field: Field, asked: float, feasible: Callable[[Array], Flags], *, also: tuple[float, ...] = ()
) -> float | None:
    """Value in a field's range that is possible and nearest to the one asked for; None where none is.

    Parameters
    ----------
    field : Field
        The quantity, with its range.
    asked : float
        A value at which it is not possible.
    feasible : callable
        Which of an array of values are possible.
    also : tuple of float
        Values that are known to be possible, for a range of possible ones too narrow to be met by chance.

    Examples
    --------
    >>> from estimator.quantities import FIELDS
    >>> round(nearest_feasible(FIELDS["clock_ghz"], 9.0, lambda clock: (clock > 0.4) & (clock < 1.3)), 6)
    1.3
    """
    lowest = max(field.low, field.high * 10.0**-_DECADES)
    tried = np.unique(np.append(np.geomspace(lowest, field.high, _FIRST), [v for v in also if field.allows(v)]))
    for _ in range(64):
        runs = np.flatnonzero(np.broadcast_to(feasible(tried), tried.shape))
        if not len(runs):
            return None
        best = int(runs[np.argmin(np.abs(tried[runs] - asked))])
        inner, outer = float(tried[best]), _towards(tried, best, asked)
        if abs(outer - inner) <= _CLOSE * inner:
            break
        tried = np.append(np.linspace(inner, outer, _EACH)[:-1], inner)
    return inner


def _towards(tried: Array, best: int, asked: float) -> float:
    """The value next to the best one on the way to the one asked for, or that one."""
    ordered = np.sort(tried)
    between = (
        ordered[(ordered > tried[best]) & (ordered < asked)]
        if asked > tried[best]
        else ordered[(ordered < tried[best]) & (ordered > asked)][::-1]
    )
    return float(between[0]) if len(between) else asked


def told(value: float, asked: float) -> str:
    """A nearest value in four digits, of which the last is rounded away from what was asked for: it works when typed.

    Examples
    --------
    >>> told(1.27386, 9.0), told(94.2969, 50.0), told(1100.0, 5000.0)
    ('1.273', '94.3', '1100')
    """
    step = 10.0 ** (math.floor(math.log10(value)) - 3)
    count = value / step
    near = round(count)
    whole = near if abs(count - near) < 1e-6 else math.floor(count) if asked > value else math.ceil(count)
    return f"{whole * step:.4g}"
