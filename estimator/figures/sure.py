"""How sure: intervals of the headline ratios, and the assumptions ranked by what they move."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from estimator.figures.sketch import Sketch
from estimator.figures.style import LEGEND_BELOW, finish, log_ticks, palette, plain
from estimator.quantities import describe, number

if TYPE_CHECKING:
    from estimator.estimation import Estimate
    from estimator.uncertainty.sensitivity import Influence

RANKED = 8
"""Assumptions in a ranking."""
SHOWN = (
    "die_area_mm2",
    "seconds_per_eflop",
    "power_w",
    "unit_cost_usd",
    "clock_ghz",
    "energy_per_eflop_j",
    "usd_per_tflops",
    "sellable_fraction",
)
"""Ratios with an interval, unless others are asked for."""


def interval_plot(
    est: Estimate,
    intervals: Mapping[str, tuple[float, float, float]],
    *,
    fields: Sequence[str] = SHOWN,
    dark: bool = False,
    height: int = 460,
) -> go.Figure:
    """80 % intervals of ratios as bars on a logarithmic axis, with the median (line) and the estimate (diamond)."""
    p = palette(dark)
    fig = Sketch()
    known = [f for f in fields if f in intervals and f in est.ratio and intervals[f][0] > 0]
    names = [_short(describe(f).long_name, 26) for f in known]
    for field, name in zip(known, names, strict=True):
        low, median, high = intervals[field]
        fig.add(
            "scatter",
            x=[low, high],
            y=[name, name],
            mode="lines",
            line={"color": p.reference, "width": 9},
            opacity=0.55,
            hoverinfo="skip",
            showlegend=field == known[0],
            name="80 % of draws",
        )
        fig.add(
            "scatter",
            x=[median],
            y=[name],
            mode="markers",
            showlegend=field == known[0],
            name="median",
            marker={"symbol": "line-ns", "size": 15, "color": p.text, "line": {"width": 2.5, "color": p.text}},
            hovertemplate=f"{name}: × {low:.3g} to {high:.3g}, median {median:.3g}<extra></extra>",
        )
        fig.add(
            "scatter",
            x=[float(est.ratio[field])],
            y=[name],
            mode="markers",
            showlegend=field == known[0],
            name="all at central",
            marker={"symbol": "diamond", "size": 11, "color": p.clone},
            hovertemplate=f"{name}: × {float(est.ratio[field]):.3g} with all at central<extra></extra>",
        )
        fig.add_annotation(
            x=math.log10(high),
            y=name,
            text=f" {low:.2f} to {high:.2f}",
            showarrow=False,
            xanchor="left",
            font={"size": 12},
        )
    fig.line_across("x", 1, color=p.muted, width=1)
    ends = [v for f in known for v in intervals[f]] + [1.0]
    ticks = log_ticks(min(ends), max(ends))
    low_end, high_end = ticks["range"]
    ticks["range"] = [low_end, high_end + 0.35 * (high_end - low_end)]
    fig.update_xaxes(type="log", title={"text": "clone over original (logarithmic)"}, fixedrange=True, **ticks)
    fig.update_yaxes(autorange="reversed", fixedrange=True, categoryorder="array", categoryarray=names)
    told = "; ".join(
        f"{n} {number(intervals[f][0])} to {number(intervals[f][2])}" for f, n in zip(known, names, strict=True)
    )
    fig.update_layout(legend=LEGEND_BELOW)
    return finish(fig, dark=dark, height=height, alt=f"80 % intervals of clone over original: {told}.")


def ranking_plot(
    influences: Sequence[Influence], headline: str, *, count: int = RANKED, dark: bool = False, height: int = 360
) -> go.Figure:
    """Assumptions by their share of the spread (bars), with the ratio at each one's low and high value (text).

    Parameters
    ----------
    influences : sequence of Influence
        From `Estimate.sensitivity`.
    headline : str
        ``area, power, cost`` or ``time``.
    """
    p = palette(dark)
    rows = [i for i in influences if i.headline == headline and i.total > 1e-3][:count]
    names = [_short(plain(i.assumption)) for i in rows]
    fig = Sketch()
    fig.add(
        "bar",
        x=[100 * i.total for i in rows],
        y=names,
        orientation="h",
        marker={"color": p.reference},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [100 * max(i.total_interval[1] - i.total, 0) for i in rows],
            "arrayminus": [100 * max(i.total - i.total_interval[0], 0) for i in rows],
            "color": p.muted,
            "thickness": 1.2,
        },
        hovertext=[
            f"{plain(i.assumption)}<br>ratio {i.ratio_at_low:.3g} at its low value, {i.ratio_at_high:.3g} at its high; "
            f"{plain(i.kind)}"
            for i in rows
        ],
        hoverinfo="text",
        showlegend=False,
    )
    largest = max([100 * i.total_interval[1] for i in rows] + [10.0])
    for name, row in zip(names, rows, strict=True):
        fig.add_annotation(
            x=100 * max(row.total_interval[1], row.total),
            y=name,
            text=f"  × {row.ratio_at_low:.2f} … {row.ratio_at_high:.2f}",
            showarrow=False,
            xanchor="left",
            font={"size": 12, "color": p.muted},
        )
    fig.update_xaxes(title={"text": "share of the spread [%]"}, range=[0, largest * 1.7], fixedrange=True)
    fig.update_yaxes(autorange="reversed", fixedrange=True)
    told = "; ".join(f"{i.assumption} {100 * i.total:.0f} %" for i in rows)
    alt = f"Assumptions ranked by their share of the spread of {headline}: {told}."
    return finish(fig, dark=dark, height=max(160, 70 + 34 * len(rows)) if height == 360 else height, alt=alt)


def _short(text: str, width: int = 34) -> str:
    """A label broken over two lines at a space."""
    if len(text) <= width:
        return text
    cut = text.rfind(" ", 0, width)
    cut = width if cut < 12 else cut
    rest = text[cut:].strip()
    return text[:cut] + "<br>" + (rest if len(rest) <= width else rest[: width - 1] + "…")
