"""Commands ``estimate`` (one design on one node) and ``compare`` (on several nodes, beside other designs, or a table of them)."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from estimator.cli.commands import add_command, add_files, add_json, add_name, add_options, add_point
from estimator.cli.tables import wanted, write
from estimator.cli.terminal import print_json, print_table, progress, say, working
from estimator.errors import InfeasibleError, InputError

if TYPE_CHECKING:
    from estimator.cli.commands import Commands
    from estimator.estimation import Estimate

Span: TypeAlias = tuple[float, float] | None
"""Lower and upper end of an 80 % interval, where there is one."""

IMPOSSIBLE = 3
"""Exit code where nothing that was asked for is possible."""
EQUAL = "clones at equal W"
_COLUMNS = (
    ("clones", "clones_for_same_work"),
    ("W", "power_for_same_work_w"),
    ("recurring USD", "cost_for_same_work_usd"),
    ("all-in USD", "all_in_for_same_work_usd"),
    ("GPUs/wafer", "gpus_per_wafer"),
    (EQUAL, ""),
    ("dies", "dies"),
    ("area mm2", "die_area_mm2"),
    ("clock GHz", "clock_ghz"),
    ("module W", "power_w"),
    ("TFLOPS", "tensor_tflops"),
    ("sellable", "sellable_fraction"),
    ("yield", "yield_fraction"),
    ("supply V", "supply_v"),
    ("Tj C", "junction_c"),
)
"""Columns of ``compare``: title and output; the last are left out where the terminal is too narrow for them."""


class _Row(NamedTuple):
    """A row of ``compare``: whose it is, what binds, a value for each of `_COLUMNS`, and its 80 % interval."""

    name: str
    binds: str
    cells: Sequence[Any]
    spans: Sequence[Span]


def add(commands: Commands) -> None:
    """Declare ``estimate`` and ``compare``."""
    estimate = add_command(commands, "estimate", _estimate, "one design on one node, with causes")
    compare = add_command(
        commands,
        "compare",
        _compare,
        "one design, or a table of them, on several nodes, one row each",
        description="One design on several nodes beside its original; with --designs every chip of a table on them.",
    )
    add_point(estimate)
    estimate.add_argument("--strict", action="store_true", help="refuse results outside the model's range")
    add_name(
        compare,
        "names",
        kinds=("design", "node"),
        nargs="+",
        metavar="name",
        help="a design and nodes (names, aliases, TOML files); with --designs nodes alone",
    )
    add_options(compare)
    add_name(
        compare,
        "--with",
        kinds=("design",),
        dest="others",
        nargs="+",
        metavar="design",
        help="designs as they are sold, beside it",
    )
    compare.add_argument(
        "--designs", metavar="CHIPS.csv", help="a table of chips, each of which is taken to every node"
    )
    for command in (estimate, compare):
        add_name(command, "--reference-node", kinds=("node",), help="compare with the same design built there")
        command.add_argument("--samples", type=int, help="sample the parameters for 80 %% intervals, e.g. 4096")
        command.add_argument("--seed", type=int, default=0, help="seed of the sampling")
        add_json(command)
        add_files(command)


def _estimate(args: argparse.Namespace) -> int:
    from estimator.cli.settings import options_of, planned, single
    from estimator.estimation import estimate

    with working(f"{args.design} on {args.node}"):
        options = planned(args.design, args.node, options_of(args), args.plan)
        if wanted(args):
            single(options, "a table of estimate")
        est = estimate(
            args.design,
            args.node,
            reference_node=args.reference_node,
            samples=args.samples,
            seed=args.seed,
            strict=args.strict,
            **options,
        )
    if args.json:
        print_json(est.to_dict())
    elif wanted(args):
        write(args, *_all_outputs(est))
    else:
        _print_estimate(est)
    return 0


def _print_estimate(est: Estimate) -> None:
    """The main outputs as a table, the notes, and what causes what."""
    from estimator.model.words import (
        SUMMARY,
        cell,
        described_dies,
        explain_lines,
        impossible_entries,
        ratio_cell,
        title,
    )
    from estimator.quantities import describe, with_unit

    say(title(est), "head")
    sampled = [] if est.samples is None else ["80 %"]
    rows = []
    for name in (*SUMMARY, *est.same_work):
        field = describe(name)
        clone, reference, ratio = (
            (cell(est.clone[name]), cell(est.reference[name]), ratio_cell(est, name))
            if name in est.clone
            else (cell(est.same_work[name]), "", "")
        )
        spans = [_span_text(est, name, ratio=False), _span_text(est, name, ratio=True)] if sampled else ["", ""]
        middle = [clone, *spans[: len(sampled)], reference, ratio, *spans[1 : 1 + len(sampled)]]
        rows.append([with_unit(field.long_name + ("," if field.unit not in ("", "1") else ""), field.unit), *middle])
    print_table(["", "clone", *sampled, "reference", "ratio", *(f"{s} of the ratio" for s in sampled)], rows)
    for line in described_dies(est):
        say(line, indent=2)
    for line in impossible_entries(est):
        say(line, "wall", indent=2)
    if sampled:
        _say_samples(est)
    arrays = not isinstance(est.limited_by, str)
    for line in [f"Note: {n}" for n in est.notes] if arrays else ["", *explain_lines(est)]:
        say(line, "note" if line.startswith("Note: ") else "", indent=2)


def _say_samples(est: Estimate) -> None:
    """What the intervals are of."""
    say(
        f"80 %: interval that holds 80 % of {est.samples.size:,} draws of all assumptions; the clone is possible in "
        f"{est.samples.feasible_share:.0%} of them"
    )


def _span(est: Estimate, name: str, side: str) -> Span:
    """80 % interval of an output of the clone or its work (``clone``), the reference or the ratio."""
    from estimator.model.comparison import SAME_WORK

    samples = est.samples
    if samples is None:
        return None
    side = "same_work" if side == "clone" and name in SAME_WORK else side
    if name not in getattr(samples, side):
        return None
    found = getattr(samples, "interval" if side == "clone" else f"{side}_interval")(name)
    return found.low, found.high


def _span_text(est: Estimate, name: str, *, ratio: bool) -> str:
    """An interval of the clone or the ratio as a cell; of a temperature there is no ratio."""
    from estimator.quantities import describe, number

    span = None if ratio and describe(name).unit == "C" else _span(est, name, "ratio" if ratio else "clone")
    return "" if span is None else f"{number(span[0])} to {number(span[1])}"


def _all_outputs(est: Estimate) -> tuple[list[str], list[list[Any]]]:
    """Every numeric output of one point as a table for a file, with intervals where there are samples."""
    from estimator.model.results import CODES, FLAGS
    from estimator.quantities import describe

    sides = ("clone", "reference", "ratio")
    head = ["output", "words", "unit"]
    for side in sides:
        head += [side] if est.samples is None else [side, f"{side} low", f"{side} high"]
    values = {"clone": {**est.clone, **est.same_work}, "reference": dict(est.reference), "ratio": dict(est.ratio)}
    rows = []
    for name in values["clone"]:
        if name in FLAGS or name in CODES:
            continue
        row: list[Any] = [name, describe(name).long_name, describe(name).unit]
        for side in sides:
            shown = side != "ratio" or describe(name).unit != "C"
            row.append(_number(values[side].get(name)) if shown else None)
            if est.samples is not None:
                row += (_span(est, name, side) if shown else None) or (None, None)
        rows.append(row)
    return head, rows


def _number(value: Any) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def _compare(args: argparse.Namespace) -> int:
    from estimator.cli.settings import options_of, single

    options = options_of(args)
    single(options, "compare")
    if args.designs:
        return _compare_table(args, options)
    if len(args.names) == 1 and not args.others:
        raise InputError(
            f"compare {args.names[0]!r}: give at least one node after the design, or other designs by --with"
        )
    return _compare_one(args, options)


def _compare_table(args: argparse.Namespace, options: dict[str, Any]) -> int:
    """Every chip of a table on every node."""
    from estimator.sweeps.designs import USUAL, estimate_many, records

    for given in ("others", "samples", "reference_node", "plan"):
        if getattr(args, given):
            said = {"others": "with"}.get(given, given.replace("_", "-"))
            raise InputError(f"--{said} goes with one design, and not with --designs")
    with working(args.designs):
        table = estimate_many(args.designs, args.names, **options)
    left = ", ".join(table.attrs["not_read"])
    if args.json:
        print_json({"rows": [dict(zip(table.columns, row, strict=True)) for row in records(table)], "not_read": left})
    elif not write(args, list(table.columns), records(table)):
        narrow = ["design", "node", *(c for c in USUAL if c in table), "limited_by"]
        titles = {output: title for title, output in _COLUMNS}
        head = [titles.get(c, c.replace("_", " ")) for c in narrow]
        print_table(head, [[_short(c) for c in row] for row in records(table[narrow])], texts=2)
        for row in table[table.reason != ""].itertuples():
            say(f"{row.design} on {row.node}: {row.reason}", "wall")
    if left and not args.json:
        say(f"columns not read: {left}")
    if (table.reason == "").any() or not table.limited_by.any():
        return 0
    print(f"infeasible: no chip of {args.designs} is possible on {', '.join(args.names)}", file=sys.stderr)
    return IMPOSSIBLE


def _short(cell: object) -> str:
    from estimator.quantities import number

    return "-" if cell is None else number(cell) if isinstance(cell, float) else str(cell)


def _compare_one(args: argparse.Namespace, options: dict[str, Any]) -> int:
    """One design on several nodes, and others as they are sold, all for the work of one original."""
    from estimator.cli.settings import planned
    from estimator.estimation import estimate
    from estimator.parameters import library

    design, nodes = args.names[0], args.names[1:]
    against = {"reference_node": args.reference_node, "samples": args.samples, "seed": args.seed}
    original = estimate(design, args.reference_node or library.load_design(design).node)
    found: list[Estimate] = []
    rows: list[_Row] = []
    impossible: list[str] = []
    data: list[dict[str, Any]] = []
    for node in progress(nodes, unit="nodes"):
        try:
            plan = planned(design, node, options, args.plan)
            est = estimate(design, node, **against, **plan)
        except InfeasibleError as error:
            rows.append(_Row(node, error.limited_by or "", [None] * len(_COLUMNS), [None] * len(_COLUMNS)))
            impossible.append(f"{node} is impossible: {error}")
            data.append({"node": node, "infeasible": str(error), "limited_by": error.limited_by, **error.to_dict()})
            continue
        data.append(est.to_dict())
        found.append(est)
        rows.append(_row_of(est, node, _at_equal_power(est, plan)))
    original = found[0] if found else original
    if found or args.others:
        rows.insert(0, _row_of(original, original.reference_node.name, 1.0, reference=True))
    below = library.how_read(design, original.design, nodes[0] if nodes else "")
    for other in args.others or ():
        sold = estimate(other, library.load_design(other).node)
        rows.append(_Row(sold.design.name, "as sold", _of_other(sold, original), [None] * len(_COLUMNS)))
        data.append({"as_sold": sold.to_dict()})
        below += library.how_read(other, sold.design, "")
    if args.json:
        print_json({"design": design, "rows": data})
    elif not write(args, *_as_file(rows, samples=args.samples is not None, others=bool(args.others))):
        say(f"For the work of one {original.design.label or original.design.name}:", "head")
        _print_rows(rows, samples=args.samples is not None, others=bool(args.others))
        say("recurring: to make it; all-in: with design and masks over the volume; none of them is a price")
        for line in impossible:
            say(line, "wall")
        for line in below:
            say(line, "note")
    if found or args.others:
        return 0
    print(f"infeasible: {original.design.name} is possible on none of {', '.join(nodes)}", file=sys.stderr)
    return IMPOSSIBLE


def _head(*, others: bool) -> list[str]:
    return ["node" if not others else "node or design", "binds"]


def _print_rows(rows: Sequence[_Row], *, samples: bool, others: bool) -> None:
    """The table, with the ends of the 80 % intervals below each row."""
    lines: list[list[str]] = []
    styles: list[str] = []
    for row in rows:
        lines.append([row.name, row.binds, *(_short(c) for c in row.cells)])
        styles.append("wall" if all(c is None for c in row.cells) else "")
        if samples and any(row.spans):
            for k, words in enumerate(("80 % from", "80 % to")):
                ends = ("" if span is None else _short(span[k]) for span in row.spans)
                lines.append([words, "", *ends])
                styles.append("")
    print_table([*_head(others=others), *(t for t, _ in _COLUMNS)], lines, texts=2, styles=styles)


def _as_file(rows: Sequence[_Row], *, samples: bool, others: bool) -> tuple[list[str], list[list[Any]]]:
    """The table for a file: one line a row, the ends of intervals in columns of their own."""
    head = _head(others=others)
    for title, _ in _COLUMNS:
        head += [title, f"{title} low", f"{title} high"] if samples else [title]
    lines: list[list[Any]] = []
    for row in rows:
        line: list[Any] = [row.name, row.binds]
        for cell, span in zip(row.cells, row.spans, strict=True):
            line += [cell, *(span or (None, None))] if samples else [cell]
        lines.append(line)
    return head, lines


def _of_other(sold: Estimate, original: Estimate) -> list[Any]:
    """Cells of another design as it is sold: how many of it do the work of one original."""
    from estimator.model.comparison import SAME_WORK

    side = sold.reference
    if not all(e.sides["reference"].build.choices.given.rates for e in (sold, original)):
        needed = math.nan  # without rates of work there is nothing to compare
    else:
        needed = float(original.reference.work_tflops) / float(side.work_tflops)
    same = {n: needed * (1.0 if not of else float(side[of])) for n, of in SAME_WORK.items()}
    power = float(original.reference.power_w) / float(side.power_w)
    same[""] = needed if power >= 1 or math.isnan(needed) else None  # type: ignore[assignment]
    return [same[name] if name in same else side[name] for _, name in _COLUMNS]


def _at_equal_power(est: Estimate, options: dict[str, Any]) -> float | str | None:
    """Clones for the same work where none may draw more than the original; None where the plan decides the power."""
    from estimator.estimation import estimate

    if {"power_limit_w", "power_w", "clock_ghz", "supply_v"} & set(options):
        return None
    held: dict[str, Any] = {"power_limit_w": float(est.reference.power_w)}
    try:
        held_est = estimate(est.design, est.node, reference_node=None, **options, **held)
    except InfeasibleError as error:
        return str(error.limited_by)
    reference = est.sides["reference"].result.rates.attained
    return float(reference) / float(held_est.sides["clone"].result.rates.attained)


def _row_of(est: Estimate, name: str, at_equal_power: float | str | None, *, reference: bool = False) -> _Row:
    """A row of the clone, or of the original, of which one does its own work."""
    from estimator.model.comparison import SAME_WORK

    side = est.reference if reference else est.clone
    own = {n: 1.0 if not of else float(side[of]) for n, of in SAME_WORK.items()}
    same: dict[str, Any] = {**(own if reference else est.same_work), "": at_equal_power}
    cells = [same[n] if n in same else side[n] for _, n in _COLUMNS]
    spans = [
        _span(est, SAME_WORK.get(n, n) if reference else n, "reference" if reference else "clone") for _, n in _COLUMNS
    ]
    return _Row(name, "original" if reference else est.limited_by, cells, spans)
