"""Supply: how many could really be made in a year, what they are worth, take and cost, and over time."""

from __future__ import annotations

import math

import streamlit as st

from estimator import EstimatorError, InfeasibleError, figures
from estimator.quantities import number
from estimator.uses import export_class, over_years, spread_of_wafers, street_price, yearly
from page.shared import bounds, controls, panels, results, visit
from page.shared.choices import FABS
from page.shared.headlines import few
from page.shared.state import State
from page.shared.ui import chart, is_dark, safe

YEARS = [float(y) for y in range(2023, 2032)]
COUNTED = {"gpus": "GPUs", "h100s": "H100-equivalents", "power_mw": "MW", "cost_usd": "USD"}


def fab_chosen() -> None:
    """A process of the row is chosen for the whole visit."""
    if st.session_state.get("_fab"):
        st.session_state["node"] = st.session_state["_fab"]


@st.cache_data(max_entries=64, show_spinner="Looking at each year ...")
def fan(state: State, share: float, capacity: float | None) -> tuple[list, tuple[float, float]]:  # type: ignore[type-arg]
    """A year's output at each date, and the model's own spread."""
    est = results.estimate(state)
    samples = results.samples(state)
    bound = yearly(est, fab_share_fraction=share, capacity_per_month=capacity).binds
    inner = spread_of_wafers(samples) if samples is not None and bound == "logic wafers" else (1.0, 1.0)
    return over_years(est, YEARS, fab_share_fraction=share, capacity_per_month=capacity), inner


st.session_state["_fab"] = visit.current().node if visit.current().node in FABS else None
state = controls.page_start()
dark = is_dark()
st.title("How many could they really make?", anchor=False)
st.segmented_control(
    "Process", list(FABS), format_func=FABS.get, key="_fab", on_change=fab_chosen, label_visibility="collapsed"
)
try:
    est = results.estimate(state)
except InfeasibleError as error:
    panels.infeasible(error)
    if state.plan != "one-reticle":
        st.button(
            "Build only what fits one reticle", on_click=visit.set_values, args=({"plan": "one-reticle"},), key="_one"
        )
    st.stop()
except EstimatorError as error:
    st.error(safe(error), icon=":material/error:")
    st.stop()
left, right = st.columns(2)
share = left.slider(
    "Share of the capacity that makes this chip [%]", 1, 100, 25, key="share", persist_state="session",
    help="5 to 25 % is what one customer of a shared process gets; a national programme may get most of it.",
)  # fmt: skip
own = right.number_input(
    "Capacity, if you know better [wafers a month]", 0, 1_000_000, 0, 1000, key="capacity", persist_state="session",
    help="0: the low, central and high numbers of the process, with their source on the page Method.",
)  # fmt: skip
capacity = float(own) if own else None
year = yearly(est, fab_share_fraction=share / 100, capacity_per_month=capacity)
if not math.isfinite(float(year.gpus.central)):
    st.info(safe(f"{year.note}: give a capacity of your own."), icon=":material/help:")
    st.stop()
lines = {name: getattr(year, name) for name in COUNTED}
st.markdown(
    f"#### {safe(few(year.gpus.central))} GPUs a year, the work of {safe(few(year.h100s.central))} H100: "
    f"{safe(few(year.power_mw.central, 'MW'))}, {safe(few(year.cost_usd.central / 1e9))} billion USD to make."
)
with st.grid(4, min_column_width=180, gap="xsmall"):
    for name, words in COUNTED.items():
        spread, scale, unit = lines[name], 1e-9 if name == "cost_usd" else 1.0, {"power_mw": "MW", "cost_usd": "bn USD"}
        low, mid, high = (few(v * scale, unit.get(name, "")) for v in spread)
        with st.container(border=True):
            st.metric(f"{words} a year", mid, delta=f"{low} to {high}", delta_color="off", delta_arrow="off")
sides = export_class(est)
bought = year.cost_usd.central / street_price(est)
st.markdown(
    safe(
        f"What binds: {year.binds}. It takes {few(year.wafers)} wafers, {few(year.interposer_wafers)} wafers of interposers and "
        f"{few(year.memory_stacks)} stacks of memory. For the same money {few(bought)} originals could be bought at their "
        f"reference price of {number(street_price(est), 'USD')}. Export class of the clone: {sides.clone.label}, of the original: "
        f"{sides.original.label}."
    )
)
counted = st.segmented_control(
    "Counted in",
    list(COUNTED),
    format_func=COUNTED.get,
    default="h100s",
    required=True,
    key="counted",
    persist_state="session",
)
found = bounds.bounded("years", hash((state, share, capacity)), lambda: fan(state, share / 100, capacity))
if found is not None:
    years, inner = found
    spreads = [None if y is None else getattr(y, counted or "h100s") for y in years]
    began = est.node.volume_year
    figure = figures.supply_fan(
        YEARS, spreads, inner, words=COUNTED[counted or "h100s"], volume_year=float(began) if began else None, dark=dark
    )
    chart(figure, "supply_fan")
    st.caption(
        "Process, package and capacities are those of each date. The wide band is what is unknown of the capacities; years "
        "without a mark are those in which it cannot be built."
    )
