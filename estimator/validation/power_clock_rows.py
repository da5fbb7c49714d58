"""Power against clock on one die: every family predicted from its own anchor point and all other families.

Three groups of rows: board power at a locked clock, clock or performance under a power cap, and clock at a voltage of
stock tables. The chip itself gives one point only (its top clock with the power or voltage there).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from scipy.stats import norm as normal
from scipy.stats import t as student

from estimator.arrays import Array
from estimator.calibration.voltage_data import PowerPoints, load_points, load_stock_curves
from estimator.calibration.voltage_fit import VoltageFit, fit_shared
from estimator.calibration.voltage_law import predict, predict_stock
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_electrical import PowerPointRow, VoltagePointRow
from estimator.validation.rows import Row

POWER_GROUP = "power at a clock"
CAP_GROUP = "clock under a cap"
STOCK_GROUP = "clock at a voltage (stock tables)"
COVERAGE = 0.8
QUANTILE = 0.5 + COVERAGE / 2
NEAR_ANCHOR = 0.03  # distance from the anchor at which an error is expected even so (measurement)


@cache
def _fit_without(family: str) -> VoltageFit:
    return fit_shared(exclude=(family,))


def _half_widths(distance: Array, error: Array, family: list[str]) -> Array:
    """Half-width of each row's 80 % interval in log units, from the held-out errors of the *other* families only.

    The error grows with the log distance from the anchor; every other family counts once. The quantile is widened by
    Student's over the normal quantile for that few families.
    """
    scaled = np.abs(error) / (distance + NEAR_ANCHOR)
    names = np.array(family)
    out = np.empty(len(distance))
    for name in sorted(set(family)):
        others = names != name
        values, owners = scaled[others], names[others]
        weight = np.array([1.0 / np.count_nonzero(owners == owner) for owner in owners])
        order = np.argsort(values, kind="stable")
        share = (np.cumsum(weight[order]) - 0.5 * weight[order]) / weight.sum()
        here = names == name
        few = float(student.ppf(QUANTILE, len(set(owners.tolist())) - 1) / normal.ppf(QUANTILE))
        out[here] = few * np.interp(COVERAGE, share, values[order]) * (distance[here] + NEAR_ANCHOR)
    return out


def _finish(
    *,
    group: str,
    case: list[str],
    family: list[str],
    real: Array,
    predicted: Array,
    baseline: Array,
    distance: Array,
    source: list[str],
    rule: str,
    unit: str,
) -> list[Row]:
    half = _half_widths(distance, np.log(predicted / real), family)
    return [
        Row(
            case=case[i],
            group=group,
            family=family[i],
            real=float(real[i]),
            predicted=float(predicted[i]),
            low=float(predicted[i] * np.exp(-half[i])),
            high=float(predicted[i] * np.exp(half[i])),
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
        if group == POWER_GROUP:
            baseline, distance = ratio_clock[mask] ** 3, np.abs(np.log(ratio_clock[mask]))
        else:
            baseline, distance = np.cbrt(ratio_power[mask]), np.abs(np.log(ratio_power[mask]))
        found += _finish(
            group=group,
            case=part.case.tolist(),
            family=part.family.tolist(),
            real=part.value * scale,
            predicted=held_out[mask] * scale,
            baseline=baseline * scale,
            distance=distance,
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
        distance=np.abs(np.log(fall)),
        source=list(curves.source),
        rule="clock as voltage",
        unit="MHz",
    )


def power_clock_rows() -> list[Row]:
    """All rows of the three groups, in file order."""
    return [*power_rows(), *stock_rows()]


def unused_rows() -> list[tuple[str, str, str]]:
    """Rows kept out, as (table, case, reason): every one of them has a reason in its table."""
    power = [("power_points", r.case, r.reason) for r in read_silicon(PowerPointRow) if not r.used]
    stock = [("vf_points", f"{r.chip} {r.voltage_v} V", r.reason) for r in read_silicon(VoltagePointRow) if not r.used]
    return power + stock
