"""Cost figures: what a GPU costs to make, part by part, and what changes from the original to the clone."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from estimator.figures.sketch import Sketch
from estimator.figures.split import SplitPart, stacked_parts
from estimator.figures.style import finish, palette
from estimator.quantities import number
from estimator.uses.bases import COST_BASES, cost_on, cost_parts_on

if TYPE_CHECKING:
    from estimator.estimation import Estimate


def cost_parts(est: Estimate, basis: str = "recurring", *, dark: bool = False, height: int = 270) -> go.Figure:
    """Cost of one GPU by part, original and clone, on a basis of `estimator.uses.bases.COST_BASES`."""
    parts = [SplitPart(p.words, p.original_usd, p.clone_usd) for p in cost_parts_on(est, basis)]
    return stacked_parts(parts, COST_BASES[basis], "USD", dark=dark, height=height)


def cost_waterfall(est: Estimate, basis: str = "recurring", *, dark: bool = False, height: int = 380) -> go.Figure:
    """From the original's cost to the clone's, part by part, on a basis of `estimator.uses.bases.COST_BASES`."""
    p = palette(dark)
    money = cost_on(est, basis)
    parts = cost_parts_on(est, basis)
    names = [part.words for part in parts]
    steps = [part.clone_usd - part.original_usd for part in parts]
    x = ["original", *names, "clone"]
    end = [float(money.clone_usd)]
    y = [float(money.original_usd), *steps, *end]
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
        increasing={"marker": {"color": p.worse}},
        decreasing={"marker": {"color": p.better}},
        totals={"marker": {"color": p.muted}},
        connector={"line": {"color": p.muted, "width": 1, "dash": "dot"}},
        hovertemplate="%{x}: %{text} USD<extra></extra>",
    )
    highest = max(*accumulate([y[0], *steps]), *end)
    fig.update_xaxes(tickangle=-30, fixedrange=True)
    fig.update_yaxes(title={"text": f"{COST_BASES[basis]} [USD]"}, range=[0, highest * 1.15], fixedrange=True)
    told = ", ".join(f"{n} {s:+,.0f}" for n, s in zip(names, steps, strict=True))
    alt = (
        f"{COST_BASES[basis].capitalize()} of one GPU, from the original's {number(y[0], 'USD')} to the clone's "
        f"{number(end[0], 'USD')}: {told}."
    )
    return finish(fig, dark=dark, height=height, alt=alt)
