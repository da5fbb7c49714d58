"""Figures of claims: the deciding number over the assumption, and every measured number against what it must be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from estimator.claims.bands import measured_over_needed, verdict_bands
from estimator.claims.verdicts import Result
from estimator.figures.sketch import Sketch
from estimator.figures.style import finish, log_ticks, palette, plain
from estimator.quantities import number

_BAND = {
    "holds": "rgba(0,158,115,0.16)",
    "holds in part": "rgba(230,159,0,0.16)",
    "does not hold": "rgba(122,59,105,0.14)",
}


def _axis(label: str, unit: str) -> str:
    return plain(label) + ("" if unit in ("", "1") else f" [{plain(unit)}]")


def claim_figure(result: Result, *, dark: bool = False, height: int = 360) -> go.Figure:
    """The deciding number over the range of the assumption, with the verdict as labelled bands and its flips as lines.

    Examples
    --------
    >>> from estimator import claims
    >>> claim_figure(claims.assess("more-memory", samples=0)).data[0].name
    'over the assumption'
    """
    p = palette(dark)
    c, d, a = result.claim, result.deciding, result.claim.assumption
    x, y = result.scan["assumed"], result.scan["deciding"]
    fig = Sketch()
    for low, high, verdict in verdict_bands(result):
        fig.add_shape(
            type="rect",
            x0=low,
            x1=high,
            y0=0,
            y1=1,
            yref="y domain",
            fillcolor=_BAND[verdict],
            line={"width": 0},
            layer="below",
        )
        middle = (a.place(low) + a.place(high)) / 2.0 / (math.log(10.0) if a.logarithmic else 1.0)
        fig.add_annotation(
            x=middle,
            y=1.0,
            yref="paper",
            yanchor="top",
            text=_wrap(verdict, 8),
            showarrow=False,
            font={"size": 12, "color": p.text},
        )
    fig.add(
        "scatter",
        x=x,
        y=y,
        mode="lines",
        name="over the assumption",
        line={"color": p.clone, "width": 2.5},
        hovertemplate=f"{_axis(a.label, a.unit)}: %{{x:.3g}}<br>{_axis(d.label, d.unit)}: %{{y:.3g}}<extra></extra>",
    )
    for value, dash, word in ((d.threshold, "dash", "needed to hold"), (d.in_part, "dot", "needed in part")):
        if value is not None:
            fig.line_across("y", value, color=p.muted, dash=dash)
            fig.add_annotation(
                x=1,
                xref="x domain",
                y=value,
                text=word,
                showarrow=False,
                xanchor="right",
                yanchor="top",
                font={"size": 12, "color": p.muted},
            )
    here = result.values[d.measure]
    span = result.intervals.get(d.measure)
    bars = (
        None
        if span is None
        else {
            "type": "data",
            "symmetric": False,
            "array": [max(span[1] - here, 0.0)],
            "arrayminus": [max(here - span[0], 0.0)],
            "color": p.text,
            "thickness": 1.5,
            "width": 6,
        }
    )
    fig.add(
        "scatter",
        x=[result.assumed],
        y=[here],
        mode="markers",
        name="as assumed" + ("" if span is None else ", 80 % interval"),
        marker={"symbol": "diamond", "size": 12, "color": p.reference},
        error_y=bars,
        hovertemplate=f"as assumed: {number(here)}<extra></extra>",
    )
    for f in result.flips:
        fig.line_across("x", f.value, color=p.text, width=1)
    fig.update_xaxes(
        title={"text": _axis(a.label, a.unit)},
        type="log" if a.logarithmic else "linear",
        range=[a.place(float(v)) / (math.log(10.0) if a.logarithmic else 1.0) for v in (x[0], x[-1])],
    )
    if a.logarithmic:
        fig.update_xaxes(**{k: v for k, v in log_ticks(float(x[0]), float(x[-1])).items() if k != "range"})
    fig.update_yaxes(title={"text": _wrap(_axis(d.label, d.unit))}, range=_room(y, result))
    flips = (
        "; ".join(f"{f.verdict} from {number(f.value)}" for f in result.flips) or "no change of verdict in the range"
    )
    alt = f"{d.label} over {a.label}: {number(here)} at {number(result.assumed)}, {result.verdict}; {flips}. {c.title}."
    return finish(fig, dark=dark, height=height, alt=alt)


def margins_figure(result: Result, *, dark: bool = False) -> go.Figure:
    """Every measured number over the value from which the claim holds, with its 80 % interval; 1 is the threshold."""
    p = palette(dark)
    fig = Sketch()
    words, reach = [], [1.0]
    symbols = {"holds": ("circle", p.good), "holds in part": ("diamond", p.clone), "does not hold": ("x", p.dead)}
    for test, value, low, high, verdict in measured_over_needed(result):
        side = "at least" if test.sign > 0 else "at most"
        label = f"{test.label} ({side} {number(test.threshold)})"
        reach += [v for v in (low, value, high) if v > 0 and math.isfinite(v)]
        words.append(f"{label}: {number(result.values[test.measure])}")
        fig.add(
            "scatter",
            x=[value],
            y=[_wrap(plain(label), 38)],
            mode="markers+text",
            text=[number(result.values[test.measure])],
            textposition="top center",
            showlegend=False,
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [max(high - value, 0.0)],
                "arrayminus": [max(value - low, 0.0)],
                "color": p.muted,
            },
            marker={"symbol": symbols[verdict][0], "size": 12, "color": symbols[verdict][1]},
            hovertemplate=f"{plain(label)}: {number(result.values[test.measure])}<extra></extra>",
        )
    fig.line_across("x", 1.0, color=p.text, dash="dash")
    fig.update_xaxes(title={"text": "measured over needed"}, type="log", **log_ticks(min(reach), max(reach)))
    fig.update_yaxes(range=[len(words) - 0.5, -0.7])
    return finish(fig, dark=dark, height=120 + 62 * len(words), alt="Measured over needed. " + "; ".join(words) + ".")


def _room(y: Any, result: Result) -> list[float]:
    """Range of the deciding number from zero up, with its threshold, its interval, and room for the verdicts above."""
    d = result.deciding
    span = result.intervals.get(d.measure, ())
    top = max(float(np.nanmax(y)) if np.isfinite(y).any() else 0.0, d.threshold, *span, result.values[d.measure])
    return [min(0.0, float(np.nanmin(y)) if np.isfinite(y).any() else 0.0), 1.2 * top]


def _wrap(text: str, width: int = 44) -> str:
    """Break a long axis label into lines."""
    from textwrap import wrap

    return "<br>".join(wrap(text, width))
