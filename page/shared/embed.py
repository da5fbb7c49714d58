"""One figure by itself, for another site's frame: ``?embed=story``, ``dies`` or ``ladder`` with the choices of any link."""

from __future__ import annotations

from urllib.parse import parse_qs

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from estimator import EstimatorError, figures
from page.shared import results, visit
from page.shared.ui import EMBED_STYLE, chart, is_dark, safe

FIGURES = ("story", "dies", "ladder")


def asked() -> str:
    """Name of the figure that an address asks for; empty text for the whole page. Streamlit hides this key from its own reader."""
    context = get_script_run_ctx()
    name = parse_qs(context.query_string if context else "").get("embed", [""])[-1]
    return name if name in FIGURES else ""


def show(name: str) -> None:
    """The figure of the state in the address, with a link to the tool."""
    st.html(EMBED_STYLE)
    state, dark = visit.current(), is_dark()
    try:
        scene = results.scene(state)
    except EstimatorError as error:
        st.error(safe(error), icon=":material/error:")
        return
    if scene is None:
        st.info("The chip cannot be built on this process.", icon=":material/block:")
        return
    if name == "story":
        figure = figures.story_picture(scene.est, scene.wafers, possible=scene.wall is None, dark=dark)
    elif name == "dies":
        figure = figures.dies_to_scale(scene.est, dark=dark)
    else:
        rows = results.ladder(state, results.all_nodes())
        home = scene.est.reference_node.name
        figure = figures.lanes_figure(rows, "die_area_mm2", here=state.node, home=home, dark=dark, height=400)
    chart(figure, f"embed_{name}")
    st.caption(f"[Chip-scaling estimator]({visit.address(state)})")
