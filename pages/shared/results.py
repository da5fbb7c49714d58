"""Cached results: each is keyed by the plain state, so that only what changed is computed."""

from __future__ import annotations

from typing import Any

import streamlit as st

from estimator.figures import ladder as ladders
from pages.shared import state as states
from pages.shared.state import State


def estimate(state: State) -> Any:
    """The estimate of a state (some milliseconds: not cached)."""
    return states.estimate_of(state)


@st.cache_data(max_entries=64, show_spinner=False)
def ladder(state: State, nodes: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows of the ladder over nodes, old to new."""
    rows = []
    for name in nodes:
        try:
            design, node, options = states.call_of(state, name)
        except ValueError as error:  # the plan itself cannot be carried out there
            found = states.node_of(state, name)
            rows.append({
                "node": found.name, "label": found.label or found.name, "line": found.line,
                "generation_nm": float(found.generation_nm or 0), "year": float(found.volume_year or 0),
                "coarse": found.coarse, "wall": getattr(error, "limited_by", "not applicable"), "sentence": str(error),
                "values": {}, "ratios": {},
            })  # fmt: skip
            continue
        reference = options.pop("reference_node", None)
        rows += ladders.ladder_rows(design, [node], options, reference_node=reference)
    return rows


def all_nodes() -> tuple[str, ...]:
    """Names of the ladder's nodes, from old to new."""
    return tuple(n.name for n in ladders.ladder_nodes())


def spark_nodes() -> tuple[str, ...]:
    """Nodes of the tiles' small charts: the bare names (90 nm ... 2 nm), from old to new."""
    from estimator import library

    names = set(library.aliases().values())
    return tuple(n for n in all_nodes() if n in names)
