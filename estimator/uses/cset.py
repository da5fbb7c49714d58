"""CSET's 2020 scenario: production and operating cost of one chip on nine nodes, and when a newer node is cheaper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from estimator.arrays import Array
from estimator.checks import check_choice
from estimator.parameters.sets import load_set
from estimator.parameters.silicon import known, read_silicon
from estimator.parameters.silicon_dies import CsetOperationRow, CsetRow
from estimator.physics.cost import good_die_cost
from estimator.uses.ownership import cheapest_after, crossover_years


@dataclass(frozen=True)
class CsetScenario:
    """The scenario's nodes from old to new, with arrays of the same length.

    Attributes
    ----------
    labels : tuple of str
    chip_mm2 : array
        Area of the report's chip on each node.
    foundry_usd, production_usd, energy_usd_year : array
        Foundry price per chip; with design, assembly, test and packaging; electricity per year.
    """

    labels: tuple[str, ...]
    chip_mm2: Array
    foundry_usd: Array
    production_usd: Array
    energy_usd_year: Array

    def cheapest_after(self, years: Any) -> Any:
        """Label of the node with the least production and operating cost after some years (array of labels for an array).

        Examples
        --------
        >>> scenario().cheapest_after(0.0), scenario().cheapest_after(3.0)
        ('7 nm', '5 nm')
        """
        index = cheapest_after(price_usd=self.production_usd, yearly_usd=self.energy_usd_year, years=years)
        found = np.asarray(self.labels)[index]
        return str(found) if found.ndim == 0 else found

    def crossover_years(self, old: str, new: str) -> float:
        """Years after which the newer node has cost less in all; 0 where it is cheaper from the first day."""
        for label in (old, new):
            check_choice("node of the scenario", label, self.labels)
        a, b = self.labels.index(old), self.labels.index(new)
        return float(
            crossover_years.plain(
                price_a_usd=self.production_usd[a],
                yearly_a_usd=self.energy_usd_year[a],
                price_b_usd=self.production_usd[b],
                yearly_b_usd=self.energy_usd_year[b],
            )
        )

    def energy_passes_production_years(self) -> Array:
        """Years after which the electricity of each node's chip has cost more than the chip."""
        return np.asarray(self.production_usd / self.energy_usd_year)


def operation_rows() -> tuple[CsetOperationRow, ...]:
    """Rows of the report's totals and of its power cuts from node to node."""
    return read_silicon(CsetOperationRow)


def scenario() -> CsetScenario:
    """Recompute the report's Table 2: price from wafer and density, electricity from one anchor and the power cuts.

    References
    ----------
    .. [1] Khan and Mann, "AI Chips: What They Are and Why They Matter", CSET, April 2020, table 2. Cited in
       ``params/sources`` as ``cset-2020``; its good area per wafer does not depend on the die's size.

    Examples
    --------
    >>> round(float(scenario().production_usd[-1]))
    426
    """
    prices, cuts = read_silicon(CsetRow), operation_rows()
    density = np.array([r.density_mtr_mm2 for r in prices])
    wafer = np.array([r.wafer_usd for r in prices])
    design = np.array([r.design_usd for r in prices])
    given = load_set("work", "cset-2020").values()
    chip_mm2 = given["die_area_mm2"] * given["transistor_density_mtr_mm2"] / density
    foundry = good_die_cost(
        wafer_cost_usd=wafer, gross_dies=given["good_mm2_per_wafer"] / chip_mm2, sellable_fraction=1.0
    )
    production = foundry * (1.0 + given["packaging_fraction"]) + design
    kept = np.array([1.0 - known(r.power_cut_from_previous_fraction, 0.0) for r in cuts])
    energy = prices[-1].energy_usd_per_year * np.prod(kept) ** -1 * np.cumprod(kept)
    return CsetScenario(tuple(r.label for r in prices), chip_mm2, foundry, np.asarray(production), np.asarray(energy))
