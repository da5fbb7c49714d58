"""What the fuzz tests found once: each input that broke something stays refused in its words, or keeps its sound result."""

import json
import math
import os
import subprocess
import sys

import numpy as np
import pytest
from hostile import REFUSED, attempt, physical
from test_options import sound

import estimator
from estimator import area, claims, cli, cost, operating_point, timing, yields
from estimator import thermal as heat
from estimator.claims import files as claim_files
from estimator.errors import InfeasibleError, InputError
from estimator.parameters import library, sets
from estimator.sweeps.files import check_out
from estimator.uncertainty.intervals import Samples
from estimator.uses import cset, export_rules, ownership, plans, serving, supply, training, wafermap

H100 = ("h100-sxm", "12nm")
DIE = {"die_area_mm2": 814, "defect_density_per_cm2": 0.1}
LAW = {"nominal_supply_v": 0.8, "threshold_v": 0.45, "supply_insensitive_fraction": 0.4}
OWN = {"name": "own", "node": "tsmc-28hpm", "die_area_mm2": 348, "clock_ghz": 0.8, "power_w": 140}


def est(**options):
    return estimator.estimate(*H100, **options)


def path():
    return operating_point.critical_path(gate_ns=0.45, wire_ns=0.1, repeater_fraction=0.5, **LAW)


def point(**changes):
    values = {
        "path": path(),
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
    return operating_point.solve(**{**values, **changes})


SALVAGED = {**DIE, "units": 144, "units_enabled": 132, "unit_area_fraction": 0.58}

REFUSALS = {
    "negative area": (lambda: yields.yield_fraction(die_area_mm2=-1, defect_density_per_cm2=0.1), "die_area_mm2 = -1"),
    "NaN mean": (lambda: yields.poisson(math.nan), "mean = nan"),
    "zero density": (lambda: area.class_area(home_area_mm2=1, home_density=1, density=5e-324), "density = 4.9"),
    "empty array": (lambda: yields.murphy([]), "empty array"),
    "text for a number": (lambda: cost.assembly_yield(parts="6", bond_yield_fraction=0.9), "parts = '6'"),
    "huge integer": (lambda: yields.seeds(10**400), "mean = inf"),
    "arrays of two lengths": (
        lambda: yields.mean_defects(die_area_mm2=[1, 2], defect_density_per_cm2=[0.1] * 3),
        "broadcast",
    ),
    "more enabled than there are": (lambda: yields.salvage(**{**SALVAGED, "units_enabled": 145}), "at most units"),
    "too many spare channels": (lambda: yields.salvage(**SALVAGED, memory_channels=20), "at most 8"),
    "no interposer comes good": (
        lambda: cost.package_cost(
            silicon_mm2=0,
            memory_site_mm2=1e8,
            interposer_area_factor=10,
            interposer_cost_usd_mm2=0,
            interposer_defect_density_per_cm2=10,
            interposer_clustering_alpha=1e6,
            substrate_area_factor=0,
            substrate_cost_usd_mm2=0,
            fixed_cost_usd=0,
        ),
        "no interposer",
    ),
    "nominal below threshold": (
        lambda: timing.relative_gate_delay(supply_v=10, **{**LAW, "threshold_v": 5}),
        "above threshold_v",
    ),
    "a clock and a power": (lambda: point(clock_ghz=1, power_w=100), "not both"),
    "path of another shape": (
        lambda: point(
            path=operating_point.critical_path(gate_ns=[1, 2], wire_ns=0.1, repeater_fraction=0.5, **LAW),
            switched_w=[1.0, 2.0, 3.0],
        ),
        "broadcast",
    ),
    "an area that is no chip": (
        lambda: export_rules.performance_density(tpp=1e8, applicable_area_mm2=5e-324),
        "must be 0, or",
    ),
    "prices of other points": (
        lambda: ownership.own(est(clock_ghz=[0.5, 0.8]), price_usd=[1.0, 2.0, 3.0]),
        "broadcast",
    ),
    "no work at all": (lambda: ownership.own(est(), utilisation=0), "utilisation = 0"),
    "a flag that is an array": (lambda: serving.serve(est(), original=np.array([True, False])), "true or false"),
    "next to no share of a fab": (
        lambda: supply.supply(est(), gpus=1, fab_share_fraction=5e-324),
        "fab_share_fraction",
    ),
    "not an estimate": (lambda: supply.supply(3, gpus=1), "must be an Estimate"),
    "prices without options": (
        lambda: ownership.cheapest_after(price_usd=1, yearly_usd=1, years=1),
        "list the options",
    ),
    "unknown node of the scenario": (lambda: cset.scenario().crossover_years("7 nm", "6 nm"), "did you mean"),
    "a wafer of many points": (lambda: wafermap.wafer_of(est(clock_ghz=[0.5, 0.8])), "is an array"),
    "a die of a million defects": (
        lambda: wafermap.sample_wafer(width_mm=50, height_mm=60, defect_density_per_cm2=1e9),
        "defect_density_per_cm2",
    ),
    "run by a list": (lambda: training.calibrate(["x"]), "unknown run"),
    "training by no list of plans": (lambda: training.by_plan(*H100, "gpt-3", plans=3), "list of names"),
    "a plan over an array": (lambda: plans.plan_options(*H100, "one-reticle", clock_ghz=[0.5, 0.8]), "is an array"),
    "a plan of no dies": (lambda: plans.plan_options(*H100, "dies", dies=0), "dies = 0"),
    "unhashable name": (lambda: library.names([]), "unknown kind"),
    "unhashable set": (lambda: sets.load_set("runs", []), "unknown run"),
    "a claim by a superscript": (lambda: claims.load("²"), "unknown claim"),
    "a claim that is none": (lambda: claims.assess(3), "unknown claim"),
    "arrays of options that do not go together": (
        lambda: est(clock_ghz=[1, 2], maturity_quarters=[1, 2, 3]),
        "broadcast",
    ),
    "supply floor below the threshold": (lambda: est(**{"node.supply_min_v": 0.2}), "node.supply_min_v = 0.2"),
    "more spare channels than can be": (
        lambda: est(**{"design.memory_channels": 60, "design.memory_channels_enabled": 1}),
        "memory channels may be disabled",
    ),
    "area shares of more than a die": (lambda: est(**{"design.logic_fraction": 0.99}), "must add up to 1"),
    "wires slower than the clock": (
        lambda: est(**{"model.wire_reach_fraction": 5, "design.clock_ghz": 20}),
        "clock period",
    ),
    "a wafer smaller than the die": (lambda: est(**{"model.wafer_diameter_mm": 50}), "does not fit the usable wafer"),
    "a GPU without memory": (lambda: est(memory_stacks=0), "without memory"),
    "a wafer for next to nothing": (lambda: est(wafer_cost_usd=5e-324), "wafer_cost_usd"),
    "tensor units of no area": (
        lambda: est(tensor_fraction=0.5, **{"design.unit_area_fraction": 0}),
        "no tensor units",
    ),
    "seed of letters": (lambda: est(seed="x"), "seed = 'x'"),
    "strict by an array": (lambda: est(strict=np.zeros((0, 3))), "strict"),
    "sweep by an unhashable engine": (lambda: estimator.sweep(*H100, engine=[]), "unknown engine"),
    "ragged axis": (lambda: estimator.sweep(*H100, clock_ghz=[[1], [1, 2]]), "one dimension"),
    "outputs that are no names": (lambda: estimator.sweep(*H100, outputs=3), "list of names"),
    "column twice": (lambda: estimator.sweep(*H100, points={"clock_ghz": [1], 1: [2], "1": [3]}), "twice"),
    "bounds of best in a list": (
        lambda: estimator.best(*H100, over={"dies": (4, 8)}, subject_to=[1]),
        "must name outputs",
    ),
    "over of a 0-dimensional array": (
        lambda: estimator.best(*H100, over={"dies": np.array(4.0), "units": np.array([1, [2]], object)}),
        "units",
    ),
    "fixed option of best over an array": (
        lambda: estimator.best(*H100, over={"dies": (4, 8)}, clock_ghz=[1, 2]),
        "is an array",
    ),
    "quantile of nothing": (lambda: sampled().quantile([], 0.5), "unknown sampled output"),
    "a number out of words": (lambda: estimator.Parameter("x"), "not a number"),
    "a range out of order": (
        lambda: estimator.Design(**{**OWN, "power_w": estimator.Parameter(140, low=150, high=160)}),
        "ascending",
    ),
    "a range that is NaN": (
        lambda: estimator.Design(**{**OWN, "power_w": estimator.Parameter(140, low=math.nan)}),
        "power_w.low",
    ),
    "a year that is none": (lambda: library.load_node("12nm").replace(volume_year=math.nan), "volume_year"),
    "a flag of letters": (lambda: estimator.Design(**OWN, stacked="yes"), "true or false"),
    "stacked on nothing": (lambda: estimator.Design(**OWN, stacked=True), "io die"),
    "all analog": (
        lambda: estimator.estimate(
            estimator.Design(**OWN, logic_fraction=0, sram_fraction=0, analog_fraction=1), "16nm"
        ),
        "logic_fraction and sram_fraction",
    ),
    "a date for a number": (lambda: library.from_toml("design", "power_w = 1979-05-27"), "date or time"),
    "a text that is none": (lambda: library.from_toml("design", 3), "must be TOML text"),
}


def sampled() -> Samples:
    return est(samples=16).samples


@pytest.mark.parametrize("name", REFUSALS)
def test_refused_in_words(name):
    call, words = REFUSALS[name]
    with pytest.raises(InputError) as caught:
        call()
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


ACCEPTED = {
    "memory of another kind for a design over an array": lambda: est(
        memory="hbm2e", **{"design.memory_stacks": [5, 6]}
    ),
    "cost at home over an array": lambda: est(**{"home.wafer_cost_usd": [1e4, 2e4]}),
    "links of a subnormal power": lambda: estimator.estimate(
        library.load_design("h100-sxm").replace(io_power_w=5e-324), "12nm"
    ),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_sound_results(name):
    found = attempt("found", ACCEPTED[name])
    assert found is not REFUSED
    sound(found.clone)
    sound(found.reference)
    assert found.explain()
    json.dumps(found.to_dict(), allow_nan=False)


def test_limits_of_formulas():
    assert yields.negative_binomial(0.8, math.inf) == pytest.approx(math.exp(-0.8))
    physical(yields.salvage(**{**SALVAGED, "die_area_mm2": 1e8, "defect_density_per_cm2": 1000}, model="moore"))
    hot = {
        "resistance_k_w": 1000,
        "fixed_power_w": 1e9,
        "leakage_w": 1e9,
        "leakage_doubling_k": 3,
        "leakage_reference_c": -273.15,
    }
    assert np.isnan(heat.junction_temperature(coolant_c=-273.15, **hot))
    assert np.isnan(ownership.crossover_years(price_a_usd=0, yearly_a_usd=0, price_b_usd=0, yearly_b_usd=0))
    assert ownership.crossover_years(price_a_usd=0, yearly_a_usd=0, price_b_usd=1e12, yearly_b_usd=2e-309) == 0.0
    assert plans.plan_options("mi25", "12nm", "equal-throughput")["units"] <= 20000


def test_more_dies_than_a_package_takes_are_infeasible():
    big = estimator.Design(
        name="big", node="tsmc-n3e", die_area_mm2=60000, clock_ghz=1, power_w=5000, cooling="microchannel"
    )
    found = estimator.estimate(big, "amd-130", clock_ghz=[0.1, 0.2])
    assert not found.feasible.any()
    assert set(found.limited_by) == {"reticle"}
    with pytest.raises(InfeasibleError, match="1024"):
        estimator.estimate(big, "amd-130", clock_ghz=0.1)


def test_contradictions_mark_points_of_a_sweep():
    ds = estimator.sweep(*H100, **{"node.supply_min_v": [0.2, 0.65]}, outputs=["clock_ghz"])
    assert ds.valid.values.tolist() == [False, True]
    assert "supply_min_v" in json.loads(ds.reason.attrs["meanings"])[int(ds.reason[0])]


def test_sobol_samples_of_any_number_give_no_warning():
    ds = attempt(
        "found", estimator.sweep, *H100, clock_ghz=(0.5, 1.0), sampling="sobol", samples=20, outputs=["power_w"]
    )
    assert ds.sizes == {"point": 20}


def test_a_masked_cell_is_an_invalid_point():
    ds = attempt(
        "found", estimator.sweep, *H100, points={"defect_density_per_cm2": [0.1, np.ma.masked]}, outputs=["clock_ghz"]
    )
    assert ds.valid.values.tolist() == [True, False]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["best", *H100, "--over", "power_limit_w=300:900", "--set", "seed=1"], "--seed"),
        (["estimate", *H100, "--set", "design=x"], "unknown option 'design'"),
        (["estimate", *H100, "--set", "clock_ghz=1", "clock_ghz=2"], "given twice"),
        (["compare", *H100, "--set", "defect_density_per_cm2=1,2"], "single number"),
        (["best", *H100, "--over", "dies=4:8", "dies=4:9"], "--over dies is given twice"),
        (
            ["best", *H100, "--over", "dies=4:8", "--subject-to", "power_w=:350", "power_w=320:"],
            "power_w is given twice",
        ),
        (["check", "/"], "is not a file"),
    ],
)
def test_command_line(arguments, words, capsys):
    assert cli.main(arguments) == 2
    assert words in capsys.readouterr().err


def test_a_design_without_power_for_its_die_is_refused_as_an_array_too():
    found = estimator.estimate("a100-sxm-40", "12nm", **{"design.power_w": [400.0, 1.0]})
    assert found.feasible.tolist() == [True, False]
    assert "no power for the die" in found.reason[1]
    with pytest.raises(InputError, match=r"power_w = 1 W leaves -"):
        estimator.estimate("a100-sxm-40", "12nm", **{"design.power_w": [2.0, 1.0]})


def test_a_claim_of_a_tiny_threshold_is_far_met():
    wanted = claim_files.Test(measure="share", label="share", at_least=5e-324, reason="as small as a float can be")
    assert wanted.margin(0.05, partly=False) == 1e6


def test_a_masked_entry_of_an_array_has_no_result():
    found = estimator.estimate(*H100, clock_ghz=np.ma.array([1.0, 1.2], mask=[False, True]))
    assert np.isnan(found.power_w).tolist() == [False, True]
    assert found.reason.tolist() == ["", "clock_ghz must be from 0.01 to 20 GHz"]


@pytest.mark.parametrize("value", [np.ma.masked, np.ma.array([1, 2], mask=True)])
def test_a_masked_number_is_refused(value):
    with pytest.raises(InputError, match="clock_ghz = nan is out of range"):
        estimator.estimate(*H100, clock_ghz=value)


def test_leakage_beyond_any_float_is_no_overflow():
    path = operating_point.Path(follow_ns=np.array(0.13125), fixed_ns=np.array(0.25), threshold_v=np.array(0.45))
    point = operating_point.solve(
        path=path,
        switched_w=1e9,
        leakage_w=1e9,
        nominal_supply_v=0.2,
        supply_min_v=2.0,
        supply_allowed_v=0,
        supply_max_v=2.5,
        leakage_voltage_scale_v=0.02,
        leakage_doubling_k=3,
        coolant_c=-50,
        resistance_k_w=1e-6,
        junction_max_c=40,
    )
    physical(point._asdict() if point.feasible else point.limited_by)


def test_explain_of_causes_over_an_array():
    assert estimator.estimate("a100-sxm-40", "amd-65", clock_ghz=0.01, **{"node.supply_v": [1.0]}).explain()


def test_counts_of_small_integer_types():
    small = estimator.estimate(*H100, samples=np.int8(100), seed=np.int8(3)).samples
    assert small.ratio_interval("power_w") == estimator.estimate(*H100, samples=100, seed=3).samples.ratio_interval(
        "power_w"
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"supply_v": 0.7, "clock_ghz": 1.3}, "give either clock_ghz or supply_v"),
        ({"supply_v": 0.7, "power_w": 900}, "give either power_w or supply_v"),
        ({"memory_gb": 0}, "memory_gb must be more than 0"),
        ({"node.foundry": 1}, "known: node."),
        ({"model.foo": 1}, "model.foo"),
    ],
)
def test_options_that_do_not_go_together(options, words):
    with pytest.raises(InputError) as caught:
        estimator.estimate(*H100, **options)
    assert words in str(caught.value)
    assert "count" not in str(caught.value)


@pytest.mark.parametrize("options", [{}, {"clock_ghz": 0.5}, {"power_limit_w": 700}])
def test_a_reticle_wall_blames_the_number_of_dies(options):
    with pytest.raises(InfeasibleError, match="reticle") as caught:
        estimator.estimate(*H100, dies=1, **options)
    assert "dies = 1 is not possible" in str(caught.value)


def test_an_option_is_fixed_or_varied():
    with pytest.raises(InputError, match="power_limit_w is given as a number and in over as well"):
        estimator.best(*H100, over={"power_limit_w": (300, 600)}, power_limit_w=400)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"unit_area_fraction": 0.8, "memory_area_fraction": 0.5}, "add up to at most 1"),
        ({"die_area_mm2": None, "dies": [{"area_mm2": 348, "node": "tsmc-n5"}]}, "must be the design's node"),
        ({"die_area_mm2": None, "dies": [{"area_mm2": 348}], "logic_fraction": 0.1}, "belongs into one of the dies"),
    ],
)
def test_a_design_that_contradicts_itself(more, words):
    with pytest.raises(InputError, match=words):
        estimator.estimate(estimator.Design(**{**OWN, **more}), "16nm")


def test_a_process_does_not_get_worse_with_learning():
    with pytest.raises(InputError, match=r"defect_density_mature_per_cm2 = 1 must be at most"):
        library.from_toml(
            "node", 'base = "tsmc-28hpm"\ndefect_density_mature_per_cm2 = 1\ndefect_density_launch_per_cm2 = 0'
        )


@pytest.mark.parametrize(
    ("text", "kind"), [('base = "h100-sxm"', "design"), ('base = "air"\nresistance_sink_k_w = 0.01', "cooling")]
)
def test_check_takes_the_kind_from_the_base(tmp_path, text, kind, capsys):
    file = tmp_path / "own.toml"
    file.write_text(text)
    assert cli.main(["check", str(file)]) == 0
    assert f"is a valid {kind}" in capsys.readouterr().out


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_behind_the_output_is_a_sentence():
    command = [sys.executable, "-m", "estimator", "nodes"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.strip() == "error: No space left on device"


def test_a_long_name_of_a_result(tmp_path):
    with pytest.raises(InputError, match="is longer than 200 bytes"):
        check_out(tmp_path / f"{'x' * 300}.csv", force=True)


def test_no_number_of_gpus_is_enough():
    gpus = training.gpus_for_days(days=0.001, work_gpu_hours=1.0, scale_out_gpus=1.0625, scale_out_exponent=1.01953125)
    assert math.isnan(gpus)
