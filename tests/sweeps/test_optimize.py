"""The best clone: never worse than the best point of a dense sweep over the same ranges, and within its bounds."""

import json

import numpy as np
import pytest

import estimator
from estimator.errors import EstimatorError, InfeasibleError
from estimator.quantities import describe
from estimator.sweeps.dataset import sweep
from estimator.sweeps.optimize import best

H100_5NM = ("h100-sxm", "5nm")
CASES = [
    (
        "h100-sxm",
        "12nm",
        "usd_per_tflops",
        {"power_limit_w": (200, 1400), "units_enabled": (66, 144), "dies": (4, 12)},
        {},
    ),
    (
        "h100-sxm",
        "12nm",
        "usd_per_tflops",
        {"power_limit_w": (200, 2400), "units_enabled": (66, 144), "cooling": ["air", "cold-plate"]},
        {"power_w": (None, 700)},
    ),
    (
        "h100-sxm",
        None,
        "tensor_tflops",
        {"supply_v": (0.6, 0.8), "units_enabled": (66, 144), "node": ["5nm", "7nm", "3nm"]},
        {"power_w": (None, 700), "unit_cost_usd": (None, 4000)},
    ),
    (
        "mi300x",
        "7nm",
        "energy_per_eflop_j",
        {"clock_ghz": (0.5, 2.0), "dies": (8, 64), "defect_density_per_cm2": (0.05, 0.3)},
        {"seconds_per_eflop": (None, 2500)},
    ),
    (
        "a100-sxm-80",
        "5nm",
        "full_cost_usd",
        {"units": (108, 160), "units_enabled": (80, 108), "volume": (1e4, 1e6)},
        {"tensor_tflops": (250, None)},
    ),
]


def dense_best(design, node, objective, over, bounds, count=48):
    axes = {}
    for name, value in over.items():
        if isinstance(value, list):
            axes[name] = value
        else:
            axes[name] = np.arange(value[0], value[1] + 1) if describe(name).integer else np.linspace(*value, count)
    ds = sweep(design, axes.pop("node", node), outputs=[objective, *bounds], **axes)
    good = ds.feasible
    for name, (low, high) in bounds.items():
        good = good & (ds[name] >= (-np.inf if low is None else low)) & (ds[name] <= (np.inf if high is None else high))
    value = ds[objective].where(good)
    assert value.notnull().any(), "the dense sweep must have an allowed point, or the test says nothing"
    return float(value.min() if describe(objective).better == "low" else value.max())


@pytest.mark.parametrize(("design", "node", "objective", "over", "bounds"), CASES)
def test_beats_or_equals_a_dense_sweep(design, node, objective, over, bounds):
    found = best(design, node, objective=objective, over=over, subject_to=bounds)
    dense = dense_best(design, node, objective, over, bounds)
    sign = 1 if describe(objective).better == "low" else -1
    assert sign * found.value <= sign * dense + 1e-12 * abs(dense)
    assert found.estimate.clone[objective] == pytest.approx(found.value, rel=1e-12)
    for name, (low, high) in bounds.items():
        assert low is None or found.estimate.clone[name] >= low * (1 - 1e-12)
        assert high is None or found.estimate.clone[name] <= high * (1 + 1e-12)
    for name, value in found.point.items():
        assert value in over[name] if isinstance(over[name], list) else over[name][0] <= value <= over[name][1]
        if describe(name).integer:
            assert value == int(value)


def test_same_seed_same_digits():
    over = {"power_limit_w": (200, 1400), "units_enabled": (66, 144)}
    assert (
        best("h100-sxm", "12nm", over=over, seed=5).to_dict() == best("h100-sxm", "12nm", over=over, seed=5).to_dict()
    )


def test_result_as_plain_data_and_words():
    found = estimator.best(
        "h100-sxm", "12nm", over={"power_limit_w": (300, 900)}, subject_to={"junction_c": (None, 85)}
    )
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["objective"] == "usd_per_tflops"
    assert "power_limit_w = " in repr(found)
    assert "W" in repr(found)


def test_nothing_allowed_is_an_answer():
    with pytest.raises(InfeasibleError, match="no point") as caught:
        best("h100-sxm", "28nm", over={"clock_ghz": (2.5, 4.0)})
    assert caught.value.limited_by


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ({"over": {}}, "at least one"),
        ({"over": {"power_limt_w": (1, 2)}}, "power_limit_w"),
        ({"over": {"power_limit_w": (900, 300)}}, "ascending"),
        ({"over": {"power_limit_w": (-5, 300)}}, "power_limit_w = -5"),
        ({"over": {"power_limit_w": 300}}, "range"),
        ({"over": {"cooling": ["air", "ice"]}}, "ice"),
        ({"over": {"power_limit_w": (300, 900)}, "objective": "usd_per_tflop"}, "usd_per_tflops"),
        ({"over": {"power_limit_w": (300, 900)}, "objective": "transistor_density_mtr_mm3"}, "mm2"),
        ({"over": {"power_limit_w": (300, 900)}, "subject_to": {"power_w": 700}}, "low, high"),
        ({"over": {"power_limit_w": (300, 900)}, "subject_to": {"power_w": (None, None)}}, "bounds nothing"),
        ({"over": {"power_limit_w": (300, 900)}, "cooling": "ice"}, "ice"),
    ],
)
def test_bad_calls_end_with_one_sentence(call, text):
    with pytest.raises(EstimatorError, match=text) as caught:
        best("h100-sxm", "12nm", **call)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_narrow_band_of_power_is_met_at_its_optimum(seed):
    """A dense sweep over units at 700 W has its best at 404 units, 1,332.6 TFLOPS."""
    over = {"clock_ghz": (0.05, 3), "units": (300, 500)}
    found = best(*H100_5NM, objective="tensor_tflops", over=over, subject_to={"power_w": (699.99, 700.01)}, seed=seed)
    assert found.value == pytest.approx(1332.6, rel=1e-4)
    assert found.estimate.power_w == pytest.approx(700.0, abs=0.0101)


def test_the_cheapest_clone_with_the_rate_of_the_original():
    bounds = {"power_w": (None, 700.1), "tensor_tflops": (989, None)}
    found = best(*H100_5NM, over={"units": (132, 288), "supply_v": (0.66, 1.0)}, subject_to=bounds)
    assert found.value < 2.7
    assert found.estimate.tensor_tflops >= 989


def test_a_bound_that_nothing_meets_is_named():
    over = {"units": (1, 100), "supply_v": (0.66, 0.7)}
    with pytest.raises(InfeasibleError, match="tensor_tflops must be 989 to 990 TFLOPS, and the nearest") as caught:
        best(*H100_5NM, objective="unit_cost_usd", over=over, subject_to={"tensor_tflops": (989, 990)})
    assert caught.value.nearest["tensor_tflops"] < 989
