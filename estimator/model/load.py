"""Load: how fast a GPU works at a clock and what its memory traffic draws there, and the operating point that both decide."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.arrays import Array, Num, Numbers, Values
from estimator.model.inputs import Inputs, Plan
from estimator.model.packing import package_of
from estimator.model.results import Geometry
from estimator.physics import binning, interfaces, throughput
from estimator.physics.operating_point import POWER, OperatingPoint, Path, solve

MOST_STEPS = 60
TOLERANCE = 1e-10  # of the clock: what is left of it in the power of memory traffic cannot be printed
FASTEST = 8.0  # times the published clock: none runs as fast
NEXT_TO_NOTHING = 1e-6  # of the published clock: there is no traffic at it


@dataclass(frozen=True, slots=True)
class Load:
    """What of a GPU's power follows its work, and what follows nothing.

    Attributes
    ----------
    home_clock_ghz
        Clock of the published power.
    core, bandwidth
        Compute at one clock, and memory bandwidth, over those at home.
    memory_time_fraction
        Share of the workload's time at the published point that does not follow the core clock.
    traffic_w, standby_w, fixed_w
        Memory traffic at the published rate of work; memory beyond the design's own at rest; links, I/O and board.
    kept_fraction
        Share of the board's power that its regulators pass on.
    undivided
        Share of the work that is left after the design is cut into dies.
    """

    home_clock_ghz: Num
    core: Num
    bandwidth: Num
    memory_time_fraction: Num
    traffic_w: Num
    standby_w: Num
    fixed_w: Num
    kept_fraction: Num
    undivided: Num

    def performance(self, clock_ghz: Num) -> Num:
        """Work per second at a clock, over that at the published point."""
        done = throughput.relative_performance(
            core_ratio=clock_ghz / self.home_clock_ghz * self.core,
            memory_ratio=self.bandwidth,
            memory_time_fraction=self.memory_time_fraction,
        )
        return done * self.undivided

    def memory_w(self, performance: Num) -> Num:
        """Power of the memory at a rate of work, W."""
        return self.traffic_w * performance + self.standby_w

    def die_w(self, board_w: Num, clock_ghz: Num) -> Num:
        """What a board's power leaves for the dies at a clock, W."""
        return board_w * self.kept_fraction - self.fixed_w - self.memory_w(self.performance(clock_ghz))


def load_of(x: Inputs, made: Geometry, *, enabled_ratio: Num, fixed_w: Num) -> Load:
    """Load of a build under the workload that is asked about: bytes moved follow the work."""
    d, plan = x.design, x.plan
    own = _either(plan.memory_bw_gb_s, d.memory_bw_gb_s)
    usable = usable_bandwidth(x, made)
    bandwidth = 1.0 if usable is d.memory_bw_gb_s else usable / d.memory_bw_gb_s
    full_w = d.memory_power_w if plan.memory_power_w is None else plan.memory_power_w
    full_w = full_w if usable is own else full_w * (usable / own)  # energy per bit stays
    return Load(
        home_clock_ghz=d.clock_rated_ghz,
        core=enabled_ratio * made.tensor_kept * slowest_work(x, made),
        bandwidth=bandwidth,
        memory_time_fraction=x.work.memory_time_fraction,
        traffic_w=x.work.traffic_fraction * full_w / bandwidth,
        standby_w=0.0 if plan.memory_standby_w is None else plan.memory_standby_w,
        fixed_w=fixed_w,
        kept_fraction=1.0 - d.board_loss_fraction,
        undivided=undivided_work(x, made),
    )


def _either(chosen: Num | None, otherwise: Num) -> Num:
    """What the plan says, or else the design."""
    return otherwise if chosen is None else chosen


def driven_bandwidth(x: Inputs) -> Num:
    """Memory bandwidth that the process drives, GB/s; all of it where the plan says what memory there is."""
    bandwidth = _either(x.plan.memory_bw_gb_s, x.design.memory_bw_gb_s)
    host = x.dies[x.memory_host].node
    limit = host.memory_pin_rate_max_gb_s if x.stacked_memory else host.gddr_pin_rate_max_gb_s
    none = not x.given.memory and x.plan.memory_bw_gb_s is None
    if none or not x.process_memory or not np.any(x.memory.width_bits):
        return bandwidth
    stacks = _either(x.plan.memory_stacks, x.design.memory_stacks)
    driven = interfaces.driven_bandwidth(
        memory_bw_gb_s=bandwidth,
        pin_rate_max_gb_s=np.where(stacks * x.memory.width_bits > 0, limit, np.inf),
        width_bits=np.maximum(x.memory.width_bits, 1.0),
        memory_stacks=np.maximum(stacks, 1.0),
    )
    return bandwidth if np.all(driven >= bandwidth) else driven


def usable_bandwidth(x: Inputs, made: Geometry) -> Num:
    """Memory bandwidth that the process drives and the links between the dies of a split design carry, GB/s."""
    bandwidth, compute = driven_bandwidth(x), made.compute
    if not np.any(compute.split > 1):
        return bandwidth
    node, home = x.node, x.home
    usable = interfaces.crossing_bandwidth(
        memory_bw_gb_s=bandwidth,
        dies=np.where(compute.split > 1, compute.dies, 1.0),
        d2d_bandwidth_tb_s=package_of(x, made.package_index).d2d_bandwidth_tb_s
        * (node.d2d_rate_relative / home.d2d_rate_relative),
    )
    return bandwidth if np.all(usable >= bandwidth) else usable


def undivided_work(x: Inputs, made: Geometry) -> Num:
    """Share of the work that is left after the design is cut into dies."""
    split = made.compute.split
    if not np.any(split > 1):
        return 1.0
    return interfaces.split_efficiency(split=split, split_efficiency_four=x.model.split_efficiency_four)


def slowest_work(x: Inputs, made: Geometry) -> Num:
    """Share of the compute rate that is left when the compute dies wait for their slowest, over that of the original's dies.

    Where a clock is forced all dies run at it, and none waits.
    """
    dies, own = made.compute.dies, x.dies[0].numbers.count
    if x.plan.clock_ghz is not None or not np.any(np.asarray(dies != own)):
        return 1.0
    spread = x.model.die_speed_sd
    return binning.slowest_die(dies=dies, die_speed_sd=spread) / binning.slowest_die(dies=own, die_speed_sd=spread)


def solve_under_load(die: Values, load: Load, plan: Plan) -> OperatingPoint:
    """The operating point of a die (arguments of `solve`) on a board whose other power follows its work.

    A forced clock says how much that is. Without a limit on power it does not matter. Under one, the clock follows what the
    traffic leaves, and the traffic follows the clock: one root in the clock, by the secant rule within a bracket.
    """
    asked = {n: v for n, v in (("power_limit_w", plan.power_limit_w), ("power_w", plan.power_w)) if v is not None}
    if plan.clock_ghz is not None:
        forced: Values = {n: load.die_w(v, plan.clock_ghz) for n, v in asked.items()}
        return solve(**die, clock_ghz=plan.clock_ghz, **forced)
    if not asked:
        return solve(**die)
    (name, board_w), *_ = asked.items()
    return _Root(die, load, name, board_w).found()


class _Root:
    """Search for the clock at which dies draw what their boards leave them, many at once."""

    def __init__(self, die: Values, load: Load, name: str, board_w: Num) -> None:
        self.name = name
        path: Path = die["path"]
        numbers: Numbers = {k: v for k, v in die.items() if k != "path"}
        numbers |= {f"path.{k}": v for k, v in path._asdict().items()}
        numbers |= {f"load.{f.name}": getattr(load, f.name) for f in fields(load)}
        numbers["board_w"] = board_w
        self.shape = np.broadcast_shapes(*(np.shape(v) for v in numbers.values()))
        self.numbers: Numbers = {
            k: v if np.ndim(v) == 0 else np.broadcast_to(v, self.shape).reshape(-1) for k, v in numbers.items()
        }
        self.size = int(np.prod(self.shape))

    def at(self, clock_ghz: Array, where: NDArray[np.intp]) -> OperatingPoint:
        """Operating points of some dies if their traffic were that of a clock."""
        every = len(where) == self.size
        own: Values = self.numbers
        if not every:
            own = {k: v.take(where) if isinstance(v, np.ndarray) and v.ndim else v for k, v in own.items()}
        load = Load(**{f.name: own[f"load.{f.name}"] for f in fields(Load)})
        path = Path(*(np.asarray(own[f"path.{k}"]) for k in Path._fields))
        die = {k: v for k, v in own.items() if "." not in k and k != "board_w"}
        budget: Values = {self.name: load.die_w(own["board_w"], clock_ghz)}
        return solve(path=path, **die, **budget)

    def found(self) -> OperatingPoint:
        """The points, in the caller's shape; NaN where there is none.

        Where a forced power is possible only with the traffic of another clock than it gives, there is none: the wall is that of
        the last clock at which it was not.
        """
        home: Array = np.broadcast_to(np.asarray(self.numbers["load.home_clock_ghz"], float), (self.size,))
        clock, low, high = home.copy(), np.zeros(self.size), np.full(self.size, np.inf)
        before, gap_before = np.full(self.size, np.nan), np.full(self.size, np.nan)
        active = np.arange(self.size)
        wall = np.zeros(self.size, np.int8)
        result: list[Any] = []
        for _ in range(MOST_STEPS):
            trial = clock[active]
            point = self.at(trial, active)
            if not result:
                result = [np.array(a) for a in point]
            for all_, some in zip(result, point, strict=True):
                all_[active] = some
            following = self._following(point, home[active])
            gap = following - trial
            still = (trial <= 1.001 * NEXT_TO_NOTHING * home[active]) & (gap <= 0)
            settled = (np.abs(gap) <= TOLERANCE * trial) | still
            wall[active] = np.where(point.feasible, wall[active], point.limited_by)
            up = gap > 0
            low[active] = np.where(up, trial, low[active])
            high[active] = np.where(up, high[active], trial)
            proposed = trial - gap * (trial - before[active]) / (gap - gap_before[active])
            beyond = ~(point.feasible & (proposed > low[active]) & (proposed < high[active]))
            bisected = 0.5 * (low[active] + high[active])
            usual = np.isfinite(bisected) & ~((following > low[active]) & (following < high[active]))
            proposed = np.where(beyond, np.where(usual, bisected, following), proposed)
            before[active], gap_before[active] = trial, np.where(point.feasible, gap, np.nan)
            clock[active] = np.maximum(proposed, NEXT_TO_NOTHING * home[active])
            shut = ~settled & (high[active] - low[active] <= TOLERANCE * trial)
            _refuse(result, active[shut], wall)
            active = active[~(settled | shut)]
            if not len(active):
                break
        return OperatingPoint(*(a.reshape(self.shape) for a in result))

    def _following(self, point: OperatingPoint, home_ghz: Array) -> Array:
        """The clock that the dies would run at; none has the traffic of a still one, or of a very fast one, where it is short."""
        away = np.where(self._too_little(point), 0.0, FASTEST * home_ghz)
        return np.where(point.feasible, point.clock_ghz, away)

    def _too_little(self, point: OperatingPoint) -> NDArray[np.bool_]:
        """Where an infeasible point lacks power, and not, as a forced power may, ways to draw it."""
        return np.asarray((point.limited_by == POWER) | (self.name == "power_limit_w"))


def _refuse(result: list[Any], where: NDArray[np.intp], wall: NDArray[np.int8]) -> None:
    """Take away the points of some dies, for each of which a wall is known."""
    *numbers, limited_by, feasible = result
    for values in numbers:
        values[where] = np.nan
    limited_by[where], feasible[where] = wall[where], False
