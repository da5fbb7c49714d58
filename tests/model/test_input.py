"""Bad input: one sentence with field, value, range and the nearest valid name; never a silent clamp."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import estimator
from estimator.model.options import NUMBER_OPTIONS


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("h100-sxm", "12mn"), ["12mn", "did you mean 12nm"]),
        (("h100-sx", "12nm"), ["h100-sx", "did you mean h100-sxm"]),
        ((3, "12nm"), ["design", "3"]),
        (("h100-sxm", None), ["node", "None"]),
        (("h100-sxm", "nofile.toml"), ["nofile.toml", "does not exist"]),
    ],
)
def test_unknown_names(arguments, words):
    with pytest.raises(estimator.InputError) as caught:
        estimator.estimate(*arguments)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("cooling", "cold-plat", ["cooling", "did you mean cold-plate"]),
        ("power_limt_w", 700, ["power_limt_w", "did you mean power_limit_w"]),
        ("power_limit_w", -5, ["power_limit_w = -5", "greater than 0", "W"]),
        ("power_limit_w", 0, ["power_limit_w = 0", "greater than 0"]),
        ("power_limit_w", math.nan, ["power_limit_w = nan"]),
        ("power_limit_w", [-5, math.inf], ["power_limit_w = -5"]),
        ("power_limit_w", "700 W", ["power_limit_w", "700 W", "number"]),
        ("power_limit_w", [], ["empty array"]),
        ("power_limit_w", True, ["power_limit_w", "number"]),
        ("defect_density_per_cm2", 10.5, ["10.5", "0 to 10 1/cm2"]),
        ("volume", 0, ["volume = 0", "1 to 1e+10"]),
        ("dies", 1.5, ["dies = 1.5", "integer"]),
        ("units_enabled", 200, ["units_enabled = 200", "at most 144"]),
        ("yield_model", "murphey", ["did you mean murphy"]),
        ("clock_ghz", 0, ["clock_ghz = 0"]),
        ("supply_v", 1.9, ["supply_v = 1.9", "V on this node"]),
        ("node.supplly_v", 1, ["node.supplly_v", "did you mean node.supply_v"]),
        ("nod.supply_v", 1, ["nod.supply_v"]),
        ("samples", 3, ["samples"]),
    ],
)
def test_bad_options(option, value, words):
    with pytest.raises(estimator.InputError) as caught:
        estimator.estimate("h100-sxm", "12nm", **{option: value})
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_multiples_of_dies():
    with pytest.raises(estimator.InputError, match="multiple of 2"):
        estimator.estimate("b200", "5nm", dies=3)


def test_two_ways_to_force_the_point_are_refused():
    with pytest.raises(estimator.InputError, match="either clock_ghz or power_w"):
        estimator.estimate("h100-sxm", "12nm", clock_ghz=1, power_w=500)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"die_area_mm2": 80000}, "die_area_mm2"),
        ({"power_w": 0}, "power_w"),
        ({"clock_ghz": -1}, "clock_ghz"),
        ({"node": "tsmc-1"}, "tsmc-1"),
        ({"die_area_mm2": None}, "die_area_mm2"),
        ({"colour": 1}, "colour"),
    ],
)
def test_bad_own_designs(fields, word):
    with pytest.raises(estimator.InputError, match=word):
        own = estimator.Design(
            **{"name": "own", "node": "tsmc-28hpm", "die_area_mm2": 348, "clock_ghz": 0.8, "power_w": 140, **fields}
        )
        estimator.estimate(own, "16nm")


def test_a_design_that_cannot_exist_at_home_says_so():
    own = estimator.Design(name="oven", node="tsmc-28hpm", die_area_mm2=100, clock_ghz=1, power_w=900, cooling="air")
    with pytest.raises(estimator.InfeasibleError, match=r"published point.*cooling = air"):
        estimator.estimate(own, "16nm")


@given(
    option=st.sampled_from(NUMBER_OPTIONS),
    value=st.one_of(
        st.floats(),
        st.integers(-(10**400), 10**400),
        st.text(max_size=5),
        st.none(),
        st.booleans(),
        st.lists(st.floats(), max_size=3),
        st.just(np.float64("nan")),
        st.just(5e-324),
    ),
)
def test_any_option_value_gives_a_finite_result_or_the_own_error(option, value):
    try:
        est = estimator.estimate("h100-sxm", "12nm", **{option: value})
    except estimator.EstimatorError as error:
        assert str(error)
        return
    for name, output in est.clone.items():
        if name != "limited_by":
            array = np.asarray(output, float)
            feasible = np.broadcast_to(est.feasible, array.shape)
            assert np.isfinite(array[feasible]).all(), name
            assert (array[feasible] >= -60).all(), name
