"""One row of validation: a real chip, its prediction, and the calibration families removed for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One real chip against its prediction; ``removed`` names the calibration families left out for it.

    ``low`` and ``high`` bound the 80 % interval; ``baseline`` is the prediction of the best simple rule on the row.
    """

    case: str
    group: str
    family: str
    real: float
    predicted: float
    low: float
    high: float
    baseline: float
    source: str
    removed: tuple[str, ...]

    @property
    def error(self) -> float:
        """Relative error of the prediction."""
        return self.predicted / self.real - 1.0

    @property
    def inside(self) -> bool:
        """Whether the real value lies in the 80 % interval."""
        return self.low <= self.real <= self.high
