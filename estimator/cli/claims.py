"""Commands ``claim NAME`` and ``claims``: the claims with their computed verdicts."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from estimator import claims
from estimator.claims.words import lines, summary


def _claim(args: argparse.Namespace) -> int:
    result = claims.assess(args.name, assumed=args.assume, samples=args.samples)
    print(json.dumps(result.to_dict(), indent=2, allow_nan=False) if args.json else "\n".join(lines(result)))
    return 0


def _claims(args: argparse.Namespace) -> int:
    results = [claims.assess(n, samples=args.samples) for n in claims.names()]
    if args.json:
        print(json.dumps([r.to_dict() for r in results], indent=2, allow_nan=False))
        return 0
    for r in results:
        print(f"{r.claim.number:2d}  {r.claim.name:20s} {r.verdict:14s} {r.claim.claim}")
        print(f"    {'':20s} {'':14s} {summary(r)}")
    return 0


def main(arguments: Sequence[str]) -> int:
    """Run ``claim`` or ``claims``."""
    parser = argparse.ArgumentParser(prog="chip-scaling")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("claim", help="one claim", description="Put one claim to the test.")
    one.add_argument("name", help="name, number, or a TOML file of a claim; `claims` lists them")
    one.add_argument("--assume", type=float, metavar="VALUE", help="another value of the claim's assumption")
    one.set_defaults(run=_claim)
    every = commands.add_parser("claims", help="all claims", description="All claims with their verdicts.")
    every.set_defaults(run=_claims)
    for command in (one, every):
        command.add_argument("--samples", type=int, default=claims.SAMPLES, help="draws for intervals; 0 for none")
        command.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args(list(arguments))
    code: int = args.run(args)
    return code
