"""Laws of cost, worked by hand: dies, packages, test, scrap, board, and masks and design over a volume."""

import numpy as np
import pytest

from estimator.physics import cost

SUBSTRATE = {"substrate_area_factor": 2.5, "substrate_cost_usd_mm2": 0.02, "fixed_cost_usd": 80}


def test_a_good_die_carries_its_share_of_the_wafer():
    assert float(cost.good_die_cost(wafer_cost_usd=9346, gross_dies=60, sellable_fraction=2 / 3)) == pytest.approx(
        233.65
    )


def test_an_interposer_of_20_cm2():
    """2,000 mm2 at 0.01 per cm2 are 0.2 defects: (1 + 0.2 / 2)^-2."""
    law = {"defect_density_per_cm2": 0.01, "interposer_clustering_alpha": 2.0}
    assert float(cost.interposer_yield(area_mm2=2000, **law)) == pytest.approx(1.1**-2)


def test_a_package_is_interposer_substrate_and_assembly():
    """1,000 mm2 carried on 2,500 mm2 of substrate, an interposer of 67.4 USD, 80 USD of assembly."""
    found = cost.package_cost(carried_mm2=1000, interposer_cost_usd=67.4, **SUBSTRATE)
    assert float(found) == pytest.approx(67.4 + 1000 * 2.5 * 0.02 + 80)


def test_every_bond_must_hold_and_a_failed_one_takes_good_parts_along():
    """7 parts at 99 % each; of parts of 2,000 USD, 60 % on the package when it fails, at a yield of 0.8."""
    assert float(cost.assembly_yield(parts=7, bond_yield_fraction=0.99)) == pytest.approx(0.99**7)
    lost = cost.scrap_cost(parts_usd=2000, assembly_yield_fraction=0.8, scrap_invested_fraction=0.6)
    assert float(lost) == pytest.approx(2000 * 0.6 * 0.25)


def test_test_board_masks_and_design():
    found = cost.test_cost(
        die_area_mm2=600,
        memory_stacks=4,
        test_cost_usd_mm2=0.03,
        test_fixed_usd=12,
        assembly_cost_usd=25,
        memory_test_cost_usd=3,
    )
    assert float(found) == pytest.approx(18 + 12 + 25 + 12)
    board = cost.board_cost(power_w=500, board_fixed_usd=90, board_cost_usd_w=0.4)
    assert float(board) == pytest.approx(90 + 200)
    once = cost.nre_cost(logic_musd=np.array([20.0, 200.0]), physical_musd=5, masks_musd=2, package_musd=1)
    assert once.tolist() == pytest.approx([28, 208])
    assert float(cost.nre_per_unit(nre_musd=28, volume=50_000)) == pytest.approx(560)


def test_a_cooler_costs_by_the_watt_or_its_class_and_grows_with_its_conductance():
    sink = {"cost_usd": 70, "resistance_sink_k_w": 0.04}
    by_class = cost.cooler_cost(
        power_w=964, cooler_cost_usd_w=0, cooler_cost_share=1, grown_resistance_k_w=np.array([0.04, 0.02]), **sink
    )
    assert by_class.tolist() == pytest.approx([70, 140])
    by_watt = cost.cooler_cost(
        power_w=320, cooler_cost_usd_w=0.06, cooler_cost_share=0, grown_resistance_k_w=0.02, **sink
    )
    assert float(by_watt) == pytest.approx(19.2)


def test_a_wafers_price_follows_its_area():
    found = cost.wafer_price(wafer_cost_usd=9000, wafer_diameter_mm=[200, 300], wafer_price_diameter_mm=300)
    assert found.tolist() == pytest.approx([4000, 9000])


def test_gpus_of_a_wafer_are_whole_and_rounded_down():
    """64.1 dies that sell at 0.85, one a GPU, 97 % assembled: 52.85; four a GPU of 63 at 0.8352 and 0.795: 10.4."""
    wafers = cost.wafers_per_gpu(
        gross_dies=[64.1, 63], sellable_fraction=[0.85, 0.8352], dies=[1, 4], assembly_yield_fraction=[0.97, 0.795]
    )
    assert wafers == pytest.approx([1 / 52.85, 1 / 10.457], rel=1e-3)
    assert cost.gpus_per_wafer(wafers_per_gpu=wafers).tolist() == [52, 10]
