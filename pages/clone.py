"""Start page: the verdict, the ratios, the dies to scale, the causes and the ladder."""

from __future__ import annotations

import streamlit as st

from estimator import figures
from estimator.errors import EstimatorError, InfeasibleError
from estimator.explain import verdict
from pages.shared import controls, panels, results
from pages.shared.ui import chart, is_dark, safe

controls.chip_row()
controls.sidebar()
state = controls.current()
dark = is_dark()

if fault := st.session_state.pop("_link_fault", None):
    st.warning(safe(fault), icon=":material/link_off:")

try:
    est = results.estimate(state)
except InfeasibleError as error:
    panels.infeasible(error)
    st.stop()
except EstimatorError as error:
    st.error(safe(error), icon=":material/error:")
    st.stop()

st.markdown(f"#### {safe(verdict(est))}")
panels.tiles(est, state)
for note in est.notes:
    st.caption(f":material/info: {safe(note)}")

left, right = st.columns([1, 1])
with left:
    st.markdown("**Silicon, to scale**")
    chart(figures.dies_to_scale(est, dark=dark), "dies")
with right:
    panels.ladder(state, est, dark)
panels.why(est, dark)
