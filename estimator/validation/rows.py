"""One row of validation: a real chip, its prediction, and the calibration rows removed for it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One real chip, or one real port, against its prediction.

    Attributes
    ----------
    case, group, family, source : str
        What it is, which table it stands in, its product family, where the value is from.
    real, predicted, low, high : float
        Published value, prediction, bounds of the 80 % interval.
    removed : tuple of str
        Calibration rows or families left out of every fit that made the prediction.
    baselines : dict of str to float
        Predictions of simpler rules for the same row; absent where a rule has no answer.
    node, unit, note : str
        Its node, the unit of the values, what else there is to know.
    """

    case: str
    group: str
    family: str
    real: float
    predicted: float
    low: float
    high: float
    source: str
    removed: tuple[str, ...]
    baselines: dict[str, float] = field(default_factory=dict)
    node: str = ""
    unit: str = "1"
    note: str = ""

    @property
    def error(self) -> float:
        """Relative error of the prediction."""
        return self.predicted / self.real - 1.0

    @property
    def inside(self) -> bool:
        """Whether the real value lies in the 80 % interval."""
        return bool(self.low <= self.real <= self.high)
