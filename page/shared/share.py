"""Panel to take the result along: link, Python, command, files, figures."""

from __future__ import annotations

from typing import Any

import streamlit as st

from estimator import figures
from estimator.uses import wafer_of
from page.shared import code, links, results, ui, visit
from page.shared.choices import OWN
from page.shared.state import State

_SAVE_BUTTONS = """
const plot = document.getElementById("{plot_id}");
for (const format of ["svg", "png"]) {
  const button = document.createElement("button");
  button.textContent = "Save as " + format.toUpperCase();
  button.onclick = () => Plotly.downloadImage(plot, {format, scale: format === "png" ? 2 : 1, filename: document.title,
    width: plot.offsetWidth, height: plot.offsetHeight});
  document.body.append(button);
}
document.title = "chip-scaling-figure";
"""


def _html(figure: Any) -> bytes:
    """A page of its own for a figure, with buttons that save it as SVG and as PNG; it needs no network."""
    text: str = figure.to_html(include_plotlyjs=True, full_html=True, config=figures.CONFIG, post_script=_SAVE_BUTTONS)
    return text.encode()


def _figures(est: Any, state: State) -> dict[str, Any]:
    """Name of a figure -> how to build it (in light colours, as for paper)."""
    return {
        "Dies to scale": lambda: figures.dies_to_scale(est),
        "Ladder of nodes": lambda: figures.ladder_figure(
            results.ladder(state, results.all_nodes()), "die_area_mm2", here=est.node.name, home=est.reference_node.name
        ),
        "Clock against voltage": lambda: figures.voltage_frequency(est, results.sweep(state)),
        "Power against clock": lambda: figures.power_clock(est, results.sweep(state)),
        "Where the power goes": lambda: figures.power_split(est),
        "Cost waterfall": lambda: figures.cost_waterfall(est),
        "Causes of area": lambda: figures.causes_waterfall(est, "area"),
        "Causes of power": lambda: figures.causes_waterfall(est, "power"),
        "Causes of cost": lambda: figures.causes_waterfall(est, "cost"),
        "Causes of time": lambda: figures.causes_waterfall(est, "time"),
        "Wafer of the clone": lambda: figures.wafer_figure(wafer_of(est), title="clone"),
    }


@st.fragment
def panel(est: Any, state: State, dark: bool) -> None:
    """Everything that reproduces the page elsewhere."""
    left, right = st.columns(2)
    with left:
        st.markdown("**Link to this state**")
        st.code(visit.address(state, est.clone), language=None, wrap_lines=True)
        if left_out := links.stays_here(state):
            st.caption(left_out)
        st.markdown("**As Python**")
        st.code(code.as_python(state), language="python", wrap_lines=True)
        st.markdown("**As a command**")
        st.code(code.as_command(state), language="bash", wrap_lines=True)
    with right:
        st.markdown("**Files**")
        with st.container(horizontal=True):
            st.download_button(
                "Scenario (TOML)",
                lambda: code.as_scenario(state),
                "scenario.toml",
                "application/toml",
                on_click="ignore",
                key="_dl_toml",
            )
            st.download_button(
                "Results (JSON)",
                lambda: code.as_json(est),
                "estimate.json",
                "application/json",
                on_click="ignore",
                key="_dl_json",
            )
            st.download_button(
                "Results (CSV)", lambda: code.as_csv(est), "estimate.csv", "text/csv", on_click="ignore", key="_dl_csv"
            )
            if state.design_toml and state.design == OWN:
                st.download_button(
                    "Your design (TOML)", state.design_toml, "own-design.toml", on_click="ignore", key="_dl_design"
                )
            if state.node_toml and state.node == OWN:
                st.download_button(
                    "Your node (TOML)", state.node_toml, "own-node.toml", on_click="ignore", key="_dl_node"
                )
        st.markdown("**Figures**")
        builders = _figures(est, state)
        name = st.selectbox("Figure", list(builders), key="_figure", persist_state="session")
        file = name.lower().replace(" ", "-")
        figure = builders[name]().update_layout(paper_bgcolor="#ffffff")
        st.segmented_control(
            "The camera of every chart saves",
            ui.IMAGE_FORMATS,
            default="svg",
            required=True,
            key="image_format",
            format_func=str.upper,
            persist_state="session",
            help="Point at a chart: the camera is in its upper right corner. SVG for print and editing, PNG for slides.",
        )
        ui.chart(figure, "share", name=file)
        st.download_button(
            "This figure (HTML, works offline)",
            lambda: _html(figure),
            f"{file}.html",
            "text/html",
            on_click="ignore",
            key="_dl_html",
        )
