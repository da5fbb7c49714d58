"""Claims in words: the deciding number, what would flip the verdict, and the whole result as lines."""

from __future__ import annotations

import math

from estimator.claims.verdicts import Claim, Result, test_verdict
from estimator.quantities import number


def summary(result: Result) -> str:
    """The deciding number with its interval."""
    d = result.deciding
    text = f"{d.label}: {number(result.values[d.measure], d.unit)}"
    if d.measure in result.intervals:
        low, high = result.intervals[d.measure]
        text += f" (80 %: {number(low, '1')} to {number(high, d.unit)})"
    return text


def flip_parts(result: Result) -> list[str]:
    """What would flip the verdict."""
    a = result.claim.assumption
    here = f"{a.label} = {number(result.assumed, a.unit)}"
    if not result.flips:
        return [f"with {here}", f"no value from {number(a.low, a.unit)} to {number(a.high, a.unit)} flips it"]
    parts = []
    for f in result.flips:
        side = "above" if f.value > result.assumed else "below"
        parts.append(f"{side} {number(f.value, a.unit)} it {f.verdict}")
    return [f"with {here}", *parts]


def threshold_text(claim: Claim, index: int) -> str:
    """What a measured quantity must be."""
    t = claim.tests[index]
    word = "at least" if t.sign > 0 else "at most"
    partly = "" if t.in_part is None else f", in part {'from' if t.sign > 0 else 'up to'} {number(t.in_part, t.unit)}"
    return f"{word} {number(t.threshold, t.unit)}{partly}"


def lines(result: Result) -> list[str]:
    """A result as lines of text."""
    c = result.claim
    out = [f"{c.number}. {c.claim}", "", f"verdict: {result.verdict}", f"decided by {summary(result)}"]
    if math.isfinite(result.agreement):
        out.append(f"the same verdict in {100 * result.agreement:.0f} % of {result.samples} draws of all assumptions")
    out += ["", "measured"]
    for i, t in enumerate(c.tests):
        low_high = result.intervals.get(t.measure)
        span = "" if low_high is None else f" (80 %: {number(low_high[0], '1')} to {number(low_high[1], t.unit)})"
        verdict = test_verdict(result, t)
        out.append(
            f"  {t.label}: {number(result.values[t.measure], t.unit)}{span}; needed {threshold_text(c, i)}: {verdict}"
        )
    out += ["", "what would flip it", "  " + "; ".join(flip_parts(result)), "", "evidence"]
    out += [f"  {label}: {value}" for label, value in result.evidence]
    return [*out, "", f"why: {c.why}", f"sources: {', '.join(c.source)}"]
