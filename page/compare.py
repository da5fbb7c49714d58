"""Compare: up to four pinned scenarios in aligned columns, with intervals, one picture, one table and one link."""

from __future__ import annotations

import streamlit as st

from estimator import figures
from page.shared import controls, links, tray, visit
from page.shared import state as states
from page.shared.ui import chart, data_table, is_dark, safe

USUAL = {
    "H100 at home": {"node": "tsmc-4n"},
    "H100 on N+2": {"node": "smic-n+2"},
    "H20": {"design": "h20", "node": "tsmc-4n"},
    "Ascend 910B": {"design": "ascend-910b", "node": ""},
}


def usual() -> dict[str, str]:
    """Scenarios at hand: their names and links."""
    found = {}
    for name, values in USUAL.items():
        state = states.with_values(states.defaults(), values)
        home = states.design_of(state).node
        found[name] = links.as_text(states.with_values(state, {"node": values["node"] or home}))
    return found


def pin(text: str) -> None:
    """Add a scenario, once."""
    pins = [p for p in visit.pins() if p != text]
    st.session_state["_pins"] = [*pins, text][-links.MAX_PINS :]


def unpin(text: str) -> None:
    """Take a scenario away."""
    st.session_state["_pins"] = [p for p in visit.pins() if p != text]


state = controls.page_start()
dark = is_dark()
st.title("Compare", anchor=False)
with st.container(horizontal=True):
    st.button(
        "Pin the chosen one", on_click=pin, args=(links.as_text(state),), icon=":material/push_pin:",
        disabled=bool(links.packed_uploads(state)), key="_pin",
    )  # fmt: skip
    for name, text in usual().items():
        st.button(name, on_click=pin, args=(text,), icon=":material/add:", key=f"_pin_{name}")
shown = visit.pins() or list(usual().values())
if not visit.pins():
    st.caption(
        "Nothing is pinned yet: these four are at hand. Choose a chip and a process above and pin it, up to four."
    )
columns = [tray.column(text) for text in shown]
for column in columns:
    if column.fault:
        st.info(f"{safe(column.name)}: {safe(column.fault)}.", icon=":material/block:")
possible = [c for c in columns if not c.fault]
if possible:
    title = "Compared: " + ", ".join(c.name for c in possible)
    credit = f"Chip-scaling estimator, bars with 80 % intervals. {(st.context.url or '').split('?')[0]}"
    picture = figures.tray_picture(
        [c.name for c in possible], tray.panels(possible), title=title, credit=credit, dark=dark
    )
    chart(picture, "tray", name="compare", size=(1280, 720))
    data_table(tray.table(possible), key="tray_table", alt="Scenarios with values, intervals and ratios to the first")
    with st.container(horizontal=True):
        st.download_button(
            "CSV", lambda: tray.as_csv(possible), "compare.csv", "text/csv", on_click="ignore", key="_tray_csv"
        )
        st.download_button(
            "Markdown",
            lambda: tray.as_markdown(possible),
            "compare.md",
            "text/markdown",
            on_click="ignore",
            key="_tray_md",
        )
        for column, text in zip(columns, shown, strict=True):
            if visit.pins():
                st.button(
                    f"Unpin {column.name}", on_click=unpin, args=(text,), key=f"_unpin_{text}", icon=":material/close:"
                )
    st.caption("The camera of the picture saves it in 16:9. The address of this page is the link to it.")
