"""Claims put to the test by numbers: verdict, the quantity that decides it, its interval and what would flip it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from estimator.arrays import Array
from estimator.checks import check_numbers, check_whole
from estimator.claims.files import load, names, parse_claim
from estimator.claims.statement import Claim, Test
from estimator.errors import ParameterFileError, did_you_mean
from estimator.quantities import Field

VERDICTS = ("does not hold", "holds in part", "holds")
SAMPLES, MOST_SAMPLES = 256, 65_536
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


class Flip(NamedTuple):
    """Where the verdict changes: the assumption's value, and the verdict beyond it."""

    value: float
    verdict: str


class Result(NamedTuple):
    """A claim with its computed verdict.

    Attributes
    ----------
    claim : Claim
    verdict : str
        One of `VERDICTS`.
    deciding : Test
        The quantity that decides it: where it holds the tightest, where it does not the nearest.
    values, intervals : dict
        Every measured quantity, and its 80 % interval where it is sampled.
    agreement : float
        Share of the samples with the same verdict; NaN without samples.
    samples : int
        Points sampled.
    evidence : list of (str, str)
    assumed : float
        The assumption's value here.
    flips : tuple of Flip
        Changes of verdict over the assumption's range, nearest first; empty where no value flips it.
    scan : dict
        The assumption's range, the deciding quantity and the verdict over it.
    """

    claim: Claim
    verdict: str
    deciding: Test
    values: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    agreement: float
    samples: int
    evidence: list[tuple[str, str]]
    assumed: float
    flips: tuple[Flip, ...]
    scan: dict[str, Array]

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        c, d = self.claim, self.deciding
        return {
            "name": c.name,
            "number": c.number,
            "title": c.title,
            "claim": c.claim,
            "verdict": self.verdict,
            "deciding": {
                "measure": d.measure,
                "label": d.label,
                "unit": d.unit,
                "value": _plain(self.values[d.measure]),
                "interval_80": list(self.intervals.get(d.measure, ())) or None,
            },
            "tests": [
                {
                    **t.model_dump(),
                    "value": _plain(self.values[t.measure]),
                    "interval_80": list(self.intervals.get(t.measure, ())) or None,
                    "verdict": test_verdict(self, t),
                }
                for t in c.tests
            ],
            "agreement": _plain(self.agreement),
            "evidence": [list(e) for e in self.evidence],
            "assumption": {
                **c.assumption.model_dump(),
                "value": self.assumed,
                "flips": [f._asdict() for f in self.flips],
            },
            "why": c.why,
            "source": c.source,
        }


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def test_verdict(result: Result, test: Test) -> str:
    """Verdict of one measured quantity alone."""
    value = result.values[test.measure]
    full, part = (float(test.margin(value, partly=p)) for p in (False, True))
    return VERDICTS[2 if full >= 0 else 1 if part >= 0 else 0]


test_verdict.__test__ = False  # type: ignore[attr-defined]


def margins(claim: Claim, values: Mapping[str, Any]) -> tuple[Array, Array]:
    """Margin to `holds` (all quantities must meet their threshold) and to `holds in part` (one must, or be near)."""
    full = [t.margin(values[t.measure], partly=False) for t in claim.tests]
    part = [t.margin(values[t.measure], partly=True) for t in claim.tests]
    least = np.broadcast_arrays(*full)
    most = np.broadcast_arrays(*part)
    return np.minimum.reduce(least), np.maximum.reduce(most)


def level(claim: Claim, values: Mapping[str, Any]) -> NDArray[np.int64]:
    """Index into `VERDICTS`, elementwise."""
    full, part = margins(claim, values)
    return np.asarray(np.where(full >= 0, 2, np.where(part >= 0, 1, 0)))


def _measure(claim: Claim, assumed: Any, samples: int = 0) -> Any:
    from estimator.claims.checks import CHECKS, ClaimNumbers, Trial

    numbers = ClaimNumbers(claim.name, {n: float(claim.parameter(n).central or 0.0) for n in claim.numbers})
    options: dict[str, Any] = dict(claim.options)
    if assumed is not None:
        (numbers if claim.assumption.option in numbers else options)[claim.assumption.option] = assumed
    ranges = {n: claim.parameter(n) for n in numbers if assumed is None or n != claim.assumption.option}
    measured = CHECKS[claim.check](Trial(claim, options, numbers, ranges, samples))
    for test in claim.tests:
        if test.measure not in measured.values:
            known = sorted(measured.values)
            raise ParameterFileError(
                f"claim {claim.name!r}: its check measures no {test.measure[:60]!r}{did_you_mean(test.measure, known)}; "
                f"it measures {', '.join(known)}"
            )
    return measured


def flips(claim: Claim, assumed: float, grid: Array, values: Mapping[str, Any]) -> tuple[Flip, ...]:
    """Changes of verdict, the nearest to the assumed value first, by bracketing on the grid and Brent's method."""
    from scipy.optimize import brentq

    a = claim.assumption
    found: list[Flip] = []
    for which, both in enumerate(margins(claim, values)):
        row = np.broadcast_to(both, grid.shape)

        def gap(x: float, which: int = which) -> float:
            margin = float(np.ravel(margins(claim, _measure(claim, np.asarray([x])).values)[which])[0])
            return (
                margin if abs(margin) > 1e-12 else 1e-3
            )  # just met, as where one test of several stays at its threshold

        for i in np.flatnonzero(np.sign(row[:-1] + 1e-300) != np.sign(row[1:] + 1e-300)):
            low, high = float(grid[i]), float(grid[i + 1])
            root = float(brentq(gap, low, high, rtol=1e-4, xtol=1e-9 * high)) if gap(low) * gap(high) < 0 else high
            beyond = low if root <= assumed else high  # the side away from what is assumed
            index = i if beyond == low else i + 1
            verdict = VERDICTS[int(np.broadcast_to(level(claim, values), grid.shape)[index])]
            if verdict != VERDICTS[int(np.broadcast_to(level(claim, values), grid.shape)[i + 1 if index == i else i])]:
                found.append(Flip(root, verdict))
    return tuple(sorted(found, key=lambda f: abs(a.place(f.value) - a.place(assumed))))


def assess(name: str | Claim, *, assumed: float | None = None, samples: int = SAMPLES) -> Result:
    """Put a claim to the test.

    Parameters
    ----------
    name : str or Claim
        Name, number, path of a TOML file, or a claim.
    assumed : float, optional
        Another value of its assumption.
    samples : int
        Points sampled for the intervals; 0 for none.

    Raises
    ------
    InputError
        For an unknown claim, or an assumed value that is not usable.

    Examples
    --------
    >>> assess("area-drives-yield", samples=0).verdict in VERDICTS
    True
    """
    claim = name if isinstance(name, Claim) else load(name)
    a = claim.assumption
    if assumed is not None:
        assumed = float(check_numbers(a.label, assumed, Field(a.label, a.unit, a.label, a.low, a.high)))
    if not (isinstance(samples, int) and samples == 0):
        samples = check_whole("samples (0 for none)", samples, 16, MOST_SAMPLES)
    measured = _measure(claim, assumed, samples)
    values = {k: float(np.ravel(v)[0]) for k, v in measured.values.items()}
    verdict = VERDICTS[int(level(claim, values))]
    if verdict == VERDICTS[0]:
        deciding = max(claim.tests, key=lambda t: float(t.margin(values[t.measure], partly=True)))
    else:
        deciding = min(claim.tests, key=lambda t: float(t.margin(values[t.measure], partly=False)))
    intervals = {
        k: (float(np.nanquantile(v, 0.1)), float(np.nanquantile(v, 0.9)))
        for k, v in measured.samples.items()
        if np.isfinite(v).any()
    }
    agreement = math.nan
    if all(t.measure in measured.samples for t in claim.tests):
        agreement = float(np.mean(level(claim, measured.samples) == VERDICTS.index(verdict)))
    here = claim.central_assumption() if assumed is None else float(assumed)
    grid = np.unique(np.append(a.points(), np.clip(here, a.low, a.high)))
    scanned = _measure(claim, grid).values
    found = flips(claim, here, grid, scanned)
    scan = {
        "assumed": grid,
        "deciding": np.broadcast_to(np.asarray(scanned[deciding.measure], float), grid.shape),
        "verdict": np.broadcast_to(level(claim, scanned), grid.shape),
    }
    return Result(claim, verdict, deciding, values, intervals, agreement, samples, measured.evidence, here, found, scan)
