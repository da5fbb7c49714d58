"""Cost figures: what a GPU costs to make, part by part, and what changes from the original to the clone."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from estimator.figures.sketch import Sketch
from estimator.figures.split import stacked_split
from estimator.figures.style import axis_title, finish, palette
from estimator.model.views import parts_of
from estimator.quantities import describe, number

if TYPE_CHECKING:
    from estimator.estimation import Estimate


def cost_parts(est: Estimate, *, dark: bool = False, height: int = 270) -> go.Figure:
    """Recurring cost of one GPU by part, original and clone."""
    return stacked_split(est, "unit_cost_usd", dark=dark, height=height)


def cost_waterfall(est: Estimate, *, dark: bool = False, height: int = 380) -> go.Figure:
    """From the original's recurring cost to the clone's, part by part."""
    p = palette(dark)
    r, c = est.reference, est.clone
    parts = parts_of(est, "unit_cost_usd")
    names = [describe(part.name).long_name.removeprefix("cost of ") for part in parts]
    steps = [part.change for part in parts]
    x = ["original", *names, "clone"]
    end = [float(c.unit_cost_usd)]
    y = [float(r.unit_cost_usd), *steps, *end]
    measure = ["absolute", *["relative"] * len(steps), "total"]
    text = [number(y[0]), *[f"{s:+,.0f}" for s in steps], number(end[0])]
    fig = Sketch()
    fig.add(
        "waterfall",
        x=x,
        y=y,
        measure=measure,
        text=text,
        textposition="outside",
        cliponaxis=False,
        increasing={"marker": {"color": p.clone}},
        decreasing={"marker": {"color": p.reference}},
        totals={"marker": {"color": p.muted}},
        connector={"line": {"color": p.muted, "width": 1, "dash": "dot"}},
        hovertemplate="%{x}: %{text} USD<extra></extra>",
    )
    highest = max(*accumulate([y[0], *steps]), *end)
    fig.update_xaxes(tickangle=-30, fixedrange=True)
    fig.update_yaxes(title={"text": axis_title("unit_cost_usd")}, range=[0, highest * 1.15], fixedrange=True)
    told = ", ".join(f"{n} {s:+,.0f}" for n, s in zip(names, steps, strict=True))
    alt = (
        f"Recurring cost of one GPU from the original's {number(r.unit_cost_usd, 'USD')} to the clone's "
        f"{number(c.unit_cost_usd, 'USD')}: {told}."
    )
    return finish(fig, dark=dark, height=height, alt=alt)
