"""Uncertainty: an estimate's parameters sampled together, and the intervals of every output and ratio.

All sampled points run through `estimator.model.chain.run` as one array call per side. A design runs at its published point:
draws are held to what that fact implies (its supply lies within the home process's range, its junction below its limit),
and draws that contradict it all the same are left out.

Model error, what the parameters' spread does not cover, is one lognormal factor per headline (params/fit/model_error.toml).
Area, clock and power are anchored at the published point, so there the error vanishes and grows with the distance from
it, ``w = 1 - exp(-distance / error_distance)``; distance is the sum of ``|ln ratio|`` of logic density, gate delay and
capacitance, for clock and power also of supply and clock. These errors act on the clone's process before the run (all
class areas; gate and wire delay; capacitance and leakage), so that whatever depends on them follows, and a clock or
power which the user fixed stays fixed. Cost and sellable share are not anchored: reference and clone carry errors with
correlation ``1 - w / 2``; they act on the outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from estimator.arrays import Array, Numbers
from estimator.checks import MOST_SAMPLES, MOST_SEED, check_estimate, check_whole
from estimator.errors import InputError
from estimator.model import chain
from estimator.model.build import Build
from estimator.model.home import take_apart
from estimator.model.results import Result
from estimator.parameters.schema import Node, Parameter
from estimator.quantities import NORMAL_90
from estimator.uncertainty import assumptions
from estimator.uncertainty.assumptions import Assumption, Place
from estimator.uncertainty.intervals import SAMPLED, Samples

BLOCK = 8192  # points per array call: what stays in a core's cache
THRESHOLD_MARGIN_V = 0.02  # least distance of the supply floor from the threshold in a draw
ERRORS = ("area", "clock", "power", "cost", "sellable")
_UNANCHORED = ("cost", "sellable")


class Drawable(NamedTuple):
    """One side of an estimate, clone or reference, ready to be drawn."""

    build: Build
    places: list[Place]
    weights: dict[str, float]  # model error's share of its full size, by headline

    @property
    def node(self) -> str:
        """Name of the process that it is built on."""
        return self.build.node.name

    def error_log_sd(self, headline: str) -> float:
        """Full size of the model's error of a headline."""
        return float(self.build.numbers["model"][f"{headline}_error_log_sd"])


class Problem(NamedTuple):
    """Both sides of an estimate and all assumptions they rest on; index of each in the rows of scores."""

    clone: Drawable
    reference: Drawable
    assumptions: dict[Assumption, int]
    parameters: dict[Assumption, Parameter]
    nodes: dict[str, Node]


def build(est: Any) -> Problem:
    """Collect what an estimate (scalar) rests on.

    Raises
    ------
    InputError
        For an estimate over arrays.
    """
    arrays = [name for name, value in est.options.items() if isinstance(value, np.ndarray)]
    if arrays:
        raise InputError(f"{arrays[0]} is an array: intervals and sensitivities need one point; give a single number")
    clone, reference = (_drawable(est.sides[side].build, getattr(est, side)) for side in ("clone", "reference"))
    parameters: dict[Assumption, Parameter] = {}
    nodes: dict[str, Node] = {}
    home = clone.build.entities.home.name
    for side in (clone, reference):
        nodes.update({n.name: n for n in side.build.entities.processes.values()})
        for place in side.places:
            parameters.setdefault(place.assumption, place.parameter)
        for name in ERRORS:
            size = side.build.numbers["model"][f"{name}_error_log_sd"]
            spread = NORMAL_90 * float(size)
            shown = Parameter(
                0.0, low=-spread, high=spread, kind=getattr(size, "kind", "given"), source=getattr(size, "source", ())
            )
            owners = [home] if name in _UNANCHORED else []
            owners += [side.node] if side.weights[name] > 0 else []
            for owner in owners if spread > 0 else []:
                parameters.setdefault(Assumption("error", owner, name), shown)
    return Problem(clone, reference, {a: i for i, a in enumerate(parameters)}, parameters, nodes)


def _drawable(build: Build, point: Mapping[str, Any]) -> Drawable:
    home, own, d = build.numbers["home"], build.numbers["node"], build.numbers["design"]
    process = sum(_apart(own[n], home[n]) for n in ("logic_density_mtr_mm2", "gate_delay_ps", "switched_cap_relative"))
    published_v = take_apart(build.inputs).supply_v
    moved = process + _apart(point["supply_v"], published_v) + _apart(point["clock_ghz"], d["clock_rated_ghz"])
    scale = float(build.numbers["model"]["error_distance"])
    weights = {n: 1.0 - float(np.exp(-(moved if n in ("clock", "power") else process) / scale)) for n in ERRORS}
    return Drawable(build, assumptions.places(build), weights)


def _apart(a: Any, b: Any) -> float:
    distance = abs(float(np.log(float(a) / float(b))))
    return distance if distance > 1e-9 else 0.0


def draw_numbers(side: Drawable, scores: Mapping[Assumption, Array]) -> dict[str, Numbers]:
    """Numbers of one side with arrays in place of its assumptions, in a physically possible order, errors applied."""
    numbers = {owner: dict(own) for owner, own in side.build.numbers.items()}
    drawn = [place for place in side.places if place.assumption in scores]
    once: dict[Any, Place] = {}  # one parameter at two places is one draw
    for place in drawn:
        once.setdefault(_identity(place), place)
    places = list(once.values())
    if places:
        values = assumptions.draw(
            [p.parameter for p in places], [p.field for p in places], [scores[p.assumption] for p in places]
        )
        known = dict(zip(once, values, strict=True))
    for place in drawn:
        numbers[place.owner][place.field] = known[_identity(place)]
    things, d = side.build.entities, numbers["design"]
    for owner, process in things.processes.items():
        published = d["supply_v"] if process.name == things.home.name and side.build.choices.given.supply else None
        _order_supplies(numbers[owner], side.build.numbers[owner], published)
    for kind in side.build.choices.kinds:
        _close_fractions(numbers[kind.owners[0]], side.build.numbers[kind.owners[0]])
    _apply_errors(numbers["node"], side, scores)
    return numbers


def _identity(place: Place) -> Any:
    """What makes two places one draw: the same assumption with the same range."""
    return place.assumption, place.parameter.low, float(place.parameter), place.parameter.high


def _order_supplies(node: Numbers, central: Mapping[str, Any], published_v: Any) -> None:
    low = high = node["supply_v"]
    if published_v is not None:
        low, high = np.minimum(low, published_v), np.maximum(high, published_v)
    margin = min(THRESHOLD_MARGIN_V, float(central["supply_min_v"]) - float(central["threshold_v"]))
    node["supply_min_v"] = np.minimum(node["supply_min_v"], low)
    node["supply_max_v"] = np.maximum(node["supply_max_v"], high)
    node["threshold_v"] = np.minimum(node["threshold_v"], node["supply_min_v"] - margin)


def _close_fractions(die: Numbers, central: Mapping[str, Any]) -> None:
    """Area classes add up as in the central case: logic takes the rest; units and channels share at most the die."""
    sram, analog = die["sram_fraction"], die["analog_fraction"]
    if np.ndim(sram) or np.ndim(analog):
        total = sum(float(central[n]) for n in ("logic_fraction", "sram_fraction", "analog_fraction"))
        fit = np.minimum(total / np.maximum(sram + analog, 1e-12), 1.0)
        die["sram_fraction"], die["analog_fraction"] = sram * fit, analog * fit
        die["logic_fraction"] = np.maximum(total - die["sram_fraction"] - die["analog_fraction"], 0.0)
    die["memory_area_fraction"] = np.minimum(die["memory_area_fraction"], 1.0 - die["unit_area_fraction"])


def _apply_errors(node: Numbers, side: Drawable, scores: Mapping[Assumption, Array]) -> None:
    for name, up, down in (
        ("area", ("analog_area_factor",), ("logic_density_mtr_mm2", "sram_density_mb_mm2")),
        ("clock", (), ("gate_delay_ps", "wire_delay_ps_mm")),
        ("power", ("switched_cap_relative", "leakage_logic_w_mm2", "leakage_sram_w_mm2"), ()),
    ):
        z = scores.get(Assumption("error", side.node, name))
        if z is not None and side.weights[name] > 0:
            factor = np.exp(side.error_log_sd(name) * side.weights[name] * z)
            node.update({n: node[n] * factor for n in up} | {n: node[n] / factor for n in down})


def _output_errors(result: Result, side: Drawable, home: str, scores: Mapping[Assumption, Array]) -> Result:
    """The result with the model's errors of cost and of the sellable share, which are not anchored at home."""
    plan = side.build.numbers["plan"]
    for name in _UNANCHORED:
        if name == "sellable" and ("yield_fraction" in plan or "sellable_fraction" in plan):
            continue  # known, and no estimate
        likeness = 1.0 - side.weights[name] / 2.0
        z = likeness * scores.get(Assumption("error", home, name), np.zeros(()))
        z = z + np.sqrt(1.0 - likeness**2) * scores.get(Assumption("error", side.node, name), np.zeros(()))
        logarithm = side.error_log_sd(name) * z
        if name == "cost":
            factor, rates = np.exp(logarithm), result.rates
            dear = None if rates.usd_per_tflops is None else rates.usd_per_tflops * factor
            result = replace(result, bill=result.costs.scaled(factor), work=replace(rates, usd_per_tflops=dear))
        else:  # grows with the dies lost: none where none is lost, the stated one from half of them on
            good = result.yields
            wrong = {
                n: np.minimum(
                    getattr(good, n) * np.exp(logarithm * np.minimum(2.0 * (1.0 - getattr(good, n)), 1.0)), 1.0
                )
                for n in ("yield_fraction", "sellable_fraction")
            }
            result = replace(result, yields=replace(good, **wrong))
    return result


def run(problem: Problem, scores: Mapping[Assumption, Array]) -> tuple[Result, Result, NDArray[np.bool_]]:
    """Evaluate both sides on normal scores by assumption (those left out are central).

    Returns
    -------
    clone, reference : Result
        Chain results, with model errors.
    consistent : ndarray of bool
        Whether a draw allows the design's published point.
    """
    home = problem.clone.build.entities.home.name
    made = []
    with np.errstate(all="ignore"):
        for side in (problem.clone, problem.reference):
            result = chain.run(side.build.inputs_from(draw_numbers(side, scores)))
            made.append(_output_errors(result, side, home, scores))
    clone, reference = made
    point = reference.operation
    consistent = (point.gate_ns > 0) & (point.switched_w > 0) & point.feasible
    return clone, reference, np.asarray(consistent)


def sample_estimate(est: Any, *, samples: int = 4096, seed: int = 0) -> Samples:
    """Sample all assumptions of an estimate together.

    Parameters
    ----------
    est : Estimate
        A scalar, feasible estimate.
    samples : int
        Points of the Sobol sequence; a power of two is best.
    seed : int
        Seed of its scrambling; the same seed gives the same digits.

    Returns
    -------
    Samples

    Raises
    ------
    InputError
        For an estimate over arrays, or a seed that is not an integer from 0.

    Examples
    --------
    >>> from estimator.estimation import estimate
    >>> s = sample_estimate(estimate("h100-sxm", "12nm"), samples=256)
    >>> low, median, high = s.ratio_interval("die_area_mm2")
    >>> low < median < high
    True
    """
    check_estimate(est)
    samples = check_whole("samples", samples, 16, MOST_SAMPLES)
    seed = check_whole("seed", seed, 0, MOST_SEED)
    problem = build(est)
    root = np.linalg.cholesky(
        assumptions.correlation(problem.assumptions, problem.nodes, problem.clone.build.numbers["model"])
    )
    parts: list[Any] = []
    for independent in assumptions.score_blocks(len(problem.assumptions), samples, seed, BLOCK):
        z = root @ independent[: len(root)]
        clone, reference, consistent = run(problem, {a: z[i] for a, i in problem.assumptions.items()})
        shape = (independent.shape[1],)
        kept = (*SAMPLED, "feasible", "limited_by")
        wide = [{n: np.broadcast_to(q[n], shape) for n in kept if n in q} for q in (clone, reference)]
        parts.append((wide[0], wide[1], np.broadcast_to(consistent, shape)))
    sides = [{n: np.concatenate([p[i][n] for p in parts]) for n in parts[0][i]} for i in (0, 1)]
    consistent = np.concatenate([p[2] for p in parts])
    central = {side: dict(getattr(est, side)) for side in ("clone", "reference", "ratio")}
    return Samples(sides[0], sides[1], consistent, seed=seed, assumptions=problem.assumptions, central=central)
