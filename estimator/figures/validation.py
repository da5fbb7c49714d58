"""Validation figures: predicted against real with 80 % intervals, and residuals by node."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from estimator.figures.sketch import Sketch
from estimator.figures.style import SYMBOLS, finish, log_ticks, palette, plain


def _hover(c: Any) -> str:
    return (
        f"{plain(c.case)}<br>real {c.real:.4g}, predicted {c.predicted:.4g} ({100 * c.error:+.1f} %)"
        + (f"<br>80 % interval {c.low:.4g} to {c.high:.4g}" if math.isfinite(c.low) else "")
        + f"<br>{plain(c.source)}"
    )


def _reach(length: float) -> float:
    """Length of an error bar; none where there is no interval, or where the value lies beyond its end."""
    return length if math.isfinite(length) and length > 0 else 0.0


def scatter(cases: Sequence[Any], *, title: str = "", dark: bool = False) -> go.Figure:
    """Predicted over real, on log axes, one marker per row with an answer: filled inside the 80 % interval, open outside."""
    p = palette(dark)
    cases = [c for c in cases if math.isfinite(c.predicted)]
    figure = Sketch()
    values = [v for c in cases for v in (c.real, c.predicted)] or [1.0]
    low, high = 0.8 * min(values), 1.25 * max(values)
    figure.add(
        "scatter",
        x=[low, high],
        y=[low, high],
        mode="lines",
        line={"color": p.wall, "dash": "dash"},
        name="exact",
        hoverinfo="skip",
    )
    looks = ((True, "circle", p.reference, "inside 80 %"), (False, "diamond-open", p.clone, "outside"))
    for within, symbol, colour, name in looks:
        rows = [c for c in cases if c.inside == within]
        if not rows:
            continue
        figure.add(
            "scatter",
            x=[c.real for c in rows],
            y=[c.predicted for c in rows],
            mode="markers",
            name=f"{name} ({len(rows)})",
            marker={"symbol": symbol, "color": colour, "size": 8, "line": {"width": 1.5, "color": colour}},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [_reach(c.high - c.predicted) for c in rows],
                "arrayminus": [_reach(c.predicted - c.low) for c in rows],
                "color": colour,
                "thickness": 1,
                "width": 0,
            },
            text=[_hover(c) for c in rows],
            hovertemplate="%{text}<extra></extra>",
        )
    unit = next((c.unit for c in cases if c.unit not in ("", "1")), "")
    suffix = f" [{unit.replace('mm2', 'mm²')}]" if unit else ""
    scale = {"type": "log", **log_ticks(low, high)} if low > 0 else {}
    figure.update_xaxes(title={"text": f"real{suffix}"}, **scale)
    figure.update_yaxes(title={"text": f"predicted{suffix}"}, **scale)
    inside = sum(c.inside for c in cases)
    alt = f"Predicted against real for {len(cases)} rows of {title or 'validation'}; {inside} lie inside their 80 % interval."
    return finish(figure, dark=dark, height=460, alt=alt, title=plain(title))


def residuals(cases: Sequence[Any], *, title: str = "", dark: bool = False) -> go.Figure:
    """Error of each row by node (or family), in percent, one symbol per family."""
    p = palette(dark)
    cases = [c for c in cases if math.isfinite(c.predicted)]
    figure = Sketch()
    families = sorted({c.family for c in cases})
    for k, family in enumerate(families):
        rows = [c for c in cases if c.family == family]
        figure.add(
            "scatter",
            x=[c.node or c.family for c in rows],
            y=[100 * c.error for c in rows],
            mode="markers",
            name=plain(family),
            marker={"symbol": SYMBOLS[k % len(SYMBOLS)], "color": p.series[k % len(p.series)], "size": 8},
            text=[_hover(c) for c in rows],
            hovertemplate="%{text}<extra></extra>",
            showlegend=len(families) <= 12,
        )
    figure.line_across("y", 0, color=p.wall)
    figure.update_yaxes(title={"text": "error [%]"})
    alt = f"Error in percent of {len(cases)} rows by node."
    return finish(figure, dark=dark, height=380, alt=alt, title=plain(title))
