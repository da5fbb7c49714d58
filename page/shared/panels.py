"""Panels of the start page: tiles, and one panel for each tab."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from estimator import InfeasibleError, figures
from estimator.model import HEADLINE_FIELD, LIMIT_WORDS, cause_sentences
from estimator.quantities import describe, number
from estimator.uses import wafer_of
from page.shared import bounds, parameters, results, visit
from page.shared.choices import OWN
from page.shared.headlines import HEADLINES, TILE_WORDS, between, headline_word, tile_word, times
from page.shared.state import State, defaults
from page.shared.ui import chart, safe, spark, title, typeset

FIRST_SEED = 1  # an ordinary wafer; seed 0 is one of the worst in a hundred


def intervals(state: State, *, say: bool = False) -> dict[str, Any]:
    """80 % intervals of a state; none where this visitor asked for too many."""
    return bounds.bounded("samples", hash(state), lambda: results.intervals(state), say=say) or {}


def tiles(est: Any, state: State, dark: bool) -> None:
    """Bigger, slow, hot, expensive: the ratio, its interval, both values, and the ratio over the nodes."""
    rows, as_asked = results.spark_rows(state), results.ladder_state(state, results.all_nodes()) == state
    spans = intervals(state, say=True).get("ratio", {})
    names = [r["node"] for r in rows]
    here = names.index(est.node.name) if est.node.name in names else None
    home = names.index(est.reference_node.name) if est.reference_node.name in names else None
    with st.grid(4, min_column_width=150, gap="xsmall"):
        for headline, (_, ratio_field, value_field) in HEADLINES.items():
            word = tile_word(est, headline)
            with st.container(border=True, gap="xsmall"):
                unit = figures.unit_text(value_field)
                a, b = (number(side[value_field], unit) for side in (est.clone, est.reference))
                span = between(spans.get(ratio_field))
                st.metric(
                    f"{word}: {TILE_WORDS[ratio_field]}",
                    times(float(est.ratio[ratio_field])),
                    delta=f"80 %: {span}" if span else None,
                    delta_color="off",
                    delta_arrow="off",
                    help=f"{title(describe(ratio_field).long_name)}, clone over original. The small chart shows the "
                    f"same ratio on nodes from {rows[0]['label']} (left) to {rows[-1]['label']} (right): a dot for the "
                    "original, a diamond for the clone, dashed where both are equal.",
                )
                st.caption(safe(f"{a}, not {b}"))
                line = [r["ratios"].get(ratio_field, math.nan) for r in rows]
                told = f"{word} over nodes from old to new: the clone is at {times(float(est.ratio[ratio_field]))}"
                if as_asked and (drawing := spark(line, here, home, dark, told)):
                    st.html(drawing)


def limits(est: Any, state: State) -> None:
    """What binds the clock, how sure all this is, and where the model leaves its range: one line each."""
    lines = [f"**What limits the clock:** {LIMIT_WORDS[est.limited_by].binds}."]
    if intervals(state).get("ratio"):
        lines.append(
            "**How sure:** in 8 of 10 draws of all uncertain assumptions, the ratios lie in the ranges marked 80 %."
        )
    lines.append(f":gray[:material/calendar_month: Made in {est.date_words}.]")
    lines += [f":gray[:material/info: {safe(typeset(title(note)))}.]" for note in est.notes]
    st.markdown("  \n".join(lines))


def overview(est: Any, state: State, dark: bool) -> None:
    """Dies to scale, and any ratio over all nodes."""
    left, right = st.columns([1, 1.25])
    with left:
        st.markdown(
            "**Silicon, to scale**",
            help="A reticle field is the largest area that a lithography machine exposes at once. A design that needs more is "
            "split into several dies, which share one package.",
        )
        chart(figures.dies_to_scale(est, dark=dark, height=380), "dies")
    with right:
        ladder(state, est, dark)


@st.fragment
def ladder(state: State, est: Any, dark: bool) -> None:
    """Any ratio over all nodes."""
    field = st.selectbox(
        "Ratio over all nodes",
        [f for f in figures.LADDER_FIELDS if f in est.ratio],
        format_func=lambda f: f"{title(describe(f).long_name)}, over all nodes",
        key="field",
        persist_state="session",
        label_visibility="collapsed",
    )
    visit.show_in_address(state)
    nodes = results.all_nodes()
    if state.node == OWN:
        nodes = (*nodes, OWN)
    rows = results.ladder(state, nodes)
    chart(
        figures.ladder_figure(rows, field, here=est.node.name, home=est.reference_node.name, dark=dark, height=370),
        "ladder",
    )
    if results.ladder_state(state, nodes) != state:
        st.caption("Shown for the same units on the fewest dies. The page *Nodes* seeks the best plan on every node.")
    if walls := [f"{r['label']} ({r['wall']})" for r in rows if r["wall"]]:
        st.caption(safe(f"Impossible on {len(walls)} nodes: " + ", ".join(walls) + "."))


def slow(est: Any, state: State, dark: bool) -> None:
    """Clock against voltage, and what distance costs."""
    left, right = st.columns([2.2, 1])
    with left:
        st.markdown("**Clock against supply voltage**")
        chart(figures.voltage_frequency(est, results.sweep(state), dark=dark, height=380), "vf")
    with right:
        pair(
            est,
            "wire_share_fraction",
            "Wires on the critical path: signals inside a compute unit travel further in a larger one.",
        )
        pair(est, "die_crossing_cycles", "Cycles for a signal to cross one die.")
        pair(est, "l2_latency_cycles", "Cycles of a cache hit: throughput survives if enough work is in flight.")
        pair(est, "tensor_tflops", "Units × operations × clock.")


def pair(est: Any, field: str, note: str) -> None:
    """One quantity of the clone beside the original's."""
    f = describe(field)
    unit = figures.unit_text(field)
    percent = f.unit == "1" and f.high == 1
    a, b = (f"{100 * float(s[field]):.0f} %" if percent else number(s[field], unit) for s in (est.clone, est.reference))
    st.metric(title(f.long_name), a, delta=f"original: {b}", delta_color="off", delta_arrow="off", help=note)


def hot(est: Any, state: State, dark: bool) -> None:
    """Power split, heat, and power against clock until it cannot be cooled."""
    left, right = st.columns([2.2, 1])
    with left:
        st.markdown("**Module power against clock, until it cannot be cooled**")
        chart(figures.power_clock(est, results.sweep(state), dark=dark, height=340), "power_clock")
        st.markdown("**Where the power goes**")
        chart(figures.power_split(est, dark=dark), "power_split")
    with right:
        pair(est, "power_w", "As published: memory and board losses are part of it.")
        pair(est, "heat_flux_w_mm2", "Power of the silicon over its footprint: more area is easier to cool.")
        pair(est, "junction_c", "Temperature of the hottest silicon at this power and cooling.")
        pair(est, "tflops_per_w", "Work per watt.")


def expensive(est: Any, state: State, dark: bool) -> None:
    """Wafers die by die, dies, and cost."""
    wafers(est, dark)
    left, right = st.columns(2)
    with left:
        st.markdown("**From the original's recurring cost to the clone's, per GPU**")
        chart(figures.cost_waterfall(est, dark=dark), "cost_waterfall")
    with right:
        st.markdown("**Parts of the recurring cost**")
        chart(figures.cost_parts(est, dark=dark, height=300), "cost_parts")
        st.caption(
            safe(
                f"All-in cost, with design and masks over {float(est.options.get('volume', defaults().volume)):,.0f} units: "
                f"{number(est.full_cost_usd, 'USD')}, the original's {number(est.reference.full_cost_usd, 'USD')}."
            )
        )


@st.fragment
def wafers(est: Any, dark: bool) -> None:
    """Original and clone wafers side by side, with a seed to redraw."""
    head, button = st.columns([3, 1], vertical_alignment="bottom")
    head.markdown("**One wafer each, die by die** (defects drawn at random, clustered as on real wafers)")
    seed = st.session_state.get("_seed", FIRST_SEED)
    if button.button("Draw another wafer", icon=":material/casino:", key="_redraw"):
        seed = bounds.bounded("wafers", seed + 1, lambda: seed + 1) or seed
        st.session_state["_seed"] = seed
    sides = (("reference", "original", est.reference, est.reference_node), ("clone", "clone", est.clone, est.node))
    for column, (side, word, values, node) in zip(st.columns(2), sides, strict=True):
        with column:
            wafer = wafer_of(est, side, seed=seed)
            title = f"{word} on {node.label or node.name}"
            chart(figures.wafer_figure(wafer, title=title, dark=dark, height=430), f"wafer_{side}")
            counts = wafer.counts
            whole = counts["good"] + counts["salvaged"] + counts["dead"]
            sold = counts["good"] + counts["salvaged"]
            share = 100 * sold / max(whole, 1)
            st.caption(
                safe(
                    f"{sold} of {whole} dies ({share:.0f} %) can be sold on this wafer; on average "
                    f"{100 * values.sellable_fraction:.0f} % ({100 * values.yield_fraction:.0f} % without any defect) at "
                    f"{values.defect_density_per_cm2:.3g} defects per cm². A wafer costs {number(values.wafer_cost_usd, 'USD')}."
                )
            )


def why(est: Any, dark: bool) -> None:
    """Causes of the chosen headline, with a sentence each."""
    headline = st.segmented_control(
        "Causes of",
        list(HEADLINES),
        format_func=lambda h: f"{headline_word(est, h)} {times(float(est.ratio[HEADLINE_FIELD[h]]))}",
        default="area",
        required=True,
        key="headline",
        persist_state="session",
        label_visibility="collapsed",
    )
    headline = headline or "area"
    left, right = st.columns([1.5, 1])
    with left:
        chart(figures.causes_waterfall(est, headline, dark=dark, height=300), f"why_{headline}")
    with right:
        st.markdown("\n".join(f"- {safe(typeset(line))}" for line in cause_sentences(est.causes[headline])))
        product = math.prod(float(f) for f in est.causes[headline].values())
        st.caption(safe(f"Multiplied together: × {product:.4g}, which is the ratio."))


def sure(est: Any, state: State, dark: bool) -> None:
    """Intervals, and which assumption matters most."""
    spans = intervals(state)
    if not spans.get("ratio"):
        st.info("Intervals are not available for this result.")
        return
    left, right = st.columns([1, 1.1])
    with left:
        st.markdown("**80 % intervals, clone over original**")
        chart(figures.interval_plot(est, spans["ratio"], dark=dark), "intervals")
        st.caption(
            "Every uncertain parameter is drawn between its low and high value at once; in 8 of 10 draws the result lies "
            "within the bar."
        )
    with right:
        ranked(est, state, dark)


@st.fragment
def ranked(est: Any, state: State, dark: bool) -> None:
    """Which assumption matters most; moving the first that can be moved is one click."""
    st.markdown("**Which assumption matters most**")
    headline = (
        st.segmented_control(
            "Ranking for",
            list(HEADLINES),
            format_func=lambda h: headline_word(est, h),
            default="area",
            required=True,
            key="_rank_headline",
            label_visibility="collapsed",
        )
        or "area"
    )
    found = bounds.bounded("rankings", hash(state), lambda: results.ranking(state))
    if found is None:
        return
    chart(figures.ranking_plot(found, headline, dark=dark), "ranking")
    st.caption("Bars: share of the spread. Behind each bar: the ratio with this one at its low and at its high value.")
    table = {r["key"]: r for r in parameters.rows(state)}
    for influence in (i for i in found if i.headline == headline):
        kind, owner, field = influence.key
        row = table.get(f"{kind}:{owner}.{field}")
        if row is None or not row["editable"]:
            continue
        st.markdown(f"Move the strongest that can be moved: **{safe(influence.assumption)}**")
        with st.container(horizontal=True):
            for word, end in (("low", row["low"]), ("high", row["high"])):
                st.button(
                    typeset(f"Set to {word}: {number(end, row['unit'])}"),
                    key=f"_move_{word}",
                    on_click=visit.edit,
                    args=(row["key"], float(end)),
                )
        break


def infeasible_text(error: InfeasibleError) -> str:
    """Why a plan is impossible, in words; the nearest possible plan stands below it, where there is one."""
    wall = LIMIT_WORDS[error.limited_by].wall if error.limited_by in LIMIT_WORDS else ""
    return f"This plan is not possible: {wall}." if error.nearest and wall else str(error)


def infeasible(error: InfeasibleError) -> None:
    """Impossible is an answer: the sentence, the wall, and the nearest that is possible, one click away."""
    st.markdown("#### It cannot be built this way")
    st.info(safe(infeasible_text(error)), icon=":material/block:")
    for name, value in error.nearest.items():
        unit = figures.unit_text(name)
        key, nearest = visit.nearest_setting(name, value)
        st.metric(f"Nearest possible: {describe(name).long_name}", number(nearest, unit))
        if key:
            st.button(
                f"Use {number(nearest, unit)}",
                on_click=visit.set_values,
                args=({key: nearest},),
                type="primary",
                key="_nearest",
            )
