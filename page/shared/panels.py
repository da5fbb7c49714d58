"""Panels of the start page: tiles, and one panel for each tab."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import streamlit as st

from estimator import InfeasibleError, figures
from estimator.model import HEADLINE_FIELD, LIMIT_WORDS, cause_sentences
from estimator.quantities import describe, number
from estimator.uses import COST_BASES, barriers_of, cost_on, typical_wafer
from page.shared import bounds, parameters, results, visit
from page.shared import state as states
from page.shared.choices import OWN
from page.shared.headlines import (
    HEADLINES,
    answer,
    basis_words,
    between,
    headline_word,
    short,
    tiles,
    times,
    why_not,
)
from page.shared.state import State
from page.shared.ui import chart, safe, spark, title, typeset


def intervals(state: State, *, say: bool = False) -> dict[str, Any]:
    """80 % intervals of a state; none where this visitor asked for too many."""
    return bounds.bounded("samples", hash(state), lambda: results.intervals(state), say=say) or {}


def cost_basis() -> str:
    """The chosen basis of money, which all tiles and figures obey."""
    return st.session_state.get("basis") or next(iter(COST_BASES))


def basis_switch() -> None:
    """Recurring, all-in or price: one switch for the whole page."""
    st.segmented_control(
        "Money as",
        list(COST_BASES),
        format_func=basis_words,
        default="recurring",
        required=True,
        key="basis",
        persist_state="session",
        label_visibility="collapsed",
        help="Recurring: to make one more GPU. All-in: with design and masks over the units made. Price: both sold at the "
        "original's markup over its all-in cost.",
    )


def first_screen(est: Any, state: State, dark: bool) -> None:
    """The answer for the same work, what makes it impossible today, how sure that is, and the dies to scale."""
    basis = cost_basis()
    takes, wafers = answer(est, basis)
    name = short(est.design.label or est.design.name)
    st.markdown(f"#### For the work of one {safe(name)}: {safe(takes)}. {safe(wafers)}.")
    walls = barriers_of(est)
    badges = "".join(f" :orange-badge[:material/warning: {safe(w.words)}]" for w in walls)
    st.markdown(f"**Why not faster:** {safe(why_not(est))}.")
    if walls:
        told = "Beyond what is made today:" if any(w.kind != "reticle" for w in walls) else "No longer one chip:"
        st.markdown(f"**{told}**{badges}", help=safe(" ".join(w.sentence for w in walls)))
    left, right = st.columns([1, 1], gap="small")
    with left:
        chart(figures.dies_to_scale(est, dark=dark, height=340), "dies")
        basis_switch()
    with right:
        tile_grid(est, state, dark)


def tile_grid(est: Any, state: State, dark: bool) -> None:
    """Silicon, time, power and money: the ratio, its interval, both values, and the ratio over the nodes."""
    basis = cost_basis()
    rows, as_asked = results.spark_rows(state), results.ladder_state(state, results.all_nodes()) == state
    spans = intervals(state, say=True).get("ratio", {})
    names = [r["node"] for r in rows]
    here = names.index(est.node.name) if est.node.name in names else None
    home = names.index(est.reference_node.name) if est.reference_node.name in names else None
    with st.grid(2, min_column_width=150, gap="xsmall"):
        for tile in tiles(est, basis):
            with st.container(border=True, gap=None):
                span = between(spans.get(f"same work: {basis}" if tile.headline == "cost" else tile.field))
                st.metric(
                    f"{tile.word} {tile.of}",
                    times(tile.ratio),
                    delta=f"80 %: {span}" if span else None,
                    delta_color="off",
                    delta_arrow="off",
                    help=f"{title(tile.of)}, clone over original. In 8 of 10 draws of all uncertain assumptions the ratio "
                    "lies in the range marked 80 %. The line shows the ratio on processes from old (left) to new (right): a dot "
                    "for the original, a diamond for the clone, dashed where both are equal.",
                )
                st.caption(safe(f"{tile.clone}, not {tile.original}"))
                line = [r["ratios"].get(tile.field, math.nan) for r in rows]
                told = f"{tile.word} over nodes from old to new: the clone is at {times(tile.ratio)}"
                if as_asked and (drawing := spark(line, here, home, dark, told)):
                    st.html(drawing)


def limits(est: Any) -> None:
    """When it is made, and where the model leaves its range: one line each."""
    lines = [f":gray[:material/calendar_month: Made in {est.date_words}.]"]
    lines += [f":gray[:material/info: {safe(typeset(title(note)))}.]" for note in est.notes]
    st.markdown("  \n".join(lines))


def overview(est: Any, state: State, dark: bool) -> None:
    """One wafer each with the dies of a GPU outlined, and any ratio over all nodes."""
    wafers(est, dark)
    ladder(state, est, dark)


def as_if(state: State, dark: bool) -> None:
    """What the clone would be if a package could carry it."""
    scene = results.scene(state)
    if scene is None or scene.wall is None or scene.wall.limited_by != "package":
        return
    takes, wafer = answer(scene.est, cost_basis())
    st.markdown(safe(f"If a package could carry it, the work of one original would take {takes}; {wafer}."))
    chart(figures.dies_to_scale(scene.est, dark=dark, height=330), "dies_as_if")


def ladder_around(state: State, dark: bool) -> None:
    """Where a design that cannot be built here can be built."""
    st.markdown("**Where it stops: all processes from old to new**")
    rows = results.ladder(state, results.all_nodes())
    home = states.design_of(state).node
    chart(
        figures.lanes_figure(rows, "die_area_mm2", here=state.node, home=home, dark=dark, height=420), "ladder_around"
    )


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
    visit.show_in_address()
    nodes = results.all_nodes()
    if state.node == OWN:
        nodes = (*nodes, OWN)
    rows = results.ladder(state, nodes)
    chart(
        figures.lanes_figure(rows, field, here=est.node.name, home=est.reference_node.name, dark=dark, height=370),
        "ladder",
    )
    if results.ladder_state(state, nodes) != state:
        st.caption("Shown for the same units on the fewest dies. The page *Nodes* seeks the best plan on every node.")
    if walls := Counter(r["wall"] for r in rows if r["wall"]):
        told = ", ".join(f"{wall} on {count}" for wall, count in walls.items())
        st.caption(safe(f"Impossible where crossed: {told}. The page Nodes says why for each."))


def slow(est: Any, state: State, dark: bool) -> None:
    """Clock against voltage, and what distance costs."""
    left, right = st.columns([2.2, 1])
    with left:
        st.markdown("**Clock against supply voltage**")
        chart(figures.voltage_frequency(est, results.sweep(state), dark=dark, height=380), "vf")
    with right:
        causes(est, "time")
        pair(
            est,
            "wire_share_fraction",
            "Wires on the critical path: signals inside a compute unit travel further in a larger one.",
        )
        pair(
            est,
            "die_crossing_cycles",
            "Cycles for a signal to cross one die: a slower clock has fewer of them for the same way, which makes nothing faster.",
        )
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
    st.markdown(safe(hot_words(est)))
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


def causes(est: Any, headline: str) -> None:
    """The strongest causes of a headline, each with its factor."""
    found = {k: float(v) for k, v in est.causes[headline].items() if times(float(v)) != times(1.0)}
    strongest = sorted(found, key=lambda k: -abs(math.log(found[k])))[:4]
    total = float(est.ratio[HEADLINE_FIELD[headline]])
    parts = "".join(f"\n- {safe(name)}: {times(found[name])}" for name in strongest)
    st.markdown(f"**{safe(headline_word(est, headline))} {times(total)}, because of**{parts}")


def hot_words(est: Any) -> str:
    """More watts, and yet cooler: both at once, explained."""
    ratio, own, was = est.ratio, est.clone, est.reference
    power, area, cooler = float(ratio.power_w), float(ratio.die_area_mm2), own.junction_c < was.junction_c
    told = (
        f"{number(own.power_w, 'W')} over {number(own.die_area_mm2, 'mm²')} of silicon, not {number(was.power_w, 'W')} over "
        f"{number(was.die_area_mm2, 'mm²')}: "
    )
    if power > 1 and cooler and area > power:
        told += f"{power:.2g} times the watts over {area:.2g} times the silicon, so each mm² is cooler, and the bill is higher"
    elif power > 1:
        told += f"{power:.3g} times the watts over {area:.3g} times the silicon"
    else:
        told += "it draws no more than the original"
    return f"{told} ({own.junction_c:.0f} °C, not {was.junction_c:.0f} °C)."


def expensive(est: Any, dark: bool) -> None:
    """What one original's work costs on each basis, and where the money goes."""
    basis = cost_basis()
    money = cost_on(est, basis)
    st.markdown(
        safe(
            f"{basis_words(basis)}: {number(money.clone_usd, 'USD')} for one clone, {number(money.original_usd, 'USD')} for one "
            f"original, and {number(money.same_work_usd, 'USD')} for the clones that do one original's work."
        )
    )
    left, right = st.columns(2)
    with left:
        st.markdown(f"**From one original to one clone, {safe(COST_BASES[basis])}**")
        chart(figures.cost_waterfall(est, basis, dark=dark), "cost_waterfall")
    with right:
        st.markdown(f"**Parts of it, {safe(COST_BASES[basis])}**")
        chart(figures.cost_parts(est, basis, dark=dark, height=300), "cost_parts")


@st.fragment
def wafers(est: Any, dark: bool) -> None:
    """Original and clone wafers side by side to one scale, the dies of one GPU outlined, with a button to redraw."""
    head, button = st.columns([3, 1], vertical_alignment="bottom")
    head.markdown(
        "**One wafer each: the dies of one GPU are outlined together** (defects drawn at random, clustered as on real wafers)"
    )
    redrawn = st.session_state.get("_seed", 0)
    if button.button("Draw another wafer", icon=":material/casino:", key="_redraw"):
        redrawn = bounds.bounded("wafers", redrawn + 1, lambda: redrawn + 1) or redrawn
        st.session_state["_seed"] = redrawn
    sides = (("reference", "original", est.reference, est.reference_node), ("clone", "clone", est.clone, est.node))
    for column, (side, word, values, node) in zip(st.columns(2), sides, strict=True):
        with column:
            wafer = typical_wafer(est, side, first=redrawn)
            gpus = f"{values.gpus_per_wafer:,.0f} GPUs from a wafer"
            heading = f"{word} on {short(node.label or node.name)}: {gpus}"
            figure = figures.wafer_figure(
                wafer, per_gpu=max(1, round(float(values.dies))), title=heading, dark=dark, height=430
            )
            chart(figure, f"wafer_{side}")
            counts = wafer.counts
            sold = counts["good"] + counts["salvaged"]
            sets = sold // max(1, round(float(values.dies)))
            st.caption(
                safe(
                    f"{sold} of {sold + counts['dead']} dies can be sold on this wafer: enough for {sets} GPUs, of which assembly "
                    f"leaves some {sets * float(values.assembly_yield_fraction):.0f}. On average "
                    f"{100 * values.sellable_fraction:.0f} % ({100 * values.yield_fraction:.0f} % without any defect) at "
                    f"{values.defect_density_per_cm2:.2g} defects per cm². A wafer costs {number(values.wafer_cost_usd, 'USD')}."
                )
            )


def why(est: Any, dark: bool) -> None:
    """Causes of the chosen headline, with a sentence each."""
    headline = st.segmented_control(
        "Causes of",
        list(HEADLINES),
        format_func=lambda h: f"{headline_word(est, h)} {times(float(est.ratio[HEADLINE_FIELD[h]]))}",
        default="time",
        required=True,
        key="headline",
        persist_state="session",
        label_visibility="collapsed",
    )
    headline = headline or "time"
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
    wall = error.limited_by
    st.markdown(f"#### It cannot be built this way :orange-badge[:material/block: {safe(wall)}]")
    st.info(safe(infeasible_text(error)), icon=":material/block:")
    columns = st.columns(max(2, len(error.nearest)))
    for column, (name, value) in zip(columns, error.nearest.items(), strict=False):
        unit = figures.unit_text(name)
        key, nearest = visit.nearest_setting(name, value)
        column.metric(f"Nearest possible: {describe(name).long_name}", number(nearest, unit))
        if key:
            column.button(
                f"Use {number(nearest, unit)}",
                on_click=visit.set_values,
                args=({key: nearest},),
                type="primary",
                key="_nearest",
            )
