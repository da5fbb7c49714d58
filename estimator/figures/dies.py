"""Dies drawn to scale: original and clone beside each other, against the reticle field."""

from __future__ import annotations

import math
from typing import Any

import plotly.graph_objects as go

from estimator.explain import number
from estimator.figures.style import LEGEND_BELOW, finish, palette, plain


def _outline(x0: float, y0: float, width: float, height: float) -> tuple[list[float], list[float]]:
    return [x0, x0 + width, x0 + width, x0, x0], [y0, y0, y0 + height, y0 + height, y0]


def _grid(dies: int, aspect: float) -> tuple[int, int]:
    """Columns and rows of a block of dies that is a little wider than high and leaves few cells empty."""

    def badness(columns: int) -> float:
        rows = math.ceil(dies / columns)
        return abs(math.log(columns * aspect / (rows * 1.25))) + (columns * rows - dies) / dies

    columns = min(range(1, dies + 1), key=badness)
    return columns, math.ceil(dies / columns)


def _block(side: Any) -> tuple[int, float, float, int, int]:
    dies = max(1, round(float(side.dies)))
    width, height = float(side.die_width_mm), float(side.die_height_mm)
    if dies > 1 and side.die_area_mm2 > 0:  # several kinds of dies: draw each as large as the average one
        mean = float(side.die_area_mm2) / dies
        scale = math.sqrt(mean / (width * height))
        width, height = width * scale, height * scale
    columns, rows = _grid(dies, width / height)
    return dies, width, height, columns, rows


def _outlines(corners: list[tuple[float, float]], width: float, height: float) -> tuple[list[Any], list[Any]]:
    """Outlines of equal rectangles as one line with gaps."""
    xs: list[Any] = []
    ys: list[Any] = []
    for x, y in corners:
        ox, oy = _outline(x, y, width, height)
        xs += [*ox, None]
        ys += [*oy, None]
    return xs, ys


def dies_to_scale(est: Any, *, dark: bool = False, height: int = 360) -> go.Figure:
    """Silicon of the original and of the clone to one scale, each die against the reticle field it is printed in.

    Parameters
    ----------
    est : Estimate
        A scalar estimate.
    dark : bool
        Colours for a dark background.
    height : int
        Height of the figure in pixels.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    p = palette(dark)
    fig = go.Figure()
    gap, cursor, top = 3.0, 0.0, 0.0
    field = _reticle(est)
    ghost = _block(est.reference)
    labels: list[tuple[float, str, str]] = []
    sides = (
        ("original", est.reference, p.reference, est.reference_node),
        ("clone", est.clone, p.clone, est.node),
    )
    for who, side, colour, node in sides:
        dies, width, die_height, columns, rows = _block(side)
        cell_w, cell_h = max(width, field[0]) + 1.5, max(die_height, field[1]) + 1.5
        corners = [(cursor + i % columns * cell_w, i // columns * cell_h) for i in range(dies)]
        (xs, ys), (rx, ry) = _outlines(corners, width, die_height), _outlines(corners, *field)
        first = who == "original"
        fig.add_scatter(
            x=rx, y=ry, mode="lines", line={"color": p.muted, "width": 1, "dash": "dot"}, hoverinfo="skip",
            name=f"reticle field, {field[0]:g} × {field[1]:g} mm", legendgroup="field", showlegend=first,
        )  # fmt: skip
        text = (
            f"{who}: {dies} {'die' if dies == 1 else 'dies'}, {number(side.die_area_mm2, 'mm²')}<br>"
            f"largest die {side.die_width_mm:.1f} × {side.die_height_mm:.1f} mm"
        )
        fig.add_scatter(
            x=xs, y=ys, mode="lines", fill="toself", fillcolor=_alpha(colour, 0.28), line={"color": colour, "width": 2},
            hoverinfo="text", text=text, hoveron="fills", name=f"{who} on {plain(node.label or node.name)}",
        )  # fmt: skip
        if not first:
            gx, gy = _outline(cursor, 0, ghost[1], ghost[2])
            fig.add_scatter(
                x=gx, y=gy, mode="lines", line={"color": p.reference, "width": 2, "dash": "dash"}, hoverinfo="skip",
                name="ghost: one die of the original",
            )  # fmt: skip
        size = f"{dies} × {number(side.die_area_mm2 / dies)} mm²" if dies > 1 else f"{number(side.die_area_mm2)} mm²"
        labels.append((cursor, f"<b>{who}</b><br>{size}", colour))
        cursor += max(columns * cell_w, 34.0) + gap * 2
        top = max(top, rows * cell_h)
    for x, text, colour in labels:
        fig.add_annotation(
            x=x, y=top + 0.5, text=text, showarrow=False, xanchor="left", yanchor="bottom", align="left",
            font={"color": colour, "size": 15},
        )  # fmt: skip
    fig.update_xaxes(visible=False, range=[-1, cursor - gap * 2 + 1], constrain="domain", fixedrange=True)
    fig.update_yaxes(visible=False, scaleanchor="x", range=[-1.5, top * 1.06 + 9], constrain="domain", fixedrange=True)
    fig.update_layout(legend=LEGEND_BELOW)
    c, r = est.clone, est.reference
    alt = (
        f"Dies to scale: the original has {r.dies:.0f} of together {number(r.die_area_mm2, 'mm²')}, the clone "
        f"{c.dies:.0f} of together {number(c.die_area_mm2, 'mm²')}; the reticle field is {field[0]:g} by {field[1]:g} mm."
    )
    return finish(fig, dark=dark, height=height, alt=alt)


def _alpha(colour: str, alpha: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"


def _reticle(est: Any) -> tuple[float, float]:
    """Width and height of the target node's reticle field in mm."""
    numbers = est.sides["clone"].numbers["node"]
    return float(numbers["reticle_width_mm"]), float(numbers["reticle_height_mm"])
