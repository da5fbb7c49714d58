"""Command ``validate``: no group is worse than recorded, targets missed are those recorded, and the intervals are scored."""

from dataclasses import replace

import numpy as np
import pytest

from estimator.cli import main
from estimator.validation import report, scores, tables
from estimator.validation.rows import Row


@pytest.mark.slow
def test_no_group_is_worse_than_recorded_and_the_page_shows_these_rows(validation_rows, capsys):
    code, said = main(["validate", "--check"]), capsys.readouterr().out
    assert code == 0, said
    assert report.honest_sentence(validation_rows) in " ".join(said.split())  # folded to the terminal
    assert "Targets missed:" in said


@pytest.mark.slow
def test_every_row_names_its_call_and_what_was_removed(validation_rows):
    """What `removed` says is held to be true in test_left_out.py."""
    assert len(validation_rows) > 900
    for case in validation_rows:
        assert case.removed, case.case
        assert case.call, case.case
        assert not case.answered or not case.judged or case.low < case.high, case.case


def test_recorded_misses_are_those_of_the_saved_rows():
    """A target that is met anew, or missed anew, must be recorded: this can fail both ways."""
    assert set(report.recorded()["missed"]) == set(report.misses(report.stored()))


def test_intervals_are_held_to_the_share_that_they_promise():
    """Coverage over all rows and in every group of enough families lies in the target's range, or is recorded as missed."""
    found, missed = report.coverage(report.stored()), set(report.recorded()["missed"])
    wanted = report.targets()["interval"]
    assert found["all rows"]["rows"] > 900
    assert report.POOLED in found
    for name, line in found.items():
        inside = wanted["least"] <= line["inside"] <= wanted["most"]
        assert inside != (f"intervals of {name}: inside" in missed), name
        if name not in ("all rows", report.POOLED):
            assert line["families"] >= wanted["families"]
    groups = {
        g for g, m in report.by_group(report.stored()).items() if len({r.family for r in m}) >= wanted["families"]
    }
    assert groups <= set(found)


def rows_of(half: float, *, spread: float = 0.1, families: int = 40, each: int = 5) -> list[Row]:
    """Rows with normal errors, and intervals of half width `half` (logarithms) about the prediction."""
    rng = np.random.default_rng(0)
    errors = rng.normal(0.0, spread, families * each)
    return [
        Row(
            f"{k}",
            "g",
            f"family {k // each}",
            1.0,
            float(np.exp(e)),
            float(np.exp(e - half)),
            float(np.exp(e + half)),
            "s",
            ("f",),
        )
        for k, e in enumerate(errors)
    ]


def test_right_intervals_pass_and_wrong_ones_do_not():
    good = scores.intervals(rows_of(1.2816 * 0.1))
    narrow, wide = scores.intervals(rows_of(0.04)), scores.intervals(rows_of(0.5))
    assert 0.75 <= good.inside <= 0.88
    assert narrow.inside < 0.5
    assert wide.inside > 0.99
    assert good.score == pytest.approx(good.constant, rel=0.03)
    assert narrow.score > 1.2 * good.score
    assert wide.score > 1.5 * good.score
    assert good.width == pytest.approx(np.exp(2 * 1.2816 * 0.1) - 1, rel=1e-6)


def test_misses_name_intervals_that_are_too_narrow(monkeypatch):
    monkeypatch.setattr(
        report,
        "targets",
        lambda: {"target": {"g": {"median": 0.01}}, "interval": {"least": 0.75, "most": 0.88, "families": 20}},
    )
    assert report.misses(rows_of(0.04)) == [
        "g: median",
        "intervals of all rows: inside",
        "intervals of all rows: score",
        "intervals of g: inside",
        "intervals of g: score",
    ]
    kinder = [
        replace(row, real=row.predicted, low=0.9 * row.predicted, high=1.1 * row.predicted) for row in rows_of(0.1)
    ]
    assert "g: median" not in report.misses(kinder)


def test_a_call_without_an_answer_is_off_by_all_and_outside():
    nothing = float("nan")
    row = replace(rows_of(0.1)[0], predicted=nothing, low=nothing, high=nothing)
    assert (row.error, row.inside, row.judged) == (-1.0, False, True)
    found = scores.errors([row, *rows_of(0.1)])
    assert (found.unanswered, found.worst) == (1, 1.0)


def test_each_family_counts_once():
    rows = rows_of(0.1, families=2, each=1)
    many = [replace(rows[0], predicted=1.5, family="many") for _ in range(99)] + [
        replace(rows[1], predicted=1.0, family="one")
    ]
    assert scores.errors(many).median == pytest.approx(0.0)
    assert scores.errors(many).median_rows == pytest.approx(0.5)
    assert scores.weights(many).sum() == pytest.approx(1.0)


def test_saved_rows_come_back_as_they_were():
    rows = report.stored()
    assert report.summary(rows)
    assert {r.group for r in rows} >= set(report.targets()["target"])
    data = report.as_data(rows)
    assert len(data["cases"]) == len(rows)
    said = tables.markdown(rows, (), ["x"])
    assert said.count("```python") == len(report.by_group(rows))
    for group in report.by_group(rows):
        assert f"## {group}" in said


def test_residuals_by_class_count_a_family_once():
    nan = float("nan")

    def row(family, predicted, call):
        return Row(
            "case", "area of a port", family, 1.0, predicted, nan, nan, "source", (), node="a > tsmc-n7", call=call
        )

    rows = [row("one", 1.1, 'Design(memory="gddr6")')] * 6 + [row("two", 1.5, "Design()")] * 2
    assert tables.residual_cells(rows) == [
        ["area of a port", "tsmc-n7", "8", "2", "+10.0 %", "10.0 %", "50.0 %"],
        ["area of a port", "memory gddr6", "6", "1", "+10.0 %", "10.0 %", "10.0 %"],
    ]
