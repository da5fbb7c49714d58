"""Command ``calibrate``: params/fit on main is exactly what it writes; no row is calibration and validation at once."""

import re
import tomllib
from importlib.metadata import version

import pytest

from estimator.cli import calibrate
from estimator.cli import validate as validation_cli
from estimator.parameters import library
from estimator.validation import report
from tests.root import ROOT

PINS = dict(re.findall(r"^(\S+)==(\S+)$", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE))
PINNED = all(version(name) == PINS[name] for name in ("numpy", "scipy"))


@pytest.mark.skipif(not PINNED, reason="the last digits hold for the pinned NumPy and SciPy")
def test_fitted_parameters_are_reproduced_to_the_digit(capsys):
    assert calibrate.main(["calibrate", "--check"]) == 0, capsys.readouterr().out


@pytest.mark.skipif(PINNED, reason="with the pinned NumPy and SciPy the digits themselves are compared")
@pytest.mark.parametrize("name", calibrate.FITS)
def test_fitted_parameters_are_reproduced_by_other_releases(name):
    stored = tomllib.loads((library.params_folder() / "fit" / name).read_text("utf-8"))
    for owner, fields in calibrate.FITS[name]().items():
        kept = stored[owner] if owner else stored
        for field, row in fields.items():
            for key, value in row.items():
                if isinstance(value, float):
                    assert kept[field][key] == pytest.approx(value, rel=0.01), (owner, field, key)


def test_every_validation_row_names_what_was_removed(validation_rows):
    assert len(validation_rows) > 500
    for case in validation_rows:
        assert case.removed, case.case
        assert case.low < case.high, case.case
        if case.group in ("power at a clock", "clock under a cap", "clock at a voltage (stock tables)"):
            assert case.family in case.removed, case.case
    covered = report.coverage(validation_rows)
    assert 0.75 <= covered["coverage"] <= 0.90


def test_no_group_is_worse_than_recorded_and_the_page_shows_these_rows(validation_rows, capsys):
    code, said = validation_cli.main(["validate", "--check"]), capsys.readouterr().out
    assert code == 0, said
    assert report.honest_sentence(validation_rows) in said
