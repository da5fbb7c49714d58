"""Stacked bars: a total and its parts, original above clone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import plotly.graph_objects as go

from estimator.figures.sketch import Sketch
from estimator.figures.style import LEGEND_BELOW, finish, palette, unit_text
from estimator.model.views import parts_of
from estimator.quantities import describe, number

if TYPE_CHECKING:
    from estimator.estimation import Estimate

PATTERNS = ("", "/", "x", ".", "\\", "+", "-")


class SplitPart(NamedTuple):
    """One part of a total in words, of the original and of the clone, in the unit of the total."""

    words: str
    original: float
    clone: float


def stacked_split(est: Estimate, total: str, *, dark: bool = False, height: int = 260) -> go.Figure:
    """Parts of an output that is a total as two stacked bars."""
    parts = [SplitPart(describe(p.name).long_name, p.reference, p.clone) for p in parts_of(est, total)]
    return stacked_parts(parts, describe(total).long_name, unit_text(total), dark=dark, height=height)


def stacked_parts(
    parts: Sequence[SplitPart], total: str, unit: str, *, dark: bool = False, height: int = 260
) -> go.Figure:
    """Parts of a total as two stacked bars on one axis; each part has its own pattern besides its colour."""
    look = palette(dark)
    fig = Sketch()
    sums = {"original": sum(p.original for p in parts), "clone": sum(p.clone for p in parts)}
    largest = max(sums.values())
    for i, part in enumerate(parts):
        values = [part.original, part.clone]
        if max(values) <= 0:
            continue
        fig.add(
            "bar",
            y=list(sums),
            x=values,
            orientation="h",
            name=part.words,
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
            textfont={"color": "#12161b", "size": 13},
            textangle=0,
            hovertemplate=f"%{{y}}, {part.words}: %{{x:,.3g}} {unit}<extra></extra>",
        )
    for word, value in sums.items():
        fig.add_annotation(x=value, y=word, text=f"<b> {number(value, unit)}</b>", showarrow=False, xanchor="left")
    fig.update_layout(barmode="stack", bargap=0.35, legend={**LEGEND_BELOW, "traceorder": "normal"})
    fig.update_xaxes(range=[0, largest * 1.35], ticksuffix=f" {unit}", fixedrange=True)
    fig.update_yaxes(autorange="reversed", fixedrange=True)
    told = "; ".join(
        f"{word} {number(value, unit)}: "
        + ", ".join(f"{p.words} {number(p.original if word == 'original' else p.clone)}" for p in parts)
        for word, value in sums.items()
    )
    return finish(fig, dark=dark, height=height, alt=f"Parts of {total}. {told}.")
