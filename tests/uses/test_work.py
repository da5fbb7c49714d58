"""Work beyond one die: export class, training runs, supply, tensor units, memory beyond the original."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import estimator
from estimator.errors import InputError, UnknownNameError
from estimator.parameters import sets
from estimator.parameters.library import sources
from estimator.uses import training
from estimator.uses.export_rules import CLASSES, control_class, export_class
from estimator.uses.plans import plan_options
from estimator.uses.serving import decode_tokens_s, prefill_tokens_s, serve
from estimator.uses.supply import supply, wafers_needed
from estimator.validation.work_rows import training_rows

RULE = sets.load_set("rules", "bis-2023").values()


@pytest.fixture(scope="module")
def h800():
    return estimator.estimate("h800-sxm", "12nm")


def test_every_number_of_the_sets_is_sourced():
    for folder in sets.FOLDERS:
        for name in sets.set_names(folder):
            for field, p in sets.load_set(folder, name).numbers.items():
                assert p.low <= float(p) <= p.high, (name, field)
                assert set(p.source) <= {*sources(), "estimate"}, (name, field)
                assert p.kind != "estimate" or p.note, (name, field)
    with pytest.raises(UnknownNameError, match="deepseek-v3"):
        sets.load_set("runs", "deepseek-v4")


@pytest.mark.parametrize(
    ("design", "label", "density"),
    [
        ("h100-sxm", "3A090.a", 19.45),
        ("a100-sxm-40", "3A090.a", 6.04),
        ("v100-sxm2", "not controlled", 2.45),
        ("h20", "not controlled", 2.91),
        ("rtx-4090", "3A090.a", 8.68),
        ("rtx-2080-ti", "not controlled", 2.41),
    ],
)
def test_class_of_shipped_chips(design, label, density):  # 88 FR 73458; densities derived from data sheets
    original = export_class(estimator.estimate(design, estimator.load_design(design).node)).original
    assert original.label == label
    assert original.density_per_mm2 == pytest.approx(density, rel=0.02)


def test_a_planar_clone_has_no_performance_density():
    both = export_class(estimator.estimate("a100-sxm-80", "28nm"))
    assert math.isnan(both.clone.density_per_mm2)
    assert "planar" in both.clone.note
    assert both.clone.label == ("3A090.a" if both.clone.tpp >= 4800 else "not controlled")
    assert both.clone.tpp / both.original.tpp == pytest.approx(
        estimator.estimate("a100-sxm-80", "28nm").ratio.tensor_tflops
    )


@given(st.floats(0, 1e5), st.floats(0, 50), st.floats(1, 3))
def test_more_performance_is_never_less_controlled(tpp, density, more):
    low = int(control_class(tpp=tpp, density_per_mm2=density, **RULE))
    high = int(control_class(tpp=tpp * more, density_per_mm2=density * more, **RULE))
    assert 0 <= low <= high < len(CLASSES)
    assert int(control_class(tpp=tpp, density_per_mm2=density, data_centre=False, **RULE)) <= low


@pytest.mark.parametrize("run", training.run_names())
def test_a_run_takes_its_reported_hours_on_its_own_chip(run):
    set_ = sets.load_set("runs", run)
    chip = estimator.load_design(set_.texts["chip"])
    result = training.train(estimator.estimate(chip, chip.node), run, original=True)
    assert result.gpu_hours == pytest.approx(float(set_["gpu_hours"]))
    assert result.days * 24 * float(set_["gpus"]) == pytest.approx(float(set_["gpu_hours"]))


def test_held_out_runs_are_within_a_quarter():
    cases = {c.call: c for c in training_rows()}
    assert len(cases) == 6
    hopper = [c for call, c in cases.items() if "pangu" not in call]
    assert all(abs(c.error) <= 0.25 and c.inside for c in hopper)
    ascend = [c for call, c in cases.items() if "pangu-ultra-moe" in call]  # tokens per second are published
    assert all(abs(c.error) <= 0.35 and c.inside for c in ascend)


def test_equal_time_takes_more_gpus_and_equal_count_more_days(h800):
    own = training.train(h800, "deepseek-v3", original=True)
    slower = training.train(h800, "deepseek-v3")
    same_time = training.train(h800, "deepseek-v3", days=own.days)
    assert slower.gpus == own.gpus
    assert slower.days / own.days == pytest.approx(1 / h800.ratio.work_tflops)
    assert same_time.days == pytest.approx(own.days)
    assert same_time.gpus > own.gpus / h800.ratio.work_tflops  # more GPUs scale out worse
    assert same_time.energy_mwh > own.energy_mwh
    with pytest.raises(InputError, match="either gpus or days"):
        training.train(h800, "deepseek-v3", gpus=1, days=1)
    with pytest.raises(InputError, match="days = 0 is out of range"):
        training.train(h800, "deepseek-v3", days=0)


def test_a_gpu_without_8_bit_units_says_so():
    result = training.train(estimator.estimate("ascend-910b", "smic-14"), "deepseek-v3")
    assert any("8-bit" in note for note in result.notes)
    tiny = training.train(estimator.estimate("h800-sxm", "12nm"), "llama-3.1-405b", gpus=8)
    assert any("does not fit" in note for note in tiny.notes)


def test_training_broadcasts(h800):
    counts = np.array([512.0, 2048.0, 8192.0])
    many = training.train(h800, "deepseek-v3", gpus=counts)
    for n, days in zip(counts, many.days, strict=True):
        assert training.train(h800, "deepseek-v3", gpus=float(n)).days == pytest.approx(days)
    clocks = estimator.estimate("h800-sxm", "12nm", clock_ghz=[0.8, 1.0, 9.0])
    days = training.train(clocks, "deepseek-v3").days
    assert days[0] > days[1]
    assert np.isnan(days[2])


@given(st.floats(1, 1e6), st.floats(1e4, 1e7), st.floats(0.3, 0.9), st.floats(1, 10))
def test_scale_out_and_its_inverse(gpus, n0, b, more):
    law = {"scale_out_gpus": n0, "scale_out_exponent": b}
    here, there = (float(training.scale_out_efficiency(gpus=n, **law)) for n in (gpus, gpus * more))
    assert 0 < there <= here <= 1
    back = training.gpus_for_days(days=10.0, work_gpu_hours=gpus * here * 240.0, **law)
    assert float(back) == pytest.approx(gpus, rel=1e-5)


def test_supply_follows_area_yield_and_capacity():
    fine, coarse = (supply(estimator.estimate("h100-sxm", n), gpus=1e5) for n in ("tsmc-4n", "12nm"))
    assert coarse.wafers > 3 * fine.wafers
    assert coarse.months_low < coarse.months < coarse.months_high
    assert coarse.delivery_months > coarse.lead_months > 0
    back = supply(estimator.estimate("h100-sxm", "12nm"), gpus=coarse.gpus_per_year)
    assert back.months == pytest.approx(12.0)
    assert supply(estimator.estimate("mi300x", "7nm"), gpus=1000).io_wafers > 0
    with pytest.raises(InputError, match="gpus"):
        supply(estimator.estimate("h100-sxm", "12nm"), gpus=0)


@given(st.floats(1, 1e7), st.floats(1, 64), st.floats(1, 600), st.floats(0.01, 1), st.floats(0.1, 1))
def test_wafers_are_at_least_what_perfect_yield_takes(gpus, dies, gross, sellable, assembly):
    need = wafers_needed(
        gpus=gpus,
        dies_per_gpu=dies,
        gross_dies_per_wafer=gross,
        sellable_fraction=sellable,
        assembly_yield_fraction=assembly,
    )
    assert float(need) >= gpus * dies / gross * (1 - 1e-12)


def test_fewer_tensor_units_train_slower_on_a_little_less_silicon():
    options = plan_options("h100-sxm", "12nm", "fewer-tensor-units")
    plain, few = (estimator.estimate("h100-sxm", "12nm", **o) for o in ({}, options))
    assert few.die_area_mm2 < plain.die_area_mm2
    assert few.die_area_mm2 > 0.8 * plain.die_area_mm2
    assert few.power_w < plain.power_w
    assert few.tensor_tflops == pytest.approx(options["tensor_fraction"] * plain.tensor_tflops, rel=0.05)
    assert few.vector_tflops >= plain.vector_tflops
    for headline, field in (("area", "die_area_mm2"), ("power", "power_w"), ("time", "seconds_per_eflop")):
        assert np.prod(list(few.causes[headline].values())) == pytest.approx(few.ratio[field])
    assert estimator.estimate("h100-sxm", "12nm", tensor_fraction=1.0).die_area_mm2 == pytest.approx(plain.die_area_mm2)
    with pytest.raises(InputError, match="no tensor units"):
        estimator.estimate("gtx-1080-ti", "12nm", tensor_fraction=0.5)


def test_more_memory_than_the_original():
    own = estimator.estimate("rtx-4090", "tsmc-4n")
    big = estimator.estimate("rtx-4090", "tsmc-4n", memory_gb=48)
    assert big.memory_gb == 2 * own.memory_gb
    assert big.memory_bw_gb_s == own.memory_bw_gb_s
    assert big.memory_cost_usd == pytest.approx(2 * own.memory_cost_usd)
    assert big.power_memory_w > own.power_memory_w
    wide = estimator.estimate("h100-sxm", "12nm", memory_stacks=6)
    five = estimator.estimate("h100-sxm", "12nm")
    assert wide.memory_bw_gb_s > five.memory_bw_gb_s
    assert wide.area_analog_mm2 > five.area_analog_mm2


@given(st.floats(1, 1e4), st.floats(1.0, 8))
def test_decode_grows_with_batch_to_the_matrix_roof(batch, more):
    work = {
        "peak_tflops": 1000,
        "memory_bw_gb_s": 3000,
        "weight_bytes": 4e10,
        "active_parameters": 4e10,
        "cache_bytes_per_sequence": 1e8,
        "bandwidth_efficiency": 0.6,
        "efficiency": 0.4,
    }
    few, many = (float(decode_tokens_s(batch=b, **work)) for b in (batch, batch * more))
    assert few <= many * (1 + 1e-9)
    assert many <= float(prefill_tokens_s(peak_tflops=1000, active_parameters=4e10, efficiency=0.4)) * (1 + 1e-9)


def test_serving_on_an_older_node_keeps_its_memory(h800):
    own, clone = serve(h800, original=True), serve(h800)
    assert clone.prefill_tokens_s / own.prefill_tokens_s == pytest.approx(
        h800.ratio.tensor_tflops * h800.split_efficiency * h800.sides["clone"].result.rates.slowest
    )
    assert own.decode_bound_by_memory
    assert clone.decode_tokens_s == pytest.approx(own.decode_tokens_s * h800.split_efficiency)


def test_every_plan_trains_or_says_why_not(check_figure):
    found = training.by_plan(
        "h800-sxm", "12nm", "deepseek-v3", plans=["same-units", "one-reticle", "fewer-tensor-units", "equal-throughput"]
    )
    assert next(iter(found)) == "original"
    for result in found.values():
        assert isinstance(result, training.TrainingRun) or (isinstance(result, str) and result)
    assert found["fewer-tensor-units"].days > found["same-units"].days > found["original"].days
    pytest.importorskip("plotly")
    from estimator.figures.training import time_against_cost

    check_figure(time_against_cost(found))
