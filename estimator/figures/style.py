"""One look for all figures: palette, template, sizes, toolbar, and escaping of names that a user may have written."""

from __future__ import annotations

import html
import math
from functools import cache
from typing import Any, NamedTuple

import plotly.graph_objects as go

from estimator.figures.sketch import Sketch
from estimator.quantities import describe


class Palette(NamedTuple):
    """Colours of one theme; hues are of the Okabe-Ito set, which all kinds of colour vision tell apart."""

    text: str
    muted: str
    grid: str
    faint: str
    clone: str
    reference: str
    good: str
    salvaged: str
    dead: str
    wall: str
    better: str
    worse: str
    series: tuple[str, ...]


LIGHT = Palette(
    text="#1b1f24",
    muted="#57606a",
    grid="#dfe3e8",
    faint="#eef1f4",
    clone="#d55e00",
    reference="#0072b2",
    good="#009e73",
    salvaged="#f0e442",
    dead="#7a3b69",
    wall="#57606a",
    better="#009e73",
    worse="#a8326e",
    series=("#8d9bab", "#e69f00", "#56b4e9", "#cc79a7", "#b39b32", "#9d8fd0", "#bdbdbd"),
)
DARK = Palette(
    text="#e8ecf0",
    muted="#a3adb8",
    grid="#2f3944",
    faint="#1f272f",
    clone="#f08c3a",
    reference="#56b4e9",
    good="#2fbf94",
    salvaged="#f0e442",
    dead="#b0729c",
    wall="#a3adb8",
    better="#2fbf94",
    worse="#d77fb0",
    series=("#8fa3b5", "#e69f00", "#4fa0c8", "#cc79a7", "#b8a34a", "#9d8fd0", "#c8c8c8"),
)
FONT = '"Source Sans", "Source Sans Pro", system-ui, sans-serif'
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid")
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "x", "star", "cross")
CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "showLink": False,
    "plotlyServerURL": "",
    "modeBarButtonsToRemove": ["sendDataToCloud", "editInChartStudio", "select2d", "lasso2d", "autoScale2d"],
    "toImageButtonOptions": {"format": "svg", "filename": "chip-scaling", "scale": 2},
    "displayModeBar": "hover",
    "responsive": True,
}

LEGEND_ABOVE = {"y": 1.0, "yref": "container", "yanchor": "top"}
"""At the upper edge of the figure."""
LEGEND_BELOW = {"y": 0, "yref": "container", "yanchor": "bottom"}
"""At the lower edge of the figure: placed against the axes, it would stay behind when the figure is resized."""


def palette(dark: bool) -> Palette:
    """Colours of the light or the dark theme."""
    return DARK if dark else LIGHT


def plain(text: object) -> str:
    """A name as plain figure text: Plotly reads a few HTML tags and entities, which a user's name must not use."""
    return html.escape(str(text)[:120], quote=False)


def unit_text(name: str) -> str:
    """Unit of a field as a reader writes it (empty for pure numbers)."""
    unit = describe(name).unit
    if unit == "C":
        return "°C"
    return "" if unit in ("", "1") else unit.replace("mm2", "mm²").replace("cm2", "cm²").replace("um2", "µm²")


def axis_title(name: str) -> str:
    """Long name of a field with its unit."""
    unit = unit_text(name)
    long_name = describe(name).long_name
    return f"{long_name} [{unit}]" if unit else long_name


@cache
def template(dark: bool) -> dict[str, Any]:
    """The template of all figures; transparent, so that it also sits on paper."""
    p = palette(dark)
    axis = {
        "gridcolor": p.grid,
        "zerolinecolor": p.grid,
        "linecolor": p.muted,
        "tickcolor": p.muted,
        "tickfont": {"color": p.text, "size": 13},
        "title": {"font": {"color": p.text, "size": 13}},
        "automargin": True,
    }
    return {
        "layout": {
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": list(p.series),
            "font": {"family": FONT, "size": 13, "color": p.text},
            "xaxis": axis,
            "yaxis": axis,
            "title": {"font": {"size": 16, "color": p.text}, "x": 0, "xanchor": "left", "xref": "paper"},
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"color": p.text}},
            "hoverlabel": {"bgcolor": p.faint, "bordercolor": p.muted, "font": {"color": p.text, "family": FONT}},
            "margin": {"l": 8, "r": 8, "t": 36, "b": 8},
        }
    }


def finish(sketch: Sketch, *, dark: bool, height: int, alt: str, title: str = "", top: int | None = None) -> go.Figure:
    """The figure, with the house look, a fixed height, room above the plot and its alternative text (kept in ``layout.meta``)."""
    top = 24 if top is None and not title else top
    head = {"title": {"text": title} if title else None, "margin": None if top is None else {"t": top}}
    sketch.update_layout(template=template(dark), height=height, meta={"alt": alt}, **head)
    return sketch.figure()


def alt_text(fig: go.Figure) -> str:
    """Alternative text of a figure made here."""
    meta = fig.layout.meta
    return str(meta["alt"]) if isinstance(meta, dict) and "alt" in meta else "figure"


def log_ticks(low: float, high: float) -> dict[str, Any]:
    """Ticks of a logarithmic axis at 1, 2, 5 (over many decades fewer, over a short way more), and its range."""
    first, last = math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1
    steps = (1, 1.2, 1.5, 2, 3, 5, 7) if high / low < 4 else (1, 2, 5) if high / low < 1000 else (1,)
    values = [m * 10.0**k for k in range(first, last + 1) for m in steps if low / 1.3 <= m * 10.0**k <= high * 1.3]
    return {
        "tickvals": values,
        "ticktext": [f"{v:,.0f}" if v >= 1000 else f"{v:g}" for v in values],
        "range": [math.log10(low / 1.25), math.log10(high * 1.25)],
    }
