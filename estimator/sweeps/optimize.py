"""Optimisation: the best clone an engineer could build within ranges of its plan and bounds on its outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from estimator.arrays import Array, Values
from estimator.checks import MOST_SEED, check_choice, check_flag, check_whole, unpacked
from estimator.errors import InfeasibleError, InputError, shown
from estimator.estimation import Estimate, estimate
from estimator.model.batch import Points
from estimator.model.options import NAME_COLUMNS, arrays_in, check_options, spread_die_nodes
from estimator.model.results import OUTPUT_STAGE
from estimator.physics.operating_point import LIMITS
from estimator.quantities import describe, number, with_unit

_SCREENED = 1 << 15  # points of the first look, on a grid with all corners and at quasi-random places
_OUT_OF_REACH = 100.0  # by how much an output misses a bound that it has no value for
_FORBIDDEN = 1e12  # worse than any objective; what is not allowed adds how far it is from being so
_STAGES: tuple[tuple[float, float], ...] = ((1.0, 0.0), (0.05, 0.0), (0.0025, 0.0))
"""The global search, then twice around its result: share of each range, and how far a bound may be missed."""
_NARROW_STAGES: tuple[tuple[float, float], ...] = ((1.0, 0.02), (0.2, 4e-3), (0.05, 8e-4), (0.02, 1e-4), (0.005, 0.0))
"""The same where a bound is a band too narrow to be hit: its width is drawn in step by step (Takahama and Sakai, 2006)."""
_NARROW = 0.01  # of a band's values
_BINDS = 5e-3  # of a bound's size, within which it binds
_NO_CHANGE = 1e-4  # in percent: below it a limit costs nothing
_NEARLY_FULL = 0.95  # of the package's field
_TOLD = (
    "die_area_mm2",
    "dies",
    "units_enabled",
    "clock_ghz",
    "supply_v",
    "power_w",
    "junction_c",
    "tensor_tflops",
    "unit_cost_usd",
)
"""Outputs of the clone that are printed below the point."""


class Variable(NamedTuple):
    """One thing that may vary: a range of numbers, or a choice among values."""

    name: str
    low: float
    high: float
    choices: tuple[Any, ...] = ()  # values of a choice; the search works on their index

    @property
    def whole(self) -> bool:
        """Whether only whole numbers count."""
        return bool(self.choices) or describe(self.name).integer

    def value(self, x: Any) -> Any:
        """What a coordinate of the search stands for."""
        return self.choices[round(float(x))] if self.choices else float(np.rint(x)) if self.whole else float(x)


class Job(Protocol):
    """Work to be done by as many GPUs as it takes: what it needs of one, and what comes of it."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Outputs of a GPU that it reads."""

    @property
    def names(self) -> tuple[str, ...]:
        """Outputs that it adds."""

    def outputs(self, values: Values) -> Values:
        """The added outputs from those of GPUs."""


class ShadowPrice(NamedTuple):
    """What a limit costs.

    Attributes
    ----------
    limit : str
        The limit in words.
    name : str
        Output, option or field that it is on.
    value : float
        The limit as it is.
    change_percent : float
        Change of the objective, in %, when the limit is relaxed by 1 %.
    """

    limit: str
    name: str
    value: float
    change_percent: float


class Best:
    """The best point found.

    Attributes
    ----------
    objective : str
    value : float
        The objective there.
    point : dict
        The values of what was allowed to vary.
    estimate : Estimate
        The clone with these values.
    job : dict
        What the job takes with this clone, by output; empty without a job.
    evaluations : int
        Points evaluated on the way.
    notes : list of str
        Where the search may have missed the best.
    """

    def __init__(self, problem: _Problem, x: Array, seed: int, *, exact: bool = False) -> None:
        self._problem, self._x, self._seed = problem, x, seed
        there = problem.at(x)
        self.objective, self.value = problem.call.objective, float(there[problem.call.objective])
        self.point = problem.point(x)
        call = {"design": problem.call.design, "node": problem.call.node, **problem.call.options, **self.point}
        self.estimate: Estimate = estimate(call.pop("design"), call.pop("node"), **call)
        job = problem.call.job
        self.job = {} if job is None else {n: float(there[n]) for n in job.names}
        self.evaluations = problem.evaluations
        self.notes = [
            f"{n} from {low:g} to {high:g} is a narrow band: the best in it may be missed by some tenths of a percent"
            for n, (low, high) in ((n, problem.bounds[n]) for n in problem.narrow())
            if not (n == "power_w" and exact)
        ]

    def shadow_prices(self) -> list[ShadowPrice]:
        """What each limit costs that costs something, the dearest first: the objective found again with the limit relaxed by 1 %.

        Numbers of things are relaxed by the next whole number. Limits are the bounds, the ends of the ranges, a fixed power or
        temperature limit, and the largest field of the package.

        Examples
        --------
        >>> found = best("h100-sxm", "12nm", objective="tensor_tflops", over={"supply_v": (0.6, 1.0)},
        ...              subject_to={"power_w": (None, 700)})
        >>> [(p.name, 0.3 < p.change_percent < 1.0) for p in found.shadow_prices()]
        [('power_w', True)]
        """
        problem, sign = self._problem, self._problem.sign
        out = []
        for limit, base, relaxed in limits_of(problem, self._x, self.estimate):
            before, after = (
                sign * float(p.cost(_search(p, self._seed, start=p.nearest(self._x))[:, None])[0])
                for p in (base, relaxed)
            )
            change = 100.0 * (after - before) / abs(before)
            if sign * change < -_NO_CHANGE:
                out.append(limit._replace(change_percent=change))
        return sorted(out, key=lambda p: sign * p.change_percent)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "objective": self.objective,
            "value": self.value,
            "point": dict(self.point),
            "job": dict(self.job),
            "evaluations": self.evaluations,
            "notes": list(self.notes),
            "estimate": self.estimate.to_dict(),
        }

    def __repr__(self) -> str:
        plan = {
            **self.point,
            **{k: getattr(v, "name", v) for k, v in self._problem.call.options.items() if v is not None},
        }
        where = "".join(f"\n  {k} = {_shown(k, v)}" for k, v in plan.items())
        work = "".join(f"\n  {describe(k).long_name}: {_shown(k, v)}" for k, v in self.job.items())
        clone = "".join(
            f"\n  {describe(k).long_name}: {number(self.estimate.clone[k], describe(k).unit)}"
            for k in _TOLD
            if k not in self.point and k != self.objective
        )
        notes = "".join(f"\n  note: {n}" for n in self.notes)
        found = f"best {self.objective}: {_shown(self.objective, self.value)} at{where}"
        return f"{found}\nlimited by {self.estimate.limited_by}{clone}{work}{notes}"


def _shown(name: str, value: Any) -> str:
    """A value with its unit."""
    return with_unit(f"{value:.6g}", describe(name).unit) if isinstance(value, float) else str(value)


def best(
    design: Any,
    node: Any,
    *,
    objective: str = "usd_per_tflops",
    over: Mapping[str, Any],
    subject_to: Mapping[str, Any] | None = None,
    maximise: bool | None = None,
    seed: int = 0,
    job: Job | None = None,
    **options: Any,
) -> Best:
    """Find the values of a plan with the best objective: mixed-integer, global, then polished.

    A grid with all corners and quasi-random points is screened first; differential evolution (Storn and Price, J.
    Global Optim. 11, 1997; `scipy.optimize.differential_evolution`, whole populations evaluated at once) starts from
    the best of them and is repeated in ever smaller boxes around its result; Nelder and Mead's simplex ends it. What
    is not allowed ranks behind all that is, by how far it misses (Deb, Comput. Methods Appl. Mech. Eng. 186, 2000). A
    narrow band (an output from 989 to 990) is first widened and then drawn in (Takahama and Sakai, CEC 2006), with a note; one of
    power is met exactly where the clock is free.

    Parameters
    ----------
    design, node : str, path or object
        As in `estimator.estimate`.
    objective : str
        An output. Whether less or more is better follows the table of fields.
    over : mapping
        What may vary: option or dotted field -> ``(low, high)``, or a list of three or more numbers or of names to
        choose from (``{"node": ["5nm", "7nm"]}`` too). Numbers of things (dies, units) stay whole.
    subject_to : mapping, optional
        Output -> ``(low, high)``; None leaves a side open.
    maximise : bool, optional
        For objectives of which neither direction is better by itself.
    seed : int
        The same seed gives the same digits.
    job : Job, optional
        Work that as many clones do as it takes (`estimator.uses.redesign`); its outputs may be objective and bounds too.
    **options
        Fixed options of `estimator.estimate`.

    Returns
    -------
    Best

    Raises
    ------
    InfeasibleError
        If no point of the ranges is feasible within the bounds.
    InputError
        For names or ranges that make no sense.

    Examples
    --------
    >>> found = best("h100-sxm", "12nm", objective="tflops_per_w", over={"power_limit_w": (300, 1200)})
    >>> 300 <= found.point["power_limit_w"] <= 1200, found.value >= found.estimate.tflops_per_w * 0.999
    (True, True)
    """
    seed = check_whole("seed", seed, 0, MOST_SEED)
    if maximise is not None:
        check_flag("maximise", maximise)
    bounds = {} if subject_to is None else subject_to
    if not isinstance(bounds, Mapping):
        raise InputError(
            f"subject_to = {shown(subject_to)} must name outputs with their bounds, e.g. {{'power_w': (None, 700)}}"
        )
    named = spread_die_nodes(options)
    problem = _Problem(_Call(design, node, objective, over, dict(bounds), maximise, named, job))
    found = _at_given_power(problem, seed)
    exact = found is not None
    return Best(problem, _search(problem, seed) if found is None else found, seed, exact=exact)


def _at_given_power(problem: _Problem, seed: int) -> Array | None:
    """Coordinates of the best point where power is held in a narrow band and the clock is free, None where it is not so.

    The power is given, the clock follows, and its range is a bound: what is hard to hit is then met exactly.
    """
    call = problem.call
    given = {*call.over, *call.options}
    if "power_w" not in problem.narrow() or "clock_ghz" not in call.over or given & {"supply_v", "power_limit_w"}:
        return None
    clock = next(v for v in problem.variables if v.name == "clock_ghz")
    if clock.choices:
        return None
    low, high = problem.bounds["power_w"]
    inset = 0.05 * (high - low)  # for what rounding does to the power at the clock that was found
    over = {"power_w": (low + inset, high - inset), **{k: v for k, v in call.over.items() if k != "clock_ghz"}}
    bounds = {**{k: v for k, v in call.bounds.items() if k != "power_w"}, "clock_ghz": (clock.low, clock.high)}
    turned = _Problem(call._replace(over=over, bounds=bounds))
    y = _search(turned, seed)
    problem.evaluations += turned.evaluations
    there = dict(zip((v.name for v in turned.variables), y, strict=True)) | {"clock_ghz": turned.at(y)["clock_ghz"]}
    x = np.asarray([float(there[v.name]) for v in problem.variables])
    return x if problem.cost(x[:, None])[0] < _FORBIDDEN else None


class _Call(NamedTuple):
    """Arguments of `best`."""

    design: Any
    node: Any
    objective: str
    over: Mapping[str, Any]
    bounds: dict[str, Any]
    maximise: bool | None
    options: dict[str, Any]
    job: Job | None


class _Problem:
    """Objective and bounds over the coordinates of the search: a row per variable, a column per point."""

    def __init__(self, call: _Call) -> None:
        self.call, over, options, job = call, call.over, call.options, call.job
        if not isinstance(over, Mapping) or not over:
            raise InputError("over must name at least one thing that may vary, e.g. {'power_limit_w': (300, 900)}")
        added = () if job is None else job.names
        known = [*(o for o in OUTPUT_STAGE if o not in ("limited_by", "feasible", "fits_reticle")), *added]
        for name in (call.objective, *call.bounds):
            check_choice("output", name, known)
        better = describe(call.objective).better
        if call.maximise is None and not better:
            raise InputError(
                f"objective {call.objective}: neither direction is better by itself; give maximise=True or False"
            )
        self.sign = -1.0 if (better == "high" if call.maximise is None else call.maximise) else 1.0
        self.objective = call.objective
        self.bounds = {k: _bound(k, v) for k, v in call.bounds.items()}
        self.variables = [_variable(k, v) for k, v in over.items()]
        both = [k for k, v in options.items() if v is not None and k in over]
        if both:
            raise InputError(f"{both[0]} is given as a number and in over as well; give one of them")
        fixed = {
            k: v
            for k, v in {"design": call.design, "node": call.node, **options}.items()
            if v is not None and k not in over
        }
        checked = check_options({k: v for k, v in fixed.items() if k not in ("design", "node")})
        arrays = arrays_in(checked)
        if arrays:
            raise InputError(f"{arrays[0]} is an array: what is not in over must be a single number")
        names = {k: [v] for k, v in fixed.items() if k in NAME_COLUMNS}
        names |= {v.name: list(v.choices) for v in self.variables if v.name in NAME_COLUMNS}
        self.fixed = {k: float(v) for k, v in fixed.items() if k not in NAME_COLUMNS}
        numbers = [*self.fixed, *(v.name for v in self.variables if v.name not in NAME_COLUMNS)]
        needed = (call.objective, *call.bounds, *(() if job is None else job.needs), "feasible", "limited_by")
        self.points = Points(names, numbers, tuple(dict.fromkeys(n for n in needed if n not in added)))
        if self.points.faults():
            raise self.points.faults()[0]
        self.evaluations = 0
        self.slack = 0.0  # by how much bounds may be missed, as a share of their size
        self.walls: NDArray[np.int8] = np.zeros(0, np.int8)
        self.missed: dict[str, Array] = {}  # of the last points, by how much they miss each bound; NaN where infeasible

    def narrow(self) -> list[str]:
        """Bounds that are bands too narrow for points to fall into."""
        return [n for n, (low, high) in self.bounds.items() if high - low < _NARROW * _size(low, high)]

    def point(self, x: Array) -> dict[str, Any]:
        """The values that coordinates stand for."""
        return {v.name: v.value(c) for v, c in zip(self.variables, x, strict=True)}

    def nearest(self, x: Array) -> Array:
        """Coordinates within the ranges, as near as can be."""
        return np.clip(x, [v.low for v in self.variables], [v.high for v in self.variables])

    def evaluated(self, x: Array) -> Values:
        """Outputs, for a column of coordinates per point."""
        index: dict[str, Any] = {k: 0 for k, v in self.points.names.items() if len(v) == 1}
        numbers: dict[str, Any] = dict(self.fixed)
        for variable, row in zip(self.variables, np.atleast_2d(x), strict=True):
            if variable.name in NAME_COLUMNS:
                index[variable.name] = np.rint(row).astype(int)
            elif variable.choices:
                numbers[variable.name] = np.asarray(variable.choices, float)[np.rint(row).astype(int)]
            else:
                numbers[variable.name] = np.rint(row) if variable.whole else row
        values: Values = dict(self.points.evaluate(index, numbers).values)
        self.evaluations += len(values["feasible"])
        return values if self.call.job is None else {**values, **self.call.job.outputs(values)}

    def at(self, x: Array) -> Values:
        """Outputs of one point."""
        return {name: value[0] for name, value in self.evaluated(x[:, None]).items()}

    def cost(self, x: Array) -> Array:
        """What is to be minimised, for a column per point."""
        values = self.evaluated(x)
        value, feasible = self.sign * values[self.objective], values["feasible"]
        missed = np.where(feasible, 0.0, 1e3)
        for name, (low, high) in self.bounds.items():
            beyond = np.maximum(low - values[name], values[name] - high) / _size(low, high)
            beyond = np.where(np.isnan(beyond), _OUT_OF_REACH, beyond)
            self.missed[name] = np.where(feasible, np.maximum(beyond, 0.0), np.nan)
            missed += np.where(feasible, np.maximum(beyond - self.slack, 0.0), 0.0)
        self.walls = values["limited_by"][~feasible]
        return np.where(missed > 0, _FORBIDDEN * (1.0 + missed), np.nan_to_num(value, nan=_FORBIDDEN * 1e4))


def _search(problem: _Problem, seed: int, *, start: Array | None = None) -> Array:
    """Coordinates of the best point; from a known good one (`start`) only around it."""
    from scipy.optimize import differential_evolution, minimize

    low = np.asarray([v.low for v in problem.variables])
    high = np.asarray([v.high for v in problem.variables])
    whole = np.asarray([v.whole for v in problem.variables])
    stages = _NARROW_STAGES if problem.narrow() else _STAGES
    if start is None:
        first = _screen(low, high, whole, seed)
    else:
        first, stages = start[:, None], stages[1:]
    cost = problem.cost(first)
    walls = problem.walls
    order = np.argsort(cost, kind="stable")
    size = max(48, 12 * len(low))
    x = first[:, order[0]]
    if start is None and _all_seen(low, high, whole):
        stages = ()
    rng = np.random.default_rng(seed)
    for zoom, slack in stages:
        problem.slack = slack
        half = np.where(whole, np.maximum(np.ceil((high - low) * zoom), 1.0), (high - low) * zoom)
        a, b = np.maximum(low, x - half), np.minimum(high, x + half)
        b = np.where(b > a, b, a + 1e-12)
        population = a + (b - a) * rng.random((size, len(a)))
        seeds = first[:, order[: size // 2]].T
        population[: len(seeds)] = np.clip(seeds, a, b)
        population[0] = x
        found = differential_evolution(
            problem.cost,
            list(zip(a, b, strict=True)),
            integrality=whole,
            vectorized=True,
            updating="deferred",
            polish=False,
            init=population,
            rng=seed,
            tol=1e-10,
            atol=0.0,
            maxiter=150,
        )
        if problem.cost(found.x[:, None])[0] <= problem.cost(x[:, None])[0]:
            x = np.clip(np.where(whole, np.rint(found.x), found.x), low, high)
    free = np.flatnonzero(~whole & (high > low))
    if len(free):

        def along(y: Array) -> float:
            z = x.copy()
            z[free] = low[free] + y * (high[free] - low[free])
            return float(problem.cost(z[:, None])[0])

        y = (x[free] - low[free]) / (high[free] - low[free])
        done = minimize(
            along,
            y,
            method="Nelder-Mead",
            bounds=[(0.0, 1.0)] * len(free),
            options={
                "xatol": 1e-12,
                "fatol": 1e-13 * abs(along(y)),
                "maxfev": 150 * len(free),
                "initial_simplex": _simplex(y),
            },
        )
        if done.fun < along(y):
            x[free] = low[free] + done.x * (high[free] - low[free])
    if problem.cost(x[:, None])[0] >= _FORBIDDEN:
        raise _nothing(problem, x, walls)
    return x


def _size(low: float, high: float) -> float:
    """Size of a bound, against which a miss is measured."""
    return max(abs(b) for b in (low, high) if np.isfinite(b)) or 1.0


def _nothing(problem: _Problem, x: Array, walls: NDArray[np.int8]) -> InfeasibleError:
    """Why there is no point within the bounds: the bound that the nearest point misses, or the wall that binds everywhere."""
    missed = {n: float(m[0]) for n, m in problem.missed.items() if np.isfinite(m[0]) and m[0] > 0}
    if missed:
        name = max(missed, key=lambda n: missed[n])
        low, high = problem.bounds[name]
        nearest = float(problem.at(x)[name])
        told = " to ".join(f"{b:g}" for b in (low, high) if np.isfinite(b))
        side = "at least " if np.isinf(high) else "at most " if np.isinf(low) else ""
        wanted = f"{side}{with_unit(told, describe(name).unit)}"
        return InfeasibleError(
            f"no point of these ranges is within the bounds: {name} must be {wanted}, and the nearest has {nearest:.6g}; "
            "the bound is the reason, and no wall of physics",
            limited_by="requested",
            nearest={name: nearest},
        )
    wall = LIMITS[int(np.bincount(walls[walls >= 0]).argmax())] if (walls >= 0).any() else "requested"
    return InfeasibleError(
        f"no point of these ranges is feasible within the bounds ({wall} binds most often)", limited_by=wall
    )


def limits_of(problem: _Problem, x: Array, est: Estimate) -> Iterator[tuple[ShadowPrice, _Problem, _Problem]]:
    """Every limit that binds at a point, with the problem as it is and with the limit relaxed by 1 %."""
    call, there = problem.call, problem.at(x)
    for name, ends in problem.bounds.items():
        for side, end in enumerate(ends):
            if np.isfinite(end) and abs(float(there[name]) - end) <= _BINDS * _size(*ends):
                bound = list(ends)
                bound[side] = end + (1.0 if side else -1.0) * 0.01 * abs(end)
                told = f"{name} {'at most' if side else 'at least'} {_shown(name, end)}"
                eased = call._replace(bounds={**call.bounds, name: tuple(bound)})
                yield ShadowPrice(told, name, end, 0.0), problem, _Problem(eased)
    for variable, value in zip(problem.variables, x, strict=True):
        ends = (variable.low, variable.high)
        for side, end in enumerate(ends):
            if not variable.choices and ends[0] < ends[1] and abs(value - end) <= 1e-3 * (ends[1] - ends[0]):
                step = float(np.ceil(0.01 * abs(end))) if variable.whole else 0.01 * abs(end)
                free = list(ends)
                free[side] = end + (step if side else -step)
                if describe(variable.name).allows(free[side]):
                    told = f"{variable.name} {'up to' if side else 'down to'} {_shown(variable.name, end)}"
                    eased = call._replace(over={**call.over, variable.name: tuple(free)})
                    yield ShadowPrice(told, variable.name, float(end), 0.0), problem, _Problem(eased)
    for name in ("power_limit_w", "junction_max_c"):
        if name in problem.fixed:
            end = problem.fixed[name]
            eased = call._replace(options={**call.options, name: 1.01 * end})
            yield ShadowPrice(f"{name} = {_shown(name, end)}", name, end, 0.0), problem, _Problem(eased)
    yield from _package_limit(call, est)


def _package_limit(call: _Call, est: Estimate) -> Iterator[tuple[ShadowPrice, _Problem, _Problem]]:
    """The largest field of the clone's package, where it is nearly used up."""
    field, name = float(est.package_field_mm2), "package.interposer_max_area_mm2"
    if est.interposer_mm2 < _NEARLY_FULL * field or "package" in call.over or name in (*call.options, *call.over):
        return
    own = {**call.options, "package": est.package}
    base, eased = (_Problem(call._replace(options={**own, name: share * field})) for share in (1.0, 1.01))
    yield ShadowPrice(f"package field of {field:,.0f} mm2", name, field, 0.0), base, eased


def _simplex(y: Array) -> Array:
    """A small simplex around a point of the unit cube, turned inwards."""
    steps = np.where(y > 0.5, -1e-3, 1e-3)
    return np.vstack([y, y + np.diag(steps)])


def _room(low: Array, high: Array, whole: NDArray[np.bool_]) -> Array:
    """Values that each variable can take, infinite for a range of numbers."""
    return np.where(whole, np.rint(high - low) + 1, np.inf)


def _most_levels(variables: int) -> int:
    """Values of each of some variables on the grid of the first look."""
    return max(2, int(_SCREENED ** (1.0 / variables))) if variables <= 15 else 1


def _all_seen(low: Array, high: Array, whole: NDArray[np.bool_]) -> bool:
    """Whether the grid of the first look holds every point there is."""
    return bool(np.all(_room(low, high, whole) <= _most_levels(len(low))))


def _screen(low: Array, high: Array, whole: NDArray[np.bool_], seed: int) -> Array:
    """First points: a grid with all corners, and quasi-random ones; a row per variable."""
    from scipy.stats import qmc

    n = len(low)
    levels = np.minimum(_room(low, high, whole), _most_levels(n)).astype(int)
    axes = [np.linspace(a, b, k) for a, b, k in zip(low, high, levels, strict=True)]
    grid = np.stack([g.ravel() for g in np.meshgrid(*axes, indexing="ij")])
    sobol = qmc.Sobol(d=n, rng=seed).random(_SCREENED // 4).T
    reach = np.where(whole, high - low + 1, high - low)[:, None]
    spread = low[:, None] + sobol * reach
    spread = np.where(whole[:, None], np.minimum(np.floor(spread), high[:, None]), spread)
    both = np.concatenate([grid, spread], axis=1)
    return np.asarray(np.where(whole[:, None], np.rint(both), both))


def _bound(name: str, value: Any) -> tuple[float, float]:
    """The two sides of a bound on an output."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise InputError(f"subject_to: {name} must be (low, high), with None for an open side")
    low, high = (open_end if v is None else _end(name, v) for v, open_end in zip(value, (-np.inf, np.inf), strict=True))
    if not low <= high or (np.isinf(low) and np.isinf(high)):
        raise InputError(f"subject_to: {name} = {shown(value)} bounds nothing or is not in ascending order")
    return low, high


def _end(name: str, value: Any) -> float:
    """One side of a bound."""
    if isinstance(value, (bool, np.complexfloating)) or not isinstance(value, (int, float, np.number)):
        raise InputError(
            f"subject_to: {name} must be (low, high) numbers, with None for an open side, not {shown(value)}"
        )
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def _numbers(name: str, values: Any) -> Array:
    """Values of a number that may vary, one after another."""
    numbers = np.asarray(check_options({name: values})[name])
    if numbers.ndim != 1:
        raise InputError(f"over: {name} must be a range (low, high) or a list to choose from, without lists in it")
    return numbers


def _variable(name: str, value: Any) -> Variable:
    """A variable from a range or a list of choices."""
    value = unpacked(value)
    value = np.atleast_1d(value) if isinstance(value, np.ndarray) else value
    values = list(value) if isinstance(value, (list, tuple, range, np.ndarray)) else None
    if not values:
        raise InputError(f"over: {name} must be a range (low, high) or a list to choose from")
    if name in NAME_COLUMNS or len(values) != 2:
        if name not in NAME_COLUMNS:
            values = list(_numbers(name, values))
        return Variable(name, 0.0, float(len(values) - 1), tuple(values))
    low, high = (float(v) for v in _numbers(name, values))
    if low > high:
        raise InputError(f"over: {name} = ({low:g}, {high:g}) is not in ascending order")
    return Variable(name, low, high)
