"""Overrides by dotted name reach everything that reads an estimate, and the side that they name."""

import numpy as np
import pytest

import estimator
from estimator.figures.operating import clock_sweep
from estimator.uses.export_rules import export_class
from estimator.uses.ownership import gpu_hour, nre_total_usd, own
from estimator.uses.porting import port_costs
from estimator.uses.supply import supply
from estimator.uses.training import train
from estimator.uses.wafermap import wafer_of

READERS = {
    "model.pue": (2.0, lambda est: train(est, "deepseek-v3").energy_mwh),
    "model.electricity_usd_kwh": (0.5, lambda est: own(est).clone.parts["electricity"]),
    "model.life_years": (2.0, lambda est: own(est).clone.total_cost_usd),
    "model.utilisation": (0.5, gpu_hour),
    "model.workload_intensity_flop_byte": (10.0, lambda est: train(est, "deepseek-v3").gpu_hours),
    "model.logic_share_new": (0.5, nre_total_usd),
    "model.physical_share_new": (0.5, nre_total_usd),
    "model.respins": (2.0, nre_total_usd),
    "product.host_cost_usd": (1000.0, lambda est: own(est).clone.total_cost_usd),
    "node.mask_set_musd": (300.0, lambda est: port_costs(est)[-1].total_musd),
    "node.design_cost_musd": (900.0, lambda est: port_costs(est)[-1].total_musd),
    "node.wafer_capacity_per_month": (5000.0, lambda est: supply(est, gpus=1e5).months),
    "node.cycle_weeks": (40.0, lambda est: supply(est, gpus=1e5).lead_months),
    "node.supply_max_v": (0.9, lambda est: clock_sweep(est)["clone"]["top_ghz"]),
    "model.wafer_diameter_mm": (200.0, lambda est: wafer_of(est).state.size),
    "model.edge_exclusion_mm": (20.0, lambda est: wafer_of(est).state.size),
    "design.tpp": (9000.0, lambda est: export_class(est).original.tpp),
    "design.area_mm2": (700.0, lambda est: export_class(est).original.density_per_mm2),
}
"""Field -> another value of it, and a reader of estimates that rests on it."""


@pytest.mark.parametrize("name", READERS)
def test_an_override_moves_what_rests_on_it(name):
    value, read = READERS[name]
    options = {"supply_v": 0.85} if name == "node.supply_max_v" else {}
    before, after = (read(estimator.estimate("h100-sxm", "12nm", **options, **more)) for more in ({}, {name: value}))
    assert np.isfinite(before)
    assert np.isfinite(after)
    assert after != pytest.approx(before, rel=1e-3)


def test_volume_spreads_design_and_masks_without_changing_them():
    few, many = (estimator.estimate("h100-sxm", "12nm", **{"model.volume": v}) for v in (1e3, 1e6))
    assert few.nre_usd_per_unit == pytest.approx(1000 * many.nre_usd_per_unit)
    assert float(nre_total_usd(few)) == pytest.approx(float(nre_total_usd(many)))
    assert own(few).break_even_volume == pytest.approx(own(many).break_even_volume)


def test_masks_of_io_dies_are_part_of_a_port():
    est = estimator.estimate("mi300x", "12nm", package="emib")
    (here,) = (c for c in port_costs(est) if c.applies)
    assert here.total_musd == pytest.approx(est.nre_usd_per_unit * est.options.get("volume", 500_000) / 1e6)
    assert here.total_low_musd < here.total_musd < here.total_high_musd


def test_an_override_of_the_node_is_the_clones_alone():
    plain, changed = (
        estimator.estimate("h100-sxm", "12nm", reference_node="5nm", **more)
        for more in ({}, {"node.logic_density_mtr_mm2": 10.0, "package.interposer_max_area_mm2": 9000.0})
    )
    assert changed.reference.die_area_mm2 == plain.reference.die_area_mm2
    assert changed.die_area_mm2 > 1.5 * plain.die_area_mm2


@pytest.mark.parametrize("options", [{}, {"reference_node": "5nm", "units": 184, "units_enabled": 168}])
def test_curves_pass_through_both_operating_points(options):
    est = estimator.estimate("h100-sxm", "12nm", power_limit_w=900, **options)
    for side, swept in clock_sweep(est).items():
        possible = np.isfinite(swept["clock_ghz"])
        values = getattr(est, side)
        assert np.interp(values.clock_ghz, swept["clock_ghz"][possible], swept["power_w"][possible]) == pytest.approx(
            values.power_w, rel=0.02
        )


def test_what_is_possible_is_told_within_an_overridden_supply():
    with pytest.raises(estimator.InfeasibleError) as told:
        estimator.estimate("h100-sxm", "12nm", clock_ghz=5.0, **{"node.supply_max_v": 0.9})
    nearest = told.value.nearest["clock_ghz"]
    assert estimator.estimate("h100-sxm", "12nm", clock_ghz=0.999 * nearest, **{"node.supply_max_v": 0.9}).feasible
