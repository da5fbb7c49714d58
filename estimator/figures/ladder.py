"""Ladder: one design on all nodes, any output, ordered from old to new."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import groupby
from textwrap import wrap
from typing import Any

import numpy as np
import plotly.graph_objects as go

from estimator.errors import EstimatorError, InputError
from estimator.estimation import WALLS, estimate
from estimator.figures.sketch import Sketch
from estimator.figures.style import LEGEND_ABOVE, SYMBOLS, axis_title, finish, log_ticks, palette, plain, unit_text
from estimator.model.batch import Points
from estimator.model.evaluate import at_home
from estimator.model.options import NAME_COLUMNS, check_options, home_options
from estimator.model.words import number
from estimator.parameters import library
from estimator.physics.operating_point import LIMITS
from estimator.quantities import describe

HEADLINE_RATIOS = ("die_area_mm2", "seconds_per_eflop", "power_w", "unit_cost_usd")
LADDER_FIELDS = (
    "die_area_mm2",
    "seconds_per_eflop",
    "power_w",
    "unit_cost_usd",
    "energy_per_eflop_j",
    "usd_per_tflops",
    "clock_ghz",
    "tensor_tflops",
    "dies",
    "yield_fraction",
    "sellable_fraction",
    "junction_c",
    "heat_flux_w_mm2",
    "silicon_cost_usd",
    "full_cost_usd",
    "nre_usd_per_unit",
    "gross_dies_per_wafer",
    "wire_share_fraction",
    "die_crossing_cycles",
)
LINES = ("tsmc", "samsung", "intel", "gf", "smic", "other")
_LINE_NAMES = {
    "tsmc": "TSMC",
    "samsung": "Samsung",
    "intel": "Intel",
    "gf": "GlobalFoundries",
    "smic": "SMIC",
    "other": "others",
}


def ladder_nodes() -> list[Any]:
    """All nodes that are complete, from the oldest label to the newest (ties by year of volume production)."""
    nodes = []
    for name in library.names("node"):
        try:
            nodes.append(library.load_node(name))
        except InputError:
            continue
    return sorted(nodes, key=lambda n: (-float(n.generation_nm or 0), float(n.volume_year or 0), n.name))


def ladder_rows(
    design: Any,
    nodes: Iterable[Any],
    options: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    reference_node: Any = None,
    fields: Sequence[str] = LADDER_FIELDS,
) -> list[dict[str, Any]]:
    """One row per node: values and ratios of the fields, or the wall that makes the node impossible.

    All nodes run through the chain at once. ``options`` are those of `estimator.estimate` (scalars), for all nodes or one
    mapping for each.
    """
    design, nodes = library.load_design(design), list(nodes)
    each = [dict(options)] * len(nodes) if isinstance(options, Mapping) else [dict(o) for o in options]
    rows: dict[int, dict[str, Any]] = {}
    kinds: dict[Any, list[int]] = {}
    for k, given in enumerate(each):
        kinds.setdefault((tuple(sorted(given)), repr(home_options(given))), []).append(k)
    for members in kinds.values():
        found = _rows_at_once(design, [nodes[k] for k in members], [each[k] for k in members], reference_node, fields)
        rows |= dict(zip(members, found, strict=True))
    return [rows[k] for k in range(len(nodes))]


def _rows_at_once(
    design: Any, nodes: list[Any], options: list[dict[str, Any]], reference_node: Any, fields: Sequence[str]
) -> list[dict[str, Any]]:
    """Rows of nodes whose options have the same names and the same home; what the chain cannot take is asked alone."""
    clone, taken = _points(design, nodes, options, fields)
    reference = _references(design, reference_node, options, fields)
    compared = bool(np.all(reference["feasible"]))
    base = {f: np.broadcast_to(reference[f], len(nodes)).tolist() for f in fields} if compared else {}
    rows = []
    for k, node in enumerate(nodes):
        if not (taken[k] and compared):
            rows.append(_row_alone(design, node, options[k], reference_node, fields))
            continue
        row = _row(node)
        if not clone["feasible"][k]:
            wall = LIMITS[int(clone["limited_by"][k])]
            rows.append({**row, "wall": wall, "sentence": f"{design.name} on {node.name}: {WALLS[wall]} ({wall})"})
            continue
        row["values"] = {f: float(clone[f][k]) for f in fields}
        row["ratios"] = {f: row["values"][f] / base[f][k] for f in fields if base[f][k] != 0}
        row["limited_by"] = LIMITS[int(clone["limited_by"][k])]
        rows.append(row)
    return rows


def _points(design: Any, nodes: list[Any], options: list[dict[str, Any]], fields: Sequence[str]) -> tuple[Any, Any]:
    """Outputs of one design on several nodes, and which nodes the chain could take."""
    named = {k: [o[k] for o in options] for k in options[0] if k in NAME_COLUMNS}
    numbers = {k: np.asarray([o[k] for o in options], float) for k in options[0] if k not in NAME_COLUMNS}
    outputs = (*fields, "feasible", "limited_by")
    alike = all(isinstance(v, str) and v == values[0] for values in named.values() for v in values)
    shipped = library.holds(design) and all(n.name in _positions() and library.holds(n) for n in nodes)
    if alike and "memory_stacks" not in numbers and shipped:
        points = _kept(design.name, tuple((k, v[0]) for k, v in named.items()), tuple(numbers), outputs)
        index = {"design": 0, "node": np.array([_positions()[n.name] for n in nodes]), **dict.fromkeys(named, 0)}
    else:
        points = Points({"design": [design], "node": nodes, **named}, tuple(numbers), outputs)
        index = {"design": 0, **dict.fromkeys(("node", *named), np.arange(len(nodes)))}
    done = points.evaluate(index, numbers)
    return done.values, done.reason == 0


@cache
def _positions() -> dict[str, int]:
    return {n.name: k for k, n in enumerate(ladder_nodes())}


@lru_cache(maxsize=48)
def _kept(
    design: str, named: tuple[tuple[str, str], ...], numbers: tuple[str, ...], outputs: tuple[str, ...]
) -> Points:
    """Points of one design on all nodes of the library: their tables (some 0.2 MiB) take longer than all outputs.

    All are made here; evaluation only reads them, so that threads may share them.
    """
    names: dict[str, list[Any]] = {"design": [design], "node": list(_positions()), **{k: [v] for k, v in named}}
    points = Points(names, numbers, outputs)
    points.evaluate({**dict.fromkeys(names, 0), "node": np.arange(len(_positions()))}, dict.fromkeys(numbers, 1.0))
    return points


def _references(design: Any, node: Any, options: list[dict[str, Any]], fields: Sequence[str]) -> Any:
    """Outputs of the reference: at home they are the same for every node, elsewhere they follow each one's options."""
    if node is not None:
        values, taken = _points(design, [library.load_node(node)] * len(options), options, fields)
        return {**values, "feasible": taken & values["feasible"]}
    try:
        return at_home(design, check_options(options[0])).result
    except EstimatorError:
        return {"feasible": False}


def _row_alone(
    design: Any, node: Any, options: dict[str, Any], reference_node: Any, fields: Sequence[str]
) -> dict[str, Any]:
    try:
        est = estimate(design, node, reference_node=reference_node, **options)
    except EstimatorError as error:
        return impossible_row(node, error)
    row = _row(node)
    row["values"] = {f: float(est.clone[f]) for f in fields}
    row["ratios"] = {f: float(est.ratio[f]) for f in fields if f in est.ratio}
    row["limited_by"] = est.limited_by
    return row


def _row(node: Any) -> dict[str, Any]:
    return {
        "node": node.name,
        "label": node.label or node.name,
        "line": node.line if node.line in LINES else "other",
        "generation_nm": float(node.generation_nm or math.nan),
        "year": float(node.volume_year or math.nan),
        "coarse": node.coarse,
        "wall": "",
        "sentence": "",
        "limited_by": "",
        "values": {},
        "ratios": {},
    }


def impossible_row(node: Any, error: EstimatorError) -> dict[str, Any]:
    """Row of a node on which the design cannot be built: the wall and the sentence."""
    return {**_row(node), "wall": getattr(error, "limited_by", "not applicable"), "sentence": str(error)}


def ladder_figure(
    rows: Sequence[Mapping[str, Any]],
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
    key = "ratios" if as_ratio else "values"
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
    rows: Sequence[Mapping[str, Any]],
    field: str,
    *,
    key: str,
    unit: str,
    here: str,
    intervals: Mapping[str, tuple[float, float]] | None,
    dark: bool,
) -> None:
    """The nodes on which the design can be, a symbol per foundry."""
    p, names = palette(dark), _axis_names(rows)
    for i, line in enumerate(LINES):
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
            name=_LINE_NAMES[line],
            marker=marker,
            text=text,
            hoverinfo="text",
        )


def _error_bars(
    part: Sequence[Mapping[str, Any]], key: str, field: str, intervals: Mapping[str, tuple[float, float]] | None
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


def _axis_names(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Label of a node -> its name along the axis: without what stands in brackets, where that leaves it the only one."""
    short = {r["label"]: plain(r["label"].split(" (")[0]) for r in rows}
    often = Counter(short.values())
    return {label: name if often[name] == 1 else plain(label) for label, name in short.items()}


def _crosses(
    fig: Sketch, impossible: Sequence[Mapping[str, Any]], names: Mapping[str, str], floor: float, dark: bool
) -> None:
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


def _once(impossible: Sequence[Mapping[str, Any]]) -> list[str]:
    """The wall of each node, said once for neighbours with the same, at the middle of them."""
    texts: list[str] = []
    for wall, run in groupby(plain(r["wall"]) for r in impossible):
        count = len(list(run))
        texts += [wall if k == count // 2 else "" for k in range(count)]
    return texts


def _marks(fig: Sketch, rows: Sequence[Mapping[str, Any]], here: str, home: str, dark: bool) -> None:
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


def small_multiples(
    rows: Sequence[Mapping[str, Any]],
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
        for k, line in enumerate(LINES):
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
                name=_LINE_NAMES[line],
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
