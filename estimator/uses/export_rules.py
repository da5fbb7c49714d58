"""Export rules: total processing performance, performance density and the class under the October 2023 rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from estimator.arrays import Array, Num, unwrap
from estimator.checks import checked
from estimator.errors import InputError
from estimator.model.home import silicon
from estimator.model.inputs import plain_numbers
from estimator.parameters.sets import load_set

if TYPE_CHECKING:
    from estimator.estimation import Estimate
    from estimator.parameters.schema import Node

RULE = "bis-2023"
LEAST_AREA_MM2 = 0.001  # a smaller area is no chip
CLASSES = ("not controlled", "3A090.b", "3A090.a")


@checked()
def total_processing_performance(*, dense_tops: Num, bit_length: Num) -> Array:
    """Total processing performance (TPP): dense operations per second times bit length of the operation.

    Parameters
    ----------
    dense_tops : float or array
        Dense rate over all units of the package, 1e12 operations per second (a multiply-add counts two).
    bit_length : float or array
        Bits of the operation; the highest product over all precisions counts.

    References
    ----------
    .. [1] Bureau of Industry and Security, 88 FR 73458 (2023), technical note to ECCN 3A090.

    Examples
    --------
    >>> float(total_processing_performance(dense_tops=600, bit_length=8))
    4800.0
    """
    return np.asarray(np.asarray(dense_tops, float) * bit_length)


def _check_area(given: Mapping[str, Any]) -> None:
    area = np.asarray(given["applicable_area_mm2"])
    if np.any((area > 0) & (area < LEAST_AREA_MM2)):
        raise InputError(
            f"applicable_area_mm2 = {float(area[area > 0].min()):g} is out of range: it must be 0, or at least "
            f"{LEAST_AREA_MM2:g} mm2"
        )


@checked(_check_area, applicable_area_mm2="any_area_mm2")
def performance_density(*, tpp: Num, applicable_area_mm2: Num) -> Array:
    """Performance density, 1/mm2: TPP over the area of logic dies with non-planar transistors; NaN without any.

    Examples
    --------
    >>> round(float(performance_density(tpp=15832, applicable_area_mm2=814)), 2)
    19.45
    >>> float(performance_density(tpp=2000, applicable_area_mm2=0))
    nan
    """
    area = np.asarray(applicable_area_mm2, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(area > 0, np.asarray(tpp, float) / np.where(area > 0, area, 1.0), np.nan))


@checked(density_per_mm2="density_or_none", data_centre="flags")
def control_class(
    *,
    tpp: Num,
    density_per_mm2: Num,
    data_centre: Any = True,
    tpp_alone_min: Num,
    tpp_dense_min: Num,
    tpp_middle_min: Num,
    density_high_min: Num,
    density_middle_min: Num,
    density_low_min: Num,
) -> Any:
    """Class of a chip as an index into `CLASSES`: 2 licensed (3A090.a), 1 notified (3A090.b), 0 not controlled.

    Parameters
    ----------
    tpp, density_per_mm2 : float or array
        Total processing performance and performance density; a density of NaN (planar transistors only) satisfies no
        test of density, so that only the first test is left.
    data_centre : bool or array
        Designed or marketed for data centres; others are controlled from `tpp_alone_min` only (note 2).
    tpp_alone_min, tpp_dense_min, tpp_middle_min, density_high_min, density_middle_min, density_low_min : float
        Thresholds of the rule, see ``params/rules``.

    Examples
    --------
    >>> rule = load_set("rules", "bis-2023").values()
    >>> [CLASSES[int(control_class(tpp=t, density_per_mm2=d, **rule))] for t, d in ((15832, 19.4), (2368, 2.9), (4400, 5))]
    ['3A090.a', 'not controlled', '3A090.b']
    """
    t, d = np.asarray(tpp, float), np.asarray(density_per_mm2, float)
    centre = np.asarray(data_centre, bool)
    top = (t >= tpp_alone_min) | (centre & (t >= tpp_dense_min) & (d >= density_high_min))
    large = (t >= tpp_middle_min) & (t < tpp_alone_min) & (d >= density_low_min) & (d < density_high_min)
    small = (t >= tpp_dense_min) & (d >= density_middle_min) & (d < density_high_min)
    return np.where(top, 2, np.where(centre & (large | small), 1, 0))


@dataclass(frozen=True)
class ExportClass:
    """One side under the rule: ``tpp``, ``density_per_mm2`` (NaN if undefined), ``label`` (of `CLASSES`) and a ``note``."""

    tpp: Any
    density_per_mm2: Any
    label: Any
    note: str = ""


@dataclass(frozen=True)
class ExportClasses:
    """Original and clone under one rule, with its name, date and whether the part counts as a data-centre one."""

    original: ExportClass
    clone: ExportClass
    rule: str
    date: str
    data_centre: bool


def _side(tpp: Any, area: Any, node: Node, data_centre: bool, rule: dict[str, float]) -> ExportClass:
    planar = node.device == "planar"
    density = performance_density.plain(tpp=tpp, applicable_area_mm2=np.asarray(area, float) * (0.0 if planar else 1.0))
    index = control_class.plain(tpp=tpp, density_per_mm2=density, data_centre=data_centre, **rule)
    label = np.asarray(CLASSES)[index]
    note = "planar transistors: performance density is undefined, and only the test of performance alone applies"
    return ExportClass(unwrap(tpp), unwrap(density), str(label) if label.ndim == 0 else label, note if planar else "")


@checked(data_centre="flag", rule=None)
def export_class(est: Estimate, *, data_centre: bool | None = None, rule: str = RULE) -> ExportClasses:
    """Class of the original (published TPP) and of the clone (TPP scaled with its tensor rate).

    Parameters
    ----------
    est : Estimate
    data_centre : bool, optional
        By default a design with stacked memory (HBM) counts as a data-centre part, another as a consumer part.
    rule : str
        A file of ``params/rules``.

    Examples
    --------
    >>> from estimator import estimate
    >>> both = export_class(estimate("h100-sxm", "28nm", units=60))
    >>> both.original.label, both.clone.density_per_mm2
    ('3A090.a', nan)
    """
    thresholds = load_set("rules", rule)
    build = est.sides["clone"].build
    numbers = plain_numbers(build.numbers["design"])
    rate = numbers["tensor_tflops"]
    published = (
        numbers["tpp"] if "tpp" in numbers else total_processing_performance.plain(dense_tops=rate, bit_length=16)
    )
    centre = bool(numbers["memory_on_package"]) if data_centre is None else data_centre
    area = silicon(build.inputs)
    scaled = published * np.asarray(est.tensor_tflops, float) / rate
    return ExportClasses(
        original=_side(published, area, build.entities.home, centre, thresholds.values()),
        clone=_side(scaled, est.die_area_mm2, est.node, centre, thresholds.values()),
        rule=thresholds.label,
        date=str(thresholds.texts["date"]),
        data_centre=centre,
    )
