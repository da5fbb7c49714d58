"""Cost: good die, package and its assembly yield, test, memory, board, cooler, and what does not recur over a volume."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from estimator.arrays import Array, Num
from estimator.checks import formula
from estimator.physics.yields import mean_defects, negative_binomial
from estimator.quantities import ARGUMENTS

LEAST_YIELD = ARGUMENTS["sold_fraction"].low
"""Least share of good parts for which a cost is stated; below it nothing comes out of a line."""


@formula(sellable_fraction="sold_fraction")
def good_die_cost(*, wafer_cost_usd: Num, gross_dies: Num, sellable_fraction: Num) -> Array:
    """Cost of one sellable die: the wafer over the dies that can be sold, USD.

    Examples
    --------
    >>> float(good_die_cost(wafer_cost_usd=18000, gross_dies=60, sellable_fraction=0.75))
    400.0
    """
    return np.asarray(wafer_cost_usd / (np.asarray(gross_dies, float) * sellable_fraction))


@formula(area_mm2="any_area_mm2")
def interposer_yield(*, area_mm2: Num, defect_density_per_cm2: Num, interposer_clustering_alpha: Num) -> Array:
    """Yield of an interposer, negative binomial (cf. Feng and Ma, "Chiplet Actuary", DAC 2022), 0..1.

    Examples
    --------
    >>> round(float(interposer_yield(area_mm2=2000, defect_density_per_cm2=0.01, interposer_clustering_alpha=3)), 3)
    0.824
    """
    mean = mean_defects(die_area_mm2=area_mm2, defect_density_per_cm2=defect_density_per_cm2)
    return negative_binomial(mean, interposer_clustering_alpha)


@formula(carried_mm2="any_area_mm2", interposer_cost_usd="any_usd")
def package_cost(
    *,
    carried_mm2: Num,
    interposer_cost_usd: Num,
    substrate_area_factor: Num,
    substrate_cost_usd_mm2: Num,
    fixed_cost_usd: Num,
) -> Array:
    """Cost of a package, USD: interposer (see `estimator.physics.packaging`), substrate under what it carries, assembly.

    Examples
    --------
    >>> round(float(package_cost(carried_mm2=1400, interposer_cost_usd=154, substrate_area_factor=2.5,
    ...     substrate_cost_usd_mm2=0.02, fixed_cost_usd=100)), 2)
    324.0
    """
    substrate = np.asarray(carried_mm2, float) * substrate_area_factor * substrate_cost_usd_mm2
    return np.asarray(interposer_cost_usd + substrate + fixed_cost_usd)


@formula()
def assembly_yield(*, parts: Num, bond_yield_fraction: Num) -> Array:
    """Share of packages in which every one of `parts` bonded dies survives assembly, 0..1.

    Examples
    --------
    >>> round(float(assembly_yield(parts=6, bond_yield_fraction=0.99)), 4)
    0.9415
    """
    return np.asarray(np.exp(np.asarray(parts, float) * np.log(np.asarray(bond_yield_fraction, float))))


@formula(die_area_mm2="any_area_mm2")
def test_cost(
    *,
    die_area_mm2: Num,
    memory_stacks: Num,
    test_cost_usd_mm2: Num,
    test_fixed_usd: Num,
    assembly_cost_usd: Num,
    memory_test_cost_usd: Num,
) -> Array:
    """Cost of test and final assembly of one package, USD: by silicon area, per package and per memory stack on it.

    Examples
    --------
    >>> float(test_cost(die_area_mm2=800, memory_stacks=5, test_cost_usd_mm2=0.05, test_fixed_usd=10, assembly_cost_usd=20,
    ...     memory_test_cost_usd=2))
    80.0
    """
    return np.asarray(
        test_cost_usd_mm2 * np.asarray(die_area_mm2, float)
        + test_fixed_usd
        + assembly_cost_usd
        + memory_test_cost_usd * np.asarray(memory_stacks, float)
    )


vars(test_cost)["__test__"] = False  # not a test of pytest


@formula(parts_usd="any_usd", assembly_yield_fraction="sold_fraction")
def scrap_cost(*, parts_usd: Num, assembly_yield_fraction: Num, scrap_invested_fraction: Num) -> Array:
    """Cost of good parts lost in packages whose assembly fails, per package that survives, USD.

    ``parts s (1/Y - 1)``: s is the share of the parts already on a package when a bond fails.

    Examples
    --------
    >>> round(float(scrap_cost(parts_usd=1000, assembly_yield_fraction=0.8, scrap_invested_fraction=0.5)), 6)
    125.0
    """
    return np.asarray(parts_usd * scrap_invested_fraction * (1.0 / np.asarray(assembly_yield_fraction, float) - 1.0))


@formula(power_w="any_power_w")
def board_cost(*, power_w: Num, board_fixed_usd: Num, board_cost_usd_w: Num) -> Array:
    """Cost of board and power delivery by module power, USD.

    Examples
    --------
    >>> float(board_cost(power_w=700, board_fixed_usd=100, board_cost_usd_w=0.5))
    450.0
    """
    return np.asarray(board_fixed_usd + board_cost_usd_w * np.asarray(power_w, float))


@formula(power_w="any_power_w", grown_resistance_k_w="resistance_k_w")
def cooler_cost(
    *,
    power_w: Num,
    cooler_cost_usd_w: Num,
    cost_usd: Num,
    cooler_cost_share: Num,
    resistance_sink_k_w: Num,
    grown_resistance_k_w: Num,
) -> Array:
    """Cost of the cooler, USD: by the watt, and a share of its class's price, which grows with its conductance.

    Examples
    --------
    >>> float(cooler_cost(power_w=700, cooler_cost_usd_w=0, cost_usd=70, cooler_cost_share=1, resistance_sink_k_w=0.04,
    ...     grown_resistance_k_w=0.02))
    140.0
    """
    grown = np.asarray(resistance_sink_k_w, float) / np.asarray(grown_resistance_k_w, float)
    return np.asarray(cooler_cost_usd_w * np.asarray(power_w, float) + cooler_cost_share * cost_usd * grown)


@formula()
def wafer_price(*, wafer_cost_usd: Num, wafer_diameter_mm: Num, wafer_price_diameter_mm: Num) -> Array:
    """Price of a wafer of another diameter than the one that it is stated for, USD: by its area.

    Examples
    --------
    >>> float(wafer_price(wafer_cost_usd=9000, wafer_diameter_mm=200, wafer_price_diameter_mm=300))
    4000.0
    """
    size = np.asarray(wafer_diameter_mm, float) / wafer_price_diameter_mm
    return np.asarray(wafer_cost_usd * size * size)


def at_date(*, date: Num, years: Sequence[float], values: Sequence[float]) -> Array:
    """What is known of some years at a date: a straight line in its logarithm between them, beyond them the nearest.

    Examples
    --------
    >>> at_date(date=[2019, 2021, 2022, 2024], years=[2020, 2022], values=[100, 400]).round(6).tolist()
    [100.0, 200.0, 400.0, 400.0]
    """
    return np.asarray(np.exp(np.interp(np.asarray(date, float), years, np.log(values))))


@formula(sellable_fraction="sold_fraction", dies="dies_per_gpu", assembly_yield_fraction="sold_fraction")
def wafers_per_gpu(*, gross_dies: Num, sellable_fraction: Num, dies: Num, assembly_yield_fraction: Num) -> Array:
    """Wafers of compute dies per finished GPU: its dies over the gross dies of a wafer that sell and are assembled.

    Infinite where none does.

    Examples
    --------
    >>> round(float(wafers_per_gpu(gross_dies=64.1, sellable_fraction=0.85, dies=1, assembly_yield_fraction=0.97)), 6)
    0.018921
    """
    good = np.asarray(gross_dies, float) * sellable_fraction * assembly_yield_fraction
    return np.where(good > 0, dies / np.where(good > 0, good, 1.0), np.inf)


@formula(wafers_per_gpu="any_wafers_per_gpu")
def gpus_per_wafer(*, wafers_per_gpu: Num) -> Array:
    """Whole finished GPUs that one wafer of compute dies gives; of a GPU that takes a wafer or more, the share of one.

    Examples
    --------
    >>> float(gpus_per_wafer(wafers_per_gpu=0.018921))
    52.0
    """
    each = 1.0 / np.asarray(wafers_per_gpu, float)
    return np.where(each < 1.0, each, np.floor(each))


@formula(logic_musd="amount_musd", physical_musd="amount_musd", masks_musd="amount_musd", package_musd="amount_musd")
def nre_cost(*, logic_musd: Num, physical_musd: Num, masks_musd: Num, package_musd: Num) -> Array:
    """Everything that does not recur, M USD: logic by size, physical design by process, masks with respins, package.

    Examples
    --------
    >>> float(nre_cost(logic_musd=340, physical_musd=112, masks_musd=27, package_musd=4))
    483.0
    """
    return np.asarray(np.asarray(logic_musd, float) + physical_musd + masks_musd + package_musd)


@formula()
def nre_per_unit(*, nre_musd: Num, volume: Num) -> Array:
    """Design and mask cost per unit sold, USD.

    Examples
    --------
    >>> float(nre_per_unit(nre_musd=105, volume=1e6))
    105.0
    """
    return np.asarray(np.asarray(nre_musd, float) * 1e6 / np.asarray(volume, float))
