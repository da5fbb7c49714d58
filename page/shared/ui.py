"""Small helpers of layout that every page uses: safe text, charts in our theme, small drawings."""

from __future__ import annotations

import base64
import html
import math
import re
from collections.abc import Sequence
from typing import Any

import streamlit as st

from estimator.figures import CONFIG, Palette, alt_text, palette, plain
from estimator.files import as_text

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&^=])")
_REPLACED = re.compile(
    r"(?<=:)(?=//|material/|streamlit:)|(?<=www)(?=\.)|(?<=@)(?=[\w-])|(?<=[<>~-])(?=[->=])", re.IGNORECASE
)
"""Where Streamlit makes links, icons and arrows of plain text even if it is escaped: addresses, names of icons, ``->``."""
_UNIT_POWER = re.compile(r"\b([cmuµ]?m)([23])\b")
STYLE = """<style>
.stMainBlockContainer {padding: 3.4rem 1.8rem 3rem; max-width: 1500px;}
.stMainBlockContainer h1 {font-size: 1.75rem; padding: 0.2rem 0;}
.stMainBlockContainer h4 {font-size: 1.3rem; padding: 0.2rem 0 0;}
.stMainBlockContainer > div > .stVerticalBlock {gap: 0.75rem;}
[data-testid="stSidebarUserContent"] {padding-top: 0;}
[data-testid="stMetricValue"] {font-variant-numeric: tabular-nums;}
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p,
[data-testid="stMetricDelta"] div {color: inherit !important; opacity: 1;}
@media (min-width: 641px) {.katex-display {overflow: visible !important;}}
@media (max-width: 640px) {.stMainBlockContainer {padding-left: 0.8rem; padding-right: 0.8rem;}}
@media (max-width: 640px) {.katex {font-size: 0.78em !important;}}
@media (hover: none) {.stPlotlyChart:not(:hover) .modebar {opacity: 0 !important;}}
@media (min-width: 901px) {.st-key-stage {position: sticky; top: 3.6rem;}
  .stColumn:has(.st-key-stage), .stColumn:has(.st-key-stage) > div {height: 100%;}}
.print-only {display: none;}
@page {size: landscape; margin: 8mm;}
@media print {
  [data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stTooltipIcon"], .stButton, .stDownloadButton, .modebar
    {display: none !important;}
  html, body, #root, #root > div, .stApp, .stApp > div, [data-testid="stAppViewContainer"], [data-testid="stMain"]
    {overflow: visible !important; position: static !important; height: auto !important; display: block !important;}
  .stMainBlockContainer {width: 1100px; max-width: none; padding: 0;}
  .stPlotlyChart, .stPlotlyChart div {overflow: visible !important;}
  .stPlotlyChart, .stMetric, .stDataFrame, .katex-display {break-inside: avoid;}
  .katex-display {overflow: visible !important;}
  .print-only {display: block;}
}
</style>"""
EMBED_STYLE = """<style>
[data-testid="stHeader"], [data-testid="stSidebar"] {display: none;}
.stMainBlockContainer {padding: 0.3rem;}
</style>"""
"""A figure by itself has no bars around it."""
DARK_STYLE = """<style>
.stMultiSelect span[title], .stMultiSelect span[title] ~ * {color: #12161b !important;}
@media print {
  :root, body, .stApp, .stApp * {color: #1b1f24 !important; background-color: transparent !important;
    border-color: #c8ced6 !important;}
  html, body, .stApp {background: #ffffff !important;}
  .js-plotly-plot text {fill: #1b1f24 !important;}
  .js-plotly-plot .gridlayer path, .js-plotly-plot .zerolinelayer path {stroke: #dfe3e8 !important;}
  .stDataFrame canvas {filter: invert(1) hue-rotate(180deg);}
}</style>"""
"""Chosen options in contrast to the bright colour they stand on; paper is white, whatever the theme."""


def title(text: str) -> str:
    """Text with a capital first letter (and the others as they are)."""
    return text[:1].upper() + text[1:]


def typeset(text: str) -> str:
    """A sentence of the estimator with the signs that a page can show."""
    return _UNIT_POWER.sub(lambda m: m.group(1) + ("²" if m.group(2) == "2" else "³"), text).replace("(x ", "(× ")


def safe(text: object) -> str:
    """Text as Markdown that shows exactly that text: names may come from an uploaded file."""
    plain = _REPLACED.sub("\u2060", str(text)[:2000].replace("\n", " "))  # a word joiner has no width
    return _SPECIAL.sub(r"\\\1", plain)


def data_table(rows: Sequence[dict[str, Any]], **options: Any) -> None:
    """Rows as a table; it can be saved as CSV and copied into a spreadsheet, so no text of it may start a formula."""
    st.dataframe([{k: as_text(v) for k, v in row.items()} for row in rows], hide_index=True, **options)


def is_dark() -> bool:
    """Whether the visitor's theme is the dark one."""
    try:
        return st.context.theme.type == "dark"
    except (AttributeError, KeyError):
        return False


IMAGE_FORMATS = ("svg", "png")
CREDIT = {
    "font": {"size": 9, "color": "#7a848f"},
    "x": 0.995,
    "xref": "container",
    "xanchor": "right",
    "y": 0.995,
    "yref": "container",
    "yanchor": "top",
}
"""Where a chart says what it is of, so that a saved picture does too."""


def chart(figure: Any, key: str, name: str = "", size: tuple[int, int] | None = None) -> None:
    """A figure in our own template, with alternative text and a camera that saves it in the format chosen in *Share*.

    Saved pictures have the figure's own size, or another one in pixels.
    """
    options = dict(CONFIG)
    options["toImageButtonOptions"] = {
        **CONFIG["toImageButtonOptions"],
        "filename": f"chip-scaling-{name or key}",
        "format": st.session_state.get("image_format", IMAGE_FORMATS[0]),
        **({"width": size[0], "height": size[1]} if size else {}),
    }
    if not figure.layout.title.text and (credit := st.session_state.get("_credit")):
        figure.update_layout(title={"text": plain(credit), **CREDIT})
    st.plotly_chart(figure, theme=None, config=options, key=f"chart_{key}", alt=alt_text(figure))


def spark(values: Sequence[float], here: int | None, home: int | None, dark: bool, label: str) -> str:
    """A small chart of a ratio over nodes as an SVG image: logarithmic, with 1 dashed, clone and original marked."""
    p: Palette = palette(dark)
    width, height, edge = 150.0, 34.0, 5.0
    known = [v for v in values if math.isfinite(v) and v > 0]
    if len(known) < 2:
        return ""
    low, high = math.log(min(*known, 1.0)), math.log(max(*known, 1.0))
    span = max(high - low, 0.05)

    def place(i: int, v: float) -> tuple[float, float]:
        x = edge + i * (width - 2 * edge) / max(len(values) - 1, 1)
        return x, height - edge - (math.log(v) - low) / span * (height - 2 * edge)

    line = " ".join("{:.1f},{:.1f}".format(*place(i, v)) for i, v in enumerate(values) if math.isfinite(v) and v > 0)
    y_one = place(0, 1.0)[1]
    marks = ""
    if home is not None and math.isfinite(values[home]):
        x, y = place(home, values[home])
        marks += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.4" fill="{p.reference}"/>'
    if here is not None and math.isfinite(values[here]):
        x, y = place(here, values[here])
        marks += f'<path d="M{x:.1f} {y - 5:.1f} l5 5 l-5 5 l-5 -5 z" fill="{p.clone}"/>'
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}">'
        f'<line x1="0" x2="{width:g}" y1="{y_one:.1f}" y2="{y_one:.1f}" stroke="{p.muted}" stroke-dasharray="2 3"/>'
        f'<polyline points="{line}" fill="none" stroke="{p.muted}" stroke-width="1.6"/>{marks}</svg>'
    )
    data = base64.b64encode(drawing.encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{html.escape(label)}" style="width:100%;display:block"/>'
