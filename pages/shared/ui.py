"""Small helpers of layout that every page uses: safe text, charts in our theme, messages."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from estimator.figures.style import CONFIG, alt_text

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&^=])")


def safe(text: object) -> str:
    """Text as Markdown that shows exactly that text: names may come from an uploaded file."""
    return _SPECIAL.sub(r"\\\1", str(text)[:2000].replace("\n", " "))


def is_dark() -> bool:
    """Whether the visitor's theme is the dark one."""
    try:
        return st.context.theme.type == "dark"
    except Exception:  # noqa: BLE001  (no browser behind the script: tests)
        return False


def chart(figure: Any, key: str, name: str = "") -> None:
    """A figure in our own template, with alternative text and a toolbar that writes SVG."""
    options = dict(CONFIG)
    options["toImageButtonOptions"] = {**CONFIG["toImageButtonOptions"], "filename": f"chip-scaling-{name or key}"}
    st.plotly_chart(figure, theme=None, config=options, key=f"chart_{key}", alt=alt_text(figure))
