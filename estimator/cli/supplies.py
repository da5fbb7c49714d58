"""Command ``supply``: how many of a clone a year, what binds, and what one costs."""

from __future__ import annotations

import argparse
import math
from dataclasses import asdict
from typing import TYPE_CHECKING

from estimator.cli.commands import add_command, add_json, add_point
from estimator.cli.terminal import print_json, print_table, say

if TYPE_CHECKING:
    from estimator.cli.commands import Commands


def add(commands: Commands) -> None:
    """Declare ``supply``."""
    command = add_command(commands, "supply", _supply, "how many of a clone a year, what binds, and at what cost")
    add_point(command)
    command.add_argument("--gpus", type=float, help="GPUs wanted; by default those of a year")
    command.add_argument("--share", type=float, help="share of each capacity that the programme gets, e.g. 0.25")
    add_json(command)


def _supply(args: argparse.Namespace) -> int:
    from estimator.cli.settings import estimated
    from estimator.model.comparison import plain_table
    from estimator.quantities import number
    from estimator.uses.supply import supply

    est = estimated(args, "supply")
    found = supply(est, gpus=args.gpus, fab_share_fraction=args.share)
    if args.json:
        print_json({"design": est.design.name, "node": est.node.name, "date": est.date, **plain_table(asdict(found))})
        return 0

    def spread(low: float, central: float, high: float) -> str:
        return "-" if math.isnan(central) else f"{number(central)} ({number(low)} to {number(high)})"

    say(
        f"{est.design.label or est.design.name} on {est.node.label or est.node.name}, made in {est.date_words}: one does "
        f"{number(1.0 / float(est.same_work['clones_for_same_work']))} of the work of the original and costs "
        f"{number(found.unit_cost_usd, 'USD')} to make, {number(found.full_cost_usd, 'USD')} with design and masks"
    )
    taken = [s for s in found.streams if s.each]
    print_table(
        ["", f"for {number(found.gpus)} GPUs", "capacity a year", "share", "GPUs a year", "months"],
        [
            [
                s.name,
                number(s.needed),
                spread(*s.capacity_per_year),
                number(s.share_fraction),
                spread(*s.gpus_per_year),
                spread(*s.months),
            ]
            for s in taken
        ],
        texts=6,
    )
    a_year = spread(found.gpus_per_year_low, found.gpus_per_year, found.gpus_per_year_high)
    said = [
        f"{a_year} a year, as many as {number(found.originals_per_year)} originals; bound by {found.binds}"
        if found.binds
        else "no capacity is known",
        f"first GPU after {number(found.lead_months)} months, the last of {number(found.gpus)} after "
        f"{number(found.delivery_months)}",
        *([f"Note: {found.note}"] if found.note else []),
    ]
    for line in said:
        say(line, "note" if line.startswith("Note: ") else "")
    return 0
