"""Figures of supply: a year's output over time with fans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from estimator.figures.sketch import Sketch
from estimator.figures.style import LEGEND_BELOW, finish, log_ticks, palette, plain
from estimator.quantities import number

if TYPE_CHECKING:
    from estimator.uses.annual import Spread


def supply_fan(
    years: Sequence[float],
    outputs: Sequence[Spread | None],
    inner: tuple[float, float],
    *,
    words: str,
    volume_year: float | None = None,
    dark: bool = False,
    height: int = 380,
) -> go.Figure:
    """A year's output at each date: central, the model's own 80 % at that capacity, and low to high capacity.

    Parameters
    ----------
    years : sequence of float
    outputs : sequence of Spread or None
        From `estimator.uses.annual.over_years`; None where nothing can be made.
    inner : (low, high)
        Ends of the model's own interval over the central number.
    words : str
        What is counted.
    volume_year : float, optional
        Year of volume production of the process, which is marked.
    """
    p = palette(dark)
    fig = Sketch()
    known = [(y, s) for y, s in zip(years, outputs, strict=True) if s is not None]
    x = [y for y, _ in known]
    central = [float(s.central) for _, s in known]
    bands = (
        ("low to high capacity", [float(s.low) for _, s in known], [float(s.high) for _, s in known], "22"),
        ("80 % of the model at central capacity", *([c * f for c in central] for f in inner), "44"),
    )
    for words_of, low, high, alpha in bands[: 1 if inner[0] == inner[1] else 2]:
        fig.add(
            "scatter",
            x=[*x, *reversed(x)],
            y=[*low, *reversed(high)],
            mode="lines",
            fill="toself",
            fillcolor=f"{p.clone}{alpha}",
            line={"width": 0},
            name=words_of,
            hoverinfo="skip",
        )
    fig.add(
        "scatter",
        x=x,
        y=central,
        mode="lines+markers",
        line={"color": p.clone, "width": 2.5},
        name="central",
        text=[f"{y:.0f}: {c:,.3g} {plain(words)}" for y, c in zip(x, central, strict=True)],
        hoverinfo="text",
    )
    ends = [v for _, s in known for v in (float(s.low), float(s.high)) if v > 0]
    scale = {"type": "log", **log_ticks(min(ends), max(ends))} if ends else {}
    fig.update_yaxes(title={"text": f"{words} a year"}, fixedrange=True, **scale)
    fig.update_xaxes(title={"text": "made in"}, dtick=1, tickformat="d", fixedrange=True)
    if volume_year is not None and x and x[0] < volume_year < x[-1]:
        fig.line_across("x", volume_year, color=p.muted, dash="dot")
        fig.add_annotation(
            x=volume_year, y=1, yref="paper", text="volume production", showarrow=False, xanchor="left", yanchor="top",
            font={"size": 12, "color": p.muted},
        )  # fmt: skip
    fig.update_layout(legend=LEGEND_BELOW)
    alt = f"{words} a year over the date of making: " + "; ".join(
        f"{y:.0f} {number(c)}" for y, c in zip(x, central, strict=True)
    )
    return finish(fig, dark=dark, height=height, alt=alt + ".")
