"""Waterfall of causes: from the original to the clone in factors that multiply to the ratio."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from estimator.figures.sketch import Sketch
from estimator.figures.style import finish, palette, plain
from estimator.model.causes import HEADLINE_FIELD
from estimator.model.views import ordered_causes
from estimator.model.words import cause_sentence
from estimator.quantities import describe

if TYPE_CHECKING:
    from estimator.estimation import Estimate


def causes_waterfall(est: Estimate, headline: str = "area", *, dark: bool = False, height: int = 360) -> go.Figure:
    """Causes of one headline (``area, power, cost, time``) on a logarithmic axis: each bar is one factor.

    On a logarithmic axis a factor has the same length wherever it stands, so bars can be compared with each other.
    """
    p = palette(dark)
    steps = ordered_causes(est.causes[headline])
    ratio = float(est.ratio[HEADLINE_FIELD[headline]])
    fig = Sketch()
    level, names = 0.0, [name for name, _ in steps]
    rows = ["original = 1", *[plain(n) for n in names], "clone"]
    for name, factor in steps:
        step = math.log10(factor)
        up = step >= 0
        colour = p.worse if up else p.better
        fig.add(
            "bar",
            y=[plain(name)],
            x=[step],
            base=[level],
            orientation="h",
            marker={
                "color": colour,
                "pattern": {"shape": "" if up else "/", "fgcolor": p.text, "fgopacity": 0.35, "fillmode": "overlay"},
            },
            text=f"{'▲' if up else '▼'} × {factor:.3g}",
            textposition="outside",
            cliponaxis=False,
            hovertext=plain(cause_sentence(name, factor))
            if name != "all else"
            else f"all smaller causes (x {factor:.4g})",
            hoverinfo="text",
            showlegend=False,
        )
        fig.add_shape(
            type="line",
            x0=level + step,
            x1=level + step,
            xref="x",
            yref="y",
            line={"color": p.muted, "width": 1, "dash": "dot"},
            y0=rows.index(plain(name)),
            y1=rows.index(plain(name)) + 1,
        )
        level += step
    fig.add(
        "bar",
        y=["clone"],
        x=[level],
        orientation="h",
        marker={"color": p.muted},
        text=f"<b>× {ratio:.3g}</b>",
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )
    reach = [0.0]
    for _, factor in steps:
        reach.append(reach[-1] + math.log10(factor))
    low, high = min(reach), max(reach)
    room = max(high - low, 0.1) * 0.22
    left = (
        room if min(level, *(math.log10(f) for _, f in steps), 0.0) < 0 else room * 0.4
    )  # for labels of shrinking bars
    far = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 100, 200)
    near = (0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.5)
    ticks = [v for v in (far if high - low > 0.25 else near) if low - left <= math.log10(v) <= high + room]
    fig.update_xaxes(
        range=[low - left, high + room],
        tickvals=[math.log10(v) for v in ticks],
        ticktext=[f"× {v:g}" for v in ticks],
        title={"text": f"{describe(HEADLINE_FIELD[headline]).long_name}, clone over original (logarithmic)"},
        fixedrange=True,
        zeroline=True,
        zerolinecolor=p.muted,
        zerolinewidth=1,
    )
    fig.update_yaxes(autorange="reversed", categoryorder="array", categoryarray=rows[1:], fixedrange=True)
    fig.update_layout(barmode="overlay", bargap=0.3, uniformtext={"minsize": 11, "mode": "show"})
    told = "; ".join(f"{name} times {factor:.3g}" for name, factor in steps)
    alt = f"Causes of the ratio {ratio:.3g} of {describe(HEADLINE_FIELD[headline]).long_name}: {told}."
    return finish(fig, dark=dark, height=max(height, 60 + 30 * (len(steps) + 1)), alt=alt)
