"""Uncertainty: distributions against their quantiles, shared draws, intervals, Sobol indices against closed forms."""

import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.errors import InfeasibleError, InputError, UnknownNameError
from estimator.estimation import estimate
from estimator.model.causes import HEADLINES
from estimator.parameters.library import load_node
from estimator.parameters.schema import Parameter
from estimator.quantities import describe
from estimator.uncertainty import assumptions, draws
from estimator.uncertainty.assumptions import Assumption, correlation, draw, quantile
from estimator.uncertainty.sensitivity import sensitivity, sobol

Z90 = 1.2815515655446004


@pytest.fixture(scope="module")
def clone():
    return estimate("h100-sxm", "12nm", samples=1024)


@given(st.floats(0.01, 1e4), st.floats(1.0, 4.0), st.floats(1.0, 4.0))
def test_low_and_high_are_the_10_and_90_percent_quantiles(central, down, up):
    p = Parameter(central, low=central / down, high=central * up, unit="USD")
    assert quantile(p, [-Z90, 0.0, Z90]) == pytest.approx([p.low, central, p.high], rel=1e-9)


def test_shape_follows_scale_and_width():
    wide = Parameter(1.0, low=0.5, high=2.0, unit="USD")
    assert quantile(wide, 2 * Z90) == pytest.approx(4.0)  # lognormal: twice the step is twice the factor
    assert quantile(Parameter(1.0, low=0.9, high=1.2), 2 * Z90) == pytest.approx(1.4)  # normal: twice the step
    assert quantile(Parameter(30.0, low=20.0, high=40.0, unit="C"), -2 * Z90) == pytest.approx(
        10.0
    )  # no lognormal Celsius


def test_draws_of_many_are_those_of_each_in_the_range_of_its_field():
    many = {
        "defect_density_per_cm2": Parameter(0.1, low=0.05, high=0.3, unit="1/cm2"),
        "coolant_c": Parameter(30.0, low=20.0, high=40.0, unit="C"),
        "bond_yield_fraction": Parameter(0.95, low=0.8, high=0.99, unit="1"),
    }
    z = np.random.default_rng(0).normal(size=(len(many), 40))
    z[2, 0] = 3.0
    rows = draw(list(many.values()), list(many), z)
    for row, (field, parameter), scores in zip(rows, many.items(), z, strict=True):
        known = describe(field)
        np.testing.assert_allclose(row, np.clip(quantile(parameter, scores), known.low, known.high), rtol=1e-14)
    assert quantile(many["bond_yield_fraction"], 3.0) > rows[2, 0] == 1.0


def test_correlation_of_nodes_and_fields():
    names = ("tsmc-n5", "tsmc-4n", "samsung-8n")
    fields = ("logic_density_mtr_mm2", "sram_density_mb_mm2", "supply_min_v")
    keys = [Assumption("node", n, f) for n in names for f in fields] + [Assumption("model", "model", "pue")]
    r = correlation(keys, {n: load_node(n) for n in names})
    assert np.linalg.eigvalsh(r).min() > 0.05
    assert r[0, 1] == 0.6  # logic and SRAM density of one node
    assert 0.7 < r[0, 3] < 0.95  # one family and line, and densities go together
    assert r[0, 4] == pytest.approx(0.6 * r[0, 3])
    assert r[0, 6] == pytest.approx(0.7)  # the density of another foundry
    assert not r[0, 8:].any()  # another thing
    assert not r[0, 2]


def test_the_same_seed_gives_the_same_digits(clone):
    again = estimate("h100-sxm", "12nm", samples=1024)
    assert again.samples.to_dict() == clone.samples.to_dict()
    assumptions._scores.cache_clear()
    assert estimate("h100-sxm", "12nm", samples=1024).to_dict()["interval"] == clone.samples.to_dict()
    assert estimate("h100-sxm", "12nm", samples=1024, seed=1).samples.interval("power_w") != clone.samples.interval(
        "power_w"
    )


@pytest.mark.parametrize("design", ["h100-sxm", "mi300x", "rx-580"])
def test_at_home_every_ratio_is_exactly_one(design):
    home = estimate(design, design_node(design), samples=512).samples
    assert home.feasible_share == 1.0
    for name in home.ratio:
        assert home.ratio_interval(name) == (1.0, 1.0, 1.0), name
    for name in ("clock_ghz", "power_w"):  # the published point is a fact
        low, median, high = home.interval(name)
        assert low == pytest.approx(high, rel=1e-9) == pytest.approx(median, rel=1e-9)
    low, _, high = home.interval("unit_cost_usd")  # the cost of making it is not
    assert high > 1.1 * low


def design_node(name):
    from estimator.parameters.library import load_design

    return load_design(name).node


def test_comparing_a_node_with_itself_has_no_width():
    s = estimate("h100-sxm", "12nm", reference_node="12nm", samples=256).samples
    assert all(s.ratio_interval(n) == (1.0, 1.0, 1.0) for n in s.ratio)


def test_a_wider_range_gives_a_wider_interval():
    node = load_node("12nm")
    p = node.logic_density_mtr_mm2

    def width(factor):
        range_ = {
            "low": p / factor,
            "central": float(p),
            "high": p * factor,
            "unit": p.unit,
            "kind": "estimate",
            "note": "test",
        }
        low, _, high = estimate("h100-sxm", node.replace(logic_density_mtr_mm2=range_), samples=512).samples.interval(
            "die_area_mm2"
        )
        return math.log(high / low)

    assert width(1.3) < width(1.6) < width(2.0)  # narrower than the original's own range, they would cancel less


def test_what_the_user_fixes_is_not_sampled(clone):
    fixed = estimate(
        "h100-sxm",
        "12nm",
        samples=256,
        clock_ghz=1.1,
        defect_density_per_cm2=0.1,
        **{"model.interconnect_fraction": 0.15},
    )
    assert fixed.samples.interval("clock_ghz") == pytest.approx((1.1, 1.1, 1.1))
    assert fixed.samples.interval("defect_density_per_cm2") == pytest.approx((0.1, 0.1, 0.1))
    fields = {a.field for a in fixed.samples.assumptions if a.owner != "tsmc-4n"}
    assert "interconnect_fraction" in {a.field for a in clone.samples.assumptions}
    assert not fields & {"interconnect_fraction", "defect_density_mature_per_cm2", "units", "price_usd"}


def test_every_draw_is_physically_ordered(clone):
    problem = draws.build(clone)
    rng = np.random.default_rng(0)
    scores = {a: rng.normal(size=2000) * 2 for a in problem.assumptions}
    numbers = draws.draw_numbers(problem.clone, scores)
    for name in ("home", "node"):
        n = numbers[name]
        assert np.all(n["threshold_v"] <= n["supply_min_v"] - 0.02 + 1e-12)
        assert np.all(n["supply_min_v"] <= n["supply_v"])
        assert np.all(n["supply_v"] <= n["supply_max_v"])
    d = numbers["die"]
    assert d["logic_fraction"] + d["sram_fraction"] + d["analog_fraction"] == pytest.approx(np.ones(2000))
    assert d["logic_fraction"].min() >= 0
    assert np.all(d["unit_area_fraction"] + d["memory_area_fraction"] <= 1 + 1e-12)


def test_intervals_and_quantiles_agree(clone):
    s = clone.samples
    low, median, high = s.interval("power_w")
    assert (low, median, high) == pytest.approx(tuple(s.quantile("power_w", [0.1, 0.5, 0.9])), rel=1e-12)
    assert low < clone.power_w < high
    assert s.interval("power_w", 0.5).low > low
    assert sum(s.limited_by.values()) == pytest.approx(1.0)
    with pytest.raises(UnknownNameError, match="power_w"):
        s.interval("powr_w")
    with pytest.raises(InputError, match="level"):
        s.interval("power_w", 80)


def test_infeasible_samples_are_left_out_and_counted():
    hot = {"cooling": "air-server", "clock_ghz": 1.27}
    s = estimate("h100-sxm", "12nm", samples=512, **hot).samples
    assert 0 < s.feasible_share < 1
    assert s.clone["power_w"].size == pytest.approx(s.feasible_share * s.consistent_share * 512)
    assert not any(np.isnan(v).any() for v in s.clone.values())


def test_arrays_and_bad_seeds_are_refused_and_walls_stay():
    with pytest.raises(InputError, match="clock_ghz is an array"):
        estimate("h100-sxm", "12nm", clock_ghz=[1.0, 1.1], samples=64)
    with pytest.raises(InputError, match="seed"):
        estimate("h100-sxm", "12nm", samples=64, seed=-1)
    with pytest.raises(InfeasibleError):
        estimate("h100-sxm", "12nm", clock_ghz=5.0, samples=64)


def test_blocks_cover_any_number_of_samples():
    s = estimate("rx-580", "tsmc-n7", samples=9000).samples
    small = estimate("rx-580", "tsmc-n7", samples=1000).samples
    assert s.size == 9000
    assert small.size == 1000
    assert s.interval("power_w") == pytest.approx(small.interval("power_w"), rel=0.03)


def test_sobol_indices_of_ishigami():
    def ishigami(u):
        x = (2 * u - 1) * np.pi
        return (np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0]))[None]

    found = sobol(ishigami, 3, points=4096)  # closed form: Ishigami and Homma 1990; a = 7, b = 0.1
    assert found.first[0] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert found.total[0] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)
    assert np.all(np.abs(found.total[0] - [0.5576, 0.4424, 0.2437]) < 4 * found.total_error[0])


def test_sensitivity_ranks_and_explains():
    far_from_walls = {"package.interposer_max_area_mm2": 1e4, "cooling": "cold-plate"}
    clone = estimate("h100-sxm", "12nm", **far_from_walls)
    rows = sensitivity(clone, points=256)
    assert [r.total for r in rows] == sorted((r.total for r in rows), reverse=True)
    top = {h: next(r for r in rows if r.headline == h) for h in HEADLINES}
    assert {r.headline for r in rows} == set(top)
    assert top["area"].key.field in ("logic_density_mtr_mm2", "area")
    density = next(r for r in rows if r.key == ("node", "tsmc-12ffn", "logic_density_mtr_mm2") and r.headline == "area")
    assert density.ratio_at_low > density.ratio > density.ratio_at_high
    assert density.source
    assert density.assumption == "TSMC 12FFN (NVIDIA): effective logic density"
    for h in top:  # nearly additive headlines: first-order indices add up to about one
        assert 0.6 < sum(r.first_order for r in rows if r.headline == h) < 1.15
    assert rows == clone.sensitivity(points=256)


def test_nothing_to_rank_at_home():
    assert estimate("h100-sxm", "tsmc-4n").sensitivity(points=64) == []


def test_samples_cost_far_less_than_a_loop():
    estimate("h100-sxm", "12nm", samples=4096)

    def best(**options):
        times = []
        for _ in range(5):
            start = time.perf_counter()
            estimate("h100-sxm", "12nm", **options)
            times.append(time.perf_counter() - start)
        return min(times)

    assert best(samples=4096) < 400 * best()  # 4,096 points in the time of 400 single estimates at most


def test_correlations_are_parameters_that_a_call_may_override():
    def width(value):
        est = estimate("h100-sxm", "5nm", samples=512, **{"model.line_correlation": value})
        low, _, high = est.samples.ratio_interval("die_area_mm2")
        return high / low

    assert width(0.5) < width(0.0), "errors that two nodes of a line share cancel in their ratio"
