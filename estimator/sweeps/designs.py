"""Many designs on many processes: a table of chips (names, objects, a DataFrame, a file) through `estimate`, as one tidy table."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from estimator.errors import EstimatorError, InfeasibleError, InputError, check_installed, shown
from estimator.estimation import Estimate, estimate
from estimator.model.comparison import SAME_WORK
from estimator.model.options import check_options
from estimator.model.results import OUTPUT_STAGE
from estimator.parameters import library
from estimator.parameters.schema import Design, Node
from estimator.sweeps.layout import read_table

if TYPE_CHECKING:
    import pandas as pd

USUAL = (
    "clones_for_same_work",
    "power_for_same_work_w",
    "cost_for_same_work_usd",
    "die_area_mm2",
    "clock_ghz",
    "power_w",
    "tensor_tflops",
    "yield_fraction",
    "sellable_fraction",
    "unit_cost_usd",
    "junction_c",
)
"""Outputs of `estimate_many`, unless others are asked for."""
MOST_ROWS = 10_000
NEEDED = ("node", "die_area_mm2", "clock_ghz", "power_w")
"""What a row states to be a design of its own; one that states none of the numbers is a name of the library."""
_TEXTS = ("name", "node", "vendor", "architecture", "memory", "cooling", "package", "style", "foundry", "product_class")


def estimate_many(
    designs: Any,
    nodes: Any,
    *,
    outputs: Sequence[str] | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Every one of many designs on every one of some processes: one tidy table, a row for each pair.

    A row that cannot be used, or a pair that physics forbids, has its sentence in ``reason`` and no numbers; it does not stop
    the others. Each row is one call of `estimator.estimate`.

    Parameters
    ----------
    designs : list of names and Design objects, DataFrame, mapping of columns, or path of a CSV or Parquet file
        In a table each row is a chip: ``name, node, die_area_mm2, clock_ghz, power_w`` and any other field of a design, under
        the headings that tables of chips use (``TDP (W)``, ``Die size (mm^2)``, ``Process size (nm)`` with ``Foundry``). A row
        with a name alone is a design of the library. Columns that are no field of a design are left out; they are named in
        ``attrs["not_read"]`` of the result.
    nodes : str, Node, or list of these
        Target processes.
    outputs : list of str, optional
        Outputs of `estimate` or of its ``same_work``; without, `USUAL`.
    **options
        Options of `estimate`, the same for all.

    Returns
    -------
    pandas.DataFrame
        ``design, home_node, node``, the outputs, ``limited_by``, ``reason`` (empty where there is a result) and ``notes``.

    Raises
    ------
    InputError
        For an unknown output or option, no designs, or a table that cannot be read.

    Examples
    --------
    >>> table = estimate_many(["h100", "h2000"], ["12nm", "7nm"], outputs=["clock_ghz"])
    >>> list(table.columns), [bool(r) for r in table.reason]
    (['design', 'home_node', 'node', 'clock_ghz', 'limited_by', 'reason', 'notes'], [False, False, True, True])
    """
    check_installed("estimate_many", "sweep", "pandas")
    import pandas as pd

    chosen = tuple(USUAL if outputs is None else [outputs] if isinstance(outputs, str) else outputs)
    if unknown := [o for o in chosen if o not in (*OUTPUT_STAGE, *SAME_WORK)]:
        raise InputError(f"outputs: {shown(unknown[0])} is no output of estimate")
    check_options(options)
    asked, not_read = _asked(designs)
    targets = [nodes] if isinstance(nodes, str | Path | Node) else list(nodes)
    if not asked or not targets:
        raise InputError("estimate_many needs at least one design and one node")
    rows = [_row(said, design, node, chosen, options) for said, design in asked for node in targets]
    table = pd.DataFrame(rows, columns=["design", "home_node", "node", *chosen, "limited_by", "reason", "notes"])
    table.attrs["not_read"] = not_read
    return table


def _row(said: str, design: Any, node: Any, outputs: Sequence[str], options: Mapping[str, Any]) -> dict[str, object]:
    """One design on one process; a design that could not be read is its error."""
    to = str(getattr(node, "name", node))
    row: dict[str, object] = {"design": said, "home_node": "", "node": to, "limited_by": "", "reason": "", "notes": ""}
    row |= dict.fromkeys(outputs, math.nan)
    try:
        if isinstance(design, EstimatorError):
            raise design
        row["home_node"] = library.load_design(design).node
        est = estimate(design, node, **options)
    except InfeasibleError as error:
        return row | {"limited_by": error.limited_by, "reason": str(error)}
    except EstimatorError as error:
        return row | {"reason": str(error)}
    return row | {o: _value(est, o) for o in outputs} | {"limited_by": est.limited_by, "notes": "; ".join(est.notes)}


def _value(est: Estimate, output: str) -> Any:
    return est.same_work[output] if output in SAME_WORK else est.clone[output]


def _asked(designs: Any) -> tuple[list[tuple[str, Any]], list[str]]:
    """Each design as it is called and as it was read: a name, an object, or the error which says why it is none."""
    if isinstance(designs, str) and designs.endswith((".csv", ".parquet")):
        designs = Path(designs)
    if isinstance(designs, str | Design):
        designs = [designs]
    if isinstance(designs, list | tuple):
        return [(str(getattr(d, "name", d)), d) for d in designs], []
    if hasattr(designs, "columns") or isinstance(designs, Mapping | Path):
        return designs_of(designs)
    raise InputError(
        f"designs = {shown(designs)} must be a list of names or Design objects, a table, or the path of one"
    )


def designs_of(table: Any) -> tuple[list[tuple[str, Any]], list[str]]:
    """The chips of a table, a name and a Design (or an error that says why there is none) for each row; and columns not read.

    Examples
    --------
    >>> rows, left = designs_of({"Chip": ["a", "h100"], "Process size (nm)": [7, None], "Foundry": ["TSMC", None],
    ...     "Die size (mm^2)": [300, None], "Boost clock (MHz)": [1500, None], "TDP (W)": [200, None], "Colour": ["red", None]})
    >>> rows[0][1].node, float(rows[0][1].clock_ghz), rows[1][1], left
    ('tsmc-n7', 1.5, 'h100', ['Colour'])
    """
    frame = read_table(table, argument="designs")
    if len(frame) > MOST_ROWS:
        raise InputError(f"designs: the table has {len(frame):,} rows; at most {MOST_ROWS:,} are taken at once")
    read = {column: _field(str(column)) for column in frame.columns}
    if "name" not in [field for field, _ in read.values()]:
        raise InputError("designs: the table needs a column with names, such as 'name'")
    rows = [
        _design({column: row[column] for column in frame.columns if read[column][0]}, read, number)
        for number, row in enumerate(frame.to_dict("records"), 1)
    ]
    return rows, [str(c) for c, (field, _) in read.items() if not field]


def _field(heading: str) -> tuple[str, float]:
    """The field that a heading means ("" for none), and what its numbers are multiplied by."""
    tables = library.params_data("columns")
    if heading in Design.model_fields:
        return heading, 1.0
    text = heading.lower()
    parts = re.fullmatch(r"(.*?)(?:\(([^()]*)\)|,\s*([^,]*)| in (\S+)|[_ ]([a-z]+2?(?:_s)?))?\s*", text, re.DOTALL)
    unit = next((g for g in parts.groups()[1:] if g), "") if parts else ""
    base, unit = _letters(parts[1] if parts else text), _letters(unit)
    for key in (base, _letters(text), base + unit):
        field = tables["column"].get(key, "")
        known = tables["unit"].get(field, {})
        if field and (key != base or not unit or unit in known or not known):
            return field, float(known.get(unit, 1.0)) if key == base else 1.0
    return "", 1.0


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.replace("²", "2"))


def _design(row: Mapping[str, Any], read: Mapping[str, tuple[str, float]], number: int) -> tuple[str, Any]:
    """One row: what it is called, and a Design, a name of the library, or the error which says why it is neither."""
    data: dict[str, Any] = {}
    try:
        for column, cell in row.items():
            field, factor = read[column]
            if not _empty(cell) and field not in data:
                data[field] = _cell(column, field, cell, factor)
        name = str(data.get("name", "")) or f"row {number}"
        if "name" not in data:
            raise InputError(f"row {number} has no name")
        return name, _read(data)
    except EstimatorError as error:
        return str(data.get("name", "")) or f"row {number}", error


def _read(data: dict[str, Any]) -> Any:
    """A Design of the fields of a row; a name where it states no number that a design is made of."""
    base_ghz, foundry = data.pop("base_clock_ghz", None), data.pop("foundry", "")
    if base_ghz is not None:
        data.setdefault("clock_ghz", base_ghz)
    if not {"die_area_mm2", "dies", "clock_ghz", "power_w"} & {*data}:
        return data["name"]
    if missing := [n for n in NEEDED if n not in data]:
        raise InputError(f"{str(data['name'])[:80]!r} states no {', no '.join(missing)}")
    node = data["node"]
    size = re.fullmatch(r"(\d+(?:\.\d+)?)(?:\s*nm)?", str(node).strip(), re.IGNORECASE)
    data["node"] = _process(f"{float(size[1]):g}nm", foundry) if size else library.load_node(str(node)).name
    return Design(**data)


def _process(size: str, foundry: str) -> str:
    """The foundry's process of a size, or the usual one of that size where no foundry is named."""
    return str(library.load_node(f"{foundry.partition(',')[0]} {size}".strip()).name)


def _empty(cell: Any) -> bool:
    return cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell)) or str(cell) in ("NaT", "<NA>")


def _cell(column: str, field: str, cell: Any, factor: float) -> Any:
    """A cell as its field takes it; a text that is no number is one sentence."""
    if field in _TEXTS or field in ("label", "note", "workload"):
        return str(cell).strip()
    if field == "year":
        found = re.search(r"(19|20)\d\d", str(cell))
        if found is None:
            raise InputError(f"{column} = {shown(cell)} holds no year")
        return int(found[0])
    try:
        return factor * float(cell.replace(",", "").strip() if isinstance(cell, str) else cell)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{column} = {shown(cell)} is not a number") from None


def records(table: pd.DataFrame) -> Iterable[list[Any]]:
    """Rows of a table as plain cells, None where there is no number."""
    return ([None if _empty(c) else c for c in row] for row in table.itertuples(index=False, name=None))
