"""Stored results hold; they change on purpose only, with a reason and their size in the changelog."""

import copy
import tomllib

import pytest

from estimator.errors import EstimatorError
from tests.golden import record

STORED = record.RESULTS.read_text("utf-8")
CHANGELOG = record.CHANGELOG.read_text("utf-8")
SMALL = {"ladder": {"h100-sxm 12nm": {"power_w": 900.0, "clock_ghz": 1.2, "limited_by": "timing"}}}


@pytest.fixture(scope="module")
def computed():
    return tomllib.loads(record.as_text(record.compute()))


@pytest.mark.slow
@pytest.mark.parametrize("group", record.GROUPS)
def test_stored_results_hold(computed, group):
    stored = tomllib.loads(STORED)
    changed = record.changes({group: stored[group]}, {group: computed[group]})
    shown = "\n".join(f"  {c}: {c.old} -> {c.new}" for c in changed[:60])
    assert not changed, (
        f'{len(changed)} stored results changed:\n{shown}\nIf that is meant: make golden REASON="why" (a line of CHANGELOG.md)'
    )


def test_stored_results_are_those_of_the_changelog():
    assert record.recorded_digest(CHANGELOG) == record.digest(STORED), (
        'tests/golden/results.toml is not what CHANGELOG.md\'s last entry recorded: run make golden REASON="why"'
    )


def test_a_single_edited_digit_is_found():
    edited = STORED.replace("1", "2", 1)
    assert record.digest(edited) != record.recorded_digest(CHANGELOG)


def test_every_group_has_a_tolerance_and_results():
    stored = tomllib.loads(STORED)
    assert set(record.TOLERANCES) == set(record.GROUPS) == set(stored)
    assert sum(len(v) for cases in stored.values() for v in cases.values()) > 2000


@pytest.mark.parametrize(("factor", "count"), [(1 + 1e-8, 0), (1 + 1e-5, 1), (0.5, 1), (float("inf"), 1)])
def test_change_beyond_the_tolerance(factor, count):
    new = copy.deepcopy(SMALL)
    new["ladder"]["h100-sxm 12nm"]["power_w"] *= factor
    assert len(record.changes(SMALL, new)) == count


def test_changed_text_and_missing_or_new_rows_are_changes():
    new = {"ladder": {"h100-sxm 12nm": {"power_w": 900.0, "limited_by": "power"}, "new": {"power_w": 1.0}}}
    found = {(c.case, c.output) for c in record.changes(SMALL, new)}
    assert found == {("h100-sxm 12nm", "clock_ghz"), ("h100-sxm 12nm", "limited_by"), ("new", "power_w")}
    assert str(record.changes(SMALL, new)[-2]) == "`limited_by` timing -> power (ladder, h100-sxm 12nm)"


@pytest.fixture
def place(tmp_path):
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text("# Changelog\n\nIntroduction.\n\n## 0.1.0\n\n- First.\n")
    return {"results": tmp_path / "results.toml", "changelog": changelog}


def test_recording_writes_reason_size_and_digest(place):
    record.record("first", SMALL, **place)
    new = copy.deepcopy(SMALL)
    new["ladder"]["h100-sxm 12nm"]["power_w"] = 909.0
    said = record.record("leakage of  the\nlinks counted.", new, **place)
    text = place["changelog"].read_text()
    assert (
        "leakage of the links counted. 1 of 3 stored results changed, most: `power_w` +1 % (ladder, h100-sxm 12nm)."
        in text
    )
    assert said in text
    assert (
        text.index("## Unreleased") < text.index("### Changed results") < text.index("leakage") < text.index(": first.")
    )
    assert text.index(": first.") < text.index("## 0.1.0")
    assert record.recorded_digest(text) == record.digest(place["results"].read_text())
    assert record.record("again", new, **place) == "no stored result changed"
    assert place["changelog"].read_text() == text


def test_the_same_values_in_another_layout_are_recorded(place):
    record.record("first", SMALL, **place)
    place["results"].write_text(place["results"].read_text().replace(" = ", "="))
    text = place["changelog"].read_text()
    place["changelog"].write_text(
        text.replace(record.recorded_digest(text), record.digest(place["results"].read_text()))
    )
    said = record.record("another writer, no value changed", SMALL, **place)
    assert "another writer, no value changed. 0 of 3 stored results changed." in said
    assert record.recorded_digest(place["changelog"].read_text()) == record.digest(place["results"].read_text())
    new = copy.deepcopy(SMALL)
    new["ladder"]["h100-sxm 12nm"]["power_w"] *= 1 + 1e-8
    assert record.record("noise", new, **place) == "no stored result changed beyond its tolerance"


def test_a_silent_edit_is_put_right_or_recorded(place):
    record.record("first", SMALL, **place)
    good, said = place["results"].read_text(), place["changelog"].read_text()
    place["results"].write_text(good.replace("900", "901"))
    record.record("restore", SMALL, **place)
    assert place["results"].read_text() == good
    assert place["changelog"].read_text() == said


def test_killed_between_changelog_and_results(place):
    record.record("first", SMALL, **place)
    before = place["results"].read_text()
    new = {"ladder": {"h100-sxm 12nm": {**SMALL["ladder"]["h100-sxm 12nm"], "power_w": 800.0}}}
    record.record("second", new, **place)
    said = place["changelog"].read_text()
    place["results"].write_text(before)  # the changelog was written, the results not
    record.record("second", new, **place)
    assert place["changelog"].read_text() == said
    assert record.recorded_digest(said) == record.digest(place["results"].read_text())


def test_no_reason_no_change(place, capsys):
    for reason in ("", "  \n"):
        with pytest.raises(EstimatorError, match='make golden REASON="why'):
            record.record(reason, SMALL, **place)
    assert not place["results"].exists()
    assert record.main([]) == 2
    assert capsys.readouterr().err.count("\n") == 1
