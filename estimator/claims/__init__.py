"""Claims of the discussion, each put to the test: files under params/claims name a check, its numbers and its bounds.

May import `uses` and what lies below.
Start with `assess`; a new kind of check is a function of `chip` or `programme`, listed in `checks`.
"""

from __future__ import annotations

from estimator.claims.verdicts import (
    SAMPLES,
    VERDICTS,
    Claim,
    Flip,
    Result,
    Test,
    assess,
    flips,
    level,
    load,
    margins,
    names,
    parse_claim,
    test_verdict,
)

__all__ = [
    "SAMPLES",
    "VERDICTS",
    "Claim",
    "Flip",
    "Result",
    "Test",
    "assess",
    "flips",
    "level",
    "load",
    "margins",
    "names",
    "parse_claim",
    "test_verdict",
]
