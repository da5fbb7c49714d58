"""Design effort: what stands before production by size of the design, process, masks and package, M USD."""

from __future__ import annotations

import numpy as np

from estimator.arrays import Array, Num
from estimator.checks import formula


@formula()
def logic_effort(
    *,
    logic_design_musd: Num,
    transistors_mtr: Num,
    complexity_reference_mtr: Num,
    complexity_exponent: Num,
    logic_share: Num,
) -> Array:
    """Architecture, logic, verification and software, M USD: by the size of the design, whatever the process.

    ``F (T / T0)**g s``: F is stated for a design of T0 transistors. The exponent is below 1, because units are copied.
    The share s says how much of it a port takes: a copy next to nothing, another process all of it (back to RTL).

    Examples
    --------
    >>> float(logic_effort(logic_design_musd=340, transistors_mtr=20000, complexity_reference_mtr=80000,
    ...     complexity_exponent=0.5, logic_share=1))
    170.0
    """
    size = (np.asarray(transistors_mtr, float) / complexity_reference_mtr) ** complexity_exponent
    return np.asarray(logic_design_musd * size * logic_share)


@formula()
def physical_effort(*, design_cost_musd: Num, physical_design_share: Num, physical_share: Num) -> Array:
    """Physical design and process IP, M USD: a part of what a typical whole new chip of the process costs.

    Examples
    --------
    >>> float(physical_effort(design_cost_musd=400, physical_design_share=0.25, physical_share=1))
    100.0
    """
    return np.asarray(np.asarray(design_cost_musd, float) * physical_design_share * physical_share)


@formula()
def mask_cost(*, mask_set_musd: Num, respins: Num) -> Array:
    """Mask sets of all dies with those of the respins, M USD.

    Examples
    --------
    >>> float(mask_cost(mask_set_musd=18, respins=0.5))
    27.0
    """
    return np.asarray(np.asarray(mask_set_musd, float) * (1.0 + np.asarray(respins, float)))


@formula()
def package_effort(*, package_nre_musd: Num, package_nre_musd_mm2: Num, field_mm2: Num) -> Array:
    """Design, tools and samples of a package, M USD: a fixed part, and masks of interposer and substrate by its field.

    Feng and Ma, "Chiplet Actuary", DAC 2022.

    Examples
    --------
    >>> float(package_effort(package_nre_musd=2, package_nre_musd_mm2=0.0015, field_mm2=2000))
    5.0
    """
    return np.asarray(package_nre_musd + package_nre_musd_mm2 * np.asarray(field_mm2, float))
