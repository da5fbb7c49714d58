"""Claims of the discussion, each put to the test: files under params/claims name a check, its numbers and its bounds.

May import `uses` and what lies below.
Start with `assess`; a new kind of check is a function of `chip` or `programme`, listed in `checks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from estimator import lazy_names

if TYPE_CHECKING:
    from estimator.claims.files import load, names, parse_claim
    from estimator.claims.statement import Claim, Test
    from estimator.claims.verdicts import (
        SAMPLES,
        VERDICTS,
        Flip,
        Result,
        assess,
        flips,
        level,
        margins,
        test_verdict,
    )
    from estimator.claims.words import flip_parts, summary, threshold_text

_HOME = {
    **dict.fromkeys(("Claim", "Test", "load", "names", "parse_claim"), "files"),
    **dict.fromkeys(("SAMPLES", "VERDICTS", "Flip", "Result", "assess", "flips", "level", "margins"), "verdicts"),
    "test_verdict": "verdicts",
    **dict.fromkeys(("flip_parts", "summary", "threshold_text"), "words"),
}
"""Public name -> module of this folder that holds it; loaded when first used."""

__all__ = [
    "Claim",
    "Flip",
    "Result",
    "SAMPLES",
    "Test",
    "VERDICTS",
    "assess",
    "flip_parts",
    "flips",
    "level",
    "load",
    "margins",
    "names",
    "parse_claim",
    "summary",
    "test_verdict",
    "threshold_text",
]

__getattr__ = lazy_names(__name__, _HOME)
