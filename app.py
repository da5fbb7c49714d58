"""The page: ``streamlit run app.py``. Layout only; every number comes from `estimator`."""

from __future__ import annotations

import os

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # before NumPy: a second thread would wait in a loop, on a core of its own

import pandas  # noqa: F401  # whole before the first figure: plotly stumbles over one that another visitor's run imports
import streamlit as st
from streamlit import net_util

from estimator import arrays
from page.shared import bounds, controls, embed, visit
from page.shared.ui import DARK_STYLE, STYLE, is_dark

# A request of a foreign origin would make the server ask an outside service for its own address before it is refused.
net_util.get_external_ip = net_util.get_internal_ip = lambda: None
arrays.share_heap()  # a run has a thread of its own; they take turns
st.set_page_config(
    page_title="Chip scaling: the same GPU on another process",
    page_icon="🔬",
    layout="wide",
    initial_sidebar_state="auto",
)
st.html(STYLE + (DARK_STYLE if is_dark() else ""))
# In page/ and not in pages/: beside a folder of that name the first visitor of a fresh server is not routed by this list.
PAGES = [
    st.Page("page/story.py", title="Story", icon=":material/auto_stories:", default=True),
    st.Page("page/clone.py", title="Clone", icon=":material/content_copy:"),
    st.Page("page/compare.py", title="Compare", icon=":material/compare:"),
    st.Page("page/supply.py", title="Supply", icon=":material/factory:"),
    st.Page("page/nodes.py", title="Nodes", icon=":material/stairs:"),
    st.Page("page/sweep.py", title="Sweep", icon=":material/grid_on:"),
    st.Page("page/claims.py", title="Claims", icon=":material/forum:"),
    st.Page("page/validation.py", title="Validation", icon=":material/fact_check:"),
    st.Page("page/method.py", title="Method", icon=":material/function:"),
]
EMBED = embed.asked()
page_ = st.navigation(PAGES, position="hidden" if EMBED else "top")
if EMBED:
    visit.start("clone")
    with bounds.turn():
        embed.show(EMBED)
    st.stop()
if visit.start(page_.url_path) and page_.url_path == "" and visit.is_link_to_tool():
    query = {k: st.query_params.get_all(k) for k in st.query_params}
    st.switch_page("page/clone.py", query_params=query)  # a link of version 0.1: the tool was the start page
visit.show_in_address()
with bounds.turn():
    page_.run()
controls.link_in_print()
