"""The picture of a comparison: several scenarios side by side in aligned panels, titled and credited, in 16:9."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from estimator.figures.sketch import Sketch
from estimator.figures.style import finish, palette, plain
from estimator.quantities import number


class Panel(NamedTuple):
    """One quantity of all scenarios: its words and unit, the values, and their intervals (None where unknown)."""

    words: str
    unit: str
    values: Sequence[float]
    spans: Sequence[tuple[float, float] | None]


def tray_picture(
    names: Sequence[str], panels: Sequence[Panel], *, title: str, credit: str, dark: bool = False, height: int = 560
) -> go.Figure:
    """Bars of each quantity with 80 % intervals, one row a scenario, the first in the original's colour.

    Parameters
    ----------
    names : sequence of str
        Scenarios, at most four.
    panels : sequence of Panel
        Quantities, at most eight.
    title, credit : str
        Stand on the picture: what is compared; where it is from.
    """
    p = palette(dark)
    fig = Sketch()
    colours = (p.reference, p.clone, p.series[3], p.series[4])
    columns = 4
    for k, panel in enumerate(panels):
        axis = str(k + 1) if k else ""
        left, row = (k % columns) / columns, k // columns
        top = 0.9 - row * 0.47
        most = max([v for v in _ends(panel) if math.isfinite(v)], default=1.0)
        fig.layout[f"xaxis{axis}"] = {
            "domain": [left, left + 0.21],
            "anchor": f"y{axis}",
            "range": [0, most * 1.5],
            "visible": False,
            "fixedrange": True,
        }
        fig.layout[f"yaxis{axis}"] = {
            "domain": [top - 0.34, top - 0.04],
            "anchor": f"x{axis}",
            "autorange": "reversed",
            "visible": False,
            "fixedrange": True,
        }
        fig.add(
            "bar",
            x=list(panel.values),
            y=list(range(len(names))),
            orientation="h",
            xaxis=f"x{axis}",
            yaxis=f"y{axis}",
            marker={"color": list(colours[: len(names)])},
            error_x=_bars(panel),
            hovertext=[f"{plain(n)}: {number(v, panel.unit)}" for n, v in zip(names, panel.values, strict=True)],
            hoverinfo="text",
        )
        fig.add_annotation(
            x=left, xref="paper", y=top, yref="paper", text=f"<b>{panel.words}</b>", showarrow=False, xanchor="left",
            font={"size": 13},
        )  # fmt: skip
        for i, value in enumerate(panel.values):
            end = _ends(panel)[i]
            fig.add_annotation(
                x=end if math.isfinite(end) else 0, xref=f"x{axis}", y=i, yref=f"y{axis}",
                text=f" {number(value, panel.unit)}" if math.isfinite(value) else " unknown", showarrow=False, xanchor="left",
                font={"size": 12},
            )  # fmt: skip
    legend = "   ".join(f"<span style='color:{c}'>■</span> {plain(n)}" for c, n in zip(colours, names, strict=False))
    fig.add_annotation(
        x=0, y=0.985, xref="paper", yref="paper", text=legend, showarrow=False, xanchor="left", yanchor="top"
    )
    fig.add_annotation(
        x=0, y=0, xref="paper", yref="paper", text=plain(credit), showarrow=False, xanchor="left", yanchor="bottom",
        font={"size": 11, "color": p.muted},
    )  # fmt: skip
    fig.update_layout(showlegend=False, bargap=0.25)
    told = "; ".join(
        f"{panel.words}: " + ", ".join(f"{n} {number(v, panel.unit)}" for n, v in zip(names, panel.values, strict=True))
        for panel in panels
    )
    return finish(fig, dark=dark, height=height, alt=f"{title}. {told}.", title=plain(title), top=48)


def _ends(panel: Panel) -> list[float]:
    """Where the bar of each scenario ends, with its interval."""
    return [span[1] if span else value for value, span in zip(panel.values, panel.spans, strict=True)]


def _bars(panel: Panel) -> dict[str, object]:
    """Error bars of a panel."""
    ends = [s or (v, v) for v, s in zip(panel.values, panel.spans, strict=True)]
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(high - v, 0.0) for v, (_, high) in zip(panel.values, ends, strict=True)],
        "arrayminus": [max(v - low, 0.0) for v, (low, _) in zip(panel.values, ends, strict=True)],
        "thickness": 1.2,
    }
