"""Commands ``estimate`` (one design on one node) and ``compare`` (on several nodes)."""

from __future__ import annotations

import argparse
import textwrap
from typing import TYPE_CHECKING, Any

from estimator.cli.commands import add_command, add_json, add_settings
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
    compare = add_command(commands, "compare", _compare, "one design on several nodes, one row each")
    for command in (estimate, compare):
        command.add_argument("design", help="name or TOML file of a design")
    estimate.add_argument("node", help="name, alias (12nm) or TOML file of a node")
    estimate.add_argument("--strict", action="store_true", help="refuse results outside the model's range")
    compare.add_argument("nodes", nargs="+", metavar="node", help="names, aliases or TOML files of nodes")
    for command in (estimate, compare):
        add_settings(command, "options, e.g. power_limit_w=700")
        command.add_argument("--reference-node", help="compare with the same design built there")
        command.add_argument(
            "--date", type=float, help="date of making, e.g. 2027.5: age of the process, prices, packages"
        )
        command.add_argument("--samples", type=int, help="sample the parameters for 80 %% intervals, e.g. 4096")
        command.add_argument("--seed", type=int, default=0, help="seed of the sampling")
        add_json(command)


def _estimate(args: argparse.Namespace) -> int:
    from estimator.cli.settings import parse_settings
    from estimator.estimation import estimate

    est = estimate(
        args.design,
        args.node,
        reference_node=args.reference_node,
        samples=args.samples,
        seed=args.seed,
        strict=args.strict,
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
    from estimator.cli.settings import parse_settings
    from estimator.estimation import estimate

    options = dated(parse_settings(args.set), args.date)
    for name, value in options.items():
        if isinstance(value, list):
            raise InputError(
                f"--set {name} has {len(value)} values: compare has one row for each node, so give a single number"
            )
    rows: list[list[str]] = []
    walls: list[str] = []
    data: list[dict[str, Any]] = []
    said = f"For the work of one {args.design}"
    for node in args.nodes:
        try:
            est = estimate(
                args.design, node, reference_node=args.reference_node, samples=args.samples, seed=args.seed, **options
            )
        except InfeasibleError as error:
            rows.append([node, error.limited_by or "", *["-"] * (len(_COLUMNS) + 1)])
            walls.append(f"{node} is impossible: {error}")
            data.append({"node": node, "infeasible": str(error), "limited_by": error.limited_by})
            continue
        data.append(est.to_dict())
        if not any(r[1] == "original" for r in rows):
            rows.insert(0, [est.reference_node.name, "original", *_cells(est, reference=True)])
            rows[0].insert(_EQUAL, "1")
            said = f"For the work of one {est.design.label or est.design.name}:"
        row = [node, est.limited_by, *_cells(est)]
        row.insert(_EQUAL, _at_equal_power(est, options))
        rows.append(row)
    if args.json:
        print_json({"design": args.design, "rows": data})
        return 0
    print(said)
    head = ["node", "binds", *(title for title, _ in _COLUMNS)]
    head.insert(_EQUAL, "clones at equal W")
    hidden = print_table(head, rows, width=terminal_width())
    said_below = [
        "recurring: to make it; all-in: with design and masks over the volume; none of them is a price",
        *walls,
    ]
    said_below += [f"in a wider terminal: {hidden}"] if hidden else []
    for line in said_below:
        print(textwrap.fill(line, terminal_width()))
    return 0


def _at_equal_power(est: Estimate, options: dict[str, Any]) -> str:
    """Clones for the same work where none may draw more than the original; "-" where the plan decides the power."""
    from estimator.estimation import estimate
    from estimator.quantities import number

    if {"power_limit_w", "power_w", "clock_ghz", "supply_v"} & set(options):
        return "-"
    held: dict[str, Any] = {"power_limit_w": float(est.reference.power_w)}
    try:
        held_est = estimate(est.design, est.node, reference_node=None, **options, **held)
    except InfeasibleError as error:
        return str(error.limited_by)
    reference = est.sides["reference"].result.rates.attained
    return number(float(reference) / float(held_est.sides["clone"].result.rates.attained))


def _cells(est: Estimate, *, reference: bool = False) -> list[str]:
    """A row of ``compare``: the clone, or the original, of which one does its own work."""
    from estimator.model.comparison import SAME_WORK
    from estimator.quantities import number

    side = est.reference if reference else est.clone
    own = {n: 1.0 if not of else float(side[of]) for n, of in SAME_WORK.items()}
    values = own if reference else dict(est.same_work)
    return [number(values[name] if name in values else side[name]) for _, name in _COLUMNS]
