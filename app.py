"""The page: ``streamlit run app.py``. Layout only; every number comes from `estimator`."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.shared import controls, results
from pages.shared.ui import STYLE

st.set_page_config(
    page_title="Chip scaling: the same GPU on another process",
    page_icon="🔬",
    layout="wide",
    initial_sidebar_state="auto",
)
st.html(STYLE)
controls.start()
PAGES = [
    st.Page("pages/clone.py", title="Clone", icon=":material/content_copy:", default=True),
    st.Page("pages/nodes.py", title="Nodes", icon=":material/stairs:"),
    st.Page("pages/validation.py", title="Validation", icon=":material/fact_check:"),
    st.Page("pages/method.py", title="Method", icon=":material/function:"),
]
if results.has_module("estimator.sweeping") and results.has_module("xarray"):
    PAGES.insert(2, st.Page("pages/sweep.py", title="Sweep", icon=":material/grid_on:"))
if results.has_module("estimator.claims") and Path(__file__).with_name("pages").joinpath("claims.py").is_file():
    PAGES.insert(-1, st.Page("pages/claims.py", title="Claims", icon=":material/forum:"))
page = st.navigation(PAGES, position="top")
page.run()
