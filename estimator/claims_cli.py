"""Commands ``claim NAME`` and ``claims``: the claims with their computed verdicts."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence

from estimator import claims
from estimator.claims import Claim, Result
from estimator.explain import number


def shown(value: float, unit: str) -> str:
    """A number of a claim with its unit."""
    return number(value, "" if unit == "1" else unit)


def summary(result: Result) -> str:
    """The deciding number with its interval."""
    d = result.deciding
    text = f"{d.label}: {shown(result.values[d.measure], d.unit)}"
    if d.measure in result.intervals:
        low, high = result.intervals[d.measure]
        text += f" (80 %: {shown(low, '1')} to {shown(high, d.unit)})"
    return text


def flip_parts(result: Result) -> list[str]:
    """What would flip the verdict."""
    a = result.claim.assumption
    here = f"{a.label} = {shown(result.assumed, a.unit)}"
    if not result.flips:
        return [f"with {here}", f"no value from {shown(a.low, a.unit)} to {shown(a.high, a.unit)} flips it"]
    parts = []
    for f in result.flips:
        side = "above" if f.value > result.assumed else "below"
        parts.append(f"{side} {shown(f.value, a.unit)} it {f.verdict}")
    return [f"with {here}", *parts]


def threshold_text(claim: Claim, index: int) -> str:
    """What a measured quantity must be."""
    t = claim.tests[index]
    word = "at least" if t.sign > 0 else "at most"
    partly = "" if t.in_part is None else f", in part {'from' if t.sign > 0 else 'up to'} {shown(t.in_part, t.unit)}"
    return f"{word} {shown(t.threshold, t.unit)}{partly}"


def lines(result: Result) -> list[str]:
    """A result as lines of text."""
    c = result.claim
    out = [f"{c.number}. {c.claim}", "", f"verdict: {result.verdict}", f"decided by {summary(result)}"]
    if math.isfinite(result.agreement):
        out.append(f"the same verdict in {100 * result.agreement:.0f} % of {result.samples} draws of all assumptions")
    out += ["", "measured"]
    for i, t in enumerate(c.tests):
        low_high = result.intervals.get(t.measure)
        span = "" if low_high is None else f" (80 %: {shown(low_high[0], '1')} to {shown(low_high[1], t.unit)})"
        verdict = claims.test_verdict(result, t)
        out.append(f"  {t.label}: {shown(result.values[t.measure], t.unit)}{span}; needed {threshold_text(c, i)}: {verdict}")
    out += ["", "what would flip it", "  " + "; ".join(flip_parts(result)), "", "evidence"]
    out += [f"  {label}: {value}" for label, value in result.evidence]
    return [*out, "", f"why: {c.why}", f"sources: {', '.join(c.source)}"]


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
