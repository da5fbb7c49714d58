"""Ladder: one design on all nodes, ordered from old to new: values and ratios of each, or the wall that it meets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypedDict

import numpy as np
from numpy.typing import ArrayLike

from estimator.errors import EstimatorError, InputError
from estimator.estimation import estimate
from estimator.model.batch import Points
from estimator.model.evaluate import at_home
from estimator.model.limits import LIMIT_WORDS
from estimator.model.options import NAME_COLUMNS, check_options, home_options
from estimator.model.results import Result
from estimator.parameters import library
from estimator.parameters.active import kept
from estimator.parameters.schema import Design, Node
from estimator.physics.operating_point import LIMITS

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
"""Outputs of a ladder, unless others are asked for."""
FOUNDRIES = {
    "tsmc": "TSMC",
    "samsung": "Samsung",
    "intel": "Intel",
    "gf": "GlobalFoundries",
    "smic": "SMIC",
    "other": "others",
}
"""Line of a node -> its maker's name."""


class LadderRow(TypedDict):
    """One node of a ladder.

    ``node`` is its name, ``label`` what a reader sees, ``line`` one of `FOUNDRIES`, ``generation_nm`` and ``year`` place it
    in time (NaN where unknown), ``coarse`` marks parameters without detail. ``wall`` is the limit that makes the node
    impossible, with a ``sentence``; else ``limited_by`` is what binds its clock, and ``values`` and ``ratios`` hold outputs.
    """

    node: str
    label: str
    line: str
    generation_nm: float
    year: float
    coarse: bool
    wall: str
    sentence: str
    limited_by: str
    values: dict[str, float]
    ratios: dict[str, float]


def ladder_nodes() -> list[Node]:
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
    nodes: Iterable[Node],
    options: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    reference_node: Any = None,
    fields: Sequence[str] = LADDER_FIELDS,
) -> list[LadderRow]:
    """One row per node: values and ratios of the fields, or the wall that makes the node impossible.

    All nodes run through the chain at once.

    Parameters
    ----------
    design : str, path or Design
    nodes : iterable of Node
        For example those of `ladder_nodes`.
    options : mapping, or one mapping for each node
        Those of `estimator.estimate`, single numbers.
    reference_node : str, path or Node, optional
        Compare with the same design built there, instead of with the published point at home.
    fields : sequence of str
        Outputs of a row.

    Examples
    --------
    >>> rows = ladder_rows("h100-sxm", ladder_nodes(), {"clock_ghz": 1.2})
    >>> rows[0]["wall"], rows[-1]["wall"], rows[-1]["ratios"]["die_area_mm2"] < 1
    ('package', '', True)
    """
    design, nodes = library.load_design(design), list(nodes)
    each = [dict(options)] * len(nodes) if isinstance(options, Mapping) else [dict(o) for o in options]
    rows: dict[int, LadderRow] = {}
    kinds: dict[Any, list[int]] = {}
    for k, given in enumerate(each):
        kinds.setdefault((tuple(sorted(given)), repr(home_options(given))), []).append(k)
    for members in kinds.values():
        found = _rows_at_once(design, [nodes[k] for k in members], [each[k] for k in members], reference_node, fields)
        rows |= dict(zip(members, found, strict=True))
    return [rows[k] for k in range(len(nodes))]


def _rows_at_once(
    design: Design, nodes: list[Node], options: list[dict[str, Any]], reference_node: Any, fields: Sequence[str]
) -> list[LadderRow]:
    """Rows of nodes whose options have the same names and the same home; what the chain cannot take is asked alone."""
    clone, taken = _points(design, nodes, options, fields)
    reference = _references(design, reference_node, options, fields)
    compared = bool(np.all(reference["feasible"]))
    base = {f: np.broadcast_to(reference[f], len(nodes)).tolist() for f in fields} if compared else {}
    rows: list[LadderRow] = []
    for k, node in enumerate(nodes):
        if not (taken[k] and compared):
            rows.append(_row_alone(design, node, options[k], reference_node, fields))
            continue
        row = _row(node)
        if not clone["feasible"][k]:
            wall = LIMITS[int(clone["limited_by"][k])]
            row["wall"], row["sentence"] = wall, f"{design.name} on {node.name}: {LIMIT_WORDS[wall].wall} ({wall})"
            rows.append(row)
            continue
        row["values"] = {f: float(clone[f][k]) for f in fields}
        row["ratios"] = {f: row["values"][f] / base[f][k] for f in fields if base[f][k] != 0}
        row["limited_by"] = LIMITS[int(clone["limited_by"][k])]
        rows.append(row)
    return rows


def _points(
    design: Design, nodes: list[Node], options: list[dict[str, Any]], fields: Sequence[str]
) -> tuple[Mapping[str, Any], Any]:
    """Outputs of one design on several nodes, and which nodes the chain could take."""
    named = {k: [o[k] for o in options] for k in options[0] if k in NAME_COLUMNS}
    numbers = {k: np.asarray([o[k] for o in options], float) for k in options[0] if k not in NAME_COLUMNS}
    outputs = (*fields, "feasible", "limited_by")
    alike = all(isinstance(v, str) and v == values[0] for values in named.values() for v in values)
    shipped = library.holds(design) and all(n.name in _positions() and library.holds(n) for n in nodes)
    index: dict[str, ArrayLike]
    if alike and shipped:
        points = _kept_points(design.name, tuple((k, v[0]) for k, v in named.items()), tuple(numbers), outputs)
        index = {"design": 0, "node": np.array([_positions()[n.name] for n in nodes]), **dict.fromkeys(named, 0)}
    else:
        points = Points({"design": [design], "node": nodes, **named}, tuple(numbers), outputs)
        index = {"design": 0, **dict.fromkeys(("node", *named), np.arange(len(nodes)))}
    done = points.evaluate(index, numbers)
    return done.values, done.reason == 0


@cache
def _positions() -> dict[str, int]:
    return {n.name: k for k, n in enumerate(ladder_nodes())}


@kept(most=48)
def _kept_points(
    design: str, named: tuple[tuple[str, str], ...], numbers: tuple[str, ...], outputs: tuple[str, ...]
) -> Points:
    """Points of one design on all nodes of the library: their tables (some 0.2 MiB) take longer than all outputs.

    All are made here; evaluation only reads them, so that threads may share them.
    """
    names: dict[str, list[Any]] = {"design": [design], "node": list(_positions()), **{k: [v] for k, v in named}}
    points = Points(names, numbers, outputs)
    points.evaluate({**dict.fromkeys(names, 0), "node": np.arange(len(_positions()))}, dict.fromkeys(numbers, 1.0))
    return points


def _references(
    design: Design, node: Any, options: list[dict[str, Any]], fields: Sequence[str]
) -> Mapping[str, Any] | Result:
    """Outputs of the reference: at home they are the same for every node, elsewhere they follow each one's options."""
    if node is not None:
        values, taken = _points(design, [library.load_node(node)] * len(options), options, fields)
        return {**values, "feasible": taken & values["feasible"]}
    try:
        return at_home(design, check_options(options[0])).result
    except EstimatorError:
        return {"feasible": False}


def _row_alone(
    design: Design, node: Node, options: dict[str, Any], reference_node: Any, fields: Sequence[str]
) -> LadderRow:
    """Row of one node by itself."""
    try:
        est = estimate(design, node, reference_node=reference_node, **options)
    except EstimatorError as error:
        return impossible_row(node, error)
    row = _row(node)
    row["values"] = {f: float(est.clone[f]) for f in fields}
    row["ratios"] = {f: float(est.ratio[f]) for f in fields if f in est.ratio}
    row["limited_by"] = est.limited_by
    return row


def _row(node: Node) -> LadderRow:
    """Row of a node, without its outputs."""
    return {
        "node": node.name,
        "label": node.label or node.name,
        "line": node.line if node.line in FOUNDRIES else "other",
        "generation_nm": float(node.generation_nm or math.nan),
        "year": float(node.volume_year or math.nan),
        "coarse": node.coarse,
        "wall": "",
        "sentence": "",
        "limited_by": "",
        "values": {},
        "ratios": {},
    }


def impossible_row(node: Node, error: EstimatorError) -> LadderRow:
    """Row of a node on which the design cannot be built: the wall and the sentence."""
    row = _row(node)
    row["wall"], row["sentence"] = getattr(error, "limited_by", "not applicable"), str(error)
    return row
