"""The validation report: all rows, a summary per group beside its baselines, as text, data and Markdown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from estimator.files import write_text
from estimator.parameters import library
from estimator.validation.rows import Row

STORED = "validation_report.json"
EXACT_GROUPS = (
    "formulas of other tools",
    "chip price under CSET's 2020 assumptions",
    "operating cost under CSET's 2020 assumptions",
)
"""Groups that check arithmetic and not silicon: they stay out of the coverage of intervals."""


def _builders() -> tuple[Callable[[], Sequence[Row]], ...]:
    from estimator.validation import area_rows, cost_rows, electrical_rows, power_clock_rows, tool_rows, work_rows

    return (
        area_rows.area_rows,
        electrical_rows.electrical_rows,
        power_clock_rows.power_clock_rows,
        cost_rows.bill_of_materials_rows,
        cost_rows.cset_rows,
        cost_rows.temperature_rows,
        tool_rows.tool_rows,
        work_rows.training_rows,
        work_rows.cset_operation_rows,
    )


Builder: TypeAlias = Callable[[], Sequence[Row]]


@cache
def _built(build: Builder) -> tuple[Row, ...]:
    return tuple(build())


def all_rows(each: Callable[[Sequence[Builder]], Iterable[Builder]] = iter) -> tuple[Row, ...]:
    """Every validation row, computed once by a process; `each` walks through the parts, for example with a progress bar."""
    return tuple(row for build in each(_builders()) for row in _built(build))


def unused_rows() -> list[tuple[str, str, str]]:
    """Rows of the data tables that are not used: table, row, reason."""
    from estimator.validation import area_rows, cost_rows, power_clock_rows, work_rows

    return [
        *area_rows.excluded_rows(),
        *power_clock_rows.unused_rows(),
        *cost_rows.unused_rows(),
        *work_rows.unused_rows(),
    ]


def summary(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """Per group: rows, families, median, 90th percentile and worst absolute error, coverage, width, baselines.

    ``coverage_by_family`` counts each product family once; ``width`` is the median of high over low minus one;
    ``baselines`` maps each simpler rule to its median and 90th percentile on the rows it can answer.
    """
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    return {group: _line(members) for group, members in groups.items()}


def _line(rows: list[Row]) -> dict[str, Any]:
    error = np.abs([c.error for c in rows])
    inside = np.array([c.inside for c in rows], float)
    family = np.array([c.family for c in rows])
    names = sorted(set(family.tolist()))
    line: dict[str, Any] = {
        "rows": len(rows),
        "families": len(names),
        "median": float(np.median(error)),
        "p90": float(np.quantile(error, 0.9)),
        "worst": float(error.max()),
        "worst_case": rows[int(error.argmax())].case,
        "coverage": float(inside.mean()),
        "coverage_by_family": float(np.mean([inside[family == n].mean() for n in names])),
        "width": float(np.median([c.high / c.low - 1 for c in rows])) if all(c.low > 0 for c in rows) else None,
        "baselines": {},
    }
    for rule in dict.fromkeys(n for c in rows for n in c.baselines):
        known = np.abs([c.baselines[rule] / c.real - 1 for c in rows if rule in c.baselines])
        line["baselines"][rule] = {
            "rows": len(known),
            "median": float(np.median(known)),
            "p90": float(np.quantile(known, 0.9)),
        }
    return line


def coverage(rows: Sequence[Row]) -> dict[str, float]:
    """Coverage of the 80 % intervals over all rows of silicon, by row and with each family counted once."""
    line = _line([r for r in rows if r.group not in EXACT_GROUPS])
    return {k: line[k] for k in ("rows", "families", "coverage", "coverage_by_family", "width")}


def as_data(rows: Sequence[Row]) -> dict[str, Any]:
    """The report as plain data for JSON and the page."""
    return {
        "coverage": coverage(rows),
        "groups": summary(rows),
        "cases": [{**asdict(c), "error": c.error, "inside": c.inside} for c in rows],
        "unused": [{"table": t, "row": r, "reason": why} for t, r, why in unused_rows()],
    }


def stored() -> tuple[Row, ...]:
    """The rows of the report that was last saved (params/validation_report.json): quick, for the page and README."""
    saved = json.loads(library.params_text(STORED))
    return tuple(Row(**{**row, "removed": tuple(row["removed"])}) for row in saved)


def save(rows: Sequence[Row]) -> None:
    """Save the rows for `stored`, the file whole or not at all; numbers with six significant digits."""

    def short(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: short(v) for k, v in value.items()}
        return float(f"{value:.6g}") if isinstance(value, float) else value

    path = library.params_folder() / STORED
    lines = [json.dumps(short(asdict(c)), ensure_ascii=False) for c in rows]
    write_text(path, "[\n" + ",\n".join(lines) + "\n]\n")


def honest_sentence(rows: Sequence[Row]) -> str:
    """One sentence that says how wrong the model is."""
    c = coverage(rows)
    s = summary(rows)
    parts = "; ".join(
        f"{group} {100 * line['median']:.1f} % (n = {line['rows']})"
        for group, line in s.items()
        if group not in EXACT_GROUPS
    )
    return (
        f"On {c['rows']:.0f} real values that it was not fitted to, {100 * c['coverage']:.0f} % lie inside the 80 % interval "
        f"({100 * c['coverage_by_family']:.0f} % with each product family counted once); median error: {parts}."
    )


def text_lines(rows: Sequence[Row]) -> list[str]:
    """The report as lines of text: a table of rows per group, then its summary and baselines."""
    out: list[str] = []
    for group, line in summary(rows).items():
        out += ["", f"## {group}", ""]
        out.append(f"{'case':58s} {'real':>10s} {'predicted':>10s} {'error':>8s} {'80 % interval':>23s} inside?")
        for c in (c for c in rows if c.group == group):
            interval = f"{c.low:.4g} - {c.high:.4g}"
            out.append(
                f"{c.case[:58]:58s} {c.real:10.4g} {c.predicted:10.4g} {100 * c.error:7.1f}% {interval:>23s} "
                f"{'yes' if c.inside else 'NO'}"
            )
        out += summary_lines(group, line)
    return out


def summary_lines(group: str, line: dict[str, Any]) -> list[str]:
    """Two or more lines that sum up one group."""
    width = f", median width {100 * line['width']:.0f} %" if line["width"] is not None else ""
    out = [
        f"{group}: {line['rows']} rows of {line['families']} families; median {100 * line['median']:.2f} %, 90th percentile "
        f"{100 * line['p90']:.1f} %, worst {100 * line['worst']:.1f} % ({line['worst_case']}); "
        f"inside {100 * line['coverage']:.0f} %{width}"
    ]
    for rule, b in line["baselines"].items():
        out.append(
            f"    baseline {rule}: median {100 * b['median']:.1f} %, 90th percentile {100 * b['p90']:.1f} % ({b['rows']} rows)"
        )
    return out


def markdown(rows: Sequence[Row], extra: Sequence[str] = ()) -> str:
    """docs/validation.md, generated."""
    out = ["# Validation", "", "Written by `python -m estimator validate --docs docs/validation.md`. Do not edit.", ""]
    out += [honest_sentence(rows), ""]
    out += [
        "| group | rows | families | median | 90th pct | worst | inside 80 % | best baseline (median) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for group, line in summary(rows).items():
        best = min(line["baselines"].items(), key=lambda kv: kv[1]["median"], default=None)
        base = f"{best[0]}: {100 * best[1]['median']:.1f} %" if best else "-"
        out.append(
            f"| {group} | {line['rows']} | {line['families']} | {100 * line['median']:.2f} % | {100 * line['p90']:.1f} % | "
            f"{100 * line['worst']:.1f} % | {100 * line['coverage']:.0f} % | {base} |"
        )
    out += ["", *extra]
    for group in summary(rows):
        head = "| case | real | predicted | error | 80 % interval | inside | removed from the fit | source |"
        out += ["", f"## {group}", "", head, "|---|---|---|---|---|---|---|---|"]
        for c in (c for c in rows if c.group == group):
            removed = ", ".join(c.removed[:4]) + (" ..." if len(c.removed) > 4 else "")
            cells = [
                c.case,
                f"{c.real:.4g}",
                f"{c.predicted:.4g}",
                f"{100 * c.error:+.1f} %",
                f"{c.low:.4g} to {c.high:.4g}",
                "yes" if c.inside else "no",
                removed,
                c.source,
            ]
            out.append("| " + " | ".join(x.replace("|", "/") for x in cells) + " |")
    unused = unused_rows()
    out += ["", "## Rows that are listed but not used", "", "| table | row | reason |", "|---|---|---|"]
    out += ["| " + " | ".join(x.replace("|", "/") for x in row) + " |" for row in unused]
    return "\n".join(out) + "\n"
