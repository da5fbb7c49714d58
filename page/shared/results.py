"""Cached results: each is keyed by the plain state, so that only what changed is computed. They are read, never changed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

import estimator
from estimator import EstimatorError, InfeasibleError, figures, load_design, load_node, names, sweeps
from estimator.parameters import aliases
from estimator.quantities import number
from estimator.uncertainty import sample_estimate
from estimator.uses import COST_BASES, same_work_ratio_interval, typical_wafer
from page.shared import state as states
from page.shared.state import State

SAMPLES = 1024
RANKING_POINTS = 256
ANY_PACKAGE = {"package.interposer_max_area_mm2": 200_000.0}
"""As if a package of any size were made."""
ALWAYS = {"maturity_quarters": "maturity", "volume": "volume"}
"""Options that a ladder is always asked with: tables of all nodes are kept by the names of the options."""


@lru_cache(maxsize=64)
def estimate(state: State) -> Any:
    """The estimate of a state."""
    return states.estimate_of(state)


class Scene(NamedTuple):
    """A chapter of the story on one process: its estimate, wafers of both, the wall if it cannot be, and intervals."""

    est: Any
    wafers: tuple[Any, Any]
    wall: InfeasibleError | None
    spans: dict[str, tuple[float, float, float]]


@lru_cache(maxsize=128)
def scene(state: State) -> Scene | None:
    """The clone of a state, or as it would be if a package could carry it; None where nothing can be drawn."""
    wall = None
    try:
        est = estimate(state)
    except InfeasibleError as error:
        wall = error
        try:
            est = states.estimate_of(state, **ANY_PACKAGE)
        except EstimatorError:
            return None
    spans = {} if wall else intervals(state).get("ratio", {})
    return Scene(est, (typical_wafer(est, "reference"), typical_wafer(est, "clone")), wall, spans)


@lru_cache(maxsize=16)
def samples(state: State) -> Any:
    """Draws of all uncertain assumptions; None where they cannot be had."""
    try:
        return sample_estimate(estimate(state), samples=SAMPLES)
    except ValueError:
        return None


@lru_cache(maxsize=64)
def intervals(state: State) -> dict[str, dict[str, tuple[float, float, float]]]:
    """80 % intervals by ``clone`` or ``ratio`` and output: (low, median, high); empty where they cannot be had."""
    drawn = samples(state)
    if drawn is None:
        return {}
    found = {side: dict(drawn.intervals(side)) for side in ("clone", "ratio")}
    found["ratio"] |= {f"same work: {basis}": same_work_ratio_interval(drawn, basis) for basis in COST_BASES}
    return found


@lru_cache(maxsize=64)
def ranking(state: State) -> Any:
    """Ranking of the assumptions by their weight."""
    return estimate(state).sensitivity(points=RANKING_POINTS, count=figures.RANKED)


@lru_cache(maxsize=32)
def sweep(state: State) -> dict[str, dict[str, Any]]:
    """Original and clone over forced clocks."""
    found: dict[str, dict[str, Any]] = sweeps.clock_sweep(estimate(state))
    return found


def ladder(state: State, nodes: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows of the ladder over nodes, old to new, of the state that `ladder_state` gives."""
    state = ladder_state(state, nodes)
    held = _rows(state)
    held |= _ladder_rows(state, [name for name in nodes if name not in held])
    return [held[name] for name in nodes]


def ladder_state(state: State, nodes: tuple[str, ...]) -> State:
    """State that a ladder shows: seeking the best plan takes seconds, so until it is asked for the usual plan stands in."""
    if state.plan == "best" and not set(nodes) <= set(_rows(state)):
        return states.with_values(state, {"plan": "same-units"})
    return state


def seek_best(state: State, nodes: tuple[str, ...]) -> Iterator[float]:
    """Seek the best plan on each node, so that `ladder` shows it; gives the share that is done."""
    held, found = _rows(state), {}
    for k, name in enumerate(nodes, 1):
        found |= {} if name in held else _ladder_rows(state, [name])
        yield k / len(nodes)
    held |= found


@lru_cache(maxsize=64)
def _rows(state: State) -> dict[str, dict[str, Any]]:
    """Rows of a state by node, filled as they are asked for."""
    return {}


def _ladder_rows(state: State, nodes: list[str]) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    calls = {}
    for name in nodes:
        try:
            calls[name] = states.call_of(state, name)
        except ValueError as error:  # the plan itself cannot be carried out there
            rows[name] = sweeps.impossible_row(states.node_of(state, name), error)
    if calls:
        design = states.design_of(state)
        reference = None if state.against == "home" else states.node_of(state, state.against)
        usual = {k: float(getattr(state, field)) for k, field in ALWAYS.items() if getattr(state, field) >= 0}
        options = [usual | {k: v for k, v in o.items() if k != "reference_node"} for _, _, o in calls.values()]
        found = sweeps.ladder_rows(design, [n for _, n, _ in calls.values()], options, reference_node=reference)
        rows |= dict(zip(calls, found, strict=True))
    return rows


def generation_nm(node: str) -> float:
    """Label of a process in nm, for its place among others."""
    return float(load_node(node).generation_nm or 0)


@cache
def all_nodes() -> tuple[str, ...]:
    """Names of the ladder's nodes, from old to new."""
    return tuple(n.name for n in sweeps.ladder_nodes())


def spark_rows(state: State) -> list[dict[str, Any]]:
    """Rows of the tiles' small charts: the bare names (90 nm ... 2 nm) with the two that are shown, old to new."""
    shown = {*aliases().values(), state.node, states.design_of(state).node}
    return [row for row in ladder(state, all_nodes()) if row["node"] in shown]


@lru_cache(maxsize=32)
def ladder_intervals(state: State, nodes: tuple[str, ...], field: str, side: str) -> dict[str, tuple[float, float]]:
    """80 % interval of one output on each node where the clone is possible."""
    out = {}
    for name in nodes:
        try:
            est = states.estimate_of(state, name, samples=256)
            read = est.samples.ratio_interval if side == "ratios" else est.samples.interval
            low, _, high = read(field)
        except ValueError:
            continue
        out[est.node.name] = (float(low), float(high))
    return out


@lru_cache(maxsize=64)
def real_chips(field: str) -> list[tuple[str, float, str]]:
    """Chips of the library at their own node: node label, published value, text."""
    out = []
    for name in names("design"):
        design = load_design(name)
        try:
            value = float(estimator.estimate(design, design.node).reference[field])
        except ValueError:
            continue
        node = load_node(design.node)
        out.append(
            (node.label or node.name, value, f"{design.label or name}: {number(value, figures.unit_text(field))}")
        )
    return out
