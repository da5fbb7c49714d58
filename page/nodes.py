"""All nodes as a ladder: any output, its interval, and real chips."""

from __future__ import annotations

import streamlit as st

from estimator import figures
from estimator.errors import EstimatorError
from estimator.quantities import describe
from page.shared import bounds, controls, results, visit
from page.shared import state as states
from page.shared.choices import OWN
from page.shared.state import State
from page.shared.ui import chart, data_table, is_dark, safe, title

state = controls.page_start()
st.title("All processes", anchor=False)
dark = is_dark()
nodes = results.all_nodes() + ((OWN,) if state.node == OWN else ())
try:
    est = results.estimate(state)
    here, home = est.node.name, est.reference_node.name
except EstimatorError as error:
    st.info(safe(error), icon=":material/block:")
    here = home = ""
shown_state = results.ladder_state(state, nodes)
if shown_state != state:
    left, right = st.columns([3, 1.2], vertical_alignment="center")
    left.caption(
        "Shown: the same units on the fewest dies. The best plan takes a search on every node, some ten seconds in all."
    )
    if right.button("Seek the best plans", icon=":material/search:", key="_seek_best", width="stretch"):
        bar = st.progress(0.0, "Seeking the best plan on every node")
        if bounds.bounded(
            "best", ("ladder", hash(state)), lambda: [bar.progress(k) for k in results.seek_best(state, nodes)]
        ):
            st.rerun()
rows = results.ladder(state, nodes)


@st.cache_data(max_entries=64, show_spinner=False)
def sentences(state: State, impossible: tuple[str, ...]) -> list[str]:
    """Why the clone cannot be on these nodes, with the nearest that can."""
    out = []
    for name in impossible:
        try:
            out.append(str(states.estimate_of(state, name).limited_by))
        except ValueError as error:
            out.append(str(error))
    return out


@st.fragment
def ladder() -> None:
    """One large ladder with its choices."""
    left, middle, right = st.columns([2, 1.4, 1.6], vertical_alignment="bottom")
    field = left.selectbox(
        "Output",
        figures.LADDER_FIELDS,
        format_func=lambda f: title(describe(f).long_name),
        key="nodes_field",
        persist_state="session",
    )
    kind = middle.segmented_control(
        "Show",
        ["ratios", "values"],
        default="ratios",
        required=True,
        key="nodes_kind",
        persist_state="session",
        format_func=lambda k: "Ratio" if k == "ratios" else "Value",
    )
    with_interval = right.toggle("80 % intervals", value=True, key="_nodes_intervals")
    kind = kind or "ratios"
    spans = None
    if with_interval:
        spans = bounds.bounded(
            "node intervals",
            hash((shown_state, field, kind)),
            lambda: results.ladder_intervals(shown_state, nodes, field, kind),
        )
    visit.show_in_address()
    chips = results.real_chips(field) if kind == "values" and middle.toggle("Real chips", key="_nodes_chips") else []
    if chips:
        figure = figures.ladder_figure(
            rows, field, as_ratio=False, here=here, home=home, dark=dark, height=520, intervals=spans, chips=chips
        )
        chart(figure, "nodes_ladder")
        st.caption("Stars: real chips at their own node and published point (other designs than the one chosen).")
        return
    figure = figures.lanes_figure(
        rows, field, as_ratio=kind == "ratios", here=here, home=home, dark=dark, intervals=spans
    )
    chart(figure, "nodes_ladder")
    st.caption("Diamond: the clone. Blue: the original's own process. Point at a mark for its name.")


ladder()
walls = [r for r in rows if r["wall"]]
if walls:
    why = sentences(shown_state, tuple(n for n, r in zip(nodes, rows, strict=True) if r["wall"]))
    with st.expander(f"Impossible on {len(walls)} nodes"):
        st.markdown(
            "\n".join(f"- {safe(r['label'])}: {safe(sentence)}" for r, sentence in zip(walls, why, strict=True))
        )
with st.expander("The four ratios side by side"):
    ratios = ["die_area_mm2", "seconds_per_eflop", "power_w", "unit_cost_usd"]
    chart(figures.small_multiples(rows, ratios, here=here, home=home, dark=dark), "multiples")
with st.expander("The same as a table"):
    shown = ("die_area_mm2", "dies", "clock_ghz", "power_w", "junction_c", "unit_cost_usd", "tensor_tflops")
    data_table(
        [
            {
                "node": r["label"],
                **{f"{describe(f).long_name} [{figures.unit_text(f) or '1'}]": r["values"].get(f) for f in shown},
                "what binds": f"impossible: {r['wall']}" if r["wall"] else r["limited_by"],
            }
            for r in rows
        ],
        key="nodes_table",
        alt="All nodes with area, dies, clock, power, temperature, cost and rate",
    )
