"""A wafer drawn die by die: good, salvaged, dead, and the dies that the edge cuts."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from estimator.arrays import Array
from estimator.figures.sketch import Sketch
from estimator.figures.style import LEGEND_BELOW, finish, palette, plain
from estimator.uses.wafermap import DEAD, GOOD, SALVAGED, WaferMap, gpu_groups


def outlines(x: Array, y: Array, width: float, height: float, group: NDArray[np.int64]) -> tuple[Array, Array]:
    """Outline of each group of dies as one line with gaps: the edges that two dies of a group do not share."""
    column, row = (np.unique(np.round(v, 3), return_inverse=True)[1] for v in (x, y))
    owner = {(int(c), int(r)): int(g) for c, r, g in zip(column, row, group, strict=True) if g >= 0}
    xs: list[float] = []
    ys: list[float] = []
    sides = (((0, -1), 0, 0, 1, 0), ((0, 1), 0, 1, 1, 1), ((-1, 0), 0, 0, 0, 1), ((1, 0), 1, 0, 1, 1))
    for left, low, c, r, g in zip(x, y, column, row, group, strict=True):
        for (dc, dr), a, b, d, e in sides:
            if g >= 0 and owner.get((int(c) + dc, int(r) + dr)) != g:
                xs += [left + a * width, left + d * width, np.nan]
                ys += [low + b * height, low + e * height, np.nan]
    return np.asarray(xs), np.asarray(ys)


def wafer_figure(
    wafer: WaferMap, *, per_gpu: int = 1, title: str = "", dark: bool = False, height: int = 380
) -> go.Figure:
    """Draw a sampled wafer to scale (always 300 mm wide on the same axes, so that two can be compared).

    With more than one die in a GPU (`per_gpu`) those of each are outlined together.
    """
    p = palette(dark)
    fig = Sketch()
    place = wafer.placement
    whole_x, whole_y = place.x_mm[place.whole], place.y_mm[place.whole]
    w, h = place.width_mm, place.height_mm
    counts = wafer.counts
    radius = wafer.wafer_diameter_mm / 2
    for r, dash in ((radius, "solid"), (radius - wafer.edge_exclusion_mm, "dot")):
        fig.add_shape(
            type="circle", x0=-r, x1=r, y0=-r, y1=r, line={"color": p.muted, "width": 1.2, "dash": dash}, layer="below"
        )
    groups = (
        ("good", whole_x[wafer.state == GOOD], whole_y[wafer.state == GOOD], p.good, "", 0.75),
        ("salvaged", whole_x[wafer.state == SALVAGED], whole_y[wafer.state == SALVAGED], p.salvaged, "/", 0.8),
        ("dead", whole_x[wafer.state == DEAD], whole_y[wafer.state == DEAD], p.dead, "x", 0.85),
        ("edge", place.x_mm[~place.whole], place.y_mm[~place.whole], "", "", 0.0),
    )
    words = {"good": "whole", "salvaged": "salvaged (some units off)", "dead": "dead", "edge": "cut by the edge"}
    for name, x, y, colour, shape, opacity in groups:
        if not x.size:
            continue
        xs = np.stack([x, x + w, x + w, x, x, np.full_like(x, np.nan)], axis=1).ravel()
        ys = np.stack([y, y, y + h, y + h, y, np.full_like(y, np.nan)], axis=1).ravel()
        trace = {"x": xs, "y": ys, "mode": "lines", "hoverinfo": "skip", "name": f"{words[name]}: {counts[name]}"}
        if colour:
            trace |= {
                "fill": "toself",
                "line": {"color": p.text, "width": 0.6},
                "opacity": opacity,
                "fillcolor": colour,
                "fillpattern": {
                    "shape": shape,
                    "fgcolor": p.text if name == "dead" else "#1b1f24",
                    "fgopacity": 0.55,
                    "size": 7,
                    "bgcolor": colour,
                }
                if shape
                else None,
            }
        else:
            trace |= {"line": {"color": p.grid, "width": 0.8}}
        fig.add("scatter", **trace)
    if per_gpu > 1:
        x, y = outlines(whole_x, whole_y, w, h, gpu_groups(wafer, per_gpu))
        line = {"color": p.clone, "width": 3}
        name = f"one GPU: {per_gpu} dies"
        fig.add("scatter", x=x, y=y, mode="lines", line=line, hoverinfo="skip", name=name)
    fig.add(
        "scatter",
        x=wafer.x_mm,
        y=wafer.y_mm,
        mode="markers",
        marker={"symbol": "x-thin", "size": 5, "color": p.text, "line": {"width": 1.2, "color": p.text}},
        name=f"defects: {wafer.x_mm.size}",
        hoverinfo="skip",
    )
    reach = radius + 3
    fig.update_xaxes(visible=False, range=[-reach, reach], constrain="domain", fixedrange=True)
    fig.update_yaxes(visible=False, range=[-reach, reach], scaleanchor="x", constrain="domain", fixedrange=True)
    fig.update_layout(legend=LEGEND_BELOW)
    total = counts["good"] + counts["salvaged"] + counts["dead"]
    alt = (
        f"Wafer of {plain(title)}: {total} whole dies of {w:.1f} by {h:.1f} mm, of which {counts['good']} without a defect, "
        f"{counts['salvaged']} salvaged, {counts['dead']} dead; {counts['edge']} more are cut by the edge."
    )
    return finish(fig, dark=dark, height=height, alt=alt, title=plain(title))
