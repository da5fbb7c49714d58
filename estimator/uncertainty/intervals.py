"""Intervals: sampled outputs of an estimate, their quantiles and those of every ratio."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from estimator.arrays import Array, divides
from estimator.checks import check_choice, check_numbers, check_scalars
from estimator.model.comparison import SAME_WORK
from estimator.model.results import CODES, FLAGS, OUTPUT_STAGE
from estimator.physics.operating_point import LIMITS
from estimator.quantities import Field
from estimator.uncertainty.assumptions import Assumption

_SHARE = Field("q", "1", "share of the samples", 0, 1)
_LEVEL = Field("level", "1", "share of the samples within", 1e-6, 1 - 1e-6)
HEADLINES = ("die_area_mm2", "clock_ghz", "power_w", "unit_cost_usd", "tensor_tflops")
SIDES = ("clone", "reference", "ratio", "same_work")
SAMPLED = tuple(n for n in OUTPUT_STAGE if n not in FLAGS and n not in CODES)


class Interval(NamedTuple):
    """Lower end, median and upper end."""

    low: float
    median: float
    high: float


class Samples:
    """Sampled outputs of an estimate: intervals and quantiles over the feasible samples.

    Attributes
    ----------
    size, seed : int
        Points drawn and their seed.
    feasible_share : float
        Share of samples in which the clone is physically possible; the others have no outputs and are left out.
    consistent_share : float
        Share of samples that allow the design's published point; the others are not counted at all.
    limited_by : dict
        Share of the feasible samples bound by each wall.
    assumptions : tuple of Assumption
        What was sampled.
    central : mapping
        The answers without sampling by side (``clone``, ``reference``, ``ratio``, ``same_work``) and output. Intervals hold them:
        beyond a wall
        (a die that just fits the reticle, a supply at its end) the samples lie on one side of the answer.
    """

    def __init__(
        self,
        clone: dict[str, Array],
        reference: dict[str, Array],
        consistent: NDArray[np.bool_],
        *,
        seed: int,
        assumptions: Iterable[Assumption],
        central: Mapping[str, Mapping[str, float]] | None = None,
        clones: Array | None = None,
    ) -> None:
        self.size, self.seed, self.assumptions = consistent.size, seed, tuple(assumptions)
        feasible = consistent & clone["feasible"].astype(bool)
        self.consistent_share = float(consistent.mean())
        self.feasible_share = float(feasible.sum() / max(int(consistent.sum()), 1))
        self.clone = {n: clone[n][feasible] for n in SAMPLED if n in clone}
        self.reference = {n: reference[n][feasible] for n in SAMPLED if n in reference}
        self.central = {} if central is None else central
        self._clones = None if clones is None else clones[feasible]
        counts = np.bincount(clone["limited_by"][feasible].astype(int), minlength=len(LIMITS))
        self.limited_by = {n: float(c) / max(int(feasible.sum()), 1) for n, c in zip(LIMITS, counts, strict=True) if c}

    @cached_property
    def ratio(self) -> dict[str, Array]:
        """Clone over reference, sample by sample, for every output that is nowhere zero in the reference."""
        with np.errstate(invalid="ignore"):  # what is infinite on both sides, or not stated by the design, has no ratio
            return {n: self.clone[n] / base for n, base in self.reference.items() if divides(base)}

    @cached_property
    def same_work(self) -> dict[str, Array]:
        """What one original's work takes, sample by sample: clones, their power, cost and wafers (`SAME_WORK`)."""
        needed = self._clones
        if needed is None:
            return {}
        return {n: needed * self.clone[of] if of else needed for n, of in SAME_WORK.items()}

    def same_work_interval(self, name: str, level: float = 0.8) -> Interval:
        """As `interval`, of what one original's work takes."""
        return self._holding("same_work", name, _interval(self._of(self.same_work, name), level))

    def quantile(self, name: str, q: Any) -> Any:
        """Quantile(s) of an output of the clone."""
        return _quantile(self._of(self.clone, name), q)

    def interval(self, name: str, level: float = 0.8) -> Interval:
        """Central interval of an output of the clone that holds `level` of the samples, with the median."""
        return self._holding("clone", name, _interval(self._of(self.clone, name), level))

    def reference_interval(self, name: str, level: float = 0.8) -> Interval:
        """As `interval`, of the reference."""
        return self._holding("reference", name, _interval(self._of(self.reference, name), level))

    def ratio_interval(self, name: str, level: float = 0.8) -> Interval:
        """As `interval`, of clone over reference."""
        return self._holding("ratio", name, _interval(self._of(self.ratio, name), level))

    def intervals(self, side: str = "clone", level: float = 0.8) -> dict[str, Interval]:
        """`interval` of every output of a side: ``clone``, ``reference``, ``ratio`` (clone over reference) or ``same_work``."""
        check_choice("side", side, SIDES)
        values: dict[str, Array] = getattr(self, side)
        found = _intervals(np.stack(list(values.values())), level) if values else []
        return {n: self._holding(side, n, one) for n, one in zip(values, found, strict=True)}

    def outside(self, level: float = 0.8) -> list[str]:
        """Outputs of which the samples alone would leave the central answer outside, of the clone and over the reference."""
        found: list[str] = []
        for side in ("clone", "ratio"):
            values: dict[str, Array] = getattr(self, side)
            known = {n: float(v) for n, v in self.central.get(side, {}).items() if n in values}
            if (
                self.feasible_share == 1.0
            ):  # only a wall leaves the samples to one side: any other is seen on few outputs
                known = {n: known[n] for n in HEADLINES if n in known}
            if known:
                spread = _intervals(np.stack([values[n] for n in known]), level)
                found += [n for n, one in zip(known, spread, strict=True) if _apart(one, known[n])]
        return found

    def _holding(self, side: str, name: str, interval: Interval) -> Interval:
        """The interval, widened to the central answer."""
        known = self.central.get(side, {})
        if name not in known or not np.isfinite(float(known[name])):
            return interval
        answer = float(known[name])
        if not _apart(interval, answer):
            return interval
        return Interval(min(interval.low, answer), interval.median, max(interval.high, answer))

    def to_dict(self, level: float = 0.8) -> dict[str, Any]:
        """Plain data: the intervals of every output and ratio, and the shares."""
        data: dict[str, Any] = {
            "level": level,
            "samples": self.size,
            "seed": self.seed,
            "feasible_share": self.feasible_share,
            "consistent_share": self.consistent_share,
            "limited_by": dict(self.limited_by),
        }
        for side in SIDES:
            data[side] = {n: v._asdict() for n, v in self.intervals(side, level).items()}
        return data

    def __repr__(self) -> str:
        return f"Samples(size={self.size}, seed={self.seed}, feasible_share={self.feasible_share:.3g})"

    @staticmethod
    def _of(values: Mapping[str, Array], name: str) -> Array:
        check_choice("sampled output", name, values)
        return values[name]


def _apart(interval: Interval, answer: float) -> bool:
    """Whether an answer lies outside of an interval by more than rounding."""
    slack = 1e-9 * abs(answer)
    return bool(answer < interval.low - slack or answer > interval.high + slack)


def _quantile(values: Array, q: Any) -> Any:
    wanted = check_numbers("q", q, _SHARE)
    if values.size == 0:
        return np.full(wanted.shape, np.nan)[()]
    with np.errstate(invalid="ignore"):  # between two infinite samples
        return np.quantile(values, wanted)


def _interval(values: Array, level: float) -> Interval:
    return _intervals(values[None], level)[0]


def _intervals(rows: Array, level: float) -> list[Interval]:
    """Interval of each row of samples."""
    check_scalars({"level": check_numbers("level", level, _LEVEL)})
    if rows.shape[1] == 0:
        return [Interval(np.nan, np.nan, np.nan)] * len(rows)
    with np.errstate(invalid="ignore"):
        found = np.quantile(rows, [(1 - level) / 2, 0.5, (1 + level) / 2], axis=1)
    return [Interval(*row) for row in found.T.tolist()]
