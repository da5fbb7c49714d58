"""Commands ``estimate`` (one design on one node) and ``compare`` (on several nodes)."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from estimator.cli.commands import add_command, add_json, add_settings
from estimator.cli.terminal import print_json, print_table
from estimator.errors import InfeasibleError, InputError

if TYPE_CHECKING:
    from estimator.cli.commands import Commands

_COLUMNS = (
    ("area", "mm2", "die_area_mm2", True),
    ("dies", "", "dies", False),
    ("yield", "", "yield_fraction", False),
    ("sellable", "", "sellable_fraction", False),
    ("clock", "GHz", "clock_ghz", False),
    ("supply", "V", "supply_v", False),
    ("Tj", "C", "junction_c", False),
    ("power", "W", "power_w", True),
    ("unit cost", "USD", "unit_cost_usd", True),
    ("tensor", "TFLOPS", "tensor_tflops", False),
    ("time/work", "s/EFLOP", "seconds_per_eflop", True),
    ("USD/TFLOPS", "", "usd_per_tflops", True),
)
"""Columns of ``compare``: title, unit, output, and whether its ratio to the reference stands beside it."""


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
        **parse_settings(args.set),
    )
    if args.json:
        print_json(est.to_dict())
    else:
        print(est)
        print()
        print(est.explain())
    return 0


def _compare(args: argparse.Namespace) -> int:
    from estimator.cli.settings import parse_settings
    from estimator.estimation import estimate
    from estimator.quantities import number

    options = parse_settings(args.set)
    for name, value in options.items():
        if isinstance(value, list):
            raise InputError(
                f"--set {name} has {len(value)} values: compare has one row for each node, so give a single number"
            )
    rows: list[list[str]] = []
    data: list[dict[str, Any]] = []
    head = ["node"] + [f"{t} {u}".strip() + (" (x)" if x else "") for t, u, _, x in _COLUMNS] + ["limited by"]
    for node in args.nodes:
        try:
            est = estimate(
                args.design, node, reference_node=args.reference_node, samples=args.samples, seed=args.seed, **options
            )
        except InfeasibleError as error:
            rows.append([node, *["-"] * len(_COLUMNS), f"{error.limited_by}: impossible"])
            data.append({"node": node, "infeasible": str(error), "limited_by": error.limited_by})
            continue
        data.append(est.to_dict())
        cells = []
        for _, _, name, with_ratio in _COLUMNS:
            text = number(est.clone[name])
            cells.append(f"{text} ({number(est.ratio[name])})" if with_ratio else text)
        rows.append([node, *cells, est.limited_by])
    if args.json:
        print_json({"design": args.design, "rows": data})
    else:
        print_table(head, rows)
    return 0
