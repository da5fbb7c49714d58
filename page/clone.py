"""The tool: the answer for one chip on one process, the dies to scale, and the reasons in tabs."""

from __future__ import annotations

import streamlit as st

from estimator.errors import EstimatorError, InfeasibleError
from estimator.model import one_clone
from page.shared import controls, panels, results, share
from page.shared.links import TABS
from page.shared.ui import is_dark, safe

state = controls.page_start(asked=True)
dark = is_dark()
try:
    est = results.estimate(state)
except InfeasibleError as error:
    panels.infeasible(error)
    panels.as_if(state, dark)
    panels.ladder_around(state, dark)
    st.stop()
except EstimatorError as error:
    st.error(safe(error), icon=":material/error:")
    st.stop()

panels.first_screen(est, state, dark)

tabs = st.tabs(TABS, key="tab", on_change="rerun")
for name, tab in zip(TABS, tabs, strict=True):
    if not tab.open:
        continue
    with tab:
        if name == "Overview":
            panels.overview(est, state, dark)
        elif name == "Slow":
            panels.slow(est, state, dark)
        elif name == "Hot":
            panels.hot(est, state, dark)
        elif name == "Cost":
            panels.expensive(est, dark)
        elif name == "Why":
            panels.why(est, dark)
        elif name == "How sure":
            panels.sure(est, state, dark)
        else:
            share.panel(est, state, dark)

st.markdown(safe(one_clone(est)))
panels.limits(est)
with st.container(horizontal=True):  # on a phone the list of pages is folded away
    for name in ("story", "compare", "supply", "nodes", "sweep", "claims", "validation", "method"):
        st.page_link(f"page/{name}.py", label=name.capitalize())
