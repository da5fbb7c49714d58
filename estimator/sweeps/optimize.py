"""Optimisation: the best clone an engineer could build within ranges of its plan and bounds on its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from estimator.arrays import Array
from estimator.checks import MOST_SEED, check_choice, check_flag, check_whole
from estimator.errors import InfeasibleError, InputError, shown
from estimator.estimation import Estimate, estimate
from estimator.model.batch import Points
from estimator.model.options import NAME_COLUMNS, arrays_in, check_options
from estimator.model.results import OUTPUT_STAGE
from estimator.physics.operating_point import LIMITS
from estimator.quantities import describe

_SCREENED = 1 << 15  # points of the first look, on a grid with all corners and at quasi-random places
_FORBIDDEN = 1e12  # worse than any objective; what is not allowed adds how far it is from being so
_ZOOMS = (1.0, 0.05, 0.0025)  # of each range: the global search, then twice around its result


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
    evaluations : int
        Points evaluated on the way.
    """

    def __init__(self, objective: str, value: float, point: dict[str, Any], est: Estimate, evaluations: int) -> None:
        self.objective, self.value, self.point, self.estimate = objective, value, point, est
        self.evaluations = evaluations

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "objective": self.objective,
            "value": self.value,
            "point": dict(self.point),
            "evaluations": self.evaluations,
            "estimate": self.estimate.to_dict(),
        }

    def __repr__(self) -> str:
        where = "".join(f"\n  {k} = {_shown(k, v)}" for k, v in self.point.items())
        return f"best {self.objective}: {_shown(self.objective, self.value)} at{where}"


def _shown(name: str, value: Any) -> str:
    """A value with its unit."""
    unit = describe(name).unit
    return f"{value:.6g}{'' if unit in ('1', '') else ' ' + unit}" if isinstance(value, float) else str(value)


def best(
    design: Any,
    node: Any,
    *,
    objective: str = "usd_per_tflops",
    over: Mapping[str, Any],
    subject_to: Mapping[str, Any] | None = None,
    maximise: bool | None = None,
    seed: int = 0,
    **options: Any,
) -> Best:
    """Find the values of a plan with the best objective: mixed-integer, global, then polished.

    A grid with all corners and quasi-random points is screened first; differential evolution (Storn and Price, J.
    Global Optim. 11, 1997; `scipy.optimize.differential_evolution`, whole populations evaluated at once) starts from
    the best of them and is repeated in ever smaller boxes around its result; Nelder and Mead's simplex ends it. What
    is not allowed ranks behind all that is, by how far it misses (Deb, Comput. Methods Appl. Mech. Eng. 186, 2000).

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
    problem = _Problem(design, node, objective, over, dict(bounds), maximise, options)
    x = _search(problem, seed)
    point = problem.point(x)
    call = {"design": design, "node": node, **options, **point}
    value = float(problem.cost(x[:, None])[0]) * problem.sign
    return Best(objective, value, point, estimate(call.pop("design"), call.pop("node"), **call), problem.evaluations)


class _Problem:
    """Objective and bounds over the coordinates of the search: a row per variable, a column per point."""

    def __init__(
        self,
        design: Any,
        node: Any,
        objective: str,
        over: Mapping[str, Any],
        bounds: dict[str, Any],
        maximise: bool | None,
        options: dict[str, Any],
    ) -> None:
        if not isinstance(over, Mapping) or not over:
            raise InputError("over must name at least one thing that may vary, e.g. {'power_limit_w': (300, 900)}")
        for name in (objective, *bounds):
            check_choice(
                "output", name, [o for o in OUTPUT_STAGE if o not in ("limited_by", "feasible", "fits_reticle")]
            )
        better = describe(objective).better
        if maximise is None and not better:
            raise InputError(
                f"objective {objective}: neither direction is better by itself; give maximise=True or False"
            )
        self.sign = -1.0 if (better == "high" if maximise is None else maximise) else 1.0
        self.objective = objective
        self.bounds = {k: _bound(k, v) for k, v in bounds.items()}
        self.variables = [_variable(k, v) for k, v in over.items()]
        both = [k for k, v in options.items() if v is not None and k in over]
        if both:
            raise InputError(f"{both[0]} is given as a number and in over as well; give one of them")
        fixed = {
            k: v for k, v in {"design": design, "node": node, **options}.items() if v is not None and k not in over
        }
        checked = check_options({k: v for k, v in fixed.items() if k not in ("design", "node")})
        arrays = arrays_in(checked)
        if arrays:
            raise InputError(f"{arrays[0]} is an array: what is not in over must be a single number")
        names = {k: [v] for k, v in fixed.items() if k in NAME_COLUMNS}
        names |= {v.name: list(v.choices) for v in self.variables if v.name in NAME_COLUMNS}
        self.fixed = {k: float(v) for k, v in fixed.items() if k not in NAME_COLUMNS}
        numbers = [*self.fixed, *(v.name for v in self.variables if v.name not in NAME_COLUMNS)]
        self.points = Points(names, numbers, tuple(dict.fromkeys((objective, *bounds, "feasible", "limited_by"))))
        if self.points.faults():
            raise self.points.faults()[0]
        self.evaluations = 0
        self.walls: NDArray[np.int8] = np.zeros(0, np.int8)

    def point(self, x: Array) -> dict[str, Any]:
        """The values that coordinates stand for."""
        return {v.name: v.value(c) for v, c in zip(self.variables, x, strict=True)}

    def cost(self, x: Array) -> Array:
        """What is to be minimised, for a column per point."""
        index: dict[str, Any] = {k: 0 for k, v in self.points.names.items() if len(v) == 1}
        numbers: dict[str, Any] = dict(self.fixed)
        for variable, row in zip(self.variables, np.atleast_2d(x), strict=True):
            if variable.name in NAME_COLUMNS:
                index[variable.name] = np.rint(row).astype(int)
            elif variable.choices:
                numbers[variable.name] = np.asarray(variable.choices, float)[np.rint(row).astype(int)]
            else:
                numbers[variable.name] = np.rint(row) if variable.whole else row
        done = self.points.evaluate(index, numbers)
        value = self.sign * done.values[self.objective]
        missed = np.where(done.values["feasible"], 0.0, 1e3)
        for name, (low, high) in self.bounds.items():
            size = max(abs(b) for b in (low, high) if np.isfinite(b)) or 1.0
            beyond = np.maximum(low - done.values[name], done.values[name] - high) / size
            missed += np.where(done.values["feasible"], np.maximum(beyond, 0.0), 0.0)
        self.evaluations += value.size
        self.walls = done.values["limited_by"][~done.values["feasible"]]
        return np.where(missed > 0, _FORBIDDEN * (1.0 + missed), np.nan_to_num(value, nan=_FORBIDDEN * 1e4))


def _search(problem: _Problem, seed: int) -> Array:
    """Coordinates of the best point."""
    from scipy.optimize import differential_evolution, minimize

    low = np.asarray([v.low for v in problem.variables])
    high = np.asarray([v.high for v in problem.variables])
    whole = np.asarray([v.whole for v in problem.variables])
    first = _screen(low, high, whole, seed)
    cost = problem.cost(first)
    walls = problem.walls
    order = np.argsort(cost, kind="stable")
    size = min(max(48, 12 * len(low)), first.shape[1])
    x = first[:, order[0]]
    rng = np.random.default_rng(seed)
    for zoom in _ZOOMS:
        half = np.where(whole, np.maximum(np.ceil((high - low) * zoom), 1.0), (high - low) * zoom)
        a, b = np.maximum(low, x - half), np.minimum(high, x + half)
        b = np.where(b > a, b, a + 1e-12)
        start = a + (b - a) * rng.random((size, len(a)))
        start[: size // 2] = np.clip(first[:, order[: size // 2]].T, a, b)
        start[0] = x
        found = differential_evolution(
            problem.cost,
            list(zip(a, b, strict=True)),
            integrality=whole,
            vectorized=True,
            updating="deferred",
            polish=False,
            init=start,
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
        wall = LIMITS[int(np.bincount(walls[walls >= 0]).argmax())] if (walls >= 0).any() else "requested"
        raise InfeasibleError(
            f"no point of these ranges is feasible within the bounds ({wall} binds most often)", limited_by=wall
        )
    return x


def _simplex(y: Array) -> Array:
    """A small simplex around a point of the unit cube, turned inwards."""
    steps = np.where(y > 0.5, -1e-3, 1e-3)
    return np.vstack([y, y + np.diag(steps)])


def _screen(low: Array, high: Array, whole: NDArray[np.bool_], seed: int) -> Array:
    """First points: a grid with all corners, and quasi-random ones; a row per variable."""
    from scipy.stats import qmc

    n = len(low)
    room = np.where(whole, np.rint(high - low) + 1, np.inf)
    levels = np.minimum(room, max(2, int(_SCREENED ** (1.0 / n)))).astype(int) if n <= 15 else np.ones(n, int)
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
