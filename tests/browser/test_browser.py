"""The page in a real browser: numbers equal `estimate()`, links, keyboard, phone width, dark, no foreign request."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from pathlib import Path

import pytest
from visitor import shown_ratios

import estimator

pytestmark = pytest.mark.browser
SHOTS = Path(__file__).parent / "shots"


def expected(design="h100-sxm", node="12nm", **options):
    return shown_ratios(estimator.estimate(design, node, **options))


def shot(visit, name):
    SHOTS.mkdir(exist_ok=True)
    visit.page.screenshot(path=str(SHOTS / f"{name}.png"))


def test_first_view_answers_without_scrolling_and_asks_no_other_host(visit):
    visit.open()
    visit.wait_ratios(expected())
    visit.page.wait_for_selector(".js-plotly-plot .main-svg")
    words = ("Why not just build", "For the work of one", "Why not faster", "Beyond what is made today")
    tiles = visit.page.query_selector_all('[data-testid="stMetric"]')[:4]
    for found in (*(visit.page.get_by_text(w).first for w in words), visit.page.get_by_text("ghost").first, *tiles):
        assert found.bounding_box()["y"] + found.bounding_box()["height"] < 800
    visit.page.wait_for_timeout(500)
    shot(visit, "start")
    assert visit.foreign() == []
    assert visit.complaints == []


def test_select_boxes_and_sliders_show_estimates_numbers(visit):
    visit.open()
    visit.choose("and build it on", "7nm")
    visit.wait_ratios(expected(node="7nm"))
    visit.choose("and build it on", "TSMC 12FFN")
    visit.wait_ratios(expected())
    visit.press("Process maturity", "ArrowRight", 9)  # from "by the calendar" (-1)
    visit.wait_ratios(expected(maturity_quarters=8))
    visit.page.get_by_text("Power limit", exact=True).click()
    visit.wait_ratios(expected(maturity_quarters=8, power_limit_w=700))
    visit.press("Module power", "ArrowLeft", 5)
    visit.wait_ratios(expected(maturity_quarters=8, power_limit_w=650))
    assert "power=650" in visit.page.url
    visit.page.get_by_text("Fixed clock", exact=True).click()
    visit.press("Clock [GHz]", "ArrowLeft", 25)
    visit.wait_ratios(expected(maturity_quarters=8, clock_ghz=1.15))
    assert visit.complaints == []


def test_every_other_slider_shows_estimates_numbers(visit):
    visit.open()
    visit.choose("What to build", "Same units, chosen dies")
    visit.wait_ratios(expected(dies=4))
    visit.press("Dies per GPU", "ArrowRight", 4)
    visit.wait_ratios(expected(dies=8))
    visit.page.get_by_text("Set the defect density myself").click()
    visit.page.get_by_role("slider", name="Defect density").wait_for(timeout=10_000)
    visit.press("Defect density", "ArrowRight", 10)
    visit.wait_ratios(expected(dies=8, defect_density_per_cm2=0.2))
    visit.page.get_by_text("Fixed power", exact=True).click()
    visit.page.get_by_role("slider", name="Module power").wait_for(timeout=10_000)
    visit.press("Module power", "ArrowRight", 5)
    visit.wait_ratios(expected(dies=8, defect_density_per_cm2=0.2, power_w=750))
    visit.press("Units made", "ArrowLeft", 5)
    visit.page.wait_for_function("() => location.search.includes('volume=10')", timeout=10_000)
    visit.open_tab("Share")
    est = json.loads(visit.download("Results (JSON)"))
    wanted = estimator.estimate("h100-sxm", "12nm", dies=8, defect_density_per_cm2=0.2, power_w=750, volume=10_000)
    assert est["clone"]["full_cost_usd"] == pytest.approx(wanted.full_cost_usd)
    assert visit.ratios() == expected(dies=8, defect_density_per_cm2=0.2, power_w=750, volume=10_000)
    assert visit.complaints == []


def test_charts_follow_the_numbers(visit):
    visit.open("?tab=Why")
    bars = "() => [...document.querySelectorAll('.js-plotly-plot')].flatMap(p => p.data.map(d => d.text)).flat()"
    visit.page.locator(".js-plotly-plot .main-svg").nth(1).wait_for()
    before = visit.page.evaluate(bars)
    ratio = estimator.estimate("h100-sxm", "12nm").ratio.seconds_per_eflop
    assert any(f"{ratio:.3g}" in str(t) for t in before)
    visit.choose("and build it on", "7nm")
    visit.wait_ratios(expected(node="7nm"))
    ratio = estimator.estimate("h100-sxm", "7nm").ratio.seconds_per_eflop
    visit.page.wait_for_function(f"() => ({bars})().some(t => String(t).includes('{ratio:.3g}'))", timeout=10_000)


def test_permalink_reproduces_the_state(visit, visit_of):
    visit.open("?v=1&design=a100-sxm-80&node=16nm&policy=limit&power=300&tab=Share")
    wanted = expected("a100-sxm-80", "16nm", power_limit_w=300)
    visit.wait_ratios(wanted)
    link = visit.page.get_by_test_id("stCode").first.inner_text().strip()
    assert "node=tsmc-16ff" in link
    other = visit_of(viewport={"width": 1280, "height": 800})
    other.open(link.split("/", 3)[3])
    other.wait_ratios(wanted)
    third = visit_of(viewport={"width": 1280, "height": 800})
    third.open(visit.page.url.split("/", 3)[3])  # the live address works too
    third.wait_ratios(wanted)


def test_hostile_link_gives_defaults_and_one_sentence(visit):
    visit.open("?v=1&node=%3Cimg%20src%3Dhttp%3A%2F%2Fevil.example%2Fx%3E&power=1e999&zzz=1")
    visit.wait_ratios(expected())
    alert = visit.page.get_by_test_id("stAlert")
    assert alert.count() == 1
    assert "defaults stand in" in alert.inner_text()
    assert visit.foreign() == []


def test_infeasible_is_said_and_one_click_leads_back(visit):
    visit.open("?v=1&policy=clock&clock=4")
    assert "not possible" in visit.page.get_by_test_id("stAlert").inner_text()
    visit.page.get_by_role("button", name=re.compile("^Use ")).click()
    visit.page.wait_for_function(
        "() => document.querySelectorAll('[data-testid=\"stMetricValue\"]').length >= 4", timeout=10_000
    )


def test_uploads_good_and_bad(visit, tmp_path):
    visit.open()
    visit.page.get_by_text("Your own chip or process").click()
    bad = tmp_path / "bad.toml"
    bad.write_text('node = "tsmc-n7"\ndie_area_mm2 = -3\nclock_ghz = 1\npower_w = 100\n')
    visit.page.locator('input[type="file"]').set_input_files(str(bad))
    visit.page.get_by_test_id("stAlert").first.wait_for(timeout=10_000)
    assert "die_area_mm2" in visit.page.get_by_test_id("stAlert").first.inner_text()
    good = tmp_path / "good.toml"
    text = 'name = "x"\nlabel = "![a](http://evil.example/b) <img src=http://evil.example/c>"\n'
    good.write_text(text + 'node = "tsmc-28hpm"\ndie_area_mm2 = 348\nclock_ghz = 0.8\npower_w = 140\n')
    visit.page.locator('input[type="file"]').set_input_files(str(good))
    own = estimator.Design(name="x", node="tsmc-28hpm", die_area_mm2=348, clock_ghz=0.8, power_w=140)
    visit.wait_ratios(expected(own))
    for tab in ("Slow", "Cost", "Why", "Share"):
        visit.page.get_by_role("tab", name=tab, exact=True).click()
        visit.settle()
    assert visit.foreign() == []


def test_downloads_read_back(visit):
    visit.open("?tab=Share")
    est = estimator.estimate("h100-sxm", "12nm")
    names = ("Scenario (TOML)", "Results (JSON)", "Results (CSV)", "This figure (HTML, works offline)")
    found = {name: visit.download(name).decode() for name in names}
    assert tomllib.loads(found["Scenario (TOML)"])["design"] == "h100-sxm"
    assert json.loads(found["Results (JSON)"])["clone"]["power_w"] == pytest.approx(est.power_w)
    rows = {r["output"]: r for r in csv.DictReader(found["Results (CSV)"].splitlines())}
    assert float(rows["die_area_mm2"]["clone"]) == pytest.approx(est.die_area_mm2)
    assert "plotly" in found["This figure (HTML, works offline)"]


def test_keyboard_only(visit):
    visit.open()
    visit.page.get_by_role("tab", name="Overview").focus()
    visit.page.keyboard.press("ArrowRight")
    visit.page.keyboard.press("Enter")
    visit.settle()
    assert visit.page.get_by_role("tab", name="Slow").get_attribute("aria-selected") == "true"
    visit.page.get_by_role("combobox", name="and build it on").focus()
    visit.page.keyboard.type("7nm")
    visit.page.get_by_role("option").first.wait_for(timeout=5000)
    visit.page.keyboard.press("Enter")
    visit.wait_ratios(expected(node="7nm"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_phone_width(visit_of, scheme):
    visit = visit_of(viewport={"width": 390, "height": 844}, color_scheme=scheme, is_mobile=True, has_touch=True)
    visit.open()
    visit.wait_ratios(expected())
    visit.page.wait_for_selector(".js-plotly-plot .main-svg")
    wide = visit.page.evaluate("() => document.querySelector('[data-testid=\"stMain\"]').scrollWidth")
    assert wide <= 391
    background = visit.page.evaluate(
        "() => getComputedStyle(document.querySelector('[data-testid=\"stApp\"]')).backgroundColor"
    )
    level = sum(int(v) for v in re.findall(r"\d+", background)[:3])
    assert (level < 200) if scheme == "dark" else (level > 600)
    shot(visit, f"phone-{scheme}")
    assert visit.complaints == []


def test_other_pages_keep_the_state(visit):
    visit.open("?v=1&node=7nm")
    visit.go_to("Nodes")
    visit.page.wait_for_selector(".js-plotly-plot .main-svg", timeout=20_000)
    assert "node=tsmc-n7" in visit.page.url
    shot(visit, "nodes")
    visit.go_to("Method")
    visit.page.get_by_text("Step by step").wait_for(timeout=20_000)
    shot(visit, "method")
    visit.go_to("Validation")  # a page without the controls of a chip
    visit.go_to("Clone")
    visit.wait_ratios(expected(node="7nm"))
    assert visit.foreign() == []
    assert visit.complaints == []


def test_story_follows_its_control_ends_in_the_tool_and_back_undoes(visit):
    visit.open("")
    said = visit.page.get_by_text("the work of one H100", exact=False).first
    assert "TSMC 12FFN" in said.inner_text()
    visit.press("Build it on", "ArrowLeft")
    visit.page.get_by_text("On TSMC 10FF the work of one").wait_for(timeout=10_000)
    visit.settle()
    assert "node=tsmc-10ff" in visit.page.url
    visit.page.get_by_role("button", name="Change the power").click()
    visit.wait_ratios(expected(node="10nm"))
    assert visit.page.get_by_role("tab", name="Hot").get_attribute("aria-selected") == "true"
    visit.press("Units made", "ArrowLeft")
    visit.page.wait_for_function("() => location.search.includes('volume=')", timeout=10_000)
    visit.settle()
    visit.page.go_back()
    visit.page.wait_for_function("() => !location.search.includes('volume=')", timeout=10_000)
    visit.settle()
    assert visit.page.get_by_role("slider", name="Units made").get_attribute("aria-valuetext") in ("500,000", None)
    assert visit.ratios() == expected(node="10nm")
    assert visit.foreign() == []
    assert visit.complaints == []


def test_pinned_scenarios_are_in_the_link_and_in_the_table(visit, visit_of):
    visit.open("?v=1&node=7nm")
    visit.go_to("Compare")
    visit.page.get_by_role("button", name="Pin the chosen one").click()
    visit.settle()
    visit.page.get_by_role("button", name="H20", exact=True).click()
    visit.settle()
    visit.page.wait_for_function("() => location.search.split('pin=').length === 3", timeout=10_000)
    table = visit.download("Markdown").decode()
    assert "H100 SXM5 80 GB on TSMC N7" in table
    assert "H20 96 GB" in table
    friend = visit_of(viewport={"width": 1280, "height": 800})
    friend.open(visit.page.url.split("/", 3)[3])
    assert friend.download("Markdown").decode() == table
