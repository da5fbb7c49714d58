"""The validation report as lines of text and as Markdown (docs/validation.md)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from estimator.validation.port_rows import STAND_IN
from estimator.validation.report import (
    best_rule,
    by_group,
    coverage,
    honest_sentence,
    misses,
    summary,
    targets,
    unused_rows,
)
from estimator.validation.rows import Row
from estimator.validation.scores import errors, quantile, weights

HEAD = (
    "group",
    "rows",
    "families",
    "median",
    "90th pct",
    "worst",
    "target",
    "kept back",
    "best simple rule",
    "inside 80 %",
    "width",
    "score (constant)",
)
LEGEND = (
    "Median and 90th percentile count each family once. Kept back: the same over families that no constant was chosen on. "
    "Score: width of the interval in logarithms and ten times the distance of each miss, beside the best constant width's "
    "about the same predictions."
)


def percent(value: float, digits: int = 1) -> str:
    """A share in percent; a dash for no number."""
    return "-" if not math.isfinite(value) else f"{100 * value:.{digits}f} %"


def cells(group: str, line: dict[str, Any]) -> list[str]:
    """One row of the table of groups."""
    rule, found, back = best_rule(line), line["intervals"], line["kept_back"]
    target = " / ".join(f"{100 * v:g}" for v in line["target"].values())
    names = "/".join({"median": "median", "p90": "p90", "worst": "worst"}[k] for k in line["target"])
    return [
        group,
        str(line["rows"]),
        str(line["families"]),
        percent(line["median"]),
        percent(line["p90"]),
        percent(line["worst"], 0),
        f"{target} % ({names})" if target else "-",
        f"{percent(back['median'])} / {percent(back['p90'])} ({back['families']})" if back else "-",
        f"{rule[0]}: {percent(rule[1])}" if rule else "-",
        percent(found["inside"], 0) if found else "-",
        percent(found["width"], 0) if found else "-",
        f"{found['score']:.2f} ({found['constant']:.2f})" if found else "-",
    ]


def coverage_cells(name: str, line: dict[str, Any]) -> list[str]:
    """One row of the table of intervals."""
    return [
        name,
        str(line["rows"]),
        str(line["families"]),
        percent(line["inside"], 0),
        percent(line["width"], 0),
        f"{line['score']:.2f}",
        f"{line['constant']:.2f}",
    ]


COVERAGE_HEAD = ("intervals of samples", "rows", "families", "inside 80 %", "width", "score", "best constant width")


README_HEAD = (
    "what is asked",
    "rows",
    "families",
    "median",
    "90th pct",
    "target",
    "best simple rule (median)",
    "inside 80 %",
)
README_ROWS = 20
"""Rows from which a group stands in the README."""
START, END = "<!-- validation: written by `validate --readme` -->", "<!-- end of validation -->"


def readme_block(rows: Sequence[Row]) -> str:
    """What the README says on accuracy, between `START` and `END`: the figures of these rows and no others."""
    lines = {g: line for g, line in summary(rows).items() if line["rows"] >= README_ROWS}
    kept = [0, 1, 2, 3, 4, 6, 7, 8, 9]
    table = _markdown_table(README_HEAD, [[cells(g, line)[k] for k in kept] for g, line in lines.items()])
    worse = [g for g, line in lines.items() if (rule := best_rule(line)) and rule[1] < line["median"]]
    off = [g for g, line in lines.items() if any(line[name] > most for name, most in line["target"].items())]
    said = [
        f"{honest_sentence(rows)} Errors count each family once, too; a call that refuses to answer counts as 100 % off.",
        f"Targets are missed in {len(off)} of {len(lines)} groups: {', '.join(off) or 'none'}.",
        f"A simple rule does better on: {', '.join(worse) or 'none'}.",
        "Families kept back: median and 90th percentile over those that no constant of the model was chosen on.",
    ]
    return "\n".join([START, " ".join(said), "", *table, END])


def with_block(text: str, rows: Sequence[Row]) -> str:
    """The README with its block on accuracy written anew."""
    before, rest = text.split(START, 1)
    return before + readme_block(rows) + rest.split(END, 1)[1]


CASE_HEAD = ("case", "real", "predicted", "error", "80 % interval", "inside")


def group_tables(rows: Sequence[Row]) -> list[tuple[Sequence[str], list[list[str]]]]:
    """The table of groups, and that of intervals where there are any: headings and cells."""
    out: list[tuple[Sequence[str], list[list[str]]]] = [(HEAD, [cells(g, line) for g, line in summary(rows).items()])]
    found = coverage(rows)
    return [*out, (COVERAGE_HEAD, [coverage_cells(n, line) for n, line in found.items()])] if found else out


def missed_line(rows: Sequence[Row]) -> str:
    """Which targets are missed."""
    return "Targets missed: " + ("; ".join(misses(rows)) or "none") + "."


def case_cells(row: Row) -> list[str]:
    """Cells of one row under `CASE_HEAD`."""
    return [
        row.case,
        f"{row.real:.4g}",
        f"{row.predicted:.4g}",
        f"{100 * row.error:.1f} %",
        f"{row.low:.4g} to {row.high:.4g}" if math.isfinite(row.low) else "-",
        "yes" if row.inside else "-" if not row.judged else "no",
    ]


def typical(rows: Sequence[Row]) -> Row:
    """The row of a group whose error is nearest its median, of those that have an answer."""
    known = [row for row in rows if row.answered] or list(rows)
    size = np.abs([row.error for row in known])
    return known[int(np.argmin(np.abs(size - np.median(size))))]


RESIDUAL_HEAD = ("group", "class", "rows", "families", "median error", "median size", "90th pct")
FEWEST = 5
"""Rows from which a class stands in the table of residuals."""


def classes_of(row: Row) -> list[str]:
    """Classes that a row belongs to: the process it is predicted on, and the memory named in its call."""
    memory = re.search(r'memory="([^"]+)"', row.call)
    named = [f"memory {memory[1]}"] if memory and memory[1] != STAND_IN["memory"] else []
    return [row.node.split(" > ")[-1], *named] if row.node else named


def residual_cells(rows: Sequence[Row]) -> list[list[str]]:
    """Rows of the table of residuals: each group with a target, by class, largest error first; families count once."""
    out = []
    for group, members in by_group(rows).items():
        if group not in targets()["target"]:
            continue
        parts: dict[str, list[Row]] = {}
        for row in members:
            for name in classes_of(row):
                parts.setdefault(name, []).append(row)
        large = {name: part for name, part in parts.items() if len(part) >= FEWEST}
        for name, part in sorted(large.items(), key=lambda kv: -errors(kv[1]).median):
            line = errors(part)
            signed = quantile(np.array([row.error for row in part]), weights(part), 0.5)
            size = [percent(line.median), percent(line.p90)]
            out.append([group, name, str(line.rows), str(line.families), f"{100 * signed:+.1f} %", *size])
    return out


def example(row: Row) -> list[str]:
    """One row from its source to the call to the error, as Markdown."""
    unit = "" if row.unit == "1" else f" {row.unit}"
    inside = (
        f"; the call's own 80 % interval is {row.low:.4g} to {row.high:.4g}{unit}" if math.isfinite(row.low) else ""
    )
    removed = ", ".join(row.removed[:6]) + (" ..." if len(row.removed) > 6 else "")
    return [
        f"### {row.group}: {row.case}",
        "",
        f"Published: **{row.real:.4g}{unit}** ({row.source}). Left out of the fits: {removed}.",
        "",
        "```python",
        row.call,
        "```",
        "",
        f"gives **{row.predicted:.4g}{unit}**: {100 * row.error:+.1f} %{inside}."
        + (f" {row.note}." if row.note else ""),
        "",
    ]


def markdown(rows: Sequence[Row], fits: Sequence[Row], extra: Sequence[str] = ()) -> str:
    """docs/validation.md, generated."""
    out = ["# Validation", "", "Written by `python -m estimator validate --docs docs/validation.md`. Do not edit.", ""]
    out += [honest_sentence(rows), "", *_markdown_table(HEAD, [cells(g, line) for g, line in summary(rows).items()])]
    out += ["", LEGEND, ""]
    found = coverage(rows)
    out += _markdown_table(COVERAGE_HEAD, [coverage_cells(n, line) for n, line in found.items()])
    missed = misses(rows)
    out += ["", "Targets missed: " + ("; ".join(missed) if missed else "none") + ".", ""]
    out += [
        "## One row of each group",
        "",
        "From the source to the call to the error: the row nearest its group's median.",
        "",
    ]
    out += [line for members in by_group(rows).values() for line in example(typical(members))]
    out += ["## Residuals by class", ""]
    out += [
        "What physics is absent where a class stands out, and what was tried: [method.md](method.md#where-it-misses).",
        "",
    ]
    out += [*_markdown_table(RESIDUAL_HEAD, residual_cells(rows)), ""]
    head = (
        "case",
        "real",
        "predicted",
        "error",
        "80 % interval",
        "inside",
        "split",
        "removed from the fits",
        "note",
        "source",
    )
    for group, members in by_group(rows).items():
        out += ["", f"## {group}", "", *_markdown_table(head, [_row_cells(c) for c in members])]
    if fits:
        out += ["", "## Fits and formulas by themselves", ""]
        out += ["Not calls that anyone makes: each fit against rows it did not see, and formulas of other tools.", ""]
        out += _markdown_table(HEAD[:6], [cells(g, line)[:6] for g, line in summary(fits).items()])
    out += ["", *extra, "", "## Rows that are listed but not used", ""]
    out += _markdown_table(("table", "row", "reason"), [list(row) for row in unused_rows()])
    return "\n".join(out) + "\n"


def _row_cells(c: Row) -> list[str]:
    removed = ", ".join(c.removed[:4]) + (" ..." if len(c.removed) > 4 else "")
    return [
        c.case,
        f"{c.real:.4g}",
        f"{c.predicted:.4g}" if c.answered else "no answer",
        f"{100 * c.error:+.1f} %",
        f"{c.low:.4g} to {c.high:.4g}" if math.isfinite(c.low) else "-",
        ("yes" if c.inside else "no") if c.judged else "-",
        c.split,
        removed,
        c.note,
        c.source,
    ]


def _markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    def line(texts: Sequence[str]) -> str:
        return "| " + " | ".join(t.replace("|", "/") for t in texts) + " |"

    return [line(head), "|" + "---|" * len(head), *map(line, rows)]
