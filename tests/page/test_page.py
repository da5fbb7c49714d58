"""The page without a browser: every control through AppTest, and its plain parts (links, copies, scenario, wafer map)."""

import ast
import base64
import csv
import io
import json
import math
import subprocess
import tomllib
import zlib
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest

pytest.importorskip("streamlit")
pytest.importorskip("plotly")

import estimator
from estimator import figures
from estimator.errors import InfeasibleError, InputError
from estimator.quantities import FIELDS
from estimator.uses import plans, wafermap
from page.shared import code, links, parameters, results, steps, sweeps
from page.shared import state as states
from page.shared.choices import PRESETS, label
from tests.root import ROOT


def times(ratio):
    return f"× {ratio:.2f}" if ratio < 9.995 else f"× {ratio:.1f}"


def ratios(app):
    return [m.value for m in app.metric][:4]


def expected(est):
    """Silicon and time of one clone, power and recurring cost of the clones that do one original's work."""
    work, was = est.same_work, est.reference
    return [
        times(float(r))
        for r in (
            est.ratio.die_area_mm2,
            est.ratio.seconds_per_eflop,
            work.power_for_same_work_w / was.power_w,
            work.cost_for_same_work_usd / was.unit_cost_usd,
        )
    ]


@pytest.fixture(scope="module")
def est():
    return estimator.estimate("h100-sxm", "12nm")


# --- the page through AppTest


def test_a_clone_held_to_the_original_s_power_has_the_same_power(start):
    app = start(policy="limit", power="700")
    assert [m.label for m in app.metric][:4] == [
        "Bigger silicon",
        "Slower time per work",
        "More power, same work",
        "Dearer cost, same work",
    ]
    assert any("draws the same 700 W" in m.value for m in app.markdown)


def test_start_shows_verdict_and_ratios(start, est):
    app = start()
    assert ratios(app) == expected(est)
    assert any("takes" in m.value and "instead of" in m.value for m in app.markdown)


@pytest.mark.parametrize(
    ("kind", "key", "value", "options"),
    [
        ("selectbox", "node", "tsmc-n7", {}),
        ("selectbox", "design", "a100-sxm-80", {}),
        ("selectbox", "cooling", "cold-plate", {"cooling": "cold-plate"}),
        ("selectbox", "against", "tsmc-n3e", {"reference_node": "3nm"}),
        ("slider", "maturity", 2, {"maturity_quarters": 2}),
        ("slider", "sold", 40, {"sellable_fraction": 0.4}),
        ("select_slider", "volume", 10_000, {"volume": 10_000}),
    ],
)
def test_controls_change_the_numbers(start, kind, key, value, options):
    app = start()
    getattr(app, kind)(key=key).set_value(value).run()
    assert not app.exception
    design = value if key == "design" else "h100-sxm"
    node = value if key == "node" else "12nm"
    assert ratios(app) == expected(estimator.estimate(design, node, **options))


@pytest.mark.parametrize(
    ("policy", "slider", "value", "option"),
    [
        ("limit", "power", 500, "power_limit_w"),
        ("power", "power", 800, "power_w"),
        ("clock", "clock", 1.0, "clock_ghz"),
    ],
)
def test_policies(start, policy, slider, value, option):
    app = start()
    app.radio(key="policy").set_value(policy).run()
    app.slider(key=slider).set_value(value).run()
    assert ratios(app) == expected(estimator.estimate("h100-sxm", "12nm", **{option: value}))


def test_defect_density_of_ones_own(start):
    app = start()
    app.toggle(key="own_defects").set_value(True).run()
    app.slider(key="defects").set_value(0.5).run()
    assert ratios(app) == expected(estimator.estimate("h100-sxm", "12nm", defect_density_per_cm2=0.5))


def test_impossible_is_an_answer_with_the_nearest_possible(start):
    app = start()
    app.radio(key="policy").set_value("clock").run()
    app.slider(key="clock").set_value(4.0).run()
    assert not app.exception
    assert "not possible" in app.info[0].value
    app.button(key="_nearest").click().run()
    assert len(ratios(app)) == 4


@pytest.mark.parametrize("plan", list(plans.PLANS))
def test_plans(start, plan):
    app = start()
    app.selectbox(key="plan").set_value(plan).run()
    assert not app.exception
    state = states.with_values(states.defaults(), {"plan": plan})
    try:
        est = states.estimate_of(state)
    except InfeasibleError as error:
        told = app.info[0].value.replace("\\", "")
        assert "not possible" in told or str(error)[:20] in told
    else:
        assert ratios(app) == expected(est)


@pytest.mark.parametrize("name", list(PRESETS))
def test_presets_work_and_reset_returns(start, name, est):
    app = start()
    app.selectbox(key="_preset").set_value(name).run()
    assert not app.exception
    assert len(app.error) == 0
    assert len(ratios(app)) == 4
    next(b for b in app.button if b.label == "Reset all").click().run()
    assert ratios(app) == expected(est)


@pytest.mark.parametrize("tab", ["Overview", "Slow", "Hot", "Cost", "Why", "How sure", "Share"])
def test_tabs_run(start, tab):
    app = start(state={"tab": tab})
    assert len(app.error) == 0


@pytest.mark.parametrize("page", ["page/nodes.py", "page/sweep.py", "page/validation.py", "page/method.py"])
def test_pages_run(start, page):
    app = start(page)
    assert len(app.error) == 0


def test_edit_is_used_and_marked_and_dropped(start, est):
    app = start("page/method.py")
    app.text_input(key="_search").set_value("effective logic density target").run()
    key = "node:tsmc-12ffn.logic_density_mtr_mm2"
    app.selectbox(key="_edit_key").set_value(key).run()
    app.number_input(key=f"_edit_value_{key}").set_value(30.0).run()
    app.button(key="_edit_use").click().run()
    assert any("logic" in w.value and "30" in w.value for w in app.warning)
    app.switch_page("page/clone.py").run()
    changed = estimator.estimate("h100-sxm", estimator.load_node("12nm").replace(logic_density_mtr_mm2=30.0))
    assert ratios(app) == expected(changed)
    app.button(key="_drop_edits").click().run()
    assert ratios(app) == expected(est)


def test_link_is_read_and_a_bad_one_gives_defaults_and_one_sentence(start, est):
    app = start(v="1", design="a100-sxm-80", node="16nm", policy="limit", power="300")
    assert ratios(app) == expected(estimator.estimate("a100-sxm-80", "16nm", power_limit_w=300))
    app = start(v="1", node="<script>alert(1)</script>", power="1e999", clock="nan", spam="x" * 5000)
    assert ratios(app) == expected(est)
    assert len(app.warning) == 1
    assert "defaults stand in" in app.warning[0].value


def test_best_plans_of_all_nodes_are_sought_on_request(start, monkeypatch):
    nodes = ("tsmc-12ffn", "tsmc-n7")
    monkeypatch.setattr(results, "all_nodes", lambda: nodes)
    app = start(page="page/nodes.py")
    app.selectbox(key="plan").set_value("best").run()
    state = states.with_values(states.defaults(), {"plan": "best"})
    usual = states.with_values(state, {"plan": "same-units"})
    assert results.ladder_state(state, nodes) == usual
    assert any("same units" in c.value for c in app.caption)
    app.button(key="_seek_best").click().run()
    assert not app.exception
    assert not any("same units" in c.value for c in app.caption)
    rows = {r["node"]: r["ratios"]["usd_per_tflops"] for r in results.ladder(state, nodes)}
    assert rows == {n: pytest.approx(float(states.estimate_of(state, n).ratio.usd_per_tflops)) for n in nodes}
    assert all(rows[r["node"]] <= r["ratios"]["usd_per_tflops"] * (1 + 1e-9) for r in results.ladder(usual, nodes))


# --- links, copies and files as plain functions

OWN_DESIGN = 'name = "mine"\nnode = "tsmc-28hpm"\ndie_area_mm2 = 348\nclock_ghz = 0.8\npower_w = 140\n'
OWN_NODE = 'name = "my-node"\nbase = "tsmc-n7"\nwafer_cost_usd = 5000\n'
STATES = [
    {},
    {"node": "tsmc-n7", "policy": "limit", "power": 300},
    {"against": "tsmc-n3e", "policy": "clock", "clock": 0.9, "own_defects": True, "defects": 0.2},
    {"plan": "equal-throughput", "node": "tsmc-n7", "cooling": "cold-plate", "volume": 10_000, "maturity": 3},
    {"design": "mi300x", "node": "tsmc-n7"},
    {
        "edits": (
            ("design:h100-sxm.units", 140.0),
            ("model:model.interconnect_fraction", 0.2),
            ("node:tsmc-12ffn.supply_v", 0.82),
            ("node:tsmc-4n.gate_delay_ps", 4.0),
            ("node:tsmc-4n.wafer_cost_usd", 12345.0),
        )
    },
    {"node": "tsmc-4n", "edits": (("node:tsmc-4n.switched_cap_relative", 0.7),)},
    {
        "against": "tsmc-n3e",
        "edits": (
            ("node:tsmc-12ffn.supply_v", 0.82),
            ("node:tsmc-4n.gate_delay_ps", 4.0),
            ("node:tsmc-n3e.supply_v", 0.7),
        ),
    },
    {
        "design": "own",
        "node": "own",
        "design_toml": OWN_DESIGN,
        "node_toml": OWN_NODE,
        "edits": (("design:mine.power_w", 150.0), ("node:my-node.supply_v", 0.8)),
    },
]


@pytest.mark.parametrize("values", STATES)
def test_copied_python_and_command_equal_the_page(values, capsys, tmp_path, monkeypatch):
    import shlex

    from estimator.cli import main

    monkeypatch.chdir(tmp_path)
    state = states.with_values(states.defaults(), values)
    for kind in ("design", "node"):
        Path(f"own-{kind}.toml").write_text(getattr(state, f"{kind}_toml"))
    shown = states.estimate_of(state)
    space = {}
    exec(code.as_python(state), space)
    assert dict(space["est"].clone) == dict(shown.clone)
    assert dict(space["est"].ratio) == dict(shown.ratio)
    *files, command = code.as_command(state).splitlines()
    for line in files:  # these only print a node's file
        subprocess.run(line, shell=True, check=True)
    capsys.readouterr()
    words = shlex.split(command)
    assert words[:3] == ["python", "-m", "estimator"]
    assert main([*words[3:], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ratio"] == shown.to_dict()["ratio"]


@pytest.mark.parametrize(
    ("values", "axes"),
    [
        ({}, (("power_limit_w", 200.0, 1333.3, 7),)),
        ({"policy": "clock", "clock": 0.9, "cooling": "cold-plate", "maturity": 4}, (("units", 100.0, 144.0, 9),)),
        ({"edits": (("node:tsmc-12ffn.supply_v", 0.85),)}, (("clock_ghz", 0.4, 1.0, 4), ("volume", 1e4, 1e6, 3))),
    ],
)
def test_copied_sweep_equals_the_page(values, axes):
    state = states.with_values(states.defaults(), values)
    nodes = ("tsmc-12ffn", "tsmc-n7")[: 3 - len(axes)]
    space = {}
    exec(sweeps.as_python(state, nodes, axes, "tensor_tflops").replace("print(ds)", ""), space)
    assert space["ds"].equals(sweeps.swept(state, nodes, axes, "tensor_tflops"))


@pytest.mark.parametrize("values", STATES)
def test_link_round_trip(values):
    state = states.with_values(states.defaults(), values)
    view = {"tab": "Why", "headline": "cost", "field": "power_w"}
    query = parse_qs(links.as_text(state, view), keep_blank_values=True, strict_parsing=True)
    link = links.parse(query)
    assert not link.faults
    assert states.with_values(states.defaults(), link.values) == state
    assert link.view == view


def packed(data):
    return base64.urlsafe_b64encode(zlib.compress(data)).decode().rstrip("=")


@pytest.mark.parametrize(
    "query",
    [
        {"v": "99", "node": "tsmc-n7"},
        {"node": "nope"},
        {"power": "-1"},
        {"power": "700.5"},
        {"clock": "inf"},
        {"own_defects": "maybe"},
        {"volume": "7"},
        {"edits": "x"},
        {"design": "../../etc/passwd"},
        {"node": "own"},
        {"tab": "<b>"},
        {"headline": "nope"},
        {"field": "x" * 9000},
        {"edit": "x"},
        {"edit": "node:tsmc-12ffn.supply_v=nan"},
        {"edit": "node:tsmc-12ffn.supply_v=9"},
        {"edit": "node:tsmc-n7.supply_v=0.7"},
        {"edit": "cooling:../x.cost_usd=1"},
        {"edit": ["node:tsmc-12ffn.supply_v=0.8"] * 61},
        {"edit": ["node:tsmc-12ffn.supply_v=0.8", "model:model.volume=5"]},
        {"design_toml": "@@@"},
        {"design_toml": "x" * 9000},
        {"design_toml": packed(b"a" * 10_000_000)},
        {"design_toml": packed(OWN_NODE.encode())},
        {"node_toml": packed(OWN_DESIGN.encode())},
        {"design_toml": packed(OWN_DESIGN.encode())[:-20]},
        {"design_toml": packed(b"\xff\xfe")},
        {"design_toml": packed(OWN_DESIGN.replace("348", "-3").encode())},
        {"design_toml": packed(OWN_DESIGN.replace("tsmc-28hpm", "/etc/passwd.toml").encode())},
    ],
)
def test_hostile_links_change_nothing(query):
    link = links.parse(query)
    assert not link.values
    assert not link.view
    assert len(link.faults) == 1
    assert "\n" not in link.faults[0]
    assert len(link.faults[0]) < 400


def test_an_upload_too_long_for_a_link_is_said():
    noise = "".join(f"# {hash(str(k))}\n" for k in range(700))
    state = states.with_values(
        states.defaults(), {"design": "own", "design_toml": noise + OWN_DESIGN, "policy": "limit"}
    )
    assert "own design" in links.stays_here(state)
    link = links.parse(links.query(state))
    assert not link.faults
    assert link.values == {"policy": "limit"}
    assert links.stays_here(states.with_values(state, {"design_toml": OWN_DESIGN})) == ""


def shown_in_0_1(key, value):
    """How the live address of version 0.1 wrote a choice: as the control shows it."""
    if key == "volume":
        return f"{value:,}"
    return label(key, value) if key in ("design", "node", "against", "plan", "cooling", "policy") else str(value)


@pytest.mark.parametrize("values", STATES)
def test_live_address_is_read_back(values):
    state = states.with_values(states.defaults(), values)
    query = {k: shown_in_0_1(k, getattr(state, k)) for k in states.LINKED}
    link = links.parse(query | links.extra_query(state))
    assert not link.faults
    assert states.with_values(states.defaults(), link.values) == state


@pytest.mark.parametrize("values", STATES)
def test_scenario_is_toml_of_the_same_call_and_reads_back(values):
    state = states.with_values(states.defaults(), values)
    data = tomllib.loads(code.as_scenario(state))
    assert code.is_scenario(data)
    assert code.from_scenario(data) == state
    if not state.edits:
        again = estimator.estimate(
            data["design"], data["node"], reference_node=data.get("reference_node"), **data["options"]
        )
        assert dict(again.clone) == dict(states.estimate_of(state).clone)


@pytest.mark.parametrize(
    "change",
    [
        {"node": "tsmc-n7"},
        {"options": {"power_limit_w": 650}},
        {"options": {}},
        {"page": {"v": "1", "node": "nope"}},
        {"page": {"v": "1"}},
        {"edits": {"node:tsmc-12ffn.supply_v": "x"}},
        {"edits": 3},
        {"uploads": {"design": "a = 1"}},
        {"uploads": {"zzz": ""}},
        {"reference_node": "tsmc-n7"},
        {"options": {"power_limit_w": 700, "yield_model": "poisson"}},
    ],
)
def test_scenario_that_contradicts_itself_is_refused(change):
    state = states.with_values(states.defaults(), {"policy": "limit", "power": 700})
    data = tomllib.loads(code.as_scenario(state)) | change
    with pytest.raises(InputError):
        code.from_scenario(data)


def test_exports_read_back(est):
    rows = list(csv.DictReader(io.StringIO(code.as_csv(est))))
    power = next(r for r in rows if r["output"] == "power_w")
    assert float(power["clone"]) == est.power_w
    assert power["unit"] == "W"
    assert json.loads(code.as_json(est))["clone"]["power_w"] == est.power_w


def test_uploads_are_data_and_checked():
    kind, design = states.check_upload(
        'name = "mine"\nnode = "tsmc-28hpm"\ndie_area_mm2 = 348\nclock_ghz = 0.8\npower_w = 140\n'
    )
    assert (kind, design.name) == ("design", "mine")
    kind, node = states.check_upload('name = "mine"\nbase = "tsmc-n7"\nwafer_cost_usd = 5000\n')
    assert (kind, float(node.wafer_cost_usd)) == ("node", 5000.0)
    kind, design = states.check_upload('name = "mine"\nbase = "h100-sxm"\ncooling = "cold-plate"\n')
    assert (kind, design.cooling) == ("design", "cold-plate")
    with pytest.raises(InputError, match="holds a cooling"):
        states.check_upload('name = "mine"\nbase = "air"\ncoolant_c = 20\n')
    for text in (
        "clock_ghz = ",
        'node = "/etc/passwd.toml"\ndie_area_mm2 = 1\nclock_ghz = 1\npower_w = 1',
        'base = "../x.toml"',
        'node = "tsmc-n7"\ndie_area_mm2 = -5\nclock_ghz = 1\npower_w = 100',
        "dies = 3\nclock_ghz = 1",
    ):
        with pytest.raises(InputError):
            states.check_upload(text)


def test_uploaded_design_and_node_decide_the_numbers():
    text = 'name = "<img src=x>"\nnode = "tsmc-28hpm"\ndie_area_mm2 = 348\nclock_ghz = 0.8\npower_w = 140\n'
    state = states.with_values(states.defaults(), {"design": "own", "design_toml": text})
    est = states.estimate_of(state)
    assert est.reference.power_w == pytest.approx(140)
    figure = figures.dies_to_scale(est)
    assert "<img" not in figure.to_json()


# --- plans, wafer map, figures


def test_one_reticle_is_the_most_that_fits():
    options = plans.plan_options("rtx-4090", "12nm", "one-reticle")
    fits = estimator.estimate("rtx-4090", "12nm", **options)
    assert fits.dies == 1
    with pytest.raises(InfeasibleError):
        estimator.estimate("rtx-4090", "12nm", **{**options, "units": options["units"] + 1})
    with pytest.raises(InfeasibleError, match="reticle"):
        plans.plan_options("h100-sxm", "65nm", "one-reticle")


def test_equal_throughput_is_the_least_that_does():
    options = plans.plan_options("h100-sxm", "7nm", "equal-throughput")
    enough = estimator.estimate("h100-sxm", "7nm", **options)
    assert enough.ratio.tensor_tflops >= 1 - 1e-9
    fewer = {"units": options["units"] - 2, "units_enabled": options["units_enabled"] - 2}
    assert estimator.estimate("h100-sxm", "7nm", **fewer).ratio.tensor_tflops < 1


def test_wafer_map_averages_are_the_yields(est):
    good, sold, dies = 0, 0, 0
    for seed in range(400):
        wafer = wafermap.wafer_of(est, seed=seed)
        good, sold = good + (wafer.state == wafermap.GOOD).sum(), sold + (wafer.state > wafermap.DEAD).sum()
        dies += wafer.state.size
    assert good / dies == pytest.approx(est.yield_fraction, abs=0.02)
    assert sold / dies == pytest.approx(est.sellable_fraction, abs=0.02)
    again = wafermap.wafer_of(est, seed=7)
    assert np.array_equal(again.state, wafermap.wafer_of(est, seed=7).state)
    assert not np.array_equal(again.x_mm, wafermap.wafer_of(est, seed=8).x_mm)


@pytest.mark.parametrize("dark", [False, True])
def test_every_figure_has_fixed_axes_and_alternative_text(est, dark, check_figure):
    rows = figures.ladder_rows(est.design, [estimator.load_node(n) for n in ("28nm", "12nm", "7nm")], {})
    sampled = estimator.estimate("h100-sxm", "12nm", samples=64)
    spans = {n: tuple(sampled.samples.ratio_interval(n)) for n in ("die_area_mm2", "power_w")}
    made = [
        figures.dies_to_scale(est, dark=dark),
        figures.causes_waterfall(est, "power", dark=dark),
        figures.ladder_figure(rows, "power_w", here="tsmc-12ffn", dark=dark),
        figures.voltage_frequency(est, dark=dark),
        figures.power_clock(est, dark=dark),
        figures.power_split(est, dark=dark),
        figures.cost_parts(est, dark=dark),
        figures.cost_waterfall(est, dark=dark),
        figures.wafer_figure(wafermap.wafer_of(est), dark=dark),
        figures.interval_plot(est, spans, dark=dark),
        figures.small_multiples(rows, ["power_w", "die_area_mm2"], dark=dark),
        figures.ranking_plot(est.sensitivity(points=64, count=4), "area", dark=dark),
    ]
    for figure in made:
        assert len(figures.alt_text(figure)) > 30
        assert figure.layout.xaxis.fixedrange
        check_figure(figure)


@pytest.mark.parametrize("headline", ["area", "power", "cost", "time"])
def test_waterfall_multiplies_to_the_ratio(est, headline):
    from estimator.model.causes import HEADLINE_FIELD
    from estimator.model.views import ordered_causes

    product = math.prod(f for _, f in ordered_causes(est.causes[headline]))
    assert product == pytest.approx(float(est.ratio[HEADLINE_FIELD[headline]]), rel=1e-9)


def test_method_steps_and_parameters(est):
    assert len(steps.steps(est)) == 9
    table = parameters.rows(states.defaults())
    assert len(table) > 100
    assert all(r["low"] <= r["central"] <= r["high"] for r in table)
    assert parameters.matching(table, "wafer price 12FFN")
    assert not parameters.matching(table, "zebra")
    for key, value in (
        ("node:tsmc-12ffn.supply_v", 9.0),
        ("node:tsmc-12ffn.nope", 1.0),
        ("node:tsmc-n7.gate_delay_ps", 1.0),
    ):
        with pytest.raises(InputError):
            parameters.with_edits(states.defaults(), {key: value})


def outcome(state):
    est = states.estimate_of(state)
    return dict(est.clone), dict(est.ratio)


ACT_ELSEWHERE = {
    "limits of an option or of a note": {
        "supply_min_v",
        "supply_max_v",
        "reticle_height_mm",
        "junction_max_c",
        "interposer_max_area_mm2",
    },
    "supply, ownership, prices and rules": {
        "wafer_capacity_per_month",
        "cycle_weeks",
        "electricity_usd_kwh",
        "pue",
        "utilisation",
        "life_years",
        "price_usd",
        "host_cost_usd",
        "host_power_w",
    },
    "intervals and wafer maps": {
        "area_error_log_sd",
        "clock_error_log_sd",
        "power_error_log_sd",
        "cost_error_log_sd",
        "sellable_error_log_sd",
        "error_distance",
        "pair_correlation",
        "density_correlation",
        "family_correlation",
        "line_correlation",
        "line_correlation_years",
        "defect_cluster_length_mm",
    },
    "another layout, stacked dies, planar processes and spread": {
        "ageing_guard_fraction",
        "bond_resistance_k_mm2_w",
        "leakage_voltage_scale_planar_v",
        "register_area_fraction",
        "register_delay_fraction",
        "register_growth_exponent",
        "register_power_fraction",
        "repipelined_clock_gain",
        "speed_bin_fraction",
    },
    "guards and limits that do not bind here": {
        "air_flow_m3_s",
        "air_heat_j_m3_k",
        "constant_power_most",
        "gddr_pin_rate_max_gb_s",
        "leakage_gain_most",
        "leakage_power_most",
        "memory_pin_rate_max_gb_s",
        "module_power_max_w",
        "serdes_rate_max_gb_s",
        "link_lane_gb_s",
    },
    "designs that say less, other sizes, workloads and classes of product": {
        "activity",
        "clock_shipped_ghz",
        "complexity_exponent",
        "cooler_cost_usd_w",
        "cooling_margin_k",
        "port_realisation_compatible",
        "port_supply_kept",
        "shipped_clock_gates",
        "stack_supply_of_nominal",
        "supply_floor_of_nominal",
        "supply_top_of_nominal",
        "wire_share_most",
        "memory_time_fraction",
        "clock_max_ghz",
        "board_floor_fraction",
        "board_limit_w",
    },
    "other plans, designs or yield models": {
        "workload_intensity_flop_byte",
        "unit_power_fraction",
        "critical_layers",
        "io_die_power_fraction",
    },
}


def test_every_editable_number_really_acts_or_is_refused():
    """No silent edit: what may be edited changes some output of the estimate, or something else that the page shows."""
    state = states.defaults()
    base = outcome(state)
    idle = []
    for row in parameters.rows(state):
        if not row["editable"]:
            continue
        moved = row["high"] if row["high"] != row["central"] else row["central"] * 1.05 or FIELDS[row["name"]].high
        try:
            if outcome(parameters.with_edits(state, {row["key"]: moved})) == base:
                idle.append(row["name"])
        except (InputError, InfeasibleError):
            continue
    assert sorted(set(idle) - set().union(*ACT_ELSEWHERE.values())) == []


@pytest.mark.parametrize(
    ("values", "key", "value", "side"),
    [
        ({}, "node:tsmc-4n.gate_delay_ps", 4.0, "clone"),
        ({}, "memory:hbm3.cost_usd_gb", 25.0, "clone"),
        ({}, "node:tsmc-4n.wafer_cost_usd", 9000.0, "reference"),
        ({"node": "tsmc-4n"}, "node:tsmc-4n.wafer_cost_usd", 9000.0, "clone"),
        ({"against": "tsmc-n3e"}, "node:tsmc-n3e.wafer_cost_usd", 9000.0, "reference"),
    ],
)
def test_numbers_of_home_and_reference_can_be_edited(values, key, value, side):
    state = states.with_values(states.defaults(), values)
    changed = parameters.with_edits(state, {key: value})
    assert states.edits_in_use(changed) == {key: value}
    assert [r["key"] for r in parameters.rows(changed) if r["edited"]] == [key]
    before, after = (getattr(states.estimate_of(s), side) for s in (state, changed))
    assert dict(before) != dict(after)


def test_no_folder_named_pages():
    """Streamlit would list its scripts itself, and say "page not found" to the first visitor of a deep link."""
    assert not (ROOT / "pages").exists()


def test_every_limit_has_its_words():
    """A limit binds a clock, or is a wall of an impossible plan; a request is never a wall, the reticle never a clock's limit."""
    from estimator.model.limits import LIMIT_WORDS
    from estimator.physics.operating_point import LIMITS

    assert set(LIMIT_WORDS) == set(LIMITS)
    assert {name for name, words in LIMIT_WORDS.items() if words.binds} == set(LIMITS) - {"reticle", "package"}
    assert {name for name, words in LIMIT_WORDS.items() if words.wall} == set(LIMITS) - {"requested"}
    assert {name for name, words in LIMIT_WORDS.items() if words.beyond} == set(LIMITS) - {"requested"}


def test_memory_stacks_on_a_package_that_carries_none_are_noted():
    est = estimator.estimate("h100-sxm", "12nm", package="organic")
    assert any("carries no memory stacks" in n for n in est.notes)
    assert not any("carries no memory stacks" in n for n in estimator.estimate("h100-sxm", "12nm").notes)


def test_dies_to_scale_draws_each_kind_of_die_at_its_size():
    est = estimator.estimate("mi300x", "7nm")
    told = [t.text for t in figures.dies_to_scale(est).data if t.text]
    assert len(told) == 4
    assert told[0].startswith("original: 8 × 115 mm² compute")
    assert told[1].startswith("original: 4 × 370 mm² I/O")


@pytest.mark.parametrize("total", ["power_w", "unit_cost_usd"])
@pytest.mark.parametrize("design", ["h100-sxm", "mi300x"])
def test_parts_in_a_figure_add_up_to_their_total(total, design):
    from estimator.model.views import parts_of

    made = estimator.estimate(design, "7nm")
    parts = parts_of(made, total)
    assert sum(p.reference for p in parts) == pytest.approx(made.reference[total], rel=1e-9)
    assert sum(p.clone for p in parts) == pytest.approx(made.clone[total], rel=1e-9)
    assert sum(p.change for p in parts) == pytest.approx(made.clone[total] - made.reference[total], rel=1e-9)


def test_workings_of_the_method_page_give_the_outputs_that_stand_beside_them(est):
    from estimator.model.views import workings

    w = workings(est)
    assert w.yield_fraction == pytest.approx(est.yield_fraction, rel=1e-9)
    assert 1 / (w.gate_part_ns + w.wire_part_ns) == pytest.approx(w.timing_clock_ghz, rel=1e-9)
    assert w.coolant_c + w.resistance_k_w * w.die_w == pytest.approx(est.junction_c, rel=1e-6)
    assert w.switched_w * est.supply_v**2 * est.clock_ghz == pytest.approx(est.power_dynamic_w, rel=1e-6)
    assert est.power_w * w.board_loss_fraction == pytest.approx(est.power_board_w, rel=1e-9)


# --- what page and figures may reach for

PAGE_FILES = [ROOT / "app.py", *sorted((ROOT / "page").rglob("*.py"))]


def deeper_than_a_folder(code):
    """Modules that some code imports from within a folder of the estimator."""
    named = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            named += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            within = [f"{node.module}.{alias.name}" for alias in node.names]
            folder = ROOT / node.module.replace(".", "/")
            named += [node.module, *(n for n in within if (folder / f"{n.rpartition('.')[2]}.py").exists())]
    return sorted({n for n in named if n.startswith("estimator.") and n.count(".") > 1})


@pytest.mark.parametrize("path", PAGE_FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_the_page_imports_public_names_of_folders(path):
    assert deeper_than_a_folder(path.read_text("utf-8")) == []


def test_an_import_from_within_a_folder_is_found():
    assert deeper_than_a_folder("from estimator.uses.plans import PLANS") == ["estimator.uses.plans"]
    assert deeper_than_a_folder("def f():\n    from estimator.uses import plans") == ["estimator.uses.plans"]
    assert deeper_than_a_folder("import estimator.model.chain as c") == ["estimator.model.chain"]
    assert deeper_than_a_folder("from estimator import uses, arrays\nfrom estimator.uses import PLANS") == []


@pytest.mark.parametrize(
    "path", [*PAGE_FILES, *sorted((ROOT / "estimator/figures").glob("*.py"))], ids=lambda p: p.name
)
def test_page_and_figures_read_the_inside_of_an_estimate_through_views(path):
    """What a side was computed from is read in `estimator.model.views` alone."""
    read = {n.attr for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Attribute)}
    assert not read & {"sides", "quantities"}, path
