"""Stacked bars: a total and its parts, original above clone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from estimator.figures.sketch import Sketch
from estimator.figures.style import LEGEND_BELOW, finish, palette, unit_text
from estimator.model.views import parts_of
from estimator.quantities import describe, number

if TYPE_CHECKING:
    from estimator.estimation import Estimate

PATTERNS = ("", "/", "x", ".", "\\", "+", "-")


def stacked_split(est: Estimate, total: str, *, dark: bool = False, height: int = 260) -> go.Figure:
    """Parts of a total as two stacked bars on one axis; each part has its own pattern besides its colour."""
    look = palette(dark)
    fig = Sketch()
    sides = (("original", est.reference), ("clone", est.clone))
    unit = unit_text(total)
    largest = max(float(s[total]) for _, s in sides)
    parts = parts_of(est, total)
    for i, part in enumerate(parts):
        values, name = [part.reference, part.clone], describe(part.name).long_name
        if max(values) <= 0:
            continue
        fig.add(
            "bar",
            y=[w for w, _ in sides],
            x=values,
            orientation="h",
            name=name,
            marker={
                "color": look.series[i % len(look.series)],
                "line": {"color": look.text, "width": 0.5},
                "pattern": {
                    "shape": PATTERNS[i % len(PATTERNS)],
                    "fgcolor": look.text,
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
            hovertemplate=f"%{{y}}, {name}: %{{x:,.4g}} {unit}<extra></extra>",
        )
    for word, side in sides:
        fig.add_annotation(
            x=float(side[total]), y=word, text=f"<b> {number(side[total], unit)}</b>", showarrow=False, xanchor="left"
        )
    fig.update_layout(barmode="stack", bargap=0.35, legend={**LEGEND_BELOW, "traceorder": "normal"})
    fig.update_xaxes(range=[0, largest * 1.35], ticksuffix=f" {unit}", fixedrange=True)
    fig.update_yaxes(autorange="reversed", fixedrange=True)
    told = "; ".join(
        f"{word} {number(side[total], unit)}: "
        + ", ".join(f"{describe(p.name).long_name} {number(side[p.name])}" for p in parts)
        for word, side in sides
    )
    return finish(fig, dark=dark, height=height, alt=f"Parts of {describe(total).long_name}. {told}.")
