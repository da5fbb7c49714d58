"""The fit of the voltage law held against families it did not see; what a user calls is judged in `power_rows`.

Three groups of rows: board power at a locked clock, clock or performance under a power cap, and clock at a voltage of
stock tables. The chip itself gives one point only (its top clock with the power or voltage there).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np

from estimator.arrays import Array
from estimator.calibration.voltage_data import PowerPoints, load_points, load_stock_curves
from estimator.calibration.voltage_fit import VoltageFit, fit_shared
from estimator.calibration.voltage_law import predict, predict_stock
from estimator.validation.rows import Row

POWER_GROUP = "fit of power at a clock"
CAP_GROUP = "fit of clock under a cap"
STOCK_GROUP = "fit of clock at a voltage"


@cache
def _fit_without(family: str) -> VoltageFit:
    return fit_shared(exclude=(family,))


def _finish(
    *,
    group: str,
    case: list[str],
    family: list[str],
    real: Array,
    predicted: Array,
    baseline: Array,
    source: list[str],
    rule: str,
    unit: str,
) -> list[Row]:
    return [
        Row(
            case=case[i],
            group=group,
            family=family[i],
            real=float(real[i]),
            predicted=float(predicted[i]),
            low=math.nan,
            high=math.nan,
            baselines={rule: float(baseline[i])},
            unit=unit,
            source=source[i],
            removed=(family[i],),
        )
        for i in range(len(case))
    ]


def _held_out(points: PowerPoints) -> Array:
    out = np.empty(len(points))
    for family in sorted(set(points.family.tolist())):
        mine = load_points(exclude=(family,))
        here = points.family == family
        out[here] = predict(mine.take(mine.family == family), _fit_without(family).theta)
    return out


def power_rows() -> list[Row]:
    """Rows of power at a clock [W] and of clock or performance under a cap [over the anchor's]."""
    points = load_points()
    held_out = _held_out(points)
    locked = points.kind == "locked"
    ratio_clock = np.where(locked, points.clock_mhz / points.anchor_mhz, 1.0)
    ratio_power = points.power_w / points.anchor_w
    found: list[Row] = []
    groups: list[tuple[str, Callable[[PowerPoints], Array]]] = [
        (POWER_GROUP, lambda p: p.anchor_w),
        (CAP_GROUP, lambda p: np.ones(len(p))),
    ]
    for (group, unit), mask in zip(groups, (locked, ~locked), strict=True):
        part = points.take(mask)
        scale = unit(part)
        baseline = ratio_clock[mask] ** 3 if group == POWER_GROUP else np.cbrt(ratio_power[mask])
        found += _finish(
            group=group,
            case=part.case.tolist(),
            family=part.family.tolist(),
            real=part.value * scale,
            predicted=held_out[mask] * scale,
            baseline=baseline * scale,
            source=part.source.tolist(),
            rule="one exponent (f^3)",
            unit="W" if group == POWER_GROUP else "1",
        )
    return found


def stock_rows() -> list[Row]:
    """Rows of clock [MHz] at a voltage of stock tables, from the chip's highest point; baseline: clock as voltage."""
    curves = load_stock_curves()
    ratio = np.empty(len(curves.chip))
    families = np.array(curves.family)
    for family in sorted(set(curves.family)):
        here = families == family
        ratio[here] = predict_stock(curves, _fit_without(family).theta)[here]
    names = [f"{chip} {volt:g} V" for chip, volt in zip(curves.chip, curves.supply_v, strict=True)]
    fall = curves.supply_v / curves.top_supply_v
    return _finish(
        group=STOCK_GROUP,
        case=names,
        family=list(curves.family),
        real=curves.clock_mhz,
        predicted=ratio * curves.top_clock_mhz,
        baseline=fall * curves.top_clock_mhz,
        source=list(curves.source),
        rule="clock as voltage",
        unit="MHz",
    )
