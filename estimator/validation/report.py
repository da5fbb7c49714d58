"""The validation report: all rows, a summary per group beside its target and the best simple rule, as text, data and Markdown."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any, TypeAlias

import tomli_w

from estimator.files import write_text
from estimator.parameters import library
from estimator.validation import scores
from estimator.validation.rows import Row

STORED = "validation_report.json"
TARGETS = "validation"
RECORDED = "validation_record"
POOLED = "smaller groups together"
Builder: TypeAlias = Callable[[], Sequence[Row]]


def _builders() -> tuple[Builder, ...]:
    from estimator.validation import clock_rows, cost_rows, die_rows, port_rows, power_rows, work_rows

    return (
        power_rows.power_rows,
        power_rows.supply_rows,
        port_rows.power_rows,
        port_rows.area_rows,
        port_rows.clock_rows,
        clock_rows.sku_rows,
        die_rows.die_rows,
        die_rows.unseen_rows,
        cost_rows.bill_rows,
        cost_rows.wafer_rows,
        cost_rows.temperature_rows,
        work_rows.training_rows,
    )


def _fit_builders() -> tuple[Builder, ...]:
    from estimator.validation import fit_area_rows, fit_electrical_rows, fit_power_rows, tool_rows, work_rows

    return (
        fit_power_rows.power_rows,
        fit_power_rows.stock_rows,
        fit_electrical_rows.port_power_rows,
        fit_electrical_rows.family_clock_rows,
        fit_area_rows.die_rows,
        fit_area_rows.port_rows,
        tool_rows.tool_rows,
        tool_rows.cset_rows,
        work_rows.cset_operation_rows,
    )


@cache
def _built(build: Builder) -> tuple[Row, ...]:
    return tuple(build())


Each: TypeAlias = Callable[[Sequence[Builder]], Iterable[Builder]]


def all_rows(each: Each = iter) -> tuple[Row, ...]:
    """Every row that runs through a public call, computed once; `each` walks through the parts, as a progress bar does."""
    return tuple(row for build in each(_builders()) for row in _built(build))


def fit_rows(each: Each = iter) -> tuple[Row, ...]:
    """Rows that test a fit or a formula by itself: a report of its own, outside every headline."""
    return tuple(row for build in each(_fit_builders()) for row in _built(build))


def unused_rows() -> list[tuple[str, str, str]]:
    """Rows of the data tables that are not used: table, row, reason."""
    from estimator.validation import cost_rows, die_rows, port_rows, power_rows, work_rows

    return [
        *power_rows.unused_rows(),
        *port_rows.unused_rows(),
        *die_rows.unused_rows(),
        *cost_rows.unused_rows(),
        *work_rows.unused_rows(),
    ]


def by_group(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows of each group, groups in their order."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    return groups


def targets() -> dict[str, Any]:
    """Targets of params/validation.toml, set before the rows were looked at."""
    return library.params_data(TARGETS)


def recorded() -> dict[str, Any]:
    """Median errors and missed targets of the run that was last recorded (params/validation_record.toml)."""
    return library.params_data(RECORDED)


def summary(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """Per group: errors, intervals, simpler rules, target, and the errors of the families that were kept back.

    Keys are those of `scores.Errors` and `scores.Intervals`, ``baselines`` (rule -> errors), ``target`` and ``kept_back``.
    """
    return {group: _line(members, targets()["target"].get(group, {})) for group, members in by_group(rows).items()}


def _line(rows: Sequence[Row], target: dict[str, float]) -> dict[str, Any]:
    line: dict[str, Any] = scores.errors(rows)._asdict()
    found = scores.intervals(rows)
    line["intervals"] = found._asdict() if found else None
    line["baselines"] = {rule: errors._asdict() for rule, errors in scores.rules(rows).items()}
    line["target"] = dict(target)
    kept_back = [row for row in rows if row.split == "validation"]
    line["kept_back"] = scores.errors(kept_back)._asdict() if kept_back else None
    return line


def best_rule(line: dict[str, Any]) -> tuple[str, float] | None:
    """The simple rule with the lowest median error on a group, and that error.

    Only rules that answer at least nine in ten of the rows compete.
    """
    able = {rule: e["median"] for rule, e in line["baselines"].items() if e["rows"] >= 0.9 * line["rows"]}
    return min(able.items(), key=lambda kv: kv[1], default=None)


def coverage(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """Intervals over all rows, of each group of enough families, and of the smaller ones pooled."""
    groups, least = by_group(rows), int(targets()["interval"]["families"])
    large = {g: m for g, m in groups.items() if len({r.family for r in m}) >= least}
    small = [row for group, members in groups.items() if group not in large for row in members]
    parts = {"all rows": list(rows), **large, **({POOLED: small} if small else {})}
    found = {name: scores.intervals(members) for name, members in parts.items()}
    return {name: line._asdict() for name, line in found.items() if line}


def misses(rows: Sequence[Row]) -> list[str]:
    """What misses its target, one phrase each: errors of a group, coverage, and interval scores."""
    out = []
    for group, line in summary(rows).items():
        for name, most in line["target"].items():
            if line[name] > most:
                out.append(f"{group}: {name}")
    wanted = targets()["interval"]
    for name, line in coverage(rows).items():
        if not wanted["least"] <= line["inside"] <= wanted["most"]:
            out.append(f"intervals of {name}: inside")
        if line["score"] > line["constant"]:
            out.append(f"intervals of {name}: score")
    return out


def as_data(rows: Sequence[Row]) -> dict[str, Any]:
    """The report as plain data for JSON and the page; what is not a number is None."""
    data = {
        "coverage": coverage(rows),
        "groups": summary(rows),
        "misses": misses(rows),
        "cases": [{**asdict(c), "error": c.error, "inside": c.inside} for c in rows],
        "unused": [{"table": t, "row": r, "reason": why} for t, r, why in unused_rows()],
    }
    plain: dict[str, Any] = _plain(data)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def stored() -> tuple[Row, ...]:
    """The rows of the report that was last saved (params/validation_report.json): quick, for the page and README."""
    return tuple(_row(saved) for saved in json.loads(library.params_text(STORED)))


def _row(saved: dict[str, Any]) -> Row:
    numbers = {k: math.nan for k in ("predicted", "low", "high") if saved[k] is None}
    return Row(**(saved | numbers | {"removed": tuple(saved["removed"])}))


def save(rows: Sequence[Row]) -> None:
    """Save the rows for `stored`, the file whole or not at all; numbers with six significant digits."""

    def short(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: short(v) for k, v in value.items()}
        if isinstance(value, float):
            return float(f"{value:.6g}") if math.isfinite(value) else None
        return value

    path = library.params_folder() / STORED
    lines = [json.dumps(short(asdict(c)), ensure_ascii=False) for c in rows]
    write_text(path, "[\n" + ",\n".join(lines) + "\n]\n")


def record(rows: Sequence[Row]) -> None:
    """Record median errors and missed targets, with which `validate --check` compares."""
    medians = {group: float(f"{line['median']:.4g}") for group, line in summary(rows).items()}
    head = "# Written by `python -m estimator validate --record`. Raise a value only with a reason in CHANGELOG.md.\n\n"
    text = tomli_w.dumps({"slack": 0.005, "missed": misses(rows), "median": medians})
    write_text(library.params_folder() / f"{RECORDED}.toml", head + text)


def honest_sentence(rows: Sequence[Row]) -> str:
    """Two sentences that say how wrong the calls are."""
    line = coverage(rows)["all rows"]
    families = len({row.family for row in rows})
    return (
        f"{len(rows)} published values of {families} families of chips, each predicted by a public call with the family left "
        f"out of every fit. {100 * line['inside']:.0f} % lie inside the call's own 80 % interval (each family counted once)."
    )
