"""What stops a bigger clone, against the values of the experts' list: package, memory, split dies, supply, age, repair."""

import pickle
import re

import numpy as np
import pytest

import estimator
from estimator import estimate
from estimator.errors import EstimatorError, InfeasibleError, InputError, UnknownNameError
from estimator.model.causes import HEADLINE_FIELD
from estimator.model.views import used_parameters
from estimator.parameters import library
from estimator.uses.binning import parts_at_clock_fraction
from estimator.uses.serving import serve
from estimator.uses.training import train

ANY_FIELD = {"package.interposer_max_area_mm2": 1e4}


def walled(node, **options):
    with pytest.raises(InfeasibleError) as told:
        estimate("h100-sxm", node, **options)
    return told.value


def test_every_error_comes_back_whole_from_another_process():
    told = walled("12nm", clock_ghz=9)
    assert told.nearest
    errors = [told, UnknownNameError("no name"), *(kind("a sentence") for kind in (InputError, EstimatorError))]
    for error in errors:
        back = pickle.loads(pickle.dumps(error))
        assert (type(back), str(back), vars(back)) == (type(error), str(error), vars(error))


# --- package


def test_an_h100_on_12ffn_fits_whole_but_only_in_the_largest_class():
    est = estimate("h100-sxm", "12nm")
    assert est.interposer_mm2 == pytest.approx(4107, rel=0.01)
    assert (est.package, est.package_field_mm2) == ("cowos-l", 4719)
    assert any("only the largest package" in n and "4,107 of 4,719 mm2" in n for n in est.notes)
    assert walled("12nm", package="cowos-s").limited_by == "package"


@pytest.mark.parametrize(("node", "needed"), [("28nm", "6,673"), ("smic-14", "4,285")])
def test_older_clones_cannot_be_packaged(node, needed):
    told = walled(node)
    assert told.limited_by == "package"
    assert f"it takes {needed} mm2" in str(told)
    assert "2 packages" in str(told)


def test_under_2700_mm2_a_12_nm_clone_keeps_about_50_units():
    told = walled("12nm", package="cowos-s")
    assert told.nearest == {"units": 49, "units_enabled": 44}
    est = estimate("h100-sxm", "12nm", package="cowos-s", **told.nearest)
    assert est.tensor_tflops == pytest.approx(219, abs=2)
    assert est.interposer_mm2 <= 2700
    assert not bool(estimate("h100-sxm", "12nm", package="cowos-s", units=[50.0], units_enabled=44.0).feasible[0])


def test_nearest_plans_of_smic_14_and_28_nm():
    smic, old = walled("smic-14"), walled("28nm")
    assert estimate("h100-sxm", "smic-14", **smic.nearest).tensor_tflops == pytest.approx(148, abs=3)
    local = estimate("h100-sxm", "smic-14", units=43, units_enabled=39, **{"package.interposer_max_area_mm2": 2700})
    assert local.tensor_tflops == pytest.approx(181, abs=3)
    assert old.nearest == {"units": 69, "units_enabled": 63}
    assert estimate("h100-sxm", "28nm", **old.nearest).tensor_tflops == pytest.approx(217, abs=4)
    assert "no number of units fits" in str(walled("28nm", package="cowos-s"))


def test_what_the_cloner_can_get_is_an_input():
    assert estimate("h100-sxm", "28nm", package="emib").feasible
    assert estimate("h100-sxm", "28nm", **ANY_FIELD).package == "cowos-s"
    assert walled("tsmc-4n", **{"package.interposer_max_area_mm2": 1000.0}).limited_by == "package"
    sent = estimate("h100-sxm", "smic-14", package="cowos-l")
    assert any("not among the packages" in n for n in sent.notes)


def test_fields_go_by_the_calendar():
    assert walled("12nm", date=2025.0).limited_by == "package"  # 2,745 mm2 then
    assert "ends at 2,745" in str(walled("12nm", date=2025.0))
    early, late = estimate("h100-sxm", "12nm", date=[2019.0, 2027.6]).feasible
    assert not early
    assert late


def test_a_wider_field_never_makes_a_clone_impossible():
    fields = np.linspace(1000, 8000, 29)
    for node in ("12nm", "28nm", "7nm", "smic-14"):
        found = estimate("h100-sxm", node, **{"package.interposer_max_area_mm2": fields}).feasible
        assert (np.diff(found.astype(int)) >= 0).all()
        assert found[-1]


def test_points_of_one_sweep_take_each_their_own_package():
    units = [40.0, 144.0, 300.0]
    together = estimator.sweep("h100-sxm", ["12nm", "smic-14"], units=units)
    for node in ("12nm", "smic-14"):
        for u in units:
            at = together.sel(units=u, node=node)
            one = estimate("h100-sxm", node, units=[u])
            assert bool(at.feasible) == bool(one.feasible[0])
            assert str(at.limited_by.values) == str(one.limited_by[0])
            if at.feasible:
                assert float(at.package_field_mm2) == float(one.package_field_mm2[0])
                assert float(at.unit_cost_usd) == pytest.approx(float(one.unit_cost_usd[0]), rel=1e-12)
    mixed = estimate("h100-sxm", "12nm", units=units)
    assert list(mixed.package) == ["cowos-s", "cowos-l", "cowos-l"]


def test_packages_of_shipped_designs_carry_them():
    for name in library.names("design"):
        design = estimator.load_design(name)
        est = estimate(name, design.node)
        assert est.feasible
        assert est.interposer_mm2 <= est.package_field_mm2, name
        assert est.package == (design.package or "organic")


@pytest.mark.parametrize(("design", "count"), [("h200-sxm", 29), ("b200", 16)])
def test_packages_a_wafer(design, count):
    est = estimate(design, estimator.load_design(design).node)
    assert est.packages_per_interposer_wafer == count


def test_packaging_loss_of_a_b200_is_about_1000_dollars():
    assert estimate("b200", "tsmc-4np").scrap_cost_usd == pytest.approx(1000, rel=0.12)


def test_roadmaps_agree_with_the_field_at_the_date_of_the_data():
    from estimator.physics.packaging import field_area

    date = float(library.constants()["data_date"])
    for name in library.names("package"):
        pack = library.load_package(name)
        field = field_area(years=pack.field_years, areas_mm2=pack.field_areas_mm2, date=date)
        assert float(field) == float(pack.interposer_max_area_mm2), name


def test_every_package_that_may_carry_a_clone_is_among_its_parameters():
    found = used_parameters(estimator.load_design("h100-sxm"), estimator.load_node("12nm"))
    assert {p.owner for p in found if p.kind == "package"} == {"cowos-s", "cowos-l"}


def test_processes_name_packages_that_exist():
    for name in library.names("node"):
        for package in estimator.load_node(name).packages_available:
            assert package in library.names("package")


# --- memory and links


def test_28_nm_feeds_an_h100_with_hbm2():
    est = estimate("h100-sxm", "28nm", **ANY_FIELD)
    assert (est.memory_bw_gb_s, est.memory_gb) == (1125, 40)
    assert est.work_tflops / est.split_efficiency == pytest.approx(min(338, est.tensor_tflops), abs=1)
    assert est.memory_bw_gb_s / 3350 == pytest.approx(0.336, abs=1e-3)
    assert any("HBM2 (1.76 Gb/s a pin, 40 GB) instead of HBM3" in n for n in est.notes)
    as_asked = estimate("h100-sxm", "28nm", memory="hbm3", **ANY_FIELD)
    assert as_asked.memory_bw_gb_s > 3000
    assert any("as asked" in n for n in as_asked.notes)
    fiji = estimate("h100-sxm", "28nm", **ANY_FIELD, **{"node.memory_pin_rate_max_gb_s": 1.0})
    assert fiji.memory_bw_gb_s / 3350 == pytest.approx(0.19, abs=2e-3)


def test_12ffn_keeps_hbm3():
    est = estimate("h100-sxm", "12nm")
    assert (est.memory_bw_gb_s, est.memory_gb) == (3350, 80)
    assert est.link_rate_share == 1


def test_boards_with_graphics_memory_go_by_their_own_pins():
    est = estimate("rtx-4090", "28nm")
    assert est.memory_bw_gb_s == pytest.approx(12 * 28)  # GDDR5 at 7 Gb/s for GDDR6X at 21
    assert est.causes["time"]["memory bandwidth"] > 1


def test_what_pins_do_not_drive_is_a_cause_of_its_own():
    est = estimate("h100-sxm", "28nm", **ANY_FIELD, **{"node.memory_pin_rate_max_gb_s": 0.5})
    assert est.causes["time"]["memory interface of the process"] > 1.5


def test_slow_lanes_bring_scale_out_down():
    est = estimate("h100-sxm", "28nm", **ANY_FIELD)
    assert est.link_rate_share == pytest.approx(28 / 106.25)
    fast = estimate("h100-sxm", "28nm", **ANY_FIELD, **{"node.serdes_rate_max_gb_s": 112.0})
    assert train(fast, "deepseek-v3").gpu_hours < train(est, "deepseek-v3").gpu_hours


# --- split dies


def test_12_over_3_nm():
    alike = {"model.die_speed_sd": 1e-4}
    twelve, three = (estimate("h100-sxm", n, **alike) for n in ("12nm", "3nm"))
    assert twelve.split_efficiency == pytest.approx(0.9)
    assert twelve.work_tflops / three.work_tflops == pytest.approx(0.588, abs=0.005)
    assert twelve.tensor_tflops == pytest.approx(657, abs=2)  # the peak is that of the uncut design
    assert twelve.causes["time"]["work lost between dies"] == pytest.approx(1 / 0.9)
    undivided = estimate("h100-sxm", "12nm", **alike, **{"model.split_efficiency_four": 1.0})
    decoded = serve(twelve).prefill_tokens_s / serve(undivided).prefill_tokens_s
    assert decoded == pytest.approx(0.9 * twelve.clock_ghz / undivided.clock_ghz)


def test_only_what_is_cut_loses():
    assert estimate("mi300x", "tsmc-n5").split_efficiency == 1
    assert estimate("h100-sxm", "3nm").split_efficiency == 1


def test_dies_come_in_arrangements():
    assert estimate("h100-sxm", "28nm", **ANY_FIELD).dies == 8
    assert estimate("h100-sxm", "12nm", dies=5).dies == 5


def test_links_between_dies_go_by_their_process():
    """1 pJ/bit and 5 TB/s on each of 7 dies on 28 nm are 117 W more than the 0.25 pJ/bit of the N5 class."""
    at = {**ANY_FIELD, "dies": 7, "node.d2d_rate_relative": 1.0}
    dear, cheap = (estimate("h100-sxm", "28nm", **at, **{"node.d2d_energy_relative": r}) for r in (4.0, 1.0))
    assert dear.power_link_w - cheap.power_link_w == pytest.approx(117, rel=0.12)
    slow = estimate("h100-sxm", "28nm", **ANY_FIELD, dies=7)
    assert slow.power_link_w == pytest.approx(0.25 * dear.power_link_w)


def test_l2_lies_farther_in_a_split_die():
    assert estimate("h100-sxm", "12nm").l2_latency_cycles == pytest.approx(249, abs=1)


# --- supply


def test_one_flavour_of_library():
    three, two = (estimate("h100-sxm", n) for n in ("3nm", "2nm"))
    assert (three.clock_ghz, three.power_w) == (pytest.approx(2.02, abs=0.01), pytest.approx(729, abs=5))
    assert two.clock_ghz == pytest.approx(2.19, abs=0.01)
    clocks = [estimate("h100-sxm", n, power_limit_w=700.0).clock_ghz for n in ("5nm", "3nm", "2nm")]
    assert clocks[1] / clocks[0] == pytest.approx(1.14, abs=0.01)
    assert 1.07 < clocks[2] / clocks[1] < 1.15


def test_supply_of_the_library_follows_the_nominal_one_where_it_is_the_same():
    allowed = [
        estimate("h100-sxm", "12nm", **more).sides["clone"].result.operation.allowed_supply_v
        for more in ({}, {"node.supply_v": 0.9}, {"node.supply_v": 0.9, "node.supply_hp_v": 0.8})
    ]
    assert allowed[1] / allowed[0] == pytest.approx(0.9 / 0.8)
    assert allowed[2] == pytest.approx(allowed[0])


# --- age


@pytest.mark.parametrize(("node", "quarters"), [("tsmc-n2", 4.0), ("smic-n+2", 14.0)])
def test_each_process_has_its_own_age(node, quarters):
    est = estimate("h100-sxm", node)
    assert est.maturity_quarters == pytest.approx(quarters)
    assert estimate("h100-sxm", node, maturity_quarters=12).maturity_quarters == 12
    assert est.date == float(library.constants()["data_date"])
    assert "2026.9" in repr(est)
    assert est.to_dict()["date"] == est.date


def test_smic_n2_by_its_sources():
    """Sellable, salvage and repair included: 910B 0.5 (end of 2024), 910C 0.4 (2/2025), 910B 0.3, 0.2 to 0.4 (end of 2025)."""
    published = [("ascend-910b", 2024.9, 0.5), ("ascend-910c", 2025.15, 0.4), ("ascend-910b", 2025.9, 0.3)]
    for design, date, share in published:
        est = estimate(design, "smic-n+2", date=date, samples=1024)
        interval = est.samples.interval("sellable_fraction")
        assert interval.low <= share <= interval.high
        assert 0.3 < est.sellable_fraction < 0.5  # between the sources, which disagree
    now = estimate("h100-sxm", "smic-n+2", samples=1024)
    interval = now.samples.interval("sellable_fraction")
    assert 0.4 <= now.sellable_fraction <= 0.5
    assert interval.low < 0.25
    assert interval.high > 0.6


def test_later_is_never_worse():
    for node in ("2nm", "smic-n+2", "5nm"):
        found = estimate("h100-sxm", node, date=np.arange(2024.0, 2031.0)).sides["clone"].result
        assert (np.diff(found.yields.defect_density_per_cm2) <= 0).all()


def test_a_date_before_volume_production_is_said():
    est = estimate("h100-sxm", "2nm", date=2025.0)
    assert est.maturity_quarters == 0
    assert any("not in volume production at 2025" in n for n in est.notes)
    with pytest.raises(InputError, match="date"):
        estimate("h100-sxm", "2nm", date=1900)


def test_the_original_is_as_old_as_its_process_at_the_date():
    now, then = (estimate("h100-sxm", "5nm", date=d) for d in (2026.9, 2023.0))
    assert now.reference.maturity_quarters - then.reference.maturity_quarters == pytest.approx(4 * 3.9)


# --- repair


def test_sellable_shares_that_were_published():
    """H200 about 0.85 sellable; an H100 about 60 % defect-free."""
    own = estimate("h200-sxm", "tsmc-4n")
    assert own.sellable_fraction == pytest.approx(0.85, abs=0.02)
    assert own.yield_fraction == pytest.approx(0.62, abs=0.04)


def test_repair_never_costs_a_good_die():
    for name in library.names("design"):
        est = estimate(name, estimator.load_design(name).node)
        assert est.sellable_fraction >= est.yield_fraction


def test_2_nm_at_its_age():
    est = estimate("h100-sxm", "2nm")
    assert est.sellable_fraction == pytest.approx(0.772, abs=0.01)
    unrepaired = {f"model.{n}": v for n, v in (("sram_defect_weight", 1.0), ("analog_defect_weight", 1.0))}
    raw = estimate("h100-sxm", "2nm", **unrepaired, **{"model.slice_sram_share": 0.0})
    assert raw.sellable_fraction == pytest.approx(0.68, abs=0.01)


# --- all together


@pytest.mark.parametrize("node", ["12nm", "28nm", "7nm", "3nm", "smic-n+2"])
def test_causes_still_multiply_to_each_ratio(node):
    for options in (ANY_FIELD, {**ANY_FIELD, "date": 2025.5, "memory_stacks": 4.0}):
        est = estimate("h100-sxm", node, **options)
        for headline, factors in est.causes.items():
            assert np.prod(list(factors.values())) == pytest.approx(est.ratio[HEADLINE_FIELD[headline]], rel=1e-9)


def test_the_command_line_knows_the_new_names(capsys):
    from estimator.cli import main

    assert main(["estimate", "h100-sxm", "28nm", "--set", "package=emib", "--set", "date=2026.9"]) == 0
    assert "2026.9" in capsys.readouterr().out
    assert main(["estimate", "h100-sxm", "28nm"]) != 0


# --- logic cut for the clone's gates


def test_a_repipelined_clone_is_faster_bigger_and_hotter_and_its_causes_say_why():
    kept, cut = (estimate("h100-sxm", "12nm", layout=layout) for layout in ("redesign", "repipelined"))
    assert 1.045 < cut.clock_ghz / kept.clock_ghz < 1.05  # longer wires past the registers take a little of it
    assert 1.005 < cut.die_area_mm2 / kept.die_area_mm2 < 1.02
    assert cut.power_dynamic_w / kept.power_dynamic_w > 1.01 * cut.clock_ghz / kept.clock_ghz
    assert cut.causes["time"]["logic cut into more stages"] < 1
    for headline in ("area", "power"):
        assert cut.causes[headline]["registers of more stages"] > 1
    for headline in HEADLINE_FIELD:
        assert np.prod(list(cut.causes[headline].values())) == pytest.approx(
            cut.ratio[HEADLINE_FIELD[headline]], rel=1e-9
        )
    assert "logic cut into more stages" not in kept.causes["time"]
    assert any("cut anew" in n for n in cut.notes)
    assert "shipped at 1.53 GHz" in kept.explain()


def test_the_prior_of_the_pipeline_covers_what_shipped_and_widens_the_clock():
    wet = {
        "cooling": "immersion",
        "model.repipelined_clock_gain": 1.25,
        "model.die_speed_sd": 1e-4,
    }  # of one die, as a V100
    fast = estimate("h100-sxm", "12nm", layout="repipelined", **wet)
    assert fast.clock_ghz == pytest.approx(1.53, rel=0.02)
    kept, cut = (
        estimate("h100-sxm", "12nm", layout=layout, cooling="immersion", samples=1024).samples.interval("clock_ghz")
        for layout in ("redesign", "repipelined")
    )
    assert cut.high / cut.median > kept.high / kept.median


def test_at_home_there_is_nothing_to_cut_anew_and_elsewhere_it_is_a_new_design():
    assert estimate("h100-sxm", "tsmc-4n", layout="repipelined").ratio.clock_ghz == 1
    near, new = (estimate("v100-sxm2", "tsmc-16ff", layout=layout) for layout in ("redesign", "repipelined"))
    assert new.nre_logic_usd > near.nre_logic_usd


# --- spread between dies


def test_four_dies_wait_for_their_slowest():
    est = estimate("h100-sxm", "12nm")
    alike = estimate("h100-sxm", "12nm", **{"model.die_speed_sd": 1e-4})
    assert est.dies == 4
    assert est.clock_ghz == alike.clock_ghz
    assert est.work_tflops / alike.work_tflops == pytest.approx(1 - 0.03 * 1.02938, abs=2e-4)  # Harter 1961, n = 4
    assert 0.97 < est.relative_performance / alike.relative_performance < 0.98  # a share of the time follows the memory
    assert est.causes["time"]["slowest of several dies"] == pytest.approx(1 / (1 - 0.03 * 1.02938), rel=1e-4)
    assert "slowest of several dies" not in estimate("h100-sxm", "5nm").causes["time"]
    assert estimate("mi300x", "tsmc-n5").ratio.work_tflops == pytest.approx(1, rel=1e-12)  # eight dies on both sides
    forced = estimate("h100-sxm", "12nm", clock_ghz=est.clock_ghz)
    assert forced.work_tflops == pytest.approx(
        est.work_tflops / (1 - 0.03 * 1.02938), rel=1e-4
    )  # all dies run, none waits


def test_share_of_parts_at_a_clock():
    est = estimate("h100-sxm", "12nm")
    clocks = np.linspace(0.5, 2.0, 31) * est.clock_ghz
    shares = parts_at_clock_fraction(est=est, clock_ghz=clocks)
    assert (np.diff(shares) <= 0).all()
    assert shares[0] == pytest.approx(1)
    assert shares[-1] == pytest.approx(0)
    at = est.clock_ghz
    assert parts_at_clock_fraction(est=est, clock_ghz=at) < parts_at_clock_fraction(est=est, clock_ghz=at, new=True)
    home = estimate("h100-sxm", "tsmc-4n")
    assert parts_at_clock_fraction(est=home, clock_ghz=home.clock_ghz) == pytest.approx(0.95)


# --- the nearest possible value


ASKED = [
    ("h100-sxm", "12nm", "power_w", 20.0, {}, "power"),
    ("rtx-4090", "28nm", "power_w", 100.0, {}, "power"),
    ("rtx-4090", "12nm", "power_w", 5000.0, {}, "temperature"),
    ("a100-sxm-80", "3nm", "power_w", 700.0, {}, "timing"),
    ("h100-sxm", "12nm", "power_w", 300.0, {"junction_max_c": 40}, "temperature"),
    ("h100-sxm", "12nm", "power_limit_w", 50.0, {}, "power"),
    ("h100-sxm", "12nm", "clock_ghz", 9.0, {}, "timing"),
    ("mi300x", "5nm", "clock_ghz", 2.5, {"power_limit_w": 300}, "power"),
]


@pytest.mark.parametrize(("design", "node", "name", "asked", "others", "wall"), ASKED)
def test_the_nearest_value_is_possible_and_no_nearer_one_is(design, node, name, asked, others, wall):
    with pytest.raises(InfeasibleError) as told:
        estimate(design, node, **{name: asked}, **others)
    assert told.value.limited_by == wall
    nearest = told.value.nearest[name]
    found = estimate(design, node, **{name: nearest}, **others)
    assert found.clone[name.replace("power_limit_w", "power_w")] == pytest.approx(nearest, rel=1e-6)
    between = nearest + (asked - nearest) * np.append(np.linspace(0.01, 1, 60), 1e-6)
    assert not estimate(design, node, **{name: between}, **others).feasible.any()
    written = float(re.search(rf"nearest feasible {name} is ([\d.]+)", str(told.value))[1])
    assert estimate(design, node, **{name: written}, **others).feasible


def test_no_value_is_told_where_none_in_its_range_is_possible():
    assert walled("12nm", clock_ghz=0.02, power_limit_w=20).nearest == {"power_limit_w": pytest.approx(100, rel=0.15)}
    told = walled("12nm", clock_ghz=3, power_limit_w=20)
    assert told.nearest == {}
    assert "nearest" not in str(told)


def test_a_power_that_only_other_traffic_would_draw_is_impossible():
    found = estimate("h100-sxm", "12nm", power_w=[250, 300, 400, 510], junction_max_c=40)
    assert found.feasible.tolist() == [True, False, False, False]
    assert set(found.limited_by[1:]) == {"temperature"}


def test_an_array_says_how_many_of_its_points_have_no_result_and_its_cells_stay_apart():
    lines = repr(estimate("h100-sxm", "12nm", clock_ghz=[0.1, 1.0, 9.0, 1.1])).splitlines()
    assert "  1 of 4 points has no result, and is not in the ranges above: timing 1" in lines
    (heat,) = (line for line in lines if "junction temperature" in line)
    assert re.split(r"\s{2,}", heat.strip()) == [
        "junction temperature",
        "37 to 53.1 C",
        "74.5 C",
        "-37.6 to -21.5 K",
    ]


def test_a_design_is_packaged_in_the_year_in_which_it_shipped():
    """Its own package carries it from then on, whatever the roadmap's steps say; before that only what the roadmap says."""
    for name in library.names("design"):
        design = library.load_design(name)
        if design.year is not None:
            assert estimate(design, design.node, date=design.year + 0.9).feasible, name
    with pytest.raises(InfeasibleError, match=r"\(CoWoS-S class\) ends at 1,200"):
        estimate("a100-sxm-80", "tsmc-n7", date=2019)
