"""What a visitor takes along: a link, a scenario and figures reproduce in another browser what this one showed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from visitor import shown_ratios

from page.shared import code, links
from page.shared import state as states

pytestmark = pytest.mark.browser
OWN_DESIGN = 'name = "mine"\nnode = "tsmc-28hpm"\ndie_area_mm2 = 348\nclock_ghz = 0.8\npower_w = 140\n'
EDITS = (("node:tsmc-28hpm.wafer_cost_usd", 2000.0), ("node:tsmc-n7.supply_v", 0.8))
SIZE = {"width": 1280, "height": 800}


def shown(state):
    """The four ratios of a state, as the page writes them."""
    return shown_ratios(states.estimate_of(state))


def full_state():
    return states.with_values(
        states.defaults(),
        {
            "design": "own",
            "design_toml": OWN_DESIGN,
            "node": "tsmc-n7",
            "policy": "limit",
            "power": 150,
            "own_defects": True,
            "defects": 0.2,
            "edits": EDITS,
        },
    )


def upload(visit, path):
    visit.page.get_by_text("Your own chip or process").click()
    visit.page.locator('input[type="file"]').set_input_files(str(path))


def test_link_with_upload_edits_and_view_is_read_shown_and_passed_on(visit, visit_of):
    state = full_state()
    visit.open("?" + links.as_text(state, {"tab": "Why", "headline": "cost"}))
    visit.wait_ratios(shown(state))
    assert visit.page.get_by_test_id("stAlert").count() == 1
    assert "Edited values in use" in visit.page.get_by_test_id("stAlert").inner_text()
    assert visit.page.get_by_role("tab", name="Why").get_attribute("aria-selected") == "true"
    visit.page.get_by_text("recurring cost of one GPU, clone over original").first.wait_for(timeout=10_000)
    visit.page.reload()  # the live address carries all of it
    visit.wait_ratios(shown(state))
    visit.open_tab("Share")
    link = visit.page.get_by_test_id("stCode").first.inner_text().strip()
    query = parse_qs(urlsplit(link).query)
    assert query["edit"] == [f"{k}={v!r}" for k, v in EDITS]
    assert (query["tab"], query["headline"]) == (["Why"], ["cost"])
    friend = visit_of(viewport=SIZE)
    friend.open(link.split("/", 3)[3])
    friend.wait_ratios(shown(state))
    assert friend.page.get_by_role("tab", name="Why").get_attribute("aria-selected") == "true"
    assert friend.complaints == []


def test_home_number_edited_on_the_method_page_acts_on_the_clone(visit):
    visit.open("method")
    visit.page.get_by_placeholder("e.g. wafer price").fill("home process gate delay")
    visit.page.keyboard.press("Enter")
    visit.settle()
    value = visit.page.get_by_role("spinbutton", name="Value [ps]")
    value.fill("4")
    value.press("Enter")
    visit.settle()
    visit.page.get_by_role("button", name="Use this value").click()
    visit.page.get_by_text("Edited values in use").wait_for(timeout=10_000)
    visit.settle()
    visit.go_to("Clone")
    edited = states.with_values(states.defaults(), {"edits": (("node:tsmc-4n.gate_delay_ps", 4.0),)})
    visit.wait_ratios(shown(edited))
    assert "gate delay" in visit.page.get_by_test_id("stAlert").inner_text()


def test_hostile_uploads_and_edits_in_a_link_give_defaults_and_one_sentence(visit):
    bomb = "eJ" + "A" * 7000
    visit.open(
        f"?v=1&design=own&design_toml={bomb}&edit=node:tsmc-12ffn.supply_v=9&edit=%3Cimg%20src=x%3E&headline=zzz"
    )
    visit.wait_ratios(shown(states.defaults()))
    alert = visit.page.get_by_test_id("stAlert")
    assert alert.count() == 1
    assert "defaults stand in" in alert.inner_text()
    assert visit.foreign() == []


def test_scenario_is_saved_and_uploaded_again(visit, visit_of, tmp_path):
    state = full_state()
    visit.open("?" + links.as_text(state) + "&tab=Share")
    visit.wait_ratios(shown(state))
    data = visit.download("Scenario (TOML)")
    assert code.from_scenario(tomllib.loads(data.decode())) == state
    file = tmp_path / "scenario.toml"
    file.write_bytes(data)
    other = visit_of(viewport=SIZE)
    other.open()
    upload(other, file)
    other.wait_ratios(shown(state))
    assert "Edited values in use" in other.page.get_by_test_id("stAlert").inner_text()
    assert "power=150" in other.page.url
    other.page.reload()
    other.wait_ratios(shown(state))
    wrong = tmp_path / "wrong.toml"
    wrong.write_bytes(data.replace(b"power_limit_w = 150", b"power_limit_w = 151"))
    last = visit_of(viewport=SIZE)
    last.open()
    upload(last, wrong)
    last.page.get_by_text("contradicts itself").wait_for(timeout=10_000)
    last.wait_ratios(shown(states.defaults()))


def check_image(name, data):
    if name == "SVG":
        root = ElementTree.fromstring(data)
        assert root.tag.endswith("svg")
        assert any(e.tag.endswith("text") for e in root.iter())
    else:
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        assert data[-8:-4] == b"IEND"


def test_every_chart_is_saved_as_svg_and_as_png(visit, visit_of, tmp_path):
    visit.open("?tab=Share")
    page = visit.page
    for name in ("PNG", "SVG"):
        page.get_by_role("radio", name=name).click()
        visit.settle()
        page.locator(".js-plotly-plot").last.hover()
        with page.expect_download(timeout=15_000) as info:
            page.locator(".js-plotly-plot").last.locator('.modebar-btn[data-title*="ownload"]').click()
        assert info.value.suggested_filename == f"chip-scaling-dies-to-scale.{name.lower()}"
        check_image(name, Path(info.value.path()).read_bytes())
    page.get_by_role("radio", name="PNG").click()
    visit.settle()
    visit.open_tab("Overview")  # the choice holds for all charts
    page.wait_for_selector(".js-plotly-plot .main-svg")
    page.locator(".js-plotly-plot").last.hover()
    with page.expect_download(timeout=15_000) as info:
        page.locator(".js-plotly-plot").last.locator('.modebar-btn[data-title*="ownload"]').click()
    check_image("PNG", Path(info.value.path()).read_bytes())
    visit.open_tab("Share")
    file = tmp_path / "figure.html"
    file.write_bytes(visit.download("This figure (HTML, works offline)"))
    alone = visit_of(viewport=SIZE, offline=True)
    alone.page.goto(file.as_uri())
    for name in ("SVG", "PNG"):
        check_image(name, alone.download(f"Save as {name}"))
    assert all(r.startswith(("file:", "blob:", "data:")) for r in alone.requests)
    assert alone.complaints == []
