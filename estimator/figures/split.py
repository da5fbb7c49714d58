"""Stacked bars: a total and its parts, original above clone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from estimator.figures.sketch import Sketch
from estimator.figures.style import LEGEND_BELOW, finish, palette, unit_text
from estimator.model.words import number
from estimator.quantities import describe

PATTERNS = ("", "/", "x", ".", "\\", "+", "-")


def stacked_split(est: Any, parts: Sequence[str], total: str, *, dark: bool = False, height: int = 260) -> go.Figure:
    """Parts of a total as two stacked bars on one axis; each part has its own pattern besides its colour."""
    p = palette(dark)
    fig = Sketch()
    sides = (("original", est.reference), ("clone", est.clone))
    unit = unit_text(total)
    largest = max(float(s[total]) for _, s in sides)
    for i, part in enumerate(parts):
        values = [float(s[part]) for _, s in sides]
        if max(values) <= 0:
            continue
        fig.add(
            "bar",
            y=[w for w, _ in sides],
            x=values,
            orientation="h",
            name=describe(part).long_name,
            marker={
                "color": p.series[i % len(p.series)],
                "line": {"color": p.text, "width": 0.5},
                "pattern": {
                    "shape": PATTERNS[i % len(PATTERNS)],
                    "fgcolor": p.text,
                    "fgopacity": 0.3,
                    "size": 7,
                    "fillmode": "overlay",
                },
            },
            text=[number(v) if v > 0.06 * largest else "" for v in values],
            textposition="inside",
            insidetextanchor="middle",
            textfont={"color": "#ffffff" if not dark else "#12161b", "size": 13},
            textangle=0,
            hovertemplate=f"%{{y}}, {describe(part).long_name}: %{{x:,.4g}} {unit}<extra></extra>",
        )
    for word, side in sides:
        fig.add_annotation(
            x=float(side[total]), y=word, text=f"<b> {number(side[total], unit)}</b>", showarrow=False, xanchor="left"
        )
    fig.update_layout(barmode="stack", bargap=0.35, legend={**LEGEND_BELOW, "traceorder": "normal"})
    fig.update_xaxes(range=[0, largest * 1.35], ticksuffix=f" {unit}", fixedrange=True)
    fig.update_yaxes(autorange="reversed", fixedrange=True)
    told = "; ".join(
        f"{word} {number(side[total], unit)}: " + ", ".join(f"{describe(x).long_name} {number(side[x])}" for x in parts)
        for word, side in sides
    )
    return finish(fig, dark=dark, height=height, alt=f"Parts of {describe(total).long_name}. {told}.")
