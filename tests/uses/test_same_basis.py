"""Costs on one basis, barriers, a year's output, and which dies make a GPU: held to hand calculations."""

import numpy as np
import pytest

from estimator import estimate
from estimator.errors import InputError
from estimator.uses.annual import yearly
from estimator.uses.barriers import barriers_of
from estimator.uses.bases import COST_BASES, cost_on, cost_parts_on
from estimator.uses.wafermap import DEAD, gpu_groups, typical_wafer


@pytest.fixture(scope="module")
def est():
    return estimate("h100-sxm", "12nm")


def test_recurring_and_all_in_are_the_outputs_and_price_keeps_the_ratio(est):
    work = est.same_work
    assert cost_on(est, "recurring") == (
        est.unit_cost_usd,
        est.reference.unit_cost_usd,
        pytest.approx(work.cost_for_same_work_usd),
    )
    made, sold = cost_on(est, "all-in"), cost_on(est, "price")
    assert made.same_work_usd == pytest.approx(work.all_in_for_same_work_usd)
    assert sold.original_usd == pytest.approx(28_000)
    assert sold.clone_usd / sold.original_usd == pytest.approx(est.full_cost_usd / est.reference.full_cost_usd)
    with pytest.raises(InputError, match="basis"):
        cost_on(est, "street")


@pytest.mark.parametrize("basis", list(COST_BASES))
def test_parts_add_up_on_every_basis(est, basis):
    parts, money = cost_parts_on(est, basis), cost_on(est, basis)
    assert sum(p.clone_usd for p in parts) == pytest.approx(money.clone_usd)
    assert sum(p.original_usd for p in parts) == pytest.approx(money.original_usd)


def test_barriers_follow_the_numbers(est):
    assert [b.kind for b in barriers_of(est)] == ["package", "reticle"]
    assert barriers_of(estimate("h100-sxm", "4nm")) == []
    assert "memory" in [b.kind for b in barriers_of(estimate("h100-sxm", "20nm"))]


def test_a_year_is_starts_times_share_times_gpus_of_a_wafer():
    est = estimate("h100-sxm", "smic-n+2")
    year = yearly(est, fab_share_fraction=0.5, capacity_per_month=1000)
    each = est.gross_dies_per_wafer * est.sellable_fraction * est.assembly_yield_fraction / est.dies
    assert year.gpus.central == pytest.approx(12 * 1000 * 0.5 * each)
    assert year.wafers == pytest.approx(6000)
    assert year.h100s.central == pytest.approx(year.gpus.central * est.ratio.work_tflops)
    assert year.power_mw.central == pytest.approx(year.gpus.central * est.power_w / 1e6)
    assert year.memory_stacks == pytest.approx(5 * year.gpus.central / est.assembly_yield_fraction)  # losses included


def test_a_gpu_is_made_of_whole_sets_of_sellable_dies(est):
    wafer = typical_wafer(est)
    group = gpu_groups(wafer, 4)
    assert set(np.bincount(group[group >= 0])) == {4}
    assert (wafer.state[group >= 0] != DEAD).all()
    assert ((wafer.state != DEAD) & (group < 0)).sum() < 4
