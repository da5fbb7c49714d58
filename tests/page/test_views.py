"""The story, the tray and the address without a browser."""

import math
import re
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest

pytest.importorskip("streamlit")
pytest.importorskip("plotly")

import estimator
from estimator import figures
from page.shared import links, results, story, tray
from page.shared import state as states


def state_with(**values):
    return states.with_values(states.defaults(), values)


def test_story_opens_on_the_start_page_and_its_control_moves_numbers_and_state(start):
    app = start("page/story.py")
    assert any("On TSMC 12FFN the work of one H100" in m.value for m in app.markdown)
    app.select_slider(key="_story_node").set_value("tsmc-n7").run()
    assert not app.exception
    est = estimator.estimate("h100-sxm", "7nm")
    said = next(m.value for m in app.markdown if "On TSMC N7 the work of one H100" in m.value)
    assert f"{est.same_work.clones_for_same_work:.2f} clones" in said.replace("\\", "")
    assert app.query_params["node"] == "tsmc-n7"


def test_story_draws_what_no_package_carries_and_says_so():
    scene = results.scene(state_with(node="tsmc-28hpm"))
    assert scene.wall.limited_by == "package"
    told = story.Told(scene, "recurring")
    assert "package" in told.wall()
    assert "No package made today carries that" in story.STEPS[4].words(told).replace("\\", "")


@pytest.mark.parametrize("node", ["tsmc-12ffn", "tsmc-n2"])
def test_titles_of_steps_follow_their_numbers(node):
    told = story.Told(results.scene(state_with(node=node)), "recurring")
    titles = [step.title(told) for step in story.STEPS]
    assert ("larger" in titles[1]) == (told.est.ratio.die_area_mm2 > 1)
    assert ("slower" in titles[2]) == (told.est.ratio.seconds_per_eflop > 1)
    assert ("outgrows" in titles[4]) == (node == "tsmc-12ffn")


def test_figures_of_story_lanes_tray_and_supply_are_sound(check_figure):
    scene = results.scene(states.defaults())
    check_figure(figures.story_picture(scene.est, scene.wafers))
    rows = results.ladder(states.defaults(), results.all_nodes())
    check_figure(figures.lanes_figure(rows, "power_w", here="tsmc-12ffn", home="tsmc-4n"))
    columns = [tray.column(links.as_text(state_with(node=n))) for n in ("tsmc-4n", "smic-n+2")]
    check_figure(figures.tray_picture([c.name for c in columns], tray.panels(columns), title="t", credit="c"))
    years = estimator.uses.over_years(scene.est, [2025.0, 2027.0])
    check_figure(figures.supply_fan([2025.0, 2027.0], [y and y.gpus for y in years], (0.5, 1.5), words="GPUs"))


def test_tray_compares_with_the_first_and_says_what_is_impossible():
    home, clone, never = (tray.column(links.as_text(state_with(node=n))) for n in ("tsmc-4n", "tsmc-n7", "tsmc-65"))
    est = estimator.estimate("h100-sxm", "7nm")
    assert clone.values["power_w"] == est.power_w
    power = next(line for line in tray.table([home, clone]) if line[""] == "power")
    assert f"× {est.power_w / est.reference.power_w:.2f}" in power[clone.name]
    assert "not possible" in never.fault
    assert tray.as_markdown([home, clone]).startswith("|  | H100 SXM5 80 GB")


def test_pins_and_choices_of_pages_are_in_the_link():
    pins = [links.as_text(state_with(node=n)) for n in ("tsmc-n7", "smic-n+2")]
    query = links.query(states.defaults(), {"basis": "price", "nodes_field": "power_w", "claim": "bigger-die"}, pins)
    found = links.parse(query)
    assert found.faults == []
    assert found.pins == pins
    assert found.view == {"basis": "price", "nodes_field": "power_w", "claim": "bigger-die"}
    assert tray.state_of(pins[1]).node == "smic-n+2"
    for bad in (["node=nope"], pins * 3, ["pin=x", "design=own"]):
        assert len(links.parse({"pin": bad}).faults) >= 1


def test_going_back_in_the_browser_undoes_a_change_and_a_late_address_does_not(start):
    app = start(v="1", node="tsmc-n7")
    app.slider(key="maturity").set_value(3).run()
    assert parse_qs("&".join(f"{k}={v}" for k, v in app.query_params.items()))["maturity"] == ["3"]
    app.query_params.pop("maturity")  # the address of before, and no control moved: Back
    app.run()
    assert app.slider(key="maturity").value == -1
    app.slider(key="maturity").set_value(5)
    app.query_params["v"] = "1"
    app.query_params.pop("node")  # a control moved: the address came late
    app.run()
    assert app.slider(key="maturity").value == 5
    assert app.selectbox(key="node").value == "tsmc-n7"


def test_one_basis_of_money_holds_for_all(start):
    app = start(basis="price")
    est = estimator.estimate("h100-sxm", "12nm")
    ratio = est.same_work.all_in_for_same_work_usd / est.reference.full_cost_usd
    assert app.metric[3].label == "Dearer price, same work"
    assert app.metric[3].value == f"× {ratio:.2f}"


@pytest.mark.parametrize("page", ["page/compare.py", "page/supply.py", "page/claims.py"])
def test_new_pages_run(start, page):
    assert len(start(page).error) == 0


def test_equations_show_any_number_and_the_wafer_that_was_asked_for():
    from page.shared.steps import _n, steps

    assert [_n(v) for v in (2e-12, 3e-5, 1e-100)] == [
        rf"{m}\cdot 10^{{{e}}}" for m, e in (("2.00", -12), ("3.00", -5), ("1.00", -100))
    ]
    est = estimator.estimate("h100-sxm", "12nm", **{"model.wafer_diameter_mm": 200})
    assert "fit a 200 mm wafer" in steps(est)[1].sentence


@pytest.mark.parametrize(
    ("node", "layout"), [("tsmc-n3e", "redesign"), ("tsmc-12ffn", "redesign"), ("tsmc-12ffn", "repipelined")]
)
def test_the_story_names_every_cause_of_the_clock(node, layout):
    """On one die and on four: what is named of the clock multiplies to its ratio, up to what is too small to be told."""
    told = SimpleNamespace(est=estimator.estimate("h100-sxm", node, layout=layout))
    said = story._slower(told)
    clock = [float(n) for n in re.findall(r"× (\d+\.\d+)", said.split("**. ")[0].split("On top")[0])]
    assert len(clock) >= 3
    ratio = told.est.reference.clock_ghz / told.est.clock_ghz
    assert math.prod(clock) == pytest.approx(ratio, rel=0.02)
