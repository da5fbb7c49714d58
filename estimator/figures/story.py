"""The picture of the story: both wafers at one scale, the dies of one GPU with the original as a ghost, ratios on fixed axes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from estimator.figures.dies import die_grid
from estimator.figures.sketch import Sketch
from estimator.figures.style import finish, palette, plain
from estimator.figures.wafers import outlines
from estimator.model.views import die_outlines
from estimator.quantities import number
from estimator.uses.bases import cost_on
from estimator.uses.wafermap import DEAD, WaferMap, gpu_groups

if TYPE_CHECKING:
    from estimator.estimation import Estimate

GPU_MM = 130.0
"""Side of the square in which the dies of one GPU are drawn, whatever their number."""
LOG_REACH = 1.7
"""Decades of a ratio that the bars show to either side of 1."""
GAP_MM = 20.0


class Bar(NamedTuple):
    """One ratio of the strip: its words, clone over original, and both values."""

    words: str
    ratio: float
    told: str


def story_bars(est: Estimate, basis: str) -> list[Bar]:
    """Ratios of the story, in its order: wafers, silicon, clock, power, package and cost."""
    c, r, work, money = est.clone, est.reference, est.same_work, cost_on(est, basis)

    def bar(words: str, now: Any, was: Any, unit: str) -> Bar:
        ratio = float(now) / float(was) if float(was) else math.nan
        return Bar(words, ratio, f"{number(now, unit)}, not {number(was, unit)}")

    return [
        bar("GPUs from a wafer", c.gpus_per_wafer, r.gpus_per_wafer, ""),
        bar("silicon of one GPU", c.die_area_mm2, r.die_area_mm2, "mm²"),
        bar("clock", c.clock_ghz, r.clock_ghz, "GHz"),
        bar("power, same work", work.power_for_same_work_w, r.power_w, "W"),
        bar("package field", c.interposer_mm2, r.interposer_mm2, "mm²"),
        bar("cost, same work", money.same_work_usd, money.original_usd, "USD"),
    ]


def story_picture(
    est: Estimate,
    wafers: tuple[WaferMap, WaferMap],
    *,
    basis: str = "recurring",
    possible: bool = True,
    dark: bool = False,
    height: int = 560,
) -> go.Figure:
    """The original's wafer, the clone's with the dies of each GPU outlined, one GPU to scale, and the ratios.

    Parameters
    ----------
    est : Estimate
        A scalar estimate.
    wafers : pair of WaferMap
        Of the original and of the clone, from `estimator.uses.wafermap.typical_wafer`.
    basis : str
        Of `estimator.uses.bases.COST_BASES`.
    possible : bool
        False where the clone is drawn as if a package could carry it.
    """
    p = palette(dark)
    fig = Sketch({"xaxis": {}, "yaxis": {}, "xaxis2": {}, "yaxis2": {}, "xaxis3": {}, "yaxis3": {}})
    radius = wafers[0].wafer_diameter_mm / 2
    centre = radius + GAP_MM / 2
    sides = (
        (-centre, wafers[0], est.reference, est.reference_node, p.reference, "original"),
        (centre, wafers[1], est.clone, est.node, p.clone, "clone"),
    )
    for at, wafer, values, node, colour, word in sides:
        _wafer(fig, wafer, at, max(1, round(float(values.dies))), colour, dark)
        gpus = f"{float(values.gpus_per_wafer):,.0f}"
        text = f"<b>{gpus}</b> from a wafer<br>{word}, {plain((node.label or node.name).split(' (')[0][:14])}"
        fig.add_annotation(
            x=at, y=radius + 4, text=text, showarrow=False, yanchor="bottom", font={"color": colour, "size": 13}
        )
    _gpu(fig, est, possible, dark)
    bars = story_bars(est, basis)
    _bars(fig, bars, dark)
    reach = 2 * radius + GAP_MM
    fixed = {"fixedrange": True, "visible": False}
    fig.update_layout(
        xaxis={"domain": [0, 0.68], "range": [-reach / 1.0, reach / 1.0], "constrain": "domain", **fixed},
        yaxis={
            "domain": [0.4, 1],
            "range": [-radius - 4, radius + 55],
            "scaleanchor": "x",
            "constrain": "domain",
            "constraintoward": "top",
            **fixed,
        },
        xaxis2={"domain": [0.7, 1], "anchor": "y2", "range": [-4, GPU_MM], "constrain": "domain", **fixed},
        yaxis2={
            "domain": [0.4, 1],
            "anchor": "x2",
            "range": [-34, GPU_MM * 1.22],
            "scaleanchor": "x2",
            "constrain": "domain",
            **fixed,
        },
        xaxis3={
            "domain": [0.32, 0.62],
            "anchor": "y3",
            "range": [-LOG_REACH, LOG_REACH],
            "fixedrange": True,
            "tickvals": [-1, 0, 1],
            "ticktext": ["÷ 10", "same", "× 10"],
            "tickangle": 0,
            "zeroline": True,
        },
        yaxis3={"domain": [0.05, 0.36], "anchor": "x3", "autorange": "reversed", "fixedrange": True},
        showlegend=False,
        transition={"duration": 350},
        bargap=0.3,
    )
    alt = (
        f"Two wafers to one scale: {float(est.reference.gpus_per_wafer):,.0f} originals or {float(est.clone.gpus_per_wafer):,.0f} "
        f"clones from one. Ratios: " + "; ".join(f"{b.words} {b.told}" for b in bars) + "."
    )
    return finish(fig, dark=dark, height=height, alt=alt, top=4)


def _wafer(fig: Sketch, wafer: WaferMap, at: float, per_gpu: int, colour: str, dark: bool) -> None:
    """One wafer about a centre on the horizontal axis: sellable dies full, dead ones hollow, those of a GPU outlined."""
    p = palette(dark)
    r, place = wafer.wafer_diameter_mm / 2, wafer.placement
    fig.add_shape(
        type="circle", x0=at - r, x1=at + r, y0=-r, y1=r, line={"color": p.muted, "width": 1.2}, layer="below"
    )
    x, y, w, h = place.x_mm[place.whole] + at, place.y_mm[place.whole], place.width_mm, place.height_mm
    for sold, fill in ((True, f"{colour}55"), (False, "rgba(0,0,0,0)")):
        mine = (wafer.state != DEAD) == sold
        gap = np.full(int(mine.sum()), np.nan)
        xs = np.stack([x[mine], x[mine] + w, x[mine] + w, x[mine], x[mine], gap], axis=1).ravel()
        ys = np.stack([y[mine], y[mine], y[mine] + h, y[mine] + h, y[mine], gap], axis=1).ravel()
        line = {"color": p.muted, "width": 0.6}
        fill_ = "toself" if sold else "none"
        fig.add("scatter", x=xs, y=ys, mode="lines", fill=fill_, fillcolor=fill, line=line, hoverinfo="skip")
    group = gpu_groups(wafer, per_gpu)
    xs, ys = outlines(x, y, w, h, group)
    fig.add("scatter", x=xs, y=ys, mode="lines", line={"color": colour, "width": 2}, hoverinfo="skip")


def _gpu(fig: Sketch, est: Estimate, possible: bool, dark: bool) -> None:
    """The dies of one clone to scale, one original as a ghost, and the field of the package that is made today."""
    p = palette(dark)
    field = math.sqrt(float(est.reference.package_field_mm2))
    axes = {"xaxis": "x2", "yaxis": "y2", "mode": "lines", "hoverinfo": "skip"}
    if field > 0:
        fig.add("scatter", **_box(0, 0, field, field), line={"color": p.muted, "width": 1, "dash": "dot"}, **axes)
        fig.add_annotation(
            x=0, y=-2, xref="x2", yref="y2", text="dotted: largest<br>usual package", showarrow=False, xanchor="left",
            yanchor="top", align="left", font={"size": 11, "color": p.muted},
        )  # fmt: skip
    top = 0.0
    xs: list[Any] = []
    ys: list[Any] = []
    for die in die_outlines(est, "clone"):
        columns, rows = die_grid(die.dies, die.width_mm / die.height_mm)
        for k in range(die.dies):
            box = _box(
                k % columns * (die.width_mm + 1), top + k // columns * (die.height_mm + 1), die.width_mm, die.height_mm
            )
            xs += [*box["x"], None]
            ys += [*box["y"], None]
        top += rows * (die.height_mm + 1)
    colour = p.clone if possible else p.worse
    line = {"color": colour, "width": 2}
    fig.add("scatter", x=xs, y=ys, fill="toself", fillcolor=f"{p.clone}44", line=line, **axes)
    was = die_outlines(est, "reference")[0]
    fig.add(
        "scatter",
        **_box(0, 0, was.width_mm, was.height_mm),
        line={"color": p.reference, "width": 2, "dash": "dash"},
        **axes,
    )
    told = f"<b>{est.clone.dies:.0f}</b> {'dies' if est.clone.dies > 1 else 'die'} a GPU"
    told += "" if possible else "<br><b>no package carries it</b>"
    fig.add_annotation(
        x=0, y=GPU_MM * 1.2, xref="x2", yref="y2", text=f"{told}<br>dashed: original",
        showarrow=False, xanchor="left", yanchor="top", align="left", font={"size": 13, "color": colour},
    )  # fmt: skip


def _box(x: float, y: float, width: float, height: float) -> dict[str, list[float]]:
    return {"x": [x, x + width, x + width, x, x], "y": [y, y, y + height, y + height, y]}


def _bars(fig: Sketch, bars: list[Bar], dark: bool) -> None:
    """Clone over original on one logarithmic axis that never moves."""
    p = palette(dark)
    lengths = [max(-LOG_REACH, min(LOG_REACH, math.log10(b.ratio))) if b.ratio > 0 else 0.0 for b in bars]
    fig.add(
        "bar",
        x=lengths,
        y=[b.words for b in bars],
        orientation="h",
        xaxis="x3",
        yaxis="y3",
        marker={"color": p.clone},
        text=[f" × {number(b.ratio)} " for b in bars],
        textposition="outside",
        cliponaxis=False,
        hovertext=[f"{b.words}: × {number(b.ratio)}" for b in bars],
        hoverinfo="text",
    )
    for b in bars:
        fig.add_annotation(
            x=1.04, xref="x3 domain", y=b.words, yref="y3", text=b.told, showarrow=False,
            xanchor="left", font={"size": 12},
        )  # fmt: skip
