"""Ladder figures: any output over all nodes, ordered from old to new, from the rows of `estimator.sweeps.ladder`."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from textwrap import wrap
from typing import Any, Literal

import plotly.graph_objects as go

from estimator.figures.sketch import Sketch
from estimator.figures.style import LEGEND_ABOVE, SYMBOLS, axis_title, finish, log_ticks, palette, plain, unit_text
from estimator.quantities import describe, number
from estimator.sweeps.ladder import FOUNDRIES, LadderRow

LANES = {"gf": "GF"}
"""Shorter names of makers with few processes."""
Shown = Literal["ratios", "values"]


def ladder_figure(
    rows: Sequence[LadderRow],
    field: str,
    *,
    as_ratio: bool = True,
    here: str = "",
    home: str = "",
    dark: bool = False,
    height: int = 380,
    intervals: Mapping[str, tuple[float, float]] | None = None,
    chips: Sequence[tuple[str, float, str]] = (),
) -> go.Figure:
    """One output over all nodes, a symbol per foundry; impossible nodes are crossed and named.

    Parameters
    ----------
    rows : sequence of dict
        From `ladder_rows`.
    field : str
        Output to show.
    as_ratio : bool
        Show clone over original instead of the value.
    here, home : str
        Names of the target node and of the design's own node, which are marked.
    intervals : dict of (low, high), optional
        80 % interval per node name.
    chips : sequence of (node label, value, text)
        Real chips, drawn as hollow stars.
    """
    p = palette(dark)
    fig = Sketch()
    key: Shown = "ratios" if as_ratio else "values"
    names = _axis_names(rows)
    unit = "" if as_ratio else unit_text(field)
    _symbols(fig, rows, field, key=key, unit=unit, here=here, intervals=intervals, dark=dark)
    if chips:
        fig.add(
            "scatter",
            x=[names.get(c[0], plain(c[0])) for c in chips],
            y=[c[1] for c in chips],
            mode="markers",
            name="real chips",
            marker={"symbol": "star-open", "size": 12, "color": p.text, "line": {"width": 2}},
            text=[plain(c[2]) for c in chips],
            hoverinfo="text",
        )
    shown = [r[key][field] for r in rows if not r["wall"] and field in r[key]]
    impossible = [r for r in rows if r["wall"]]
    positive = [v for v in shown if v > 0]
    log = bool(positive) and len(positive) == len(shown) and max(positive) / min(positive) > 4
    if impossible and shown:
        _crosses(fig, impossible, names, min(shown), dark)
    _marks(fig, rows, here, home, dark)
    if as_ratio:
        fig.line_across("y", 1, color=p.muted, width=1)
    _node_axis(fig, list(names.values()), 11)
    title = f"{describe(field).long_name}, clone over original" if as_ratio else axis_title(field)
    scale = (
        {"type": "log", **log_ticks(min(positive), max(positive))} if log else {"type": "linear", "rangemode": "tozero"}
    )
    told = title.replace(", clone", ",<br>clone") + (" (logarithmic)" if log else "")
    fig.update_yaxes(title={"text": told}, fixedrange=True, **scale)
    lowest, highest = (min(shown), max(shown)) if shown else (math.nan, math.nan)
    alt = (
        f"{title} over {len(rows)} nodes from old to new: from {number(lowest, unit)} to {number(highest, unit)}; "
        f"impossible on {len(impossible)}"
        + (f" ({', '.join(r['label'] for r in impossible[:8])})" if impossible else "")
        + "."
    )
    fig.update_layout(legend=LEGEND_ABOVE)
    return finish(fig, dark=dark, height=height, alt=alt, top=92 if height < 450 else 64)


def _symbols(
    fig: Sketch,
    rows: Sequence[LadderRow],
    field: str,
    *,
    key: Shown,
    unit: str,
    here: str,
    intervals: Mapping[str, tuple[float, float]] | None,
    dark: bool,
) -> None:
    """The nodes on which the design can be, a symbol per foundry."""
    p, names = palette(dark), _axis_names(rows)
    for i, line in enumerate(FOUNDRIES):
        part = [r for r in rows if r["line"] == line and not r["wall"] and field in r[key]]
        if not part:
            continue
        marker = {
            "symbol": SYMBOLS[i],
            "size": 11,
            "color": p.series[i],
            "line": {"width": [2.5 if r["node"] == here else 0 for r in part], "color": p.clone},
        }
        text = [
            f"{plain(r['label'])}<br>{'× ' if key == 'ratios' else ''}{number(r[key][field], unit)}"
            f"<br>limited by {r.get('limited_by', '')}" + ("<br>coarse parameters" if r["coarse"] else "")
            for r in part
        ]
        fig.add(
            "scatter",
            x=[names[r["label"]] for r in part],
            y=[r[key][field] for r in part],
            mode="markers",
            error_y=_error_bars(part, key, field, intervals),
            name=FOUNDRIES[line],
            marker=marker,
            text=text,
            hoverinfo="text",
        )


def _error_bars(
    part: Sequence[LadderRow], key: Shown, field: str, intervals: Mapping[str, tuple[float, float]] | None
) -> dict[str, Any] | None:
    """Error bars of the nodes that have an interval."""
    if not intervals:
        return None
    pairs = [intervals.get(r["node"], (r[key][field], r[key][field])) for r in part]
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(b - r[key][field], 0) for (_, b), r in zip(pairs, part, strict=True)],
        "arrayminus": [max(r[key][field] - a, 0) for (a, _), r in zip(pairs, part, strict=True)],
        "thickness": 1.2,
    }


def _axis_names(rows: Sequence[LadderRow]) -> dict[str, str]:
    """Label of a node -> its name along the axis: without what stands in brackets, where that leaves it the only one."""
    short = {r["label"]: plain(r["label"].split(" (")[0]) for r in rows}
    often = Counter(short.values())
    return {label: name if often[name] == 1 else plain(label) for label, name in short.items()}


def _crosses(fig: Sketch, impossible: Sequence[LadderRow], names: Mapping[str, str], floor: float, dark: bool) -> None:
    """Nodes on which the design cannot be, crossed at the foot of the figure, with the wall."""
    p = palette(dark)
    fig.add(
        "scatter",
        x=[names[r["label"]] for r in impossible],
        y=[floor] * len(impossible),
        mode="markers+text",
        name="impossible",
        marker={"symbol": "x-thin", "size": 11, "color": p.wall, "line": {"width": 2.5, "color": p.wall}},
        text=_once(impossible),
        textposition="top center",
        textfont={"size": 11, "color": p.muted},
        hovertext=[plain(r["sentence"])[:160] for r in impossible],
        hoverinfo="text",
    )


def _once(impossible: Sequence[LadderRow]) -> list[str]:
    """The wall of each node, said once for neighbours with the same, at the middle of them."""
    texts: list[str] = []
    for wall, run in groupby(plain(r["wall"]) for r in impossible):
        count = len(list(run))
        texts += [wall if k == count // 2 else "" for k in range(count)]
    return texts


def _marks(fig: Sketch, rows: Sequence[LadderRow], here: str, home: str, dark: bool) -> None:
    """Lines at the design's own node and at the clone's."""
    p = palette(dark)
    labels = [plain(r["label"]) for r in rows]
    names = {r["node"]: plain(r["label"]) for r in rows}
    at = {n: labels.index(names[n]) for n in (home, here) if n in names}
    close = len(at) == 2 and abs(at[home] - at[here]) < len(labels) / 6
    for name, word, colour in ((home, "original", p.reference), (here, "clone", p.clone)):
        if name in names and (name != here or word == "clone"):
            side = "center" if not close else "left" if at[name] == max(at.values()) else "right"
            fig.line_across("x", labels.index(names[name]), color=colour, width=1.5, dash="dot")
            fig.add_annotation(
                x=labels.index(names[name]),
                y=1,
                yref="paper",
                text=word,
                showarrow=False,
                xanchor=side,
                yanchor="bottom",
                font={"color": colour, "size": 13},
            )


def _node_axis(fig: Sketch, labels: Sequence[str], size: int) -> None:
    """Nodes along the horizontal axis, in their order."""
    fig.update_xaxes(
        categoryorder="array",
        categoryarray=labels,
        range=[-0.7, len(labels) - 0.3],
        tickangle=-55,
        tickfont={"size": size},
        fixedrange=True,
    )


def lanes_figure(
    rows: Sequence[LadderRow],
    field: str,
    *,
    as_ratio: bool = True,
    here: str = "",
    home: str = "",
    dark: bool = False,
    height: int = 520,
    intervals: Mapping[str, tuple[float, float]] | None = None,
) -> go.Figure:
    """One output over all nodes, a lane for each foundry from its old processes to its new ones, with short labels.

    Parameters are those of `ladder_figure`. Impossible nodes stand as crosses in their lane, with the wall on hover.
    """
    p = palette(dark)
    key: Shown = "ratios" if as_ratio else "values"
    unit = "" if as_ratio else unit_text(field)
    lanes = [line for line in FOUNDRIES if any(r["line"] == line for r in rows)]
    fig = Sketch()
    shown = [r[key][field] for r in rows if not r["wall"] and field in r[key]]
    log = bool(shown) and min(shown) > 0
    ticks: list[tuple[float, str]] = []
    at = 0.0
    floor = min(shown, default=1.0)
    for lane in lanes:
        mine = [r for r in rows if r["line"] == lane]
        places = [at + k for k in range(len(mine))]
        ticks += [(x, _nm(r)) for x, r in zip(places, mine, strict=True)]
        fig.add_annotation(
            x=(places[0] + places[-1]) / 2, y=1, yref="paper", text=f"<b>{LANES.get(lane, FOUNDRIES[lane])}</b>", showarrow=False,
            yanchor="bottom", font={"size": 13},
        )  # fmt: skip
        can = [(x, r) for x, r in zip(places, mine, strict=True) if not r["wall"] and field in r[key]]
        part = [r for _, r in can]
        colours = [p.clone if r["node"] == here else p.reference if r["node"] == home else p.muted for r in part]
        fig.add(
            "scatter",
            x=[x for x, _ in can],
            y=[r[key][field] for r in part],
            mode="lines+markers",
            line={"color": p.grid, "width": 1.5},
            marker={
                "size": [13 if r["node"] in (here, home) else 9 for r in part],
                "color": colours,
                "symbol": ["diamond" if r["node"] == here else "circle" for r in part],
            },
            error_y=_error_bars(part, key, field, intervals),
            text=[
                f"{plain(r['label'])}<br>{'× ' if as_ratio else ''}{number(r[key][field], unit)}"
                f"<br>limited by {r.get('limited_by', '')}"
                for r in part
            ],
            hoverinfo="text",
        )
        cannot = [(x, r) for x, r in zip(places, mine, strict=True) if r["wall"]]
        fig.add(
            "scatter",
            x=[x for x, _ in cannot],
            y=[floor] * len(cannot),
            mode="markers",
            marker={"symbol": "x-thin", "size": 8, "color": p.wall, "line": {"width": 1.8, "color": p.wall}},
            text=[f"{plain(r['label'])}: impossible ({plain(r['wall'])})" for _, r in cannot],
            hoverinfo="text",
        )
        at += len(mine) + 1.2
    if as_ratio:
        fig.line_across("y", 1, color=p.muted, width=1)
    title = f"{describe(field).long_name}, clone over original" if as_ratio else axis_title(field)
    scale: dict[str, Any] = (
        {"type": "log", **log_ticks(min(shown), max(shown))} if log else {"type": "linear", "rangemode": "tozero"}
    )
    fig.update_yaxes(title={"text": title}, fixedrange=True, **scale)
    fig.update_xaxes(
        tickvals=[x for x, _ in ticks],
        ticktext=[t for _, t in ticks],
        tickangle=0,
        tickfont={"size": 10},
        range=[-1, at - 0.6],
        title={"text": "nm, old to new; crosses: impossible"},
        fixedrange=True,
        showgrid=False,
    )
    fig.update_layout(showlegend=False)
    impossible = sum(bool(r["wall"]) for r in rows)
    low, high = (min(shown), max(shown)) if shown else (math.nan, math.nan)
    alt = f"{title} in a lane for each foundry: from {number(low, unit)} to {number(high, unit)}; impossible on {impossible}."
    return finish(fig, dark=dark, height=height, alt=alt, top=40)


def _nm(row: LadderRow) -> str:
    """Short label of a node within its lane: the number of its generation."""
    return "?" if math.isnan(row["generation_nm"]) else f"{row['generation_nm']:g}"


def small_multiples(
    rows: Sequence[LadderRow],
    fields: Sequence[str],
    *,
    here: str = "",
    home: str = "",
    dark: bool = False,
    height: int = 520,
) -> go.Figure:
    """Ratios of several outputs over all nodes, two by two, on the same horizontal axis."""
    from plotly.subplots import make_subplots

    p = palette(dark)
    lines = math.ceil(len(fields) / 2)
    panels = make_subplots(
        rows=lines,
        cols=2,
        shared_xaxes=True,
        vertical_spacing=0.14,
        horizontal_spacing=0.08,
        subplot_titles=["<br>".join(wrap(describe(f).long_name, 22)) for f in fields],
    )
    fig = Sketch({k: v for k, v in panels.to_dict()["layout"].items() if k != "template"})
    names = _axis_names(rows)
    for i, field in enumerate(fields):
        panel = str(i + 1) if i else ""
        for k, line in enumerate(FOUNDRIES):
            part = [r for r in rows if r["line"] == line and not r["wall"] and field in r["ratios"]]
            if not part:
                continue
            fig.add(
                "scatter",
                x=[names[r["label"]] for r in part],
                y=[r["ratios"][field] for r in part],
                mode="markers",
                xaxis=f"x{panel}",
                yaxis=f"y{panel}",
                name=FOUNDRIES[line],
                legendgroup=line,
                showlegend=i == 0,
                marker={"symbol": SYMBOLS[k], "size": 8, "color": p.series[k]},
                text=[f"{plain(r['label'])}<br>× {number(r['ratios'][field])}" for r in part],
                hoverinfo="text",
            )
        fig.line_across("y", 1, panel, color=p.muted, width=1)
        for name, colour in ((home, p.reference), (here, p.clone)):
            index = next((k for k, r in enumerate(rows) if r["node"] == name), None)
            if index is not None:
                fig.line_across("x", index, panel, color=colour, width=1.2, dash="dot")
        values = [r["ratios"][field] for r in rows if not r["wall"] and field in r["ratios"]]
        if values and min(values) > 0:
            fig.update_layout(**{f"yaxis{panel}": {"type": "log", **log_ticks(min(*values, 1.0), max(*values, 1.0))}})
    _node_axis(fig, list(names.values()), 9)
    fig.update_yaxes(fixedrange=True)
    for head in fig.layout["annotations"]:
        head["font"] = {"size": 13}
    fig.update_layout(legend=LEGEND_ABOVE)
    alt = "Ratios over all nodes from old to new: " + "; ".join(
        f"{describe(f).long_name} from {number(min(v))} to {number(max(v))}"
        for f in fields
        if (v := [r["ratios"][f] for r in rows if not r["wall"] and f in r["ratios"]])
    )
    return finish(fig, dark=dark, height=height, alt=alt + ".", top=112)
