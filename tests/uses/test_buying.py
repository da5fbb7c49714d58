"""Buying: published GPU-hours and prices, and proportions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import estimator
from estimator.uses.buying import bought, made, rented, runs_per_year
from estimator.uses.supply import supply


@pytest.fixture(scope="module")
def h100():
    return estimator.estimate("h100-sxm", "12nm")


def test_a_dgx_of_2023_is_bought_at_its_price(h100):
    """269,000 USD for eight H100 in a server (list price of a DGX H100, Epoch AI)."""
    assert bought(h100, 269_000).gpus == pytest.approx(8, rel=0.1)
    assert bought(h100, 269_000, smuggled=True).gpus < 6


def test_deepseek_v3_costs_what_its_authors_say(h100):
    """5.576 million USD for 2.788 million H800-hours at 2 USD: their report, table 1."""
    h800 = estimator.estimate("h800-sxm", "12nm")
    fleet = rented(h800, 5.576e6, rent_usd_gpu_hour=2.0)
    busy = h800.sides["clone"].build.inputs.model.utilisation
    assert fleet.runs_per_year == pytest.approx(busy, rel=1e-3)


def test_what_is_made_is_what_supply_says():
    est = estimator.estimate("ascend-910c", "smic-n+2")
    assert made(est).gpus == pytest.approx(supply(est, gpus=1.0).gpus_per_year)
    bound = {"wafer_capacity_per_month": 1e6, "stack_share_fraction": 1.0}
    assert made(est, stack_capacity_per_year=4e6, **bound).gpus == pytest.approx(
        2 * made(est, stack_capacity_per_year=2e6, **bound).gpus
    )


@settings(max_examples=10)
@given(st.floats(1, 1e9), st.floats(1, 1e9), st.floats(0.01, 1))
def test_runs_are_proportional(gpus, hours, busy):
    one = float(runs_per_year(gpus=gpus, gpu_hours=hours, utilisation=busy))
    assert float(runs_per_year(gpus=2 * gpus, gpu_hours=hours, utilisation=busy)) == pytest.approx(2 * one)
    assert np.isclose(one * hours, gpus * 8766 * busy)
