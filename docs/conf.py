"""Settings of the documentation site; `docs/site.py` lays out its source and builds it (`make docs`)."""

from __future__ import annotations

import os
import warnings
from typing import Any

import estimator
from docs.site import add_ranges

warnings.filterwarnings("ignore", "Unknown section Ranges")  # `add_ranges` writes them

project = "Chip-scaling estimator"
author = copyright = "Chip-scaling estimator contributors"
version = release = estimator.__version__
extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "myst_nb"]
exclude_patterns = ["hosting"]
default_role = "literal"
nitpicky = False
suppress_warnings = ["myst.header", "config.cache"]

autosummary_generate = True
autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

myst_heading_anchors = 4
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 180
nb_merge_streams = True

html_theme = "pydata_sphinx_theme"
html_title = "Chip-scaling estimator"
html_static_path = [os.environ["DOCS_STATIC"]]
html_css_files = ["site.css"]
html_show_search_summary = False  # it would fetch pages, which a browser forbids for files on disk
html_copy_source = html_show_sourcelink = html_show_sphinx = False
html_theme_options: dict[str, Any] = {
    "navbar_align": "left",
    "show_nav_level": 1,
    "navigation_with_keys": False,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": True,
}


def setup(app: Any) -> None:
    """Ranges of arguments behind the docstring that numpydoc has rewritten."""
    app.connect("autodoc-process-docstring", add_ranges, priority=900)
