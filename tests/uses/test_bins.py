"""Bins: published gain of one spare element, published spread between equal parts, splits that add up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import ndtri

import estimator
from estimator.errors import InputError
from estimator.parameters.sets import load_set
from estimator.physics.yields import negative_binomial, sellable_fraction
from estimator.uses.bins import Sku, bins, clock_share, unit_shares

GH100 = ["h100-sxm", "h100-pcie", "h20"]


@pytest.fixture(scope="module")
def h100():
    return estimator.estimate("h100-sxm", "tsmc-4n")


@pytest.mark.parametrize("whole", [0.1, 0.15, 0.2])
def test_one_spare_of_eight_elements_about_doubles_the_yield_of_cell(whole):
    """IBM, 2006: 10 to 20 % of Cell dies whole; redundancy doubles that. 235 mm2, eight elements of 14.8 mm2."""
    density = brentq(lambda d: float(negative_binomial(2.35 * d)) - whole, 0.1, 10)
    die = {"die_area_mm2": 235, "defect_density_per_cm2": density, "units": 8, "unit_area_fraction": 8 * 14.8 / 235}
    spared = float(sellable_fraction(**die, units_enabled=7))
    assert spared / whole == pytest.approx(2.0, rel=0.25)


def test_a_thousand_equal_parts_spread_as_measured():
    """Sinha et al. 2022: 8 % between parts of a product, at most 22 %."""
    p = load_set("work", "bins").values()
    widest = 2 * float(ndtri(1 - 1 / 1000)) * p["clock_spread"]
    assert 0.08 < widest < 0.22
    law = {"clock_spread": p["clock_spread"], "clock_reached": p["clock_reached"], "full_clock_ghz": 2.0}
    assert clock_share(clock_ghz=2.0, **law) == pytest.approx(p["clock_reached"])


def test_each_die_is_sold_once_and_as_the_dearest_it_can_be(h100):
    split = bins(h100, GH100, original=True)
    assert sum(split.shares) + split.scrap_fraction == pytest.approx(1.0)
    assert split.shares[0] == pytest.approx(split.eligible[0])
    assert split.revenue_usd_per_wafer >= max(split.alone_usd_per_wafer)
    sold = float(h100.reference.sellable_fraction)
    assert split.eligible[0] == pytest.approx(sold * load_set("work", "bins").values()["clock_reached"])
    assert unit_shares(h100, original=True)[131] == pytest.approx(sold)


def test_a_product_that_needs_more_than_the_die_is_refused(h100):
    with pytest.raises(InputError, match=r"units = 150 of big is out of range: it must be at most 144"):
        bins(h100, [Sku("big", 150, 1.5, 9e4)])
    with pytest.raises(InputError, match="must be a list of 1 to 10 products"):
        bins(h100, [])


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 144), st.floats(1.0, 2.2), st.floats(1.0, 2.0))
def test_a_further_product_never_lowers_revenue_and_a_harder_one_is_rarer(units, clock, cheaper):
    est = estimator.estimate("h100-sxm", "tsmc-4n")
    first = Sku("full", 132, 1.98, 28000.0)
    other = Sku("other", float(units), clock, 28000.0 / cheaper)
    one, two = bins(est, [first]), bins(est, [first, other])
    assert two.revenue_usd_per_wafer >= one.revenue_usd_per_wafer * (1 - 1e-12)
    harder = bins(est, [Sku("harder", min(units + 5, 144), clock * 1.02, 1.0)]).eligible[0]
    assert harder <= bins(est, [other]).eligible[0] * (1 + 1e-12)
    assert np.all(np.diff(unit_shares(est)) <= 1e-12)
