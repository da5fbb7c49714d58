"""The tray: pinned scenarios as aligned columns, as a picture's panels, and as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from estimator import EstimatorError, figures
from estimator.files import csv_text
from estimator.model import LIMIT_WORDS
from estimator.quantities import number
from estimator.uses import barriers_of, export_class, yearly
from page.shared import links, results
from page.shared import state as states
from page.shared.headlines import short
from page.shared.state import State


class Row(NamedTuple):
    """One line of the table: words, unit, and the output it shows (with an interval where it is sampled)."""

    words: str
    unit: str
    field: str


ROWS = (
    Row("16-bit tensor rate", "TFLOPS", "tensor_tflops"),
    Row("power", "W", "power_w"),
    Row("rate per watt", "TFLOPS/W", "tflops_per_w"),
    Row("recurring cost", "USD", "unit_cost_usd"),
    Row("all-in cost", "USD", "full_cost_usd"),
    Row("silicon", "mm²", "die_area_mm2"),
    Row("GPUs from a wafer", "", "gpus_per_wafer"),
    Row("memory bandwidth", "GB/s", "memory_bw_gb_s"),
)
LASTING = "GPUs a year"


class Column(NamedTuple):
    """One scenario: its name, values, intervals, sentences, and the output of a year."""

    name: str
    values: dict[str, float]
    spans: dict[str, tuple[float, float]]
    words: dict[str, str]
    fault: str


def state_of(pin: str) -> State:
    """State of a pinned scenario."""
    found = links.parse({k: v for k, v in parse_qs(pin).items() if k not in links.UPLOADS})
    return states.with_values(states.defaults(), found.values)


@lru_cache(maxsize=32)
def column(pin: str) -> Column:
    """Everything of one scenario that the tray shows."""
    state = state_of(pin)
    design, node = states.design_of(state), states.node_of(state)
    home = node.name == design.node
    name = short(design.label or design.name) + ("" if home else f" on {short(node.label or node.name)}")
    try:
        est = results.estimate(state)
    except EstimatorError as error:
        return Column(name, {}, {}, {}, str(error).split(";")[0])
    spans = results.intervals(state).get("clone", {})
    year = yearly(est)
    walls = "; ".join(b.words for b in barriers_of(est)) or "none"
    causes = {k: float(v) for k, v in est.causes["time"].items() if abs(float(v) - 1) > 5e-3}
    strongest = sorted(causes, key=lambda k: -abs(math.log(causes[k])))[:2]
    return Column(
        name,
        {row.field: float(est.clone[row.field]) for row in ROWS} | {LASTING: _rounded(year.gpus.central)},
        {row.field: (spans[row.field][0], spans[row.field][2]) for row in ROWS if row.field in spans}
        | {LASTING: (_rounded(year.gpus.low), _rounded(year.gpus.high))},
        {
            "what binds": LIMIT_WORDS[est.limited_by].binds.split(":")[0],
            "slower by": ", ".join(f"{k} × {causes[k]:.2f}" for k in strongest) or "nothing: it is the original",
            "beyond today": walls,
            "export class": str(export_class(est).clone.label),
            "made in": est.date_words,
        },
        "",
    )


def _rounded(value: Any) -> float:
    """A number with the three digits that count."""
    return float(f"{float(value):.3g}")


def panels(columns: Sequence[Column]) -> list[figures.Panel]:
    """Panels of the picture."""
    shown = [ROWS[k] for k in (0, 1, 3, 5, 6, 7)]
    rows = [*shown, ROWS[2], Row(LASTING, "", LASTING)]
    return [
        figures.Panel(
            row.words,
            row.unit,
            [c.values.get(row.field, math.nan) for c in columns],
            [c.spans.get(row.field) for c in columns],
        )
        for row in rows
    ]


def table(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Lines of the table: value, 80 % interval, and the ratio to the first column."""
    lines: list[dict[str, Any]] = []
    for row in (*ROWS, Row(LASTING, "", LASTING)):
        line: dict[str, Any] = {"": row.words}
        first = columns[0].values.get(row.field, math.nan)
        for k, c in enumerate(columns):
            value, span = c.values.get(row.field, math.nan), c.spans.get(row.field)
            text = number(value, row.unit) if math.isfinite(value) else "unknown"
            if span and all(map(math.isfinite, span)) and span[0] < span[1]:
                text += f" ({number(span[0])} to {number(span[1])})"
            if k and math.isfinite(value) and first:
                text += f", × {value / first:.2f}"
            line[_head(columns, k)] = text
        lines.append(line)
    return lines + [
        {"": words} | {_head(columns, k): c.words[words] for k, c in enumerate(columns)} for words in columns[0].words
    ]


def _head(columns: Sequence[Column], k: int) -> str:
    """Heading of a column; two of the same name are told apart."""
    same = sum(c.name == columns[k].name for c in columns[:k])
    return columns[k].name + (f" ({same + 1})" if same else "")


def as_csv(columns: Sequence[Column]) -> str:
    """The table as CSV."""
    lines = table(columns)
    heads = list(lines[0])
    return csv_text(["quantity", *heads[1:]], ([line[h] for h in heads] for line in lines))


def as_markdown(columns: Sequence[Column]) -> str:
    """The table as Markdown."""
    lines = table(columns)
    heads = list(lines[0])
    rows = [heads, ["---"] * len(heads), *([str(line[h]).replace("|", "/") for h in heads] for line in lines)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"
