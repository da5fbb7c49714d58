"""The page: ``streamlit run app.py``. Layout only; every number comes from `estimator`."""

from __future__ import annotations

import streamlit as st

from pages.shared import controls
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
page = st.navigation(PAGES, position="top")
page.run()
