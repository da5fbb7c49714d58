"""Dies drawn to scale: original and clone beside each other, against the reticle field."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import plotly.graph_objects as go

from estimator.figures.sketch import Sketch
from estimator.figures.style import LEGEND_BELOW, finish, palette, plain
from estimator.model.views import DieOutline, Which, die_outlines, reticle_field
from estimator.quantities import number

if TYPE_CHECKING:
    from estimator.estimation import Estimate
    from estimator.parameters.schema import Node


def _outline(x0: float, y0: float, width: float, height: float) -> tuple[list[float], list[float]]:
    return [x0, x0 + width, x0 + width, x0, x0], [y0, y0, y0 + height, y0 + height, y0]


def die_grid(dies: int, aspect: float) -> tuple[int, int]:
    """Columns and rows of a block of dies that is a little wider than high and leaves few cells empty."""

    def badness(columns: int) -> float:
        rows = math.ceil(dies / columns)
        return abs(math.log(columns * aspect / (rows * 1.25))) + (columns * rows - dies) / dies

    columns = min(range(1, dies + 1), key=badness)
    return columns, math.ceil(dies / columns)


class _Block(NamedTuple):
    """Equal dies of one kind, and the columns and rows they are drawn in."""

    die: DieOutline
    columns: int
    rows: int


def _blocks(est: Estimate, side: Which) -> list[_Block]:
    """The dies of a side by kind, laid out."""
    return [_Block(die, *die_grid(die.dies, die.width_mm / die.height_mm)) for die in die_outlines(est, side)]


def _outlines(corners: list[tuple[float, float]], width: float, height: float) -> tuple[list[Any], list[Any]]:
    """Outlines of equal rectangles as one line with gaps."""
    xs: list[Any] = []
    ys: list[Any] = []
    for x, y in corners:
        ox, oy = _outline(x, y, width, height)
        xs += [*ox, None]
        ys += [*oy, None]
    return xs, ys


def _size(die: DieOutline) -> str:
    each = number(round(die.width_mm * die.height_mm, 0 if die.width_mm > 10 else 1), "mm²")
    return f"{die.dies} × {each}" if die.dies > 1 else each


def _draw(
    fig: Sketch,
    block: _Block,
    left: float,
    field: tuple[float, float],
    *,
    who: str,
    legend: bool,
    color: str,
    muted: str,
    told: str,
    name: str,
) -> tuple[float, float]:
    """Draw a block from an edge on, each die in its reticle field; gives width and height of a cell."""
    die = block.die
    cell = max(die.width_mm, field[0]) + 1.5, max(die.height_mm, field[1]) + 1.5
    corners = [(left + k % block.columns * cell[0], k // block.columns * cell[1]) for k in range(die.dies)]
    (xs, ys), (rx, ry) = _outlines(corners, die.width_mm, die.height_mm), _outlines(corners, *field)
    fig.add(
        "scatter",
        x=rx,
        y=ry,
        mode="lines",
        line={"color": muted, "width": 1, "dash": "dot"},
        hoverinfo="skip",
        legendgroup="field",
        name=f"reticle field, {field[0]:g} × {field[1]:g} mm",
        showlegend=legend and who == "original",
    )
    fig.add(
        "scatter",
        x=xs,
        y=ys,
        mode="lines",
        fill="toself",
        fillcolor=_alpha(color, 0.28 if legend else 0.1),
        name=name,
        line={"color": color, "width": 2},
        hoverinfo="text",
        hoveron="fills",
        legendgroup=who,
        showlegend=legend,
        text=f"{told}<br>each {die.width_mm:.1f} × {die.height_mm:.1f} mm",
    )
    return cell


def dies_to_scale(est: Estimate, *, dark: bool = False, height: int = 360) -> go.Figure:
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
    fig = Sketch()
    gap, cursor, top = 3.0, 0.0, 0.0
    field = reticle_field(est)
    ghost = die_outlines(est, "reference")[0]
    labels: list[tuple[float, str, str]] = []
    sides: tuple[tuple[str, Which, Node, str], ...] = (
        ("original", "reference", est.reference_node, p.reference),
        ("clone", "clone", est.node, p.clone),
    )
    for who, side, node, colour in sides:
        blocks, start, sizes = _blocks(est, side), cursor, []
        for block in blocks:
            sizes.append(_size(block.die) + (f" {block.die.kind}" if len(blocks) > 1 else ""))
            style = {
                "color": colour,
                "muted": p.muted,
                "told": f"{who}: {sizes[-1]}",
                "name": f"{who} on {plain(node.label or node.name)}",
            }
            cell = _draw(fig, block, cursor, field, who=who, legend=block is blocks[0], **style)
            cursor += block.columns * cell[0] + gap
            top = max(top, block.rows * cell[1])
        if who == "clone":
            gx, gy = _outline(start, 0, ghost.width_mm, ghost.height_mm)
            fig.add(
                "scatter",
                x=gx,
                y=gy,
                mode="lines",
                line={"color": p.reference, "width": 2, "dash": "dash"},
                hoverinfo="skip",
                name="ghost: one die of the original",
            )
        labels.append((start, "<br>".join([f"<b>{who}</b>", *sizes]), colour))
        cursor = max(cursor, start + 34.0 + gap) + gap
    for x, text, colour in labels:
        fig.add_annotation(
            x=x,
            y=top + 0.5,
            text=text,
            showarrow=False,
            xanchor="left",
            yanchor="bottom",
            align="left",
            font={"color": colour, "size": 15},
        )
    fig.update_xaxes(visible=False, range=[-1, cursor - gap * 2 + 1], constrain="domain", fixedrange=True)
    above = 4 + 5 * max(text.count("<br>") for _, text, _ in labels)
    fig.update_yaxes(
        visible=False, scaleanchor="x", range=[-1.5, top * 1.06 + above], constrain="domain", fixedrange=True
    )
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
