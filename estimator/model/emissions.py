"""Emissions: the stage of the chain that gives the greenhouse gases of making and using a GPU; it holds no formula of its own."""

from __future__ import annotations

import numpy as np

from estimator.arrays import Num
from estimator.model.home import sum_of
from estimator.model.inputs import Inputs
from estimator.model.packing import package_of, stacks_on_package
from estimator.model.results import Bill, Carbon, Geometry, Operation, Work, Yields
from estimator.physics import carbon


def emissions(x: Inputs, made: Geometry, good: Yields, point: Operation, billed: Bill, done: Work) -> Carbon:
    """Greenhouse gases of one GPU: by part of what is made, of a year of use, and per unit of work over its life."""
    m, plan, pack = x.model, x.plan, package_of(x, made.package_index)
    per_area = [
        carbon.fab_carbon(
            fab_energy_kwh_cm2=kind.node.fab_energy_kwh_cm2,
            fab_grid_kgco2e_kwh=kind.node.fab_grid_kgco2e_kwh,
            fab_gas_kgco2e_cm2=kind.node.fab_gas_kgco2e_cm2,
            fab_materials_kgco2e_cm2=m.fab_materials_kgco2e_cm2,
        )
        for kind in x.dies
    ]
    each = [
        die.dies
        * carbon.good_die_carbon(
            fab_kgco2e_cm2=kgco2e_cm2,
            wafer_diameter_mm=m.wafer_diameter_mm,
            gross_dies=sold.gross_dies_per_wafer,
            sellable_fraction=sold.sellable_fraction,
        )
        for kgco2e_cm2, die, sold in zip(per_area, made.kinds, good.kinds, strict=True)
    ]
    silicon = sum_of(each)
    bought = x.design.memory_bought_gb if plan.memory_bought_gb is None else plan.memory_bought_gb
    memory = bought * plan.memory_kgco2e_gb
    package = carbon.substrate_carbon(
        carried_mm2=made.footprint_mm2 + stacks_on_package(x) * pack.memory_site_area_mm2,
        substrate_area_factor=pack.substrate_area_factor,
        substrate_kgco2e_cm2=m.substrate_kgco2e_cm2,
    ) + _interposer(x, billed)
    scrap = carbon.scrap_carbon(
        made_kgco2e=silicon + memory * x.design.memory_on_package + package,
        assembly_yield_fraction=billed.assembly_yield_fraction,
        scrap_invested_fraction=m.scrap_invested_fraction,
    )
    board = point.power_w * m.board_kgco2e_w
    embodied = silicon + memory + package + scrap + board
    in_use = carbon.operational_carbon(
        power_w=point.power_w, utilisation=m.utilisation, pue=m.pue, grid_kgco2e_kwh=m.grid_kgco2e_kwh
    )
    per_work = carbon.carbon_per_eflop(
        embodied_kgco2e=embodied,
        operational_kgco2e=in_use,
        life_years=m.life_years,
        utilisation=m.utilisation,
        work_tflops=done.attained,
    )
    return Carbon(
        embodied_kgco2e=embodied,
        embodied_silicon_kgco2e=silicon,
        embodied_memory_kgco2e=memory,
        embodied_package_kgco2e=package,
        embodied_scrap_kgco2e=scrap,
        embodied_board_kgco2e=board,
        operational_kgco2e=in_use,
        kgco2e_per_eflop=per_work * (1.0 if x.given.rates else np.nan),
        fab_kgco2e_cm2=per_area[0],
        per_work=per_work,
        life_years=m.life_years,
        compute_kgco2e=each[0],
    )


def _interposer(x: Inputs, billed: Bill) -> Num:
    """Greenhouse gases of the interposer, kg CO2e: 0 where the package is not bought by the wafer."""
    each = carbon.good_die_carbon(
        fab_kgco2e_cm2=x.model.interposer_kgco2e_cm2,
        wafer_diameter_mm=x.model.wafer_diameter_mm,
        gross_dies=billed.packages_per_interposer_wafer,
        sellable_fraction=billed.interposer_yield_fraction,
    )
    return np.where(np.asarray(billed.interposer_cost_usd) > 0, each, 0.0)[()]
