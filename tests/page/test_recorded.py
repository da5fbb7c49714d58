"""Links and scenario files of version 0.1 open today and show what the model says of their choices.

The numbers were recorded anew where the model moved on purpose (operating point, walls and costs).
Addresses and files are as they were.

They were written by that version's own page, with what its tiles said and the numbers behind them: six links as *Share*
writes them, two addresses as they stood in the browser, two scenario files.
"""

import json
import tomllib
from urllib.parse import parse_qs

import pytest

pytest.importorskip("streamlit")
pytest.importorskip("plotly")

from estimator.errors import InfeasibleError
from page.shared import code, links
from page.shared import state as states
from page.shared.state import defaults
from tests.root import ROOT

RECORDED = ROOT / "tests" / "page" / "recorded"
LINKS = json.loads((RECORDED / "links.json").read_text("utf-8"))
SCENARIOS = json.loads((RECORDED / "scenarios.json").read_text("utf-8"))


def tiles(app):
    return [[m.label, m.value] for m in app.metric][:4]


def same_numbers(state, kept):
    est = states.estimate_of(state)
    for side in ("clone", "reference"):
        for name, value in kept[side].items():
            found = getattr(est, side)[name]
            assert found == value if isinstance(value, str) else float(found) == pytest.approx(value, rel=1e-8), name


def test_there_are_links_of_every_kind():
    assert len(LINKS) == 8
    said = " ".join(link["query"] for link in LINKS)
    for key in (
        "plan",
        "dies",
        "cooling",
        "policy",
        "power",
        "clock",
        "maturity",
        "defects",
        "volume",
        "against",
        "edit",
    ):
        assert f"{key}=" in said
    assert "design_toml=" in said
    assert "node_toml=" in said


@pytest.mark.parametrize("link", LINKS, ids=lambda link: link["name"])
def test_a_link_of_0_1_shows_what_it_showed(start, link):
    query = parse_qs(link["query"], keep_blank_values=True, strict_parsing=True)
    read = links.parse(query)
    assert not read.faults
    state = states.with_values(states.defaults(), read.values)
    if "impossible" in link:  # since the walls are known, no plan carries it out; the page still opens and says so
        with pytest.raises(InfeasibleError) as wall:
            states.estimate_of(state)
        assert wall.value.limited_by == link["impossible"]
    else:
        same_numbers(state, link)
    app = start(**query)
    assert tiles(app) == link["tiles"]
    assert not app.error


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["file"])
def test_a_scenario_file_of_0_1_shows_what_it_showed(start, scenario):
    content = (RECORDED / scenario["file"]).read_bytes()
    app = start()
    app.file_uploader(key="_upload").upload(scenario["file"], content, "application/toml").run()
    assert not app.exception
    assert not app.error
    assert tiles(app) == scenario["tiles"]
    same_numbers(code.from_scenario(tomllib.loads(content.decode())), scenario)


def test_a_link_says_which_of_its_numbers_moved():
    state = states.with_values(defaults(), {"node": "tsmc-12ffn"})
    shown = links.shown_text(states.estimate_of(state).clone)
    made = links.parse({"v": "1", "node": "tsmc-12ffn", "shown": shown})
    assert (made.shown, made.faults) == (shown, [])
    assert links.moved(state, shown) == ""
    area, clock, power, cost = shown.split(",")
    told = links.moved(state, f"{area},{clock},{float(power) * 1.1:.5g},{cost}")
    assert "module power" in told
    assert "clock" not in told
    for text in ("", "1,2", "nan,nan,nan,nan", "<b>,1,1,1", "inf,1e999,0,0"):
        links.moved(state, text)
