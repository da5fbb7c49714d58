"""Start page: the verdict, the ratios, and the reasons in tabs."""

from __future__ import annotations

import streamlit as st

from estimator.errors import EstimatorError, InfeasibleError
from estimator.model import one_clone, verdict
from page.shared import controls, panels, results, share
from page.shared.links import TABS
from page.shared.ui import is_dark, safe

st.caption(
    "Why can't they just build the same GPU, bigger, on an older process? Choose a chip and a process, and read the answer."
)
state = controls.page_start()
dark = is_dark()
try:
    est = results.estimate(state)
except InfeasibleError as error:
    panels.infeasible(error)
    st.stop()
except EstimatorError as error:
    st.error(safe(error), icon=":material/error:")
    st.stop()

st.markdown(f"##### {safe(verdict(est))}")
st.markdown(safe(one_clone(est)))
panels.tiles(est, state, dark)
panels.limits(est, state)

tabs = st.tabs(TABS, key="tab", on_change="rerun", bind="query-params")
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
            panels.expensive(est, state, dark)
        elif name == "Why":
            panels.why(est, dark)
        elif name == "How sure":
            panels.sure(est, state, dark)
        else:
            share.panel(est, state, dark)

with st.container(horizontal=True):  # on a phone the list of pages is folded away
    for name in ("nodes", "sweep", "validation", "claims", "method"):
        st.page_link(f"page/{name}.py", label=name.capitalize())
