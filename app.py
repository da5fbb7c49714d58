"""The page: ``streamlit run app.py``. Layout only; every number comes from `estimator`."""

from __future__ import annotations

import streamlit as st

from pages.shared import controls

st.set_page_config(
    page_title="Chip scaling: the same GPU on another process",
    page_icon="🔬",
    layout="wide",
    initial_sidebar_state="auto",
)
controls.start()
page = st.navigation([st.Page("pages/clone.py", title="Clone", default=True)], position="top")
page.run()
