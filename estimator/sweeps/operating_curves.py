"""Curves of the operating point: what timing allows over supply, and clone and original at one forced clock after another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

import numpy as np

from estimator.arrays import Array
from estimator.errors import InfeasibleError
from estimator.estimation import estimate
from estimator.model.views import SIDES, Which, call_of_side, supplies, timing_clock

if TYPE_CHECKING:
    from estimator.estimation import Estimate

CLOCKS, SUPPLIES = 121, 80
"""Points along a curve."""
_FORCED = ("clock_ghz", "power_w", "supply_v")
_BEYOND = 1.08  # the highest clock asked for, over what timing allows


class ClockSweep(TypedDict):
    """One side at forced clocks, by arrays of one length; NaN where it is not possible.

    ``grid_ghz`` are the clocks asked for, ``clock_ghz`` those that are possible, ``supply_v``, ``power_w`` and
    ``junction_c`` belong to them; ``wall`` is the limit that ends the curve (empty where nothing does), and ``top_ghz``
    the highest clock that is possible (0 for none).
    """

    clock_ghz: Array
    supply_v: Array
    power_w: Array
    junction_c: Array
    wall: str
    top_ghz: float
    grid_ghz: Array


class TimingCurve(NamedTuple):
    """Highest clock that timing allows (GHz) at supplies from the lowest to the highest of the process (V)."""

    supply_v: Array
    clock_ghz: Array


def clock_sweep(est: Estimate) -> dict[Which, ClockSweep]:
    """Clone and reference at forced clocks, from a twentieth of the highest one up to beyond what is possible.

    Parameters
    ----------
    est : Estimate
        A scalar estimate.

    Returns
    -------
    dict
        ``clone`` and ``reference``; a side that is impossible at every clock is left out.

    Examples
    --------
    >>> sweep = clock_sweep(estimate("h100-sxm", "12nm"))
    >>> 0 < sweep["clone"]["top_ghz"] < sweep["reference"]["top_ghz"]
    True
    """
    out: dict[Which, ClockSweep] = {}
    for side in reversed(SIDES):
        node, options = call_of_side(est, side)
        top = _BEYOND * float(timing_clock(est, side, supplies(est, side).highest_v))
        grid = np.linspace(top / 20, top, CLOCKS)
        free = {k: v for k, v in options.items() if k not in _FORCED}
        try:
            swept = estimate(est.design, node, **free, clock_ghz=grid)
        except InfeasibleError:
            continue
        feasible = np.asarray(swept.feasible)
        last = int(np.flatnonzero(feasible)[-1]) if feasible.any() else -1
        out[side] = {
            "clock_ghz": np.where(feasible, grid, np.nan),
            "supply_v": np.asarray(swept.supply_v),
            "power_w": np.asarray(swept.power_w),
            "junction_c": np.asarray(swept.junction_c),
            "wall": str(np.asarray(swept.limited_by)[last + 1]) if last + 1 < CLOCKS else "",
            "top_ghz": float(grid[last]) if last >= 0 else 0.0,
            "grid_ghz": grid,
        }
    return out


def timing_curve(est: Estimate, side: Which) -> TimingCurve:
    """What timing allows on one side, over the supplies of its process.

    Examples
    --------
    >>> curve = timing_curve(estimate("h100-sxm", "12nm"), "clone")
    >>> bool((np.diff(curve.clock_ghz) > 0).all())
    True
    """
    ends = supplies(est, side)
    volts = np.linspace(ends.lowest_v, ends.highest_v, SUPPLIES)
    return TimingCurve(volts, timing_clock(est, side, volts))
