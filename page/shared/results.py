"""Cached results: each is keyed by the plain state, so that only what changed is computed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import streamlit as st

from estimator import figures
from estimator.figures import ladder as ladders
from page.shared import state as states
from page.shared.state import State

SAMPLES = 1024
RANKING_POINTS = 512


def estimate(state: State) -> Any:
    """The estimate of a state (some milliseconds: not cached)."""
    return states.estimate_of(state)


@st.cache_data(max_entries=64, show_spinner=False)
def intervals(state: State) -> dict[str, dict[str, tuple[float, float, float]]]:
    """80 % intervals by ``clone`` or ``ratio`` and output: (low, median, high); empty where they cannot be had."""
    try:
        est = states.estimate_of(state, samples=SAMPLES)
    except ValueError:
        return {}
    return read_intervals(est)


def read_intervals(est: Any) -> dict[str, dict[str, tuple[float, float, float]]]:
    """Intervals of the samples of an estimate."""
    out: dict[str, dict[str, tuple[float, float, float]]] = {"clone": {}, "ratio": {}}
    for side, read in (("clone", est.samples.interval), ("ratio", est.samples.ratio_interval)):
        for name in getattr(est.samples, side):
            low, median, high = read(name)
            out[side][name] = (float(low), float(median), float(high))
    return out


@st.cache_data(max_entries=64, show_spinner=False)
def ranking(state: State) -> Any:
    """Ranking of the assumptions by their weight."""
    return states.estimate_of(state).sensitivity(points=RANKING_POINTS)


@st.cache_data(max_entries=32, show_spinner=False)
def sweep(state: State) -> dict[str, dict[str, Any]]:
    """Original and clone over forced clocks."""
    found: dict[str, dict[str, Any]] = figures.clock_sweep(states.estimate_of(state))
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


@st.cache_resource(max_entries=64, show_spinner=False)
def _rows(state: State) -> dict[str, dict[str, Any]]:
    """Rows of a state by node, filled as they are asked for."""
    return {}


def _ladder_rows(state: State, names: list[str]) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    calls = {}
    for name in names:
        try:
            calls[name] = states.call_of(state, name)
        except ValueError as error:  # the plan itself cannot be carried out there
            rows[name] = ladders.impossible_row(states.node_of(state, name), error)
    if calls:
        design = states.design_of(state)
        reference = None if state.against == "home" else states.node_of(state, state.against)
        options = [{k: v for k, v in o.items() if k != "reference_node"} for _, _, o in calls.values()]
        found = ladders.ladder_rows(design, [n for _, n, _ in calls.values()], options, reference_node=reference)
        rows |= dict(zip(calls, found, strict=True))
    return rows


def all_nodes() -> tuple[str, ...]:
    """Names of the ladder's nodes, from old to new."""
    return tuple(n.name for n in ladders.ladder_nodes())


def spark_nodes(state: State) -> tuple[str, ...]:
    """Nodes of the tiles' small charts: the bare names (90 nm ... 2 nm) with the two that are shown, old to new."""
    from estimator import library

    names = {*library.aliases().values(), state.node, states.design_of(state).node}
    return tuple(n for n in all_nodes() if n in names)


@st.cache_data(max_entries=32, show_spinner=False)
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


@st.cache_data(max_entries=64, show_spinner=False)
def real_chips(field: str) -> list[tuple[str, float, str]]:
    """Chips of the library at their own node: node label, published value, text."""
    from estimator import library
    from estimator.estimation import estimate as run
    from estimator.explain import number

    out = []
    for name in library.names("design"):
        design = library.load_design(name)
        try:
            value = float(run(design, design.node).reference[field])
        except ValueError:
            continue
        node = library.load_node(design.node)
        out.append(
            (node.label or node.name, value, f"{design.label or name}: {number(value, figures.unit_text(field))}")
        )
    return out
