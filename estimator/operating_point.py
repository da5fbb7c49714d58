"""Operating point: supply, clock, power and junction temperature of a die in one solve, and the wall that binds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from estimator.arrays import Array, Num
from estimator.power import leakage_factor
from estimator.thermal import junction_temperature

LIMITS = ("timing", "temperature", "power", "runaway", "requested", "reticle")
TIMING, TEMPERATURE, POWER, RUNAWAY, REQUESTED, RETICLE = range(6)
_MAX_STEPS = 60


class OperatingPoint(NamedTuple):
    """Solution of `solve`: arrays of one shape; all NaN where `feasible` is false."""

    clock_ghz: Array
    supply_v: Array
    junction_c: Array
    dynamic_w: Array
    leakage_w: Array
    limited_by: NDArray[np.int8]
    feasible: NDArray[np.bool_]


class Path(NamedTuple):
    """Critical path ``t(V) = follow V / (V - Vt) + fixed`` in ns: what follows the supply, and what does not."""

    follow_ns: Array
    fixed_ns: Array
    threshold_v: Array

    def clock_ghz(self, supply_v: Num) -> Array:
        """Highest clock at a supply above the threshold, GHz."""
        v = np.asarray(supply_v, float)
        over = v - self.threshold_v
        return np.asarray(over / (self.follow_ns * v + self.fixed_ns * over))

    def supply_v(self, clock_ghz: Num) -> Array:
        """Lowest supply that reaches a clock, V; infinite where no supply does."""
        slack = 1.0 / np.asarray(clock_ghz, float) - self.fixed_ns
        margin = slack - self.follow_ns
        reachable = margin > 0
        return np.where(reachable, self.threshold_v * slack / np.where(reachable, margin, 1.0), np.inf)


def critical_path(
    *,
    gate_ns: Num,
    wire_ns: Num,
    repeater_fraction: Num,
    nominal_supply_v: Num,
    threshold_v: Num,
    supply_insensitive_fraction: Num,
) -> Path:
    """Critical path of a compute unit from its gate and wire delay at nominal supply.

    Collects the law of `estimator.timing.relative_gate_delay` and `estimator.timing.wire_delay_ps` into two
    coefficients, so that clock at a supply and supply at a clock are both closed forms.

    Examples
    --------
    >>> path = critical_path(gate_ns=0.5, wire_ns=0.2, repeater_fraction=0.5, nominal_supply_v=0.8, threshold_v=0.4,
    ...                      supply_insensitive_fraction=0.3)
    >>> round(float(1 / path.clock_ghz(0.8)), 6), round(float(path.supply_v(path.clock_ghz(0.9))), 6)
    (0.7, 0.9)
    """
    s = np.asarray(supply_insensitive_fraction, float)
    v0, vt = np.asarray(nominal_supply_v, float), np.asarray(threshold_v, float)
    rho = np.asarray(repeater_fraction, float)
    following = np.asarray(gate_ns, float) + rho * wire_ns
    return Path(
        np.asarray(following * (1.0 - s) * (v0 - vt) / v0),
        np.asarray(following * s + (1.0 - rho) * wire_ns),
        vt,
    )


def solve(
    *,
    path: Path,
    switched_w: Num,
    leakage_w: Num,
    nominal_supply_v: Num,
    supply_min_v: Num,
    supply_allowed_v: Num,
    supply_max_v: Num,
    leakage_voltage_scale_v: Num,
    leakage_doubling_k: Num,
    coolant_c: Num,
    resistance_k_w: Num,
    junction_max_c: Num,
    power_limit_w: Num = np.inf,
    clock_ghz: Num | None = None,
    power_w: Num | None = None,
) -> OperatingPoint:
    """Find the highest clock that timing, cooling and a power ceiling allow, or the point of a forced clock or power.

    At either limit the die power is known, so the junction temperature and with it the leakage are known too, and
    only one equation ``P(V; T) = P_limit`` in the supply remains: Newton's method in log-log form, all points at once.
    Where timing binds, or the clock is forced, the temperature loop is solved in closed form (Lambert W).

    Parameters
    ----------
    path : Path
        Critical path of the die's compute units.
    switched_w : array_like
        Dynamic power coefficient, W per V^2 and GHz.
    leakage_w : array_like
        Leakage at nominal supply and 85 C, W.
    nominal_supply_v, supply_min_v, supply_allowed_v, supply_max_v : array_like
        Nominal supply, the floor (below it only the clock falls), the highest supply the plan allows and the highest
        the process allows (used when clock or power are forced), V. The floor must lie above the threshold.
    leakage_voltage_scale_v, leakage_doubling_k : array_like
        As in `estimator.power.leakage_factor`.
    coolant_c, resistance_k_w, junction_max_c : array_like
        Coolant temperature (C), junction-to-coolant resistance (K/W), highest junction temperature (C).
    power_limit_w : array_like
        Ceiling on die power, W; infinite where there is none.
    clock_ghz, power_w : array_like, optional
        Force the clock (GHz) or the die power (W).

    Returns
    -------
    OperatingPoint
        ``limited_by`` holds indices into `LIMITS`; infeasible points are NaN and name the wall.
    """
    limit = np.asarray(power_limit_w, float)
    cooling_w = (np.asarray(junction_max_c, float) - coolant_c) / resistance_k_w
    forced = power_w is not None
    budget = np.asarray(power_w, float) if power_w is not None else np.minimum(limit, cooling_w)
    top = supply_max_v if forced or clock_ghz is not None else np.minimum(supply_allowed_v, supply_max_v)
    arrays = np.broadcast_arrays(
        path.follow_ns, path.fixed_ns, path.threshold_v, switched_w, leakage_w, nominal_supply_v, supply_min_v,
        np.maximum(top, supply_min_v), budget, leakage_voltage_scale_v, leakage_doubling_k, coolant_c,
        resistance_k_w, junction_max_c, limit, cooling_w, np.nan if clock_ghz is None else clock_ghz,
    )  # fmt: skip
    shape = arrays[0].shape
    (follow, fixed, vt, kappa, leak0, v0, vmin, vtop, budget, vs, td, tc, r, tmax, limit, cooling_w, wanted) = arrays
    path = Path(follow, fixed, vt)
    heat = {"leakage_voltage_scale_v": vs, "leakage_doubling_k": td, "nominal_supply_v": v0}
    if clock_ghz is not None:
        supply = np.maximum(path.supply_v(wanted), vmin)
        reach = supply <= vtop * (1 + 1e-12)
        supply = np.where(reach, supply, vtop)
        point = _at_voltage(supply, wanted, kappa, leak0, tc, r, heat)
        code = np.full(shape, REQUESTED, np.int8)
        total = point.dynamic_w + point.leakage_w
        code[total > limit * (1 + 1e-9)] = POWER
        code[point.junction_c > tmax + 1e-6] = TEMPERATURE
        code[np.isnan(point.junction_c)] = RUNAWAY
        code[~reach] = TIMING
        return _finish(point, code, code == REQUESTED)

    at_limit = tc + r * budget  # junction temperature when the die draws exactly its budget
    base = leak0 * leakage_factor(supply_v=v0, junction_c=at_limit, **heat)
    top_clock = path.clock_ghz(vtop)
    top_power = kappa * vtop * vtop * top_clock + _leakage(vtop, base, v0, vs)
    low_clock = path.clock_ghz(vmin)
    low_leak = _leakage(vmin, base, v0, vs)
    low_dynamic = kappa * vmin * vmin * low_clock
    fits_top = top_power <= budget * (1 + 1e-12)
    fits_low = low_dynamic + low_leak <= budget
    supply = np.where(fits_top, vtop, vmin)
    search = ~fits_top & fits_low
    if search.any():
        supply = np.where(search, _newton(path, kappa, base, v0, vs, budget, vtop, vmin, search), supply)
    clock = path.clock_ghz(supply)
    slow = ~fits_top & ~fits_low  # at the supply floor only the clock can still fall
    feasible = budget > 0
    if slow.any():
        room = budget - low_leak
        clock = np.where(slow, room / (kappa * vmin * vmin), clock)
        feasible = feasible & (~slow | (room > 0))
    junction = np.where(fits_top, np.nan, at_limit)
    dynamic = kappa * supply * supply * clock
    leak = np.where(fits_top, np.nan, _leakage(supply, base, v0, vs))
    if fits_top.any():
        timed = _at_voltage(supply, clock, kappa, leak0, tc, r, heat)
        junction = np.where(fits_top, timed.junction_c, junction)
        leak = np.where(fits_top, timed.leakage_w, leak)
    wall = np.where(limit < cooling_w, POWER, TEMPERATURE)
    code = np.where(fits_top, TIMING, wall).astype(np.int8)
    if forced:
        feasible = feasible & ~(fits_top & (top_power < budget * (1 - 1e-9))) & (budget <= cooling_w * (1 + 1e-12))
        code = np.where(budget > cooling_w * (1 + 1e-12), TEMPERATURE, code)
        code = np.where(feasible, REQUESTED, code).astype(np.int8)
    else:
        code = np.where(feasible | (limit < cooling_w), code, RUNAWAY).astype(np.int8)
    return _finish(OperatingPoint(clock, supply, junction, dynamic, leak, code, feasible), code, feasible)


def _leakage(supply: Array, base: Array, v0: Array, vs: Array) -> Array:
    """Leakage at a supply, from `base` at nominal supply and the right temperature (see `leakage_factor`)."""
    return np.asarray(base * (supply / v0) * np.exp((supply - v0) / vs))


def _newton(
    path: Path, kappa: Array, base: Array, v0: Array, vs: Array, budget: Array, vtop: Array, vmin: Array, search: Array
) -> Array:
    """Supply at which the die draws its budget: Newton on ln P over ln V, held between floor and top."""
    supply = vtop
    safe_budget = np.where(search, budget, 1.0)
    for _ in range(_MAX_STEPS):
        over = supply - path.threshold_v
        denominator = path.follow_ns * supply + path.fixed_ns * over
        dynamic = kappa * supply * supply * over / denominator
        leak = _leakage(supply, base, v0, vs)
        slope_dynamic = 2.0 + supply / over - supply * (path.follow_ns + path.fixed_ns) / denominator
        power = dynamic + leak
        slope = (dynamic * slope_dynamic + leak * (1.0 + supply / vs)) / power
        step = np.log(safe_budget / power) / slope
        following = np.clip(supply * (1.0 + step * (1.0 + step * (0.5 + step / 6.0))), vmin, vtop)
        moved = np.where(search, np.abs(following - supply), 0.0).max()
        supply = following
        if moved < 1e-8:
            break
    return supply


def _at_voltage(
    supply: Array, clock: Array, kappa: Array, leak0: Array, tc: Array, r: Array, heat: dict[str, Array]
) -> OperatingPoint:
    """Power and temperature at a given supply and clock; junction NaN where the loop runs away."""
    dynamic = kappa * supply * supply * clock
    cold = leak0 * leakage_factor(supply_v=supply, junction_c=85.0, **heat)
    junction = junction_temperature(
        coolant_c=tc, resistance_k_w=r, fixed_power_w=dynamic, leakage_w=cold,
        leakage_doubling_k=heat["leakage_doubling_k"],
    )  # fmt: skip
    leak = (junction - tc) / r - dynamic
    code = np.zeros(np.shape(dynamic), np.int8)
    return OperatingPoint(clock, supply, junction, dynamic, leak, code, ~np.isnan(junction))


def _finish(point: OperatingPoint, code: NDArray[np.int8], feasible: NDArray[np.bool_]) -> OperatingPoint:
    values = [np.where(feasible, a, np.nan) for a in point[:5]]
    return OperatingPoint(values[0], values[1], values[2], values[3], values[4], code, feasible)
