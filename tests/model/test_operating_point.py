"""The published point, workloads, supply and floor of a clone, and power that follows work."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import estimator
from estimator import Design, InfeasibleError, InputError, estimate
from estimator.model.evaluate import INVALID
from estimator.parameters import library
from estimator.parameters.schema import WORKLOADS
from estimator.parameters.sets import load_set

FOUR = {
    "h100 at 500 W": {"node": "tsmc-4n", "die_area_mm2": 814, "clock_ghz": 1.7, "power_w": 500, "memory": "hbm3"},
    "h100 at 700 W": {"node": "tsmc-4n", "die_area_mm2": 814, "clock_ghz": 1.83, "power_w": 700},
    "h200": {"node": "tsmc-4n", "die_area_mm2": 814, "clock_ghz": 1.83, "power_w": 700, "memory": "hbm3e"},
    "b300": {"node": "tsmc-4np", "die_area_mm2": 1600, "clock_ghz": 2.03, "power_w": 1400},
    "pro 6000": {"node": "tsmc-4n", "die_area_mm2": 750, "clock_ghz": 2.6, "power_w": 600, "memory": "gddr7"},
    "rtx 5090": {"node": "tsmc-4n", "die_area_mm2": 750, "clock_ghz": 2.41, "power_w": 575},
    "rx 7900 xtx": {"node": "tsmc-n5", "die_area_mm2": 304, "clock_ghz": 2.5, "power_w": 355},
    "rtx 3090 ti": {"node": "samsung-8n", "die_area_mm2": 628, "clock_ghz": 1.86, "power_w": 450},
    "rtx 4090": {"node": "tsmc-4n", "die_area_mm2": 609, "clock_ghz": 2.52, "power_w": 450},
    "small and hot": {"node": "tsmc-n7", "die_area_mm2": 100, "clock_ghz": 1, "power_w": 200},
}


def published(design: Design) -> None:
    est = estimate(design, design.node)
    assert est.clock_ghz == pytest.approx(float(design.clock_rated_ghz or design.clock_ghz), rel=1e-9)
    assert est.power_w == pytest.approx(float(design.power_w), rel=1e-9)
    assert est.die_area_mm2 == pytest.approx(sum(float(d.area_mm2) * d.count for d in design.die_kinds), rel=1e-9)
    assert est.limited_by == "timing"
    for name, value in est.ratio.items():
        assert value == pytest.approx(1.0, rel=1e-9), name


@pytest.mark.parametrize("name", library.names("design"))
def test_every_design_reproduces_its_published_point(name):
    published(estimator.load_design(name))
    told = estimate(name, estimator.load_design(name).node).notes
    left = [n for n in told if not re.fullmatch(r"assumed, as the design does not give it: vector_tflops \S+", n)]
    assert not [n for n in left if "assumed" in n or "supply" in n]  # makers of accelerators often state no vector rate


@pytest.mark.parametrize("workload", ["training", "memory", "idle"])
@pytest.mark.parametrize("name", FOUR)
def test_a_design_of_four_numbers_reproduces_its_published_point(name, workload):
    design = Design(name=name, workload=workload, **FOUR[name])
    published(design)
    notes = estimate(design, design.node).notes
    assert any(n.startswith("assumed, as the design does not give it: cooling") for n in notes)
    assert any(n.startswith("supply at the published point") for n in notes)
    with pytest.raises(InputError, match="strict: "):
        estimate(design, design.node, strict=True)


@given(
    node=st.sampled_from(library.names("node")),
    area=st.floats(20, 1500),
    clock=st.floats(0.2, 3.5),
    watts=st.floats(20, 1500),
    workload=st.sampled_from(WORKLOADS),
    memory=st.sampled_from(("", *library.names("memory"))),
)
@settings(max_examples=60, deadline=None)
def test_any_four_numbers_reproduce_their_published_point(node, area, clock, watts, workload, memory):
    published(
        Design(
            name="any", node=node, die_area_mm2=area, clock_ghz=clock, power_w=watts, workload=workload, memory=memory
        )
    )


def test_only_what_the_design_states_may_forbid_its_point_and_is_named():
    hot = FOUR["small and hot"]
    for stated, word in (
        ({"cooling": "air"}, "cooling = air"),
        ({"junction_max_c": 50}, "junction_max_c"),
    ):
        with pytest.raises(InfeasibleError, match=word):
            estimate(Design(name="own", **hot, **stated), "tsmc-n7")
    published(Design(name="own", **hot, cooling="cold-plate"))  # the remedy of the sentence
    assert estimate(Design(name="own", **hot), "tsmc-n7", junction_max_c=105).power_w == pytest.approx(200)
    with pytest.raises(InputError, match="memory_power_w"):
        estimate(Design(name="own", **hot, memory_power_w=400), "tsmc-n7")


def test_a_limit_equal_to_the_junction_does_not_bind():
    design = Design(name="own", **FOUR["rtx 4090"], cooling="air-consumer")
    junction = estimate(design, design.node).junction_c
    published(design.replace(junction_max_c=junction))


def test_a_supply_outside_the_range_of_its_process_is_taken_as_published():
    design = Design(name="own", node="tsmc-28hpm", supply_v=0.65, die_area_mm2=348, clock_ghz=0.8, power_w=140)
    published(design)
    assert any("supply_v = 0.65 V lies outside" in n for n in estimate(design, design.node).notes)


def test_a_die_beyond_the_field_is_taken_as_published():
    design = Design(name="own", node="tsmc-n7", die_area_mm2=1074, clock_ghz=1, power_w=550, memory="hbm2e")
    published(design)
    assert any("1,074 mm2 exceeds the field" in n for n in estimate(design, design.node).notes)
    assert estimate(design, "12nm").dies > 1


def test_package_and_memory_follow_each_other():
    four = FOUR["b300"]
    assert library.part_of(Design(name="own", **four, memory="hbm3e"), "package").supports_hbm
    assert library.part_of(Design(name="own", **four, package="cowos-l"), "memory").unit_kind == "stack"
    assert any("package organic, memory gddr6" in n for n in estimate(Design(name="own", **four), "tsmc-4np").notes)


def test_a_default_of_the_model_acts_or_is_refused():
    own = Design(name="own", **FOUR["rtx 5090"], cooling="cold-plate")
    with pytest.raises(InfeasibleError, match=r"limit of 45\.0 C"):
        estimate(own, "12nm", **{"model.junction_max_c": 45})
    with pytest.raises(InputError, match=r"model\.junction_max_c"):
        estimate("h100-sxm", "12nm", **{"model.junction_max_c": 50})


def test_supply_is_inferred_from_the_clock():
    four = FOUR["rtx 4090"]
    volts = [estimate(Design(name="own", **{**four, "clock_ghz": f}), "tsmc-4n").supply_v for f in (1.5, 2.2, 2.4, 3.0)]
    assert volts == sorted(volts)
    assert volts[0] == pytest.approx(0.96 * 0.75)
    assert volts[-1] == pytest.approx(1.33 * 0.75)


def test_half_the_power_of_a_card_with_its_supply_inferred():
    x = Design(
        name="6800xt",
        node="tsmc-n7",
        die_area_mm2=520,
        clock_ghz=2.25,
        power_w=300,
        units=80,
        units_enabled=72,
        memory="gddr6",
        memory_stacks=8,
        memory_gb=16,
        package="organic",
        cooling="air-consumer",
    )
    assert 1.5 < estimate(x, "7nm", units=160, units_enabled=144, power_limit_w=300).ratio.tensor_tflops < 1.8
    assert 0.6 < estimate(x, "7nm", power_limit_w=150).relative_performance < 0.75


@pytest.mark.parametrize("node", ["tsmc-4n", "12nm", "3nm"])
@pytest.mark.parametrize("workload", ["training", "memory", "decode"])
def test_a_cap_a_power_and_a_clock_say_the_same(node, workload):
    capped = estimate("h100-sxm", node, power_limit_w=420, workload=workload)
    if capped.limited_by != "power":
        pytest.skip("the cap does not bind")
    assert capped.power_w == pytest.approx(420, rel=1e-9)
    assert estimate("h100-sxm", node, power_w=420, workload=workload).clock_ghz == pytest.approx(
        capped.clock_ghz, rel=1e-8
    )
    again = estimate("h100-sxm", node, clock_ghz=capped.clock_ghz, workload=workload)
    told = 5e-3 if node == "12nm" else 1e-8  # dies that are all told their clock do not wait for the slowest of them
    assert again.power_w == pytest.approx(420, rel=told)
    assert again.supply_v == pytest.approx(capped.supply_v, rel=1e-8)


def test_many_caps_at_once_equal_each_alone():
    caps = np.array([150.0, 30.0, 420.0, 700.0, 2000.0])
    many = estimate("h100-sxm", "12nm", power_limit_w=caps)
    for cap, clock, work in zip(caps, many.clock_ghz, many.relative_performance, strict=True):
        if np.isnan(clock):
            with pytest.raises(InfeasibleError):
                estimate("h100-sxm", "12nm", power_limit_w=cap)
        else:
            alone = estimate("h100-sxm", "12nm", power_limit_w=cap)
            assert (alone.clock_ghz, alone.relative_performance) == pytest.approx((clock, work), rel=1e-9)
    assert np.all(np.diff(many.clock_ghz[[0, 2, 3, 4]]) >= 0)


def test_a_light_workload_draws_less_and_falls_less_under_a_cap():
    power = {w: estimate("h100-sxm", "tsmc-4n", workload=w).power_w for w in WORKLOADS}
    assert power["training"] == pytest.approx(700)
    assert power["idle"] < power["memory"] < power["decode"] < power["prefill"] < power["training"]
    capped = estimate("h100-sxm", "tsmc-4n", workload="decode", power_limit_w=300)
    assert capped.relative_performance > 1.15 * capped.clock_ghz / 1.83
    assert any("published power is that of training" in n for n in capped.notes)


def test_traffic_follows_work_below_the_floor():
    slow = estimate("rtx-5090", "tsmc-4n", clock_ghz=0.2)
    full = estimate("rtx-5090", "tsmc-4n")
    assert slow.power_memory_w < 0.2 * full.power_memory_w
    assert slow.supply_v == estimate("rtx-5090", "tsmc-4n", clock_ghz=0.4).supply_v


def test_a_rated_clock_holds_the_published_power():
    h100 = estimator.load_design("h100-sxm").replace(clock_rated_ghz=1.59)
    published(h100)
    est = estimate(h100, "tsmc-4n", clock_ghz=1.7)
    assert est.power_w > 700
    assert est.tensor_tflops == pytest.approx(989.4 * 1.7 / 1.83, rel=1e-3)


def test_workloads_hold_every_word_and_may_be_numbers():
    assert {n.split(".")[0] for n in load_set("work", "workloads").numbers} == set(WORKLOADS)
    decode = load_set("work", "workloads")
    same = {f"work.{n}": float(decode[f"decode.{n}"]) for n in ("traffic_fraction", "memory_time_fraction", "activity")}
    assert estimate("h100-sxm", "12nm", **same).power_w == estimate("h100-sxm", "12nm", workload="decode").power_w
    assert estimator.sweep("h100-sxm", "12nm", workload=["decode"]).power_w.item() == pytest.approx(
        estimate("h100-sxm", "12nm", workload="decode").power_w
    )
    with pytest.raises(InputError, match="did you mean decode"):
        estimate("h100-sxm", "12nm", workload="decod")


@pytest.mark.parametrize(
    ("option", "values", "word"),
    [
        ("power_limit_w", [700, -1, 300], "greater than 0"),
        ("power_limit_w", [700, float("nan"), 300], "greater than 0"),
        ("units_enabled", [132, 1000, 100], "units on the dies"),
        ("supply_v", [0.8, 0.5, 0.9], "lowest and highest supply"),
    ],
)
def test_a_bad_entry_of_an_array_harms_no_other(option, values, word):
    est = estimate("h100-sxm", "12nm", **{option: values})
    assert list(est.limited_by == INVALID) == [False, True, False]
    assert list(np.isnan(est.clock_ghz)) == [False, True, False]
    assert not est.feasible[1]
    assert est.reason[0] == est.reason[2] == ""
    assert word in est.reason[1]
    assert np.isnan(est.causes["area"]["logic density"][1])
    for i in (0, 2):
        assert est.power_w[i] == pytest.approx(estimate("h100-sxm", "12nm", **{option: values[i]}).power_w, rel=1e-9)


def test_a_port_to_a_compatible_process_realises_more_and_keeps_its_supply():
    n6 = estimate("a100-sxm-80", "tsmc-n6", layout="port").ratio
    assert 0.80 < n6.area_logic_mm2 < 0.83
    slow = estimate("h100-sxm", "12nm", clock_ghz=1.0)
    all_of_it = estimate("h100-sxm", "12nm", clock_ghz=1.0, **{"model.port_supply_kept": 1.0})
    assert slow.supply_v > all_of_it.supply_v
    own = [estimate("h100-sxm", "tsmc-4n", clock_ghz=1.0, **{"model.port_supply_kept": k}).supply_v for k in (0.5, 1.0)]
    assert own[0] == own[1]


def test_the_answer_lies_where_its_samples_do():
    half = estimate("mi300x", "tsmc-n5", power_limit_w=375, samples=1024)
    low, median, high = half.samples.interval("clock_ghz")
    assert low < half.clock_ghz < high
    assert half.clock_ghz == pytest.approx(median, rel=0.15)
    edge = estimate("rtx-4090", "12nm", units=2, units_enabled=1, dies=1, samples=1024)
    low, _, high = edge.samples.ratio_interval("die_area_mm2")
    assert low <= edge.ratio.die_area_mm2 <= high
    assert any("edge of what is possible" in n for n in edge.notes)


def test_a_stated_supply_bounds_the_floor_and_a_chip_without_memory_has_none():
    part = {"node": "tsmc-16ff", "die_area_mm2": 300.0, "clock_ghz": 1.2, "power_w": 100.0, "supply_v": 0.7}
    board = Design(name="board", memory="gddr5", **part)
    chip = Design(name="chip", memory_power_w=0.0, **part)
    assert estimate(board, "tsmc-16ff", clock_ghz=0.3).supply_v == pytest.approx(0.7)
    assert estimate(chip, "tsmc-16ff", clock_ghz=0.3).supply_v == pytest.approx(
        float(library.load_node("tsmc-16ff").supply_min_v)
    )
