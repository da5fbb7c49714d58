"""Panels of the start page: tiles, ladder, causes, and what is impossible."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from estimator import figures
from estimator.causes import HEADLINE_FIELD
from estimator.errors import InfeasibleError
from estimator.explain import cause_sentence, number
from estimator.fields import describe
from pages.shared import results
from pages.shared.state import OWN, State
from pages.shared.ui import chart, safe

HEADLINES = {
    "area": ("Bigger", "die_area_mm2", "die_area_mm2"),
    "time": ("Slow", "seconds_per_eflop", "clock_ghz"),
    "power": ("Hot", "power_w", "power_w"),
    "cost": ("Expensive", "unit_cost_usd", "unit_cost_usd"),
}
LIMIT_WORDS = {
    "timing": "timing: the gates and wires switch no faster at the allowed voltage",
    "temperature": "temperature: the cooling takes no more heat away",
    "power": "the power limit",
    "requested": "your request: it runs exactly as asked",
    "runaway": "thermal runaway",
    "reticle": "the reticle field",
}


def times(ratio: float) -> str:
    """A ratio with two decimals below ten."""
    return f"× {ratio:.2f}" if ratio < 9.995 else f"× {ratio:.1f}"


def tiles(est: Any, state: State) -> None:
    """Bigger, slow, hot, expensive: the ratio, both values, and the ratio over the nodes 90 nm to 2 nm."""
    rows = results.ladder(state, results.spark_nodes())
    with st.container(key="tiles"):
        for column, (word, ratio_field, value_field) in zip(st.columns(4), HEADLINES.values(), strict=True):
            ratio = float(est.ratio[ratio_field])
            unit = figures.unit_text(value_field)
            line = [r["ratios"].get(ratio_field, math.nan) for r in rows]
            column.metric(
                f"{word}: {describe(ratio_field).long_name}" if word == "Bigger" else word,
                times(ratio),
                delta=f"{number(est.clone[value_field], unit)}, not {number(est.reference[value_field], unit)}",
                delta_color="off", delta_arrow="off", border=True, chart_data=[v for v in line if math.isfinite(v)],
                chart_type="line",
                help=f"{describe(ratio_field).long_name.capitalize()}, clone over original. The small chart is the same "
                "ratio on the nodes from 90 nm (left) to 2 nm (right).",
            )  # fmt: skip
    st.markdown(f"What binds the clock: **{LIMIT_WORDS.get(est.limited_by, est.limited_by)}**.")


def ladder(state: State, est: Any, dark: bool) -> None:
    """Any ratio over all nodes."""
    field = st.selectbox(
        "Ratio over all nodes", [f for f in figures.LADDER_FIELDS if f in est.ratio],
        format_func=lambda f: describe(f).long_name.capitalize(), key="field", label_visibility="collapsed",
    )  # fmt: skip
    nodes = results.all_nodes()
    if state.node == OWN:
        nodes = (*nodes, OWN)
    rows = results.ladder(state, nodes)
    chart(
        figures.ladder_figure(rows, field, here=est.node.name, home=est.reference_node.name, dark=dark, height=360), "ladder"
    )
    if walls := [f"{r['label']} ({r['wall']})" for r in rows if r["wall"]]:
        st.caption(safe(f"Impossible on {len(walls)} nodes: " + ", ".join(walls) + "."))


def why(est: Any, dark: bool) -> None:
    """Causes of each headline."""
    st.markdown("**Why: causes that multiply to the ratio**")
    for column, (headline, (word, _, _)) in zip(st.columns(2) * 2, HEADLINES.items(), strict=True):
        with column:
            st.caption(f"{word}: {safe(describe(HEADLINE_FIELD[headline]).long_name)}")
            chart(figures.causes_waterfall(est, headline, dark=dark, height=220), f"why_{headline}")
    with st.expander("Each cause in a sentence"):
        for headline, (word, _, _) in HEADLINES.items():
            lines = [cause_sentence(n, f) for n, f in est.causes[headline].items() if abs(math.log(f)) > 5e-4]
            st.markdown(f"**{word}**\n" + "\n".join(f"- {safe(line)}" for line in lines))


def infeasible(error: InfeasibleError) -> None:
    """Impossible is an answer: the sentence, the wall, and the nearest that is possible."""
    st.markdown("#### It cannot be built this way")
    st.info(safe(error), icon=":material/block:")
    for name, value in error.nearest.items():
        unit = figures.unit_text(name)
        st.metric(f"Nearest possible {describe(name).long_name}", number(value, unit))
