"""Commands ``claim NAME`` and ``claims``: the claims with their computed verdicts."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from estimator.cli.commands import add_command, add_json
from estimator.cli.terminal import print_json, progress, say, working

if TYPE_CHECKING:
    from estimator.cli.commands import Commands


def add(commands: Commands) -> None:
    """Declare ``claim`` and ``claims``."""
    one = add_command(commands, "claim", _claim, "put one claim to the test", description="Put one claim to the test.")
    one.add_argument("name", help="name, number, or a TOML file of a claim; `claims` lists them")
    one.add_argument("--assume", type=float, metavar="VALUE", help="another value of the claim's assumption")
    every = add_command(
        commands,
        "claims",
        _claims,
        "list all claims with their verdicts",
        description="All claims with their verdicts.",
    )
    for command in (one, every):
        command.add_argument("--samples", type=int, help="draws for intervals; 0 for none")
        add_json(command)


def _samples(args: argparse.Namespace) -> int:
    """Draws asked for; without, those of the claims."""
    from estimator.claims import SAMPLES

    return SAMPLES if args.samples is None else int(args.samples)


def _claim(args: argparse.Namespace) -> int:
    from estimator import claims
    from estimator.claims.words import lines

    with working(f"claim {args.name}"):
        result = claims.assess(args.name, assumed=args.assume, samples=_samples(args))
    if args.json:
        print_json(result.to_dict())
    else:
        for line in lines(result):
            say(line, "note" if line.startswith("  note: ") else "", indent=2)
    return 0


def _claims(args: argparse.Namespace) -> int:
    from estimator import claims
    from estimator.claims.words import summary

    samples = _samples(args)
    results = [claims.assess(n, samples=samples) for n in progress(claims.names(), unit="claims")]
    if args.json:
        print_json([r.to_dict() for r in results])
        return 0
    for r in results:
        say(f"{r.claim.number:2d}  {r.claim.name}: {r.verdict}", "head")
        say(f"    {r.claim.claim}")
        say(f"    {summary(r)}")
    return 0
