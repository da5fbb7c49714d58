"""Junction temperature: thermal resistance of a cooled die and the leakage-temperature loop in closed form."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from functools import reduce

import numpy as np

from estimator.arrays import Array, Num
from estimator.checks import formula
from estimator.physics.power import LEAKAGE_REFERENCE_C


@formula()
def air_flow_floor(*, air_flow_m3_s: Num, air_heat_j_m3_k: Num) -> Array:
    """Least case-to-inlet resistance of a cooler by its air alone, K/W: ``1 / (2 rho c V)``, half of the air's own rise.

    Examples
    --------
    >>> round(float(air_flow_floor(air_flow_m3_s=0.035, air_heat_j_m3_k=1150.0)), 4)
    0.0124
    """
    return np.asarray(0.5 / (np.asarray(air_flow_m3_s, float) * air_heat_j_m3_k))


@formula(footprint_mm2="any_area_mm2", home_footprint_mm2="one_die_mm2", least_resistance_k_w="resistance_or_none_k_w")
def sink_resistance(
    *,
    resistance_sink_k_w: Num,
    footprint_mm2: Num,
    home_footprint_mm2: Num,
    sink_area_exponent: Num,
    least_resistance_k_w: Num = 0.0,
) -> Array:
    """Case-to-coolant resistance of a cooler grown with the silicon beyond the design's own, K/W; never above the own.

    ``R (A_home / A)**e`` for a footprint A above that at home: e = 0 keeps the very same cooler, 1 one that grows in
    proportion. It falls no lower than `least_resistance_k_w`, which its air flow sets (`air_flow_floor`).

    Examples
    --------
    >>> float(sink_resistance(resistance_sink_k_w=0.05, footprint_mm2=3200, home_footprint_mm2=800, sink_area_exponent=0.5))
    0.025
    """
    home = np.asarray(home_footprint_mm2, float)
    grown = resistance_sink_k_w * (home / np.maximum(footprint_mm2, home)) ** sink_area_exponent
    return np.asarray(np.maximum(grown, np.minimum(least_resistance_k_w, resistance_sink_k_w)))


@formula(footprint_mm2="one_die_mm2")
def thermal_resistance(*, resistance_sink_k_w: Num, resistance_area_k_mm2_w: Num, footprint_mm2: Num) -> Array:
    """Junction-to-coolant resistance in K/W: a sink per package in series with the die's own area.

    A bigger die spreads its heat over more area, but shares one sink: only the second term shrinks with area.

    Parameters
    ----------
    resistance_sink_k_w : array_like
        Case to coolant or ambient, K/W, per package.
    resistance_area_k_mm2_w : array_like
        Junction to case times area (silicon, interface material, spreading), K mm2/W.
    footprint_mm2 : array_like
        Heated silicon in the package, mm2.

    Examples
    --------
    >>> float(thermal_resistance(resistance_sink_k_w=0.05, resistance_area_k_mm2_w=32, footprint_mm2=800))
    0.09
    """
    return np.asarray(
        resistance_sink_k_w + np.asarray(resistance_area_k_mm2_w, float) / np.asarray(footprint_mm2, float)
    )


def stack_footprint(*, areas_mm2: Sequence[Num], on: Sequence[int | None]) -> Num:
    """Area from which the heat of dies leaves that stand side by side or on each other, mm2: of each stack its widest layer.

    Parameters
    ----------
    areas_mm2 : sequence of array_like
        Area of all dies of each kind, mm2.
    on : sequence of int or None
        For each kind the index of the kind that it lies on; None for one that lies on none.

    Examples
    --------
    >>> float(stack_footprint(areas_mm2=[920.0, 1480.0, 100.0], on=[1, None, None]))
    1580.0
    """
    return _total([_layer(i, areas_mm2, on) for i, below in enumerate(on) if below is None])


def _layer(i: int, areas_mm2: Sequence[Num], on: Sequence[int | None]) -> Num:
    """Area of the widest layer from a kind upwards, mm2."""
    above = [_layer(j, areas_mm2, on) for j, below in enumerate(on) if below == i]
    return np.maximum(areas_mm2[i], _total(above)) if above else areas_mm2[i]


def stack_resistance(
    *, areas_mm2: Sequence[Num], on: Sequence[int | None], shares: Sequence[Num], bond_resistance_k_mm2_w: Num
) -> Num:
    """Rise of the hottest buried die over the top of its stack per watt of all dies, K/W.

    The cooler is on top: heat of a die and of all below it passes the bond to the dies on it, ``R = sum s r / A``, with s the
    share of the power that passes, r the resistance of a bond times area and A the area in contact (the smaller layer's). Dies
    that lie beside each other on the same die pass heat by their area.

    Parameters
    ----------
    areas_mm2, on
        As in `stack_footprint`.
    shares : sequence of array_like
        Share of the power in each kind, 0..1.

    Examples
    --------
    >>> float(stack_resistance(areas_mm2=[800.0, 1600.0], on=[1, None], shares=[0.8, 0.2], bond_resistance_k_mm2_w=8.0))
    0.002
    """
    rises = [_rise(i, shares[i], areas_mm2, on, shares) for i, below in enumerate(on) if below is None]
    return _largest(rises) * bond_resistance_k_mm2_w


def _rise(i: int, passing: Num, areas_mm2: Sequence[Num], on: Sequence[int | None], shares: Sequence[Num]) -> Num:
    """Sum of share over contact area (1/mm2) from a kind, through which a share of the power passes, to the top."""
    above = [j for j, below in enumerate(on) if below == i]
    if not above:
        return 0.0
    carrying = _total([areas_mm2[j] for j in above])
    higher = [_rise(j, shares[j] + passing * areas_mm2[j] / carrying, areas_mm2, on, shares) for j in above]
    return passing / np.minimum(areas_mm2[i], carrying) + _largest(higher)


def _total(parts: Sequence[Num]) -> Num:
    """Sum of numbers or arrays, in their order."""
    return reduce(operator.add, parts)


def _largest(parts: Sequence[Num]) -> Num:
    """The larger of numbers or arrays at each place."""
    largest: Num = reduce(np.maximum, parts)
    return largest


@formula(x="gain")
def lambert_branch(x: Num) -> Array:
    """Smaller solution ``y`` of ``y exp(-y) = x`` for 0 <= x <= 1/e (``-W0(-x)``); NaN above 1/e.

    Newton's method on ``y - x exp(y)``, started from the branch-point expansion of Corless et al., "On the Lambert W
    function", Adv. Comput. Math. 5 (1996); the largest error is below 1e-13 away from the branch point.

    Examples
    --------
    >>> round(float(lambert_branch(0.2)), 6)
    0.259171
    """
    x = np.asarray(x, float)
    inside = x * math.e <= 1.0
    safe = np.where(inside, x, 0.0)
    p = np.sqrt(np.maximum(2.0 - 2.0 * math.e * safe, 0.0))
    y = 1.0 - p * (1.0 - p * (1 / 3 - p * (11 / 72)))
    y = np.where(safe < 0.1, safe * (1 + safe * (1 + 1.5 * safe)), y)
    for _ in range(4):
        e = safe * np.exp(y)
        slope = 1.0 - e
        y = y - (y - e) * (slope > 1e-9) / np.maximum(slope, 1e-9)  # at the branch point itself y stays
    return np.where(inside, y, np.nan)


@formula(
    coolant_c="any_temperature_c",
    fixed_power_w="any_power_w",
    leakage_w="any_power_w",
    leakage_reference_c="any_temperature_c",
)
def junction_temperature(
    *,
    coolant_c: Num,
    resistance_k_w: Num,
    fixed_power_w: Num,
    leakage_w: Num,
    leakage_doubling_k: Num,
    leakage_reference_c: Num = LEAKAGE_REFERENCE_C,
) -> Array:
    """Junction temperature of a die whose leakage grows with its own temperature, in C; NaN on thermal runaway.

    Solves ``T = Tc + R (P + L 2**((T - Tref) / Td))`` exactly with the Lambert W function. There is a fixed point only
    while the loop gain stays below one; beyond it the die heats without bound: thermal runaway.

    Parameters
    ----------
    coolant_c, resistance_k_w : array_like
        Coolant or ambient temperature in C and junction-to-coolant resistance in K/W.
    fixed_power_w : array_like
        Power that does not depend on temperature, W.
    leakage_w : array_like
        Leakage at `leakage_reference_c` and the actual supply, W.
    leakage_doubling_k : array_like
        Temperature rise that doubles leakage, K.

    Returns
    -------
    ndarray
        Junction temperature in C, NaN where no stable temperature exists.

    Examples
    --------
    >>> t = junction_temperature(coolant_c=35, resistance_k_w=0.09, fixed_power_w=400, leakage_w=40,
    ...                          leakage_doubling_k=25)
    >>> round(float(t), 2)
    73.63
    """
    rate = math.log(2.0) / np.asarray(leakage_doubling_k, float)
    base = np.asarray(coolant_c, float) + resistance_k_w * np.asarray(fixed_power_w, float)
    gain = rate * resistance_k_w * leakage_w * np.exp(np.minimum(rate * (base - leakage_reference_c), 500.0))
    return np.asarray(base + lambert_branch(gain) / rate)
