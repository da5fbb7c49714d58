"""Ownership: cost over life, break-even, port distance, and CSET's operating costs of 2020."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import estimator
from estimator.uses import cset
from estimator.uses.ownership import (
    break_even_volume,
    crossover_years,
    gpu_hour,
    nre_total_usd,
    own,
    running_cost_per_year,
)
from estimator.uses.porting import port_costs
from estimator.validation.work_rows import cset_operation_rows

NUMBER = st.floats(1.0, 1e5)


@pytest.fixture(scope="module")
def clone():
    return estimator.estimate("h100-sxm", "12nm")


def test_parts_add_up_to_the_total(clone):
    both = own(clone)
    for side in (both.original, both.clone):
        assert sum(side.parts.values()) == pytest.approx(side.total_cost_usd)
    assert gpu_hour(clone) == pytest.approx(both.clone.usd_per_gpu_hour)
    assert both.clones_per_original == pytest.approx(1 / clone.ratio.work_tflops)


def test_at_the_break_even_price_work_costs_the_same(clone):
    price = own(clone).break_even_price_usd
    both = own(clone, original_price_usd=price)
    assert both.original.usd_per_eflop == pytest.approx(both.clone.usd_per_eflop)
    assert (
        own(clone, original_price_usd=price * 1.1).clone.usd_per_eflop
        < own(clone, original_price_usd=price * 1.1).original.usd_per_eflop
    )


def test_at_the_break_even_volume_work_costs_the_same(clone):
    volume = own(clone).break_even_volume
    assert np.isfinite(volume)
    there = own(estimator.estimate("h100-sxm", "12nm", volume=volume))
    assert there.clone.usd_per_eflop == pytest.approx(there.original.usd_per_eflop)
    assert own(clone, smuggled=True).break_even_volume < volume
    assert float(nre_total_usd(clone)) == pytest.approx(clone.nre_usd_per_unit * 500_000)


def test_a_design_at_home_bought_at_its_cost_is_even():
    est = estimator.estimate("h100-sxm", "tsmc-4n")
    both = own(est, price_usd=30000, original_price_usd=30000)
    assert both.clone.usd_per_eflop == pytest.approx(both.original.usd_per_eflop)
    assert both.break_even_price_usd == pytest.approx(30000)
    assert running_cost_per_year(est) == pytest.approx(running_cost_per_year(est, original=True))


@given(NUMBER, NUMBER, NUMBER, NUMBER)
def test_totals_are_equal_at_the_crossover(price_a, yearly_a, price_b, yearly_b):
    t = float(crossover_years(price_a_usd=price_a, yearly_a_usd=yearly_a, price_b_usd=price_b, yearly_b_usd=yearly_b))
    if not np.isfinite(t) or t == 0:
        return
    assert price_a + yearly_a * t == pytest.approx(price_b + yearly_b * t, rel=1e-6)


@given(st.floats(0, 1e9), st.floats(-1e4, 1e4), st.floats(1, 10))
def test_a_larger_saving_pays_back_sooner(nre, saving, more):
    volume = float(break_even_volume(nre_usd=nre, saving_usd_per_unit=saving))
    assert volume >= 0
    assert (volume == np.inf) == (saving <= 0) or nre / saving > 1e300
    assert float(break_even_volume(nre_usd=nre, saving_usd_per_unit=abs(saving) * more + 1e-9)) <= volume or saving < 0


@pytest.mark.parametrize(("node", "here"), [("tsmc-4n", "copy"), ("tsmc-n5", "port"), ("12nm", "new")])
def test_port_distances(node, here):
    costs = port_costs(estimator.estimate("h100-sxm", node))
    assert [c.distance for c in costs if c.applies] == [here]
    for near, far in zip(costs, costs[1:], strict=False):
        assert near.total_musd < far.total_musd
        assert near.months < far.months
        assert near.payback_volume <= far.payback_volume
    assert all(c.total_low_musd < c.total_musd < c.total_high_musd for c in costs)


def test_cset_is_reproduced_within_five_per_cent():  # Khan and Mann 2020, table 2
    cases = cset_operation_rows()
    assert len(cases) == 17
    assert all(abs(c.error) <= 0.05 for c in cases)
    table = cset.scenario()
    assert table.energy_usd_year == pytest.approx([9667, 7733, 3867, 2320, 1554, 622, 404, 242, 194], rel=0.005)


def test_cset_newer_nodes_win_with_time():
    table = cset.scenario()
    assert list(table.cheapest_after(np.array([0.0, 5.0]))) == ["7 nm", "5 nm"]
    assert 0 < table.crossover_years("7 nm", "5 nm") < 1
    assert table.crossover_years("90 nm", "5 nm") == 0
    assert np.all(table.energy_passes_production_years()[:6] < 1)


def test_port_payback_is_the_break_even_volume_of_its_distance(clone):
    here = next(c for c in port_costs(clone) if c.applies)
    assert here.payback_volume == pytest.approx(own(clone).break_even_volume)
