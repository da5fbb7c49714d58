"""Figures of the operating point: clock against supply with its walls, power against clock, where the power goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from estimator.figures.sketch import Sketch
from estimator.figures.split import stacked_split
from estimator.figures.style import axis_title, finish, palette, plain
from estimator.model.limits import LIMIT_WORDS
from estimator.model.views import Which, supplies
from estimator.quantities import number
from estimator.sweeps.operating_curves import ClockSweep, clock_sweep, timing_curve

if TYPE_CHECKING:
    from estimator.estimation import Estimate


def _sides(est: Estimate, dark: bool) -> tuple[tuple[Which, str, str, Any, Any, str], ...]:
    """Side, its word, colour, outputs, process and dash, the original first."""
    p = palette(dark)
    return (
        ("reference", "original", p.reference, est.reference, est.reference_node, "dash"),
        ("clone", "clone", p.clone, est.clone, est.node, "solid"),
    )


def _here(side: str, colour: str, dark: bool) -> dict[str, Any]:
    """Marker of a side's operating point."""
    symbol = "diamond" if side == "clone" else "circle"
    return {"size": 13, "color": colour, "symbol": symbol, "line": {"width": 1.5, "color": palette(dark).text}}


def voltage_frequency(
    est: Estimate, sweep: Mapping[Which, ClockSweep] | None = None, *, dark: bool = False, height: int = 400
) -> go.Figure:
    """Clock against supply voltage of original and clone, with the operating points and the walls of the clone.

    Parameters
    ----------
    est : Estimate
        A scalar estimate.
    sweep : dict, optional
        From `estimator.sweeps.operating_curves.clock_sweep`, which is asked where it is not given.
    dark : bool
        Colours for a dark background.
    height : int
        Height of the figure in pixels.
    """
    p = palette(dark)
    sweep = clock_sweep(est) if sweep is None else sweep
    fig = Sketch()
    top = 0.0
    low_v, high_v = 9.0, 0.0
    for side, word, colour, values, node, dash in _sides(est, dark):
        volts, clocks = timing_curve(est, side)
        fig.add(
            "scatter",
            x=volts,
            y=clocks,
            mode="lines",
            line={"color": colour, "dash": dash, "width": 2.5},
            name=f"{word}: what timing allows on {plain(node.label or node.name)}",
            hovertemplate=word + ": %{y:.3f} GHz at %{x:.3f} V<extra></extra>",
        )
        fig.add(
            "scatter",
            x=[values.supply_v],
            y=[values.clock_ghz],
            mode="markers+text",
            marker=_here(side, colour, dark),
            text=[f"{word} {values.clock_ghz:.2f} GHz at {values.supply_v:.2f} V"],
            textposition="bottom right",
            textfont={"color": colour},
            showlegend=False,
            cliponaxis=False,
            hovertemplate=f"{word} runs at %{{y:.3f}} GHz, %{{x:.3f}} V<extra></extra>",
        )
        top = max(top, float(clocks[-1]))
        low_v, high_v = min(low_v, volts[0]), max(high_v, volts[-1])
    _supply_marks(fig, est, dark)
    clone = sweep.get("clone")
    if clone and clone["wall"] in ("temperature", "power", "runaway") and clone["top_ghz"] < top:
        fig.line_across("y", clone["top_ghz"], color=p.clone, width=1.5, dash="dot")
        fig.add_annotation(
            x=0,
            xref="paper",
            y=clone["top_ghz"],
            text=f"clone: {LIMIT_WORDS[clone['wall']].beyond} {clone['top_ghz']:.2f} GHz",
            showarrow=False,
            xanchor="left",
            yanchor="top",
            font={"color": p.clone, "size": 12},
        )
    room = (high_v - low_v) * 0.08
    fig.update_xaxes(title={"text": axis_title("supply_v")}, range=[low_v - room, high_v + room * 2.5], fixedrange=True)
    fig.update_yaxes(title={"text": axis_title("clock_ghz")}, range=[0, top * 1.1], fixedrange=True)
    c, r, volt = est.clone, est.reference, supplies(est)
    alt = (
        f"Clock against supply voltage: the clone runs at {c.clock_ghz:.2f} GHz and {c.supply_v:.2f} V, the original at "
        f"{r.clock_ghz:.2f} GHz and {r.supply_v:.2f} V. The clone's process works from {volt.lowest_v:.2f} to "
        f"{volt.highest_v:.2f} V. What binds the clone: {est.limited_by}."
    )
    return finish(fig, dark=dark, height=height, alt=alt)


def _supply_marks(fig: Sketch, est: Estimate, dark: bool) -> None:
    """Lines at the lowest, the allowed and the highest supply of the clone."""
    p = palette(dark)
    for volt, word in zip(supplies(est), ("lowest supply", "supply allowed", "highest supply"), strict=True):
        fig.line_across("x", volt, color=p.wall, width=1, dash="dot")
        fig.add_annotation(
            x=volt,
            y=0,
            yref="paper",
            text=word,
            textangle=-90,
            showarrow=False,
            xanchor="right",
            yanchor="bottom",
            font={"size": 11, "color": p.muted},
        )


def power_clock(
    est: Estimate, sweep: Mapping[Which, ClockSweep] | None = None, *, dark: bool = False, height: int = 400
) -> go.Figure:
    """Module power against clock of original and clone, up to the wall that ends each curve."""
    p = palette(dark)
    sweep = clock_sweep(est) if sweep is None else sweep
    fig = Sketch()
    ends = []
    most_w = most_f = 0.0
    for side, word, colour, values, _, dash in _sides(est, dark):
        if side not in sweep:
            continue
        s = sweep[side]
        told = f"{word}: {LIMIT_WORDS[s['wall']].beyond} {s['top_ghz']:.2f} GHz" if s["wall"] else word
        fig.add(
            "scatter",
            x=s["grid_ghz"],
            y=s["power_w"],
            mode="lines",
            line={"color": colour, "dash": dash, "width": 2.5},
            name=told,
            customdata=np.stack([s["supply_v"], s["junction_c"]], axis=1),
            hovertemplate=word
            + ": %{y:,.0f} W at %{x:.2f} GHz, %{customdata[0]:.2f} V, %{customdata[1]:.0f} °C<extra></extra>",
        )
        fig.add(
            "scatter",
            x=[values.clock_ghz],
            y=[values.power_w],
            mode="markers",
            showlegend=False,
            marker=_here(side, colour, dark),
            hovertemplate=f"{word} runs here: %{{y:,.0f}} W at %{{x:.2f}} GHz<extra></extra>",
        )
        finite = np.isfinite(s["power_w"])
        if finite.any():
            most_w = max(most_w, float(s["power_w"][finite].max()), float(values.power_w))
            most_f = max(most_f, s["top_ghz"], float(values.clock_ghz))
            x, y = s["top_ghz"], float(s["power_w"][finite][-1])
            if s["wall"]:
                ends.append(told)
                fig.add(
                    "scatter",
                    x=[x],
                    y=[y],
                    mode="markers",
                    marker={"symbol": "x", "size": 11, "color": colour},
                    showlegend=False,
                    hovertemplate=f"{told}<extra></extra>",
                )
    allowed = est.options.get("power_limit_w")
    if isinstance(allowed, float):
        fig.line_across("y", allowed, color=p.wall, dash="dot")
        fig.add_annotation(
            x=1, xref="x domain", y=allowed, text="power limit", showarrow=False, xanchor="right", yanchor="bottom"
        )
    fig.update_xaxes(title={"text": axis_title("clock_ghz")}, range=[0, most_f * 1.12 or 1], fixedrange=True)
    fig.update_yaxes(title={"text": axis_title("power_w")}, range=[0, most_w * 1.18 or 1], fixedrange=True)
    c = est.clone
    alt = (
        f"Module power against clock. The clone runs at {c.clock_ghz:.2f} GHz and {number(c.power_w, 'W')}. "
        + "; ".join(ends)
        + "."
    )
    return finish(fig, dark=dark, height=height, alt=alt)


def power_split(est: Estimate, *, dark: bool = False, height: int = 260) -> go.Figure:
    """Where the power goes, in the original and in the clone."""
    return stacked_split(est, "power_w", dark=dark, height=height)
