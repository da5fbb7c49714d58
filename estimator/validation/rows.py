"""One row of validation: a real value, the public call that predicts it, and what was removed from the fits for it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One published or measured value against its prediction.

    Attributes
    ----------
    case, group, family, source : str
        What it is, which table it stands in, its product family, where the value is from.
    real, predicted, low, high : float
        Published value, prediction, ends of the call's own 80 % interval. NaN: the call had no answer, or no interval.
    removed : tuple of str
        Families or rows left out of every fit that made the prediction.
    baselines : dict of str to float
        Predictions of simpler rules for the same row; absent where a rule has no answer.
    node, unit, note : str
        Its node, the unit of the values, what else there is to know.
    call : str
        The public call, as one would type it.
    split : str
        ``calibration``: its family may be looked at when a constant is chosen; ``validation``: it may not; else blank.
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
    call: str = ""
    split: str = ""

    @property
    def answered(self) -> bool:
        """Whether the call gave a number."""
        return math.isfinite(self.predicted)

    @property
    def error(self) -> float:
        """Relative error of the prediction; no answer is off by all."""
        return self.predicted / self.real - 1.0 if self.answered else -1.0

    @property
    def judged(self) -> bool:
        """Whether the row has an interval that can be judged: it has an answer, and the call gives intervals."""
        return not self.answered or (math.isfinite(self.low) and math.isfinite(self.high))

    @property
    def inside(self) -> bool:
        """Whether the real value lies in the 80 % interval."""
        return bool(self.low <= self.real <= self.high)
