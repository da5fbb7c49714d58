"""A year's output of a process for one chip: GPUs, and what they are worth in H100s, take in power and cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from estimator.arrays import unwrap
from estimator.checks import checked
from estimator.uses.supply import supply

if TYPE_CHECKING:
    from estimator.estimation import Estimate
    from estimator.uncertainty.intervals import Samples

UNIT = "h100-sxm"
"""Design whose work is the unit of a year's output."""


class Spread(NamedTuple):
    """A quantity at low, central and high capacity."""

    low: Any
    central: Any
    high: Any

    def times(self, factor: Any) -> Spread:
        """The same of another quantity that goes with it."""
        return Spread(*(unwrap(np.asarray(v, float) * factor) for v in self))


@dataclass(frozen=True)
class Yearly:
    """A year's output of a share of a process.

    Attributes
    ----------
    gpus, h100s, power_mw, cost_usd : Spread
        Finished GPUs; the H100s that do the same work; their power at work, MW; their all-in cost.
    wafers, interposer_wafers, memory_stacks : float
        What the central number takes: wafers of the process, wafers of interposers, stacks of memory (NaN without any).
    binds : str
        What gives the fewest: logic wafers, interposer wafers or memory stacks.
    note : str
        What is missing, or taken from another year.
    """

    gpus: Spread
    h100s: Spread
    power_mw: Spread
    cost_usd: Spread
    wafers: Any
    interposer_wafers: Any
    memory_stacks: Any
    binds: Any
    note: str


@cache
def _unit_rate() -> float:
    """Work of one `UNIT` at home, TFLOPS."""
    from estimator.estimation import estimate
    from estimator.parameters import library

    return float(estimate(UNIT, library.load_design(UNIT).node).reference.work_tflops)


@checked(capacity_per_month="capacity")
def yearly(est: Estimate, *, fab_share_fraction: Any = None, capacity_per_month: Any = None) -> Yearly:
    """GPUs that a share of a process makes in a year, with what they are worth, take and cost.

    Parameters
    ----------
    est : Estimate
    fab_share_fraction : float, optional
        Share of the capacity, above 0 to 1; by default that of ``params/work/supply.toml``.
    capacity_per_month : float, optional
        Wafers a month of the process in place of its own low, central and high.

    Examples
    --------
    >>> from estimator import estimate
    >>> year = yearly(estimate("h100-sxm", "smic-n+2"))
    >>> bool(year.gpus.low < year.gpus.central < year.gpus.high), bool(year.h100s.central < year.gpus.central)
    (True, True)
    """
    found = supply.plain(est, fab_share_fraction=fab_share_fraction, wafer_capacity_per_month=capacity_per_month)
    gpus = Spread(found.gpus_per_year_low, found.gpus_per_year, found.gpus_per_year_high)
    return Yearly(
        gpus=gpus,
        h100s=gpus.times(np.asarray(est.work_tflops, float) / _unit_rate()),
        power_mw=gpus.times(np.asarray(est.power_w, float) / 1e6),
        cost_usd=gpus.times(np.asarray(est.full_cost_usd, float)),
        wafers=found.wafers,
        interposer_wafers=found.interposer_wafers,
        memory_stacks=found.stacks,
        binds=found.binds,
        note=found.note,
    )


def spread_of_wafers(samples: Samples, level: float = 0.8) -> tuple[float, float]:
    """Ends of the interval of GPUs from a wafer over its median: how far the model's own doubt moves a year's output.

    Examples
    --------
    >>> from estimator import estimate
    >>> low, high = spread_of_wafers(estimate("h100-sxm", "smic-n+2", samples=64).samples)
    >>> bool(low < 1 < high)
    True
    """
    low, median, high = samples.interval("gpus_per_wafer", level)
    return low / median, high / median


def over_years(est: Estimate, years: Sequence[float], **options: Any) -> list[Yearly | None]:
    """`yearly` at other dates of making; None where it cannot be made at that date.

    Examples
    --------
    >>> from estimator import estimate
    >>> before, late = over_years(estimate("h100-sxm", "12nm"), [2025.0, 2028.0])
    >>> before is None, bool(late.gpus.central > 0)
    (True, True)
    """
    from estimator.errors import EstimatorError
    from estimator.estimation import estimate

    call: dict[str, Any] = {k: v for k, v in est.options.items() if k not in ("date", "maturity_quarters")}
    found: list[Yearly | None] = []
    for year in years:
        try:
            found.append(yearly.plain(estimate(est.design, est.node, date=float(year), **call), **options))
        except EstimatorError:
            found.append(None)
    return found
