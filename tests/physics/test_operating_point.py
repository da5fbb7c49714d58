"""The solve of clock, supply, power and temperature: each wall, runaway, and consistency with itself."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.errors import InputError
from estimator.physics.heat import junction_temperature, lambert_branch
from estimator.physics.operating_point import LIMITS, critical_path, solve
from estimator.physics.power import leakage_factor
from estimator.physics.timing import relative_gate_delay


def point(**changes):
    path = critical_path(
        gate_ns=0.45,
        wire_ns=0.1,
        repeater_fraction=0.5,
        nominal_supply_v=0.8,
        threshold_v=0.45,
        supply_insensitive_fraction=0.4,
    )
    values = {
        "path": path,
        "switched_w": 250.0,
        "leakage_w": 30.0,
        "nominal_supply_v": 0.8,
        "supply_min_v": 0.6,
        "supply_allowed_v": 0.9,
        "supply_max_v": 1.1,
        "leakage_voltage_scale_v": 0.25,
        "leakage_doubling_k": 25.0,
        "coolant_c": 35.0,
        "resistance_k_w": 0.09,
        "junction_max_c": 90.0,
    }
    return solve(**{**values, **changes})


def wall(p):
    return LIMITS[int(p.limited_by)]


def test_timing_binds_when_cooling_is_plentiful():
    p = point(resistance_k_w=0.02)
    assert wall(p) == "timing"
    assert float(p.supply_v) == pytest.approx(0.9)


def test_temperature_binds_exactly_at_the_limit():
    p = point(resistance_k_w=0.16)
    assert wall(p) == "temperature"
    assert float(p.junction_c) == pytest.approx(90)
    assert 35 + 0.16 * float(p.dynamic_w + p.leakage_w) == pytest.approx(90, abs=1e-6)


@given(limit=st.floats(60, 600))
def test_a_ceiling_is_kept_and_never_raises_the_clock(limit):
    free, capped = point(), point(power_limit_w=limit)
    assert float(capped.clock_ghz) <= float(free.clock_ghz) * (1 + 1e-12)
    assert float(capped.dynamic_w + capped.leakage_w) <= limit * (1 + 1e-9)
    if wall(capped) == "power":
        assert float(capped.dynamic_w + capped.leakage_w) == pytest.approx(limit, rel=1e-9)


@given(resistance=st.floats(0.01, 1.5), more=st.floats(1.01, 3))
def test_worse_cooling_never_raises_the_clock(resistance, more):
    good, bad = point(resistance_k_w=resistance), point(resistance_k_w=resistance * more)
    if bool(bad.feasible):
        assert float(bad.clock_ghz) <= float(good.clock_ghz) * (1 + 1e-9)


@given(clock=st.floats(0.1, 2.0), resistance=st.floats(0.02, 0.3))
def test_power_and_temperature_agree_with_each_other(clock, resistance):
    p = point(clock_ghz=clock, resistance_k_w=resistance)
    if not bool(p.feasible):
        return
    total = float(p.dynamic_w + p.leakage_w)
    assert float(p.junction_c) == pytest.approx(35 + resistance * total, abs=1e-6)
    leak = 30 * leakage_factor(
        supply_v=p.supply_v,
        nominal_supply_v=0.8,
        junction_c=p.junction_c,
        leakage_voltage_scale_v=0.25,
        leakage_doubling_k=25.0,
    )
    assert float(p.leakage_w) == pytest.approx(float(leak), rel=1e-7)


def test_below_the_supply_floor_power_falls_linearly():
    low, lower = point(clock_ghz=0.3), point(clock_ghz=0.15)
    assert float(low.supply_v) == float(lower.supply_v) == 0.6
    assert float(low.dynamic_w) == pytest.approx(2 * float(lower.dynamic_w))


def test_a_clock_beyond_the_highest_supply_is_a_timing_wall():
    p = point(clock_ghz=9.0)
    assert not bool(p.feasible)
    assert wall(p) == "timing"
    assert np.isnan(p.clock_ghz)


def test_runaway_is_an_answer():
    p = point(clock_ghz=1.0, leakage_w=400.0, resistance_k_w=0.3, junction_max_c=200.0)
    assert wall(p) == "runaway"
    assert not bool(p.feasible)
    assert wall(point(leakage_w=5000.0)) == "runaway"


def test_forced_power_is_met_or_refused():
    p = point(power_w=200.0)
    assert wall(p) == "requested"
    assert float(p.dynamic_w + p.leakage_w) == pytest.approx(200, rel=1e-9)
    assert wall(point(power_w=5000.0, resistance_k_w=0.001)) == "timing"
    assert wall(point(power_w=1000.0)) == "temperature"


def test_arrays_equal_scalars():
    limits = np.array([80.0, 150.0, 300.0, 900.0])
    together = point(power_limit_w=limits)
    for i, limit in enumerate(limits):
        one = point(power_limit_w=limit)
        for a, b in zip(together, one, strict=True):
            np.testing.assert_allclose(np.asarray(a, float)[i], np.asarray(b, float), rtol=1e-12)


@given(st.floats(0, 1 / math.e))
def test_lambert_branch_solves_its_equation(x):
    y = float(lambert_branch(x))
    assert 0 <= y <= 1 + 1e-9
    assert y * math.exp(-y) == pytest.approx(x, abs=1e-12)


def test_no_stable_temperature_beyond_the_branch_point():
    assert np.isnan(lambert_branch(0.4))
    hot = junction_temperature(
        coolant_c=35, resistance_k_w=0.5, fixed_power_w=300, leakage_w=100, leakage_doubling_k=20
    )
    assert np.isnan(hot)


@given(
    leakage=st.floats(5, 400), resistance=st.floats(0.03, 0.4), limit=st.floats(50, 900), allowed=st.floats(0.7, 1.1)
)
def test_the_point_is_stable_and_the_highest_that_is(leakage, resistance, limit, allowed):
    """A slightly higher forced clock breaks the wall that is named; the point itself is on the stable branch."""
    die = {
        "leakage_w": leakage,
        "resistance_k_w": resistance,
        "power_limit_w": limit,
        "supply_max_v": allowed,
        "supply_allowed_v": allowed,
    }
    p = point(**die)
    if not bool(p.feasible):
        return
    again = point(**die, clock_ghz=float(p.clock_ghz) * (1 - 1e-7))
    assert bool(again.feasible)
    assert float(again.junction_c) == pytest.approx(float(p.junction_c), abs=0.5)
    above = point(**die, clock_ghz=float(p.clock_ghz) * 1.001)
    assert not bool(above.feasible)


# --- points that lie exactly on a wall, and the branch where leakage feeds back on itself


def highest_clock(supply):
    """By hand, the path of `point`: 0.5 ns follow the gate delay, of which 0.4 does not see the supply, 0.05 ns are metal."""
    gate = 0.5 * (0.6 * (supply / (supply - 0.45)) * ((0.8 - 0.45) / 0.8) + 0.4)
    return 1 / (gate + 0.05)


def test_a_forced_clock_may_lie_exactly_on_each_wall():
    top = point(clock_ghz=highest_clock(1.1), resistance_k_w=0.02)
    assert wall(top) == "requested"
    assert float(top.supply_v) == pytest.approx(1.1)
    middle = point(clock_ghz=1.2)
    drawn, junction = float(middle.dynamic_w + middle.leakage_w), float(middle.junction_c)
    assert wall(point(clock_ghz=1.2, power_limit_w=drawn)) == "requested"
    assert wall(point(clock_ghz=1.2, power_limit_w=drawn * (1 - 1e-6))) == "power"
    assert wall(point(clock_ghz=1.2, junction_max_c=junction)) == "requested"
    assert wall(point(clock_ghz=1.2, junction_max_c=junction - 1e-3)) == "temperature"
    assert wall(point(clock_ghz=highest_clock(1.1) * (1 + 1e-6), resistance_k_w=0.02)) == "timing"


def test_a_forced_power_may_lie_exactly_on_each_wall():
    coolest = {"resistance_k_w": 0.1, "junction_max_c": 75.0}  # 40 K over the coolant carry 400 W
    assert wall(point(power_w=400.0, **coolest)) == "requested"
    assert wall(point(power_w=400.01, **coolest)) == "temperature"
    top = point(clock_ghz=highest_clock(1.1), resistance_k_w=0.02)
    most = float(top.dynamic_w + top.leakage_w)
    assert wall(point(power_w=most, resistance_k_w=0.02)) == "requested"
    assert wall(point(power_w=most * 1.001, resistance_k_w=0.02)) == "timing"


def test_a_ceiling_at_what_the_die_draws_leaves_timing_as_the_limit():
    free = point(resistance_k_w=0.02)
    drawn = float(free.dynamic_w + free.leakage_w)
    assert wall(point(resistance_k_w=0.02, power_limit_w=drawn)) == "timing"
    assert wall(point(resistance_k_w=0.02, power_limit_w=drawn * (1 - 1e-6))) == "power"


@pytest.mark.parametrize(
    ("changes", "at_floor"),
    [
        ({"leakage_w": 200.0, "resistance_k_w": 0.15}, False),
        ({"leakage_w": 150.0, "resistance_k_w": 0.12, "leakage_doubling_k": 15.0}, False),
        ({"leakage_w": 400.0, "resistance_k_w": 0.3, "coolant_c": 20.0}, True),
    ],
)
def test_at_runaway_the_loop_gain_is_one(changes, at_floor):
    """The highest stable point: leakage is Td / (ln 2 R), the temperature that of its power, the clock that of its supply."""
    die = {"resistance_k_w": 0.09, "leakage_doubling_k": 25.0, "coolant_c": 35.0, "junction_max_c": 190.0, **changes}
    p = point(**die)
    assert wall(p) == "runaway"
    doubling, resistance = die["leakage_doubling_k"], die["resistance_k_w"]
    leakage, supply, junction = float(p.leakage_w), float(p.supply_v), float(p.junction_c)
    assert leakage == pytest.approx(doubling / (math.log(2) * resistance), rel=1e-7)
    assert junction == pytest.approx(die["coolant_c"] + resistance * float(p.dynamic_w + p.leakage_w), rel=1e-9)
    grown = supply / 0.8 * math.exp((supply - 0.8) / 0.25) * 2 ** ((junction - 85) / doubling)
    assert leakage == pytest.approx(die["leakage_w"] * grown, rel=1e-6)
    assert float(p.dynamic_w) == pytest.approx(250 * supply**2 * float(p.clock_ghz), rel=1e-9)
    if at_floor:
        assert supply == pytest.approx(0.6)
        assert float(p.clock_ghz) < highest_clock(0.6)
    else:
        assert 0.6 < supply < 0.9
        assert float(p.clock_ghz) == pytest.approx(highest_clock(supply), rel=1e-9)


def test_what_contradicts_itself_is_refused_at_the_door():
    die = {
        "path": critical_path(
            gate_ns=0.45,
            wire_ns=0.1,
            repeater_fraction=0.5,
            nominal_supply_v=0.8,
            threshold_v=0.45,
            supply_insensitive_fraction=0.4,
        ),
        "switched_w": 250.0,
        "leakage_w": 30.0,
        "nominal_supply_v": 0.8,
        "supply_min_v": 0.6,
        "supply_allowed_v": 0.9,
        "supply_max_v": 1.1,
        "leakage_voltage_scale_v": 0.25,
        "leakage_doubling_k": 25.0,
        "coolant_c": 35.0,
        "resistance_k_w": 0.09,
        "junction_max_c": 90.0,
    }
    assert bool(solve.checked(**die).feasible)
    for changes, said in (
        ({"clock_ghz": 1.0, "power_w": 300.0}, "either clock_ghz or power_w"),
        ({"supply_min_v": 0.45}, "above the path's threshold"),
        ({"supply_max_v": 0.55}, "at most supply_max_v"),
        ({"path": 3.0}, "must be a Path"),
    ):
        with pytest.raises(InputError, match=said):
            solve.checked(**{**die, **changes})
    with pytest.raises(InputError, match="must be above threshold_v"):
        relative_gate_delay.checked(
            supply_v=0.8, nominal_supply_v=0.4, threshold_v=0.45, supply_insensitive_fraction=0.4
        )
