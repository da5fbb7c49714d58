"""Operating point: supply, clock, power and junction temperature of a die in one solve, and the wall that binds."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from estimator.arrays import Array, Num
from estimator.checks import Arguments, check_shapes, formula
from estimator.errors import InputError, shown
from estimator.physics.heat import junction_temperature
from estimator.physics.power import LEAKAGE_REFERENCE_C, dynamic_power, leakage_factor, leakage_supply_factor
from estimator.physics.timing import check_law

LIMITS = ("timing", "temperature", "power", "runaway", "requested", "reticle", "package", "cooling")
TIMING, TEMPERATURE, POWER, RUNAWAY, REQUESTED, RETICLE, PACKAGE, COOLING = range(8)
_MAX_STEPS = 60


class OperatingPoint(NamedTuple):
    """Solution of `solve`: arrays of one shape; all NaN where `feasible` is false.

    ``timing_supply_v`` is what the critical path needs at the clock: the supply itself, unless a share of its reduction is kept.
    """

    clock_ghz: Array
    supply_v: Array
    junction_c: Array
    dynamic_w: Array
    leakage_w: Array
    timing_supply_v: Array
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


@formula(check_law, wire_ns="delay_ns")
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

    Collects the law of `estimator.physics.timing.relative_gate_delay` and `estimator.physics.timing.wire_delay_ps` into two
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


def _check_solve(given: Arguments) -> None:
    """Raise the sentence for something that is not a path, for a clock and a power both forced, and for supplies out of order."""
    path = given["path"]
    if not isinstance(path, Path):
        raise InputError(f"path = {shown(path)} must be a Path, as critical_path gives it")
    own = {"path": np.broadcast_shapes(*map(np.shape, path))}
    check_shapes(own | {n: np.shape(v) for n, v in given.items() if n != "path"})
    if given["clock_ghz"] is not None and given["power_w"] is not None:
        raise InputError("give either clock_ghz or power_w, not both")
    low, high = np.asarray(given["supply_min_v"]), np.asarray(given["supply_max_v"])
    if np.any(low <= path.threshold_v) or np.any(high < low):
        raise InputError(
            f"supply_min_v = {float(np.min(low)):g} V must be above the path's threshold of "
            f"{float(np.max(path.threshold_v)):g} V, and at most supply_max_v = {float(np.min(high)):g} V"
        )


@formula(
    _check_solve,
    path=None,
    leakage_w="any_power_w",
    supply_allowed_v="any_supply_v",
    power_limit_w="power_ceiling_w",
    clock_ghz="any_clock_ghz",
    power_w="die_power_w",
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
    supply_kept: Num = 1.0,
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
        As in `estimator.physics.power.leakage_factor`.
    coolant_c, resistance_k_w, junction_max_c : array_like
        Coolant temperature (C), junction-to-coolant resistance (K/W), highest junction temperature (C).
    power_limit_w : array_like
        Ceiling on die power, W; infinite where there is none.
    clock_ghz, power_w : array_like, optional
        Force the clock (GHz) or the die power (W).
    supply_kept : array_like
        Share of the reduction of supply below the allowed one (in logarithms), which the path would bear at a lower clock, that
        the die takes: ``V = Va (u / Va)**kept`` where the path needs u below the allowed Va.

    Returns
    -------
    OperatingPoint
        ``limited_by`` holds indices into `LIMITS`; infeasible points are NaN and name the wall.

    Examples
    --------
    >>> path = critical_path(gate_ns=0.5, wire_ns=0.1, repeater_fraction=0.5, nominal_supply_v=0.8, threshold_v=0.55,
    ...                      supply_insensitive_fraction=0.2)
    >>> die = {"path": path, "switched_w": 300, "leakage_w": 30, "nominal_supply_v": 0.8, "supply_min_v": 0.65,
    ...        "supply_allowed_v": 1.0, "supply_max_v": 1.05, "leakage_voltage_scale_v": 0.25, "leakage_doubling_k": 25,
    ...        "coolant_c": 35, "resistance_k_w": 0.08, "junction_max_c": 95}
    >>> point = solve(**die, power_limit_w=400)
    >>> LIMITS[int(point.limited_by)], round(float(point.dynamic_w + point.leakage_w), 6)
    ('power', 400.0)
    """
    limit = np.asarray(power_limit_w, float)
    cooling_w = (np.asarray(junction_max_c, float) - coolant_c) / resistance_k_w
    forced = power_w is not None
    budget = np.asarray(power_w, float) if power_w is not None else np.minimum(limit, cooling_w)
    top = supply_max_v if forced or clock_ghz is not None else np.minimum(supply_allowed_v, supply_max_v)
    plain = isinstance(supply_kept, float | int) and supply_kept == 1.0
    arrays = np.broadcast_arrays(
        path.follow_ns,
        path.fixed_ns,
        path.threshold_v,
        switched_w,
        leakage_w,
        nominal_supply_v,
        supply_min_v,
        np.maximum(top, supply_min_v),
        budget,
        leakage_voltage_scale_v,
        leakage_doubling_k,
        coolant_c,
        resistance_k_w,
        junction_max_c,
        limit,
        cooling_w,
        np.nan if clock_ghz is None else clock_ghz,
        supply_allowed_v,
        supply_kept,
        np.zeros(()) if plain else np.ones(()),
    )
    shape = arrays[0].shape
    die = _Points(*(a.reshape(-1) for a in arrays))
    if clock_ghz is not None:
        point = _at_clock(die)
    elif forced:
        point = _at_power(die)
    else:
        point = _at_budget(die)[0]
        runaway = ~point.feasible & ~(die.limit < die.cooling_w)
        point.limited_by[runaway] = RUNAWAY
    return _finish(point, shape)


class _Points(NamedTuple):
    """Dies to be solved, one value each: arrays of one length."""

    follow_ns: Array
    fixed_ns: Array
    threshold_v: Array
    kappa: Array  # dynamic power, W per V^2 and GHz
    leak0: Array
    v0: Array
    vmin: Array
    vtop: Array
    budget: Array
    vs: Array
    td: Array
    tc: Array
    r: Array
    tmax: Array
    limit: Array
    cooling_w: Array
    wanted_ghz: Array
    allowed_v: Array
    kept: Array
    keeps: Array  # 0 where all of the supply's reduction is taken, for all dies

    def volt(self, supply: Array) -> Array:
        """Supply of the die where its path needs one, V."""
        if not self.keeps.flat[0]:
            return supply
        return np.where(supply < self.allowed_v, self.allowed_v * (supply / self.allowed_v) ** self.kept, supply)

    def slope(self, supply: Array) -> Num:
        """Change of ln V of the die with that of what its path needs."""
        return np.where(supply < self.allowed_v, self.kept, 1.0) if self.keeps.flat[0] else 1.0

    @property
    def path(self) -> Path:
        return Path(self.follow_ns, self.fixed_ns, self.threshold_v)

    @property
    def stable_leakage_w(self) -> Array:
        """Leakage at which the loop gain ``R dP/dT`` is one: beyond it a temperature is not stable, W."""
        return np.asarray(self.td / (math.log(2.0) * self.r))

    def take(self, where: NDArray[np.intp]) -> _Points:
        """Some of the dies."""
        if len(where) == len(self.budget):
            return self
        return _Points(
            *(a.take(where) if a.strides[0] else a[: len(where)] for a in self)
        )  # stride 0: one value for all

    def dynamic_w(self, supply: Array, clock: Array) -> Array:
        """Dynamic power at a clock, and at the supply of a die whose path needs so much, W."""
        return dynamic_power(switched_w=self.kappa, supply_v=self.volt(supply), clock_ghz=clock)

    def leakage_w(self, supply: Array, base: Array) -> Array:
        """Leakage at a supply, from `base` at nominal supply and the right temperature, W."""
        return np.asarray(
            base
            * leakage_supply_factor(
                supply_v=self.volt(supply), nominal_supply_v=self.v0, leakage_voltage_scale_v=self.vs
            )
        )

    def nominal_leakage_w(self, junction: Num) -> Array:
        """Leakage at nominal supply and a junction temperature, W."""
        return np.asarray(
            self.leak0
            * leakage_factor(
                supply_v=self.v0,
                nominal_supply_v=self.v0,
                junction_c=junction,
                leakage_voltage_scale_v=self.vs,
                leakage_doubling_k=self.td,
            )
        )


def _at_clock(die: _Points) -> OperatingPoint:
    """The point of a forced clock, and the first wall it breaks."""
    supply = np.maximum(die.path.supply_v(die.wanted_ghz), die.vmin)
    reach = supply <= die.vtop * (1 + 1e-12)
    point = _at_voltage(die, np.where(reach, supply, die.vtop), die.wanted_ghz)
    code = np.full(supply.shape, REQUESTED, np.int8)
    code[point.dynamic_w + point.leakage_w > die.limit * (1 + 1e-9)] = POWER
    code[point.junction_c > die.tmax + 1e-6] = TEMPERATURE
    code[np.isnan(point.junction_c)] = RUNAWAY
    code[~reach] = TIMING
    return point._replace(limited_by=code, feasible=code == REQUESTED)


def _at_power(die: _Points) -> OperatingPoint:
    """The point of a forced die power: one that falls short of it, is too hot, or leaks more, is not feasible."""
    point, top_power = _at_budget(die)
    hot = die.budget > die.cooling_w * (1 + 1e-12)
    short = (point.limited_by == TIMING) & (top_power < die.budget * (1 - 1e-9))
    runaway = point.limited_by == RUNAWAY
    feasible = point.feasible & ~short & ~hot & ~runaway
    code = np.where(runaway, RUNAWAY, np.where(hot, TEMPERATURE, np.where(short, TIMING, POWER)))
    return point._replace(limited_by=np.where(feasible, REQUESTED, code).astype(np.int8), feasible=feasible)


def _at_budget(die: _Points) -> tuple[OperatingPoint, Array]:
    """The highest clock within timing and the power budget; also the power at the highest supply, at budget heat."""
    at_limit = die.tc + die.r * die.budget  # junction temperature when the die draws exactly its budget
    base = die.nominal_leakage_w(at_limit)
    clock = die.path.clock_ghz(die.vtop)
    top_power = die.dynamic_w(die.vtop, clock) + die.leakage_w(die.vtop, base)
    fits = top_power <= die.budget * (1 + 1e-12)
    code = np.where(fits, TIMING, np.where(die.limit < die.cooling_w, POWER, TEMPERATURE)).astype(np.int8)
    timed, bound = np.flatnonzero(fits), np.flatnonzero(~fits)
    if not len(bound):
        return _at_voltage(die, die.vtop, clock)._replace(limited_by=code), top_power
    point = OperatingPoint(
        clock,
        die.vtop.copy(),
        at_limit,
        np.empty_like(clock),
        np.empty_like(clock),
        die.vtop.copy(),
        code,
        die.budget > 0,
    )
    _put(point, bound, _within(die.take(bound), base.take(bound), top_power.take(bound)))
    unstable = bound[point.leakage_w[bound] > die.take(bound).stable_leakage_w * (1 + 1e-12)]
    if len(unstable):
        stable = _before_runaway(die.take(unstable))
        _put(point, unstable, stable)
        code[unstable] = stable.limited_by
    if len(timed):
        part = die.take(timed)
        _put(point, timed, _at_voltage(part, part.vtop, clock.take(timed)))
    return point, top_power


def _put(point: OperatingPoint, where: NDArray[np.intp], part: OperatingPoint) -> None:
    """Put the solution of some dies into that of all, apart from what limits them."""
    for name in ("clock_ghz", "supply_v", "junction_c", "dynamic_w", "leakage_w", "timing_supply_v", "feasible"):
        getattr(point, name)[where] = getattr(part, name)


def _within(die: _Points, base: Array, top_power: Array) -> OperatingPoint:
    """The point at which dies draw exactly their budget, less than what they would at their highest supply."""
    clock = die.path.clock_ghz(die.vmin)
    leak = die.leakage_w(die.vmin, base)
    low_power = die.dynamic_w(die.vmin, clock) + leak
    feasible = die.budget > 0
    supply = die.vmin.copy()
    search = np.flatnonzero(low_power <= die.budget)
    if len(search):
        found = _newton(die.take(search), base.take(search), low_power.take(search), top_power.take(search))
        supply[search] = found
        clock = die.path.clock_ghz(supply)
        leak = die.leakage_w(supply, base)
    if len(search) < len(supply):  # at the supply floor only the clock can still fall
        slow = ~(low_power <= die.budget)
        room = die.budget - leak
        clock = np.where(slow, room / die.dynamic_w(die.vmin, np.ones(())), clock)
        feasible &= ~slow | (room > 0)
    junction = die.tc + die.r * die.budget
    dynamic = die.dynamic_w(supply, clock)
    code = np.zeros(supply.shape, np.int8)
    return OperatingPoint(clock, die.volt(supply), junction, dynamic, leak, supply, code, feasible)


def _newton(die: _Points, base: Array, low_power: Array, top_power: Array) -> Array:
    """Supply at which a die draws its budget: Newton on ln P over ln V, from the chord between floor and top.

    It converges quadratically: after a last move below 1e-7 V the error is below 1e-13 V.
    """
    reach = np.log(die.vtop / die.vmin) / np.log(top_power / low_power)
    supply = np.minimum(die.vmin * np.exp(np.log(die.budget / low_power) * reach), die.vtop)
    both = die.follow_ns + die.fixed_ns
    offset = die.fixed_ns * die.threshold_v
    log_budget = np.log(die.budget)
    for _ in range(_MAX_STEPS):
        over = supply - die.threshold_v
        denominator = both * supply - offset
        dynamic = die.dynamic_w(supply, over / denominator)
        leak = die.leakage_w(supply, base)
        power = dynamic + leak
        ratio = supply / over - supply * both / denominator
        kept = die.slope(supply)
        slope = (dynamic * (ratio + 2.0 * kept) + leak * kept * (die.volt(supply) / die.vs + 1.0)) / power
        step = (log_budget - np.log(power)) / slope
        following = np.clip(supply * np.exp(step), die.vmin, die.vtop)
        moved = np.abs(following - supply).max()
        supply = following
        if moved < 1e-7:
            break
    return np.asarray(supply)


def _before_runaway(die: _Points) -> OperatingPoint:
    """The highest point with a stable temperature, where the one at the limit is not.

    Leakage feeds back on itself: at one supply there are two temperatures, and the hotter one is unstable. They meet where
    leakage reaches `_Points.stable_leakage_w`, which together with ``T = Tc + R P`` is one equation in the supply.
    """
    rate, most = math.log(2.0) / die.td, die.stable_leakage_w

    def excess(supply: Array) -> tuple[Array, Array]:
        over = supply - die.threshold_v
        denominator = die.follow_ns * supply + die.fixed_ns * over
        dynamic = die.dynamic_w(supply, over / denominator)
        junction = die.tc + die.r * (dynamic + most)
        value = np.log(die.leakage_w(supply, die.leak0) / most) + rate * (junction - LEAKAGE_REFERENCE_C)
        ratio = supply / over - supply * (die.follow_ns + die.fixed_ns) / denominator
        kept = die.slope(supply)
        leaking = kept * (1.0 + die.volt(supply) / die.vs)
        return value, (leaking + rate * die.r * dynamic * (2.0 * kept + ratio)) / supply

    supply = die.vtop.copy()
    timing = excess(supply)[0] <= 0
    slow = excess(die.vmin)[0] >= 0
    for _ in range(_MAX_STEPS):  # convex and rising in the supply: Newton comes down from the top without overshoot
        value, slope = excess(supply)
        step = np.where(timing, 0.0, value / slope)
        supply = np.maximum(supply - step, die.vmin)
        if np.abs(step).max() < 1e-9:
            break
    clock = die.path.clock_ghz(supply)
    dynamic = die.dynamic_w(supply, clock)
    leak = most.copy()
    junction = die.tc + die.r * (dynamic + leak)
    if slow.any():  # at the supply floor the clock falls until the junction is where leakage is still stable
        floor_c = LEAKAGE_REFERENCE_C + np.log(most / die.leakage_w(die.vmin, die.leak0)) / rate
        room = (floor_c - die.tc) / die.r - most
        clock = np.where(slow, room / die.dynamic_w(die.vmin, np.ones(())), clock)
        dynamic, junction = np.where(slow, room, dynamic), np.where(slow, floor_c, junction)
    if timing.any():
        stable = _at_voltage(die, die.vtop, die.path.clock_ghz(die.vtop))
        junction, leak = np.where(timing, stable.junction_c, junction), np.where(timing, stable.leakage_w, leak)
    code = np.where(timing, TIMING, RUNAWAY).astype(np.int8)
    return OperatingPoint(clock, die.volt(supply), junction, dynamic, leak, supply, code, dynamic > 0)


def _at_voltage(die: _Points, supply: Array, clock: Array) -> OperatingPoint:
    """Power and temperature at a given supply and clock; junction NaN where the loop runs away."""
    dynamic = die.dynamic_w(supply, clock)
    junction = junction_temperature(
        coolant_c=die.tc,
        resistance_k_w=die.r,
        fixed_power_w=dynamic,
        leakage_w=die.leakage_w(supply, die.leak0),
        leakage_doubling_k=die.td,
    )
    leak = (junction - die.tc) / die.r - dynamic
    code = np.zeros(np.shape(dynamic), np.int8)
    return OperatingPoint(clock, die.volt(supply), junction, dynamic, leak, supply, code, ~np.isnan(junction))


def _finish(point: OperatingPoint, shape: tuple[int, ...]) -> OperatingPoint:
    """The solution in the caller's shape, NaN where it is not feasible."""
    values = point[:6] if point.feasible.all() else [np.where(point.feasible, a, np.nan) for a in point[:6]]
    return OperatingPoint(*(np.asarray(a).reshape(shape) for a in (*values, point.limited_by, point.feasible)))
