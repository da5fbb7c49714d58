"""Commands ``estimate`` (one design on one node) and ``compare`` (on several nodes, beside other designs, or a table of them)."""

from __future__ import annotations

import argparse
import math
import textwrap
from typing import TYPE_CHECKING, Any

from estimator.cli.commands import add_command, add_files, add_json, add_settings
from estimator.cli.tables import write
from estimator.cli.terminal import print_json, print_table, terminal_width
from estimator.errors import InfeasibleError, InputError

if TYPE_CHECKING:
    from estimator.cli.commands import Commands
    from estimator.estimation import Estimate

_COLUMNS = (
    ("clones", "clones_for_same_work"),
    ("W", "power_for_same_work_w"),
    ("recurring USD", "cost_for_same_work_usd"),
    ("all-in USD", "all_in_for_same_work_usd"),
    ("GPUs/wafer", "gpus_per_wafer"),
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
_EQUAL = 7  # place of the column on clones that draw no more than the original


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
    estimate.add_argument("design", help="name or TOML file of a design")
    estimate.add_argument("node", help="name, alias (12nm) or TOML file of a node")
    estimate.add_argument("--strict", action="store_true", help="refuse results outside the model's range")
    compare.add_argument(
        "names",
        nargs="+",
        metavar="name",
        help="a design and nodes (names, aliases, TOML files); with --designs nodes alone",
    )
    compare.add_argument(
        "--with", dest="others", nargs="+", metavar="design", help="designs as they are sold, beside it"
    )
    compare.add_argument(
        "--designs", metavar="CHIPS.csv", help="a table of chips, each of which is taken to every node"
    )
    add_files(compare)
    for command in (estimate, compare):
        add_settings(command, "options, e.g. power_limit_w=700")
        command.add_argument(
            "--die-node", nargs="+", action="extend", metavar="role=node", help="process of other dies, e.g. cache=16nm"
        )
        command.add_argument("--reference-node", help="compare with the same design built there")
        command.add_argument(
            "--date", type=float, help="date of making, e.g. 2027.5: age of the process, prices, packages"
        )
        command.add_argument("--samples", type=int, help="sample the parameters for 80 %% intervals, e.g. 4096")
        command.add_argument("--seed", type=int, default=0, help="seed of the sampling")
        add_json(command)


def _estimate(args: argparse.Namespace) -> int:
    from estimator.cli.settings import parse_die_nodes, parse_settings
    from estimator.estimation import estimate

    est = estimate(
        args.design,
        args.node,
        reference_node=args.reference_node,
        samples=args.samples,
        seed=args.seed,
        strict=args.strict,
        die_nodes=parse_die_nodes(args.die_node),
        **dated(parse_settings(args.set), args.date),
    )
    if args.json:
        print_json(est.to_dict())
    else:
        print(est)
        print()
        print(est.explain())
    return 0


def dated(options: dict[str, Any], date: float | None) -> dict[str, Any]:
    """Options with a date of ``--date``; one in ``--set`` as well is refused."""
    if date is None:
        return options
    if "date" in options:
        raise InputError("give either --date or --set date=..., not both")
    return {**options, "date": date}


def _compare(args: argparse.Namespace) -> int:
    from estimator.cli.settings import parse_die_nodes, parse_settings
    from estimator.model.options import spread_die_nodes

    options = dated(parse_settings(args.set), args.date)
    options |= spread_die_nodes({"die_nodes": parse_die_nodes(args.die_node)})
    for name, value in options.items():
        if isinstance(value, list):
            raise InputError(
                f"--set {name} has {len(value)} values: compare has one row for each node, so give a single number"
            )
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

    for given in ("others", "samples", "reference_node"):
        if getattr(args, given):
            said = {"others": "with"}.get(given, given.replace("_", "-"))
            raise InputError(f"--{said} goes with one design, and not with --designs")
    table = estimate_many(args.designs, args.names, **options)
    left = ", ".join(table.attrs["not_read"])
    if args.json:
        print_json({"rows": [dict(zip(table.columns, row, strict=True)) for row in records(table)], "not_read": left})
    elif not write(args, list(table.columns), records(table)):
        narrow = ["design", "node", *(c for c in USUAL if c in table), "limited_by"]
        print_table(narrow, [[_short(c) for c in row] for row in records(table[narrow])], width=terminal_width())
        for row in table[table.reason != ""].itertuples():
            print(textwrap.fill(f"{row.design} on {row.node}: {row.reason}", terminal_width()))
    if left and not args.json:
        print(textwrap.fill(f"columns not read: {left}", terminal_width()))
    return 0


def _short(cell: object) -> str:
    from estimator.quantities import number

    return "-" if cell is None else number(cell) if isinstance(cell, float) else str(cell)


def _compare_one(args: argparse.Namespace, options: dict[str, Any]) -> int:
    """One design on several nodes, and others as they are sold, all for the work of one original."""
    from estimator.estimation import estimate
    from estimator.parameters import library

    design, nodes = args.names[0], args.names[1:]
    against = {"reference_node": args.reference_node, "samples": args.samples, "seed": args.seed}
    original = estimate(design, args.reference_node or library.load_design(design).node)
    rows: list[list[Any]] = []
    below: list[str] = []
    data: list[dict[str, Any]] = []
    for node in nodes:
        try:
            est = estimate(design, node, **against, **options)
        except InfeasibleError as error:
            rows.append([node, error.limited_by or "", *[None] * (len(_COLUMNS) + 1)])
            below.append(f"{node} is impossible: {error}")
            data.append({"node": node, "infeasible": str(error), "limited_by": error.limited_by})
            continue
        data.append(est.to_dict())
        if not any(r[1] == "original" for r in rows):
            original = est
            rows.insert(0, [est.reference_node.name, "original", *_cells(est, reference=True)])
            rows[0].insert(_EQUAL, 1.0)
        row = [node, est.limited_by, *_cells(est)]
        row.insert(_EQUAL, _at_equal_power(est, options))
        rows.append(row)
    below += library.how_read(design, original.design, nodes[0] if nodes else "")
    if args.others and not any(r[1] == "original" for r in rows):
        rows.insert(0, [original.reference_node.name, "original", *_cells(original, reference=True)])
        rows[0].insert(_EQUAL, 1.0)
    for other in args.others or ():
        sold = estimate(other, library.load_design(other).node)
        rows.append([sold.design.name, "as sold", *_of_other(sold, original)])
        data.append({"as_sold": sold.to_dict()})
        below += library.how_read(other, sold.design, "")
    if args.json:
        print_json({"design": design, "rows": data})
        return 0
    head = ["node" if not args.others else "node or design", "binds", *(title for title, _ in _COLUMNS)]
    head.insert(_EQUAL, "clones at equal W")
    if write(args, head, rows):
        return 0
    print(f"For the work of one {original.design.label or original.design.name}:")
    hidden = print_table(head, [[_short(c) for c in row] for row in rows], width=terminal_width())
    said_below = [
        "recurring: to make it; all-in: with design and masks over the volume; none of them is a price",
        *below,
    ]
    said_below += [f"in a wider terminal: {hidden}"] if hidden else []
    for line in said_below:
        print(textwrap.fill(line, terminal_width()))
    return 0


def _of_other(sold: Estimate, original: Estimate) -> list[Any]:
    """A row of ``compare`` for another design as it is sold: how many of it do the work of one original."""
    from estimator.model.comparison import SAME_WORK

    side = sold.reference
    if not all(e.sides["reference"].build.choices.given.rates for e in (sold, original)):
        needed = math.nan  # without rates of work there is nothing to compare
    else:
        needed = float(original.reference.work_tflops) / float(side.work_tflops)
    same = {n: needed * (1.0 if not of else float(side[of])) for n, of in SAME_WORK.items()}
    row: list[Any] = [same[name] if name in same else side[name] for _, name in _COLUMNS]
    power = float(original.reference.power_w) / float(side.power_w)
    row.insert(_EQUAL - 2, needed if power >= 1 or math.isnan(needed) else None)
    return row


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


def _cells(est: Estimate, *, reference: bool = False) -> list[Any]:
    """A row of ``compare``: the clone, or the original, of which one does its own work."""
    from estimator.model.comparison import SAME_WORK

    side = est.reference if reference else est.clone
    own = {n: 1.0 if not of else float(side[of]) for n, of in SAME_WORK.items()}
    values = own if reference else dict(est.same_work)
    return [values[name] if name in values else side[name] for _, name in _COLUMNS]
