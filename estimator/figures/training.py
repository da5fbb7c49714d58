"""Training figure: time against cost of one run, for the original and the clone of every plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from estimator.figures.sketch import Sketch
from estimator.figures.style import SYMBOLS, finish, palette, plain


def time_against_cost(runs: Mapping[str, Any], *, dark: bool = False) -> go.Figure:
    """Days against cost of a run, one marker per plan, from `estimator.uses.training.by_plan`.

    Plans that cannot be carried out (a sentence in place of a result) are left out of the figure; the caller shows them.
    """
    p = palette(dark)
    figure = Sketch()
    done = {name: run for name, run in runs.items() if not isinstance(run, str)}
    for k, (name, run) in enumerate(done.items()):
        figure.add(
            "scatter",
            x=[run.days],
            y=[run.cost_usd / 1e6],
            mode="markers+text",
            text=[plain(name)],
            textposition="top center",
            name=plain(name),
            showlegend=False,
            cliponaxis=False,
            marker={"symbol": SYMBOLS[k % len(SYMBOLS)], "size": 12, "color": p.series[k % len(p.series)]},
            hovertemplate=f"{plain(name)}<br>%{{x:.3g}} days, %{{y:.3g}} M USD<extra></extra>",
        )
    figure.update_xaxes(title={"text": "time [days]"}, type="log")
    figure.update_yaxes(title={"text": "cost [M USD]"}, type="log")
    parts = "; ".join(f"{n} {r.days:.0f} days, {r.cost_usd / 1e6:.3g} M USD" for n, r in done.items())
    return finish(figure, dark=dark, height=420, alt=f"Time against cost of a training run by plan: {parts}.")
