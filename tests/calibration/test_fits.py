"""Command ``calibrate``: params/fit on main is exactly what it writes."""

import re
import tomllib
from importlib.metadata import version

import pytest

from estimator.calibration.fits import FITS
from estimator.cli import main
from estimator.parameters import library
from tests.root import ROOT

PINS = dict(re.findall(r"^(\S+)==(\S+)$", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE))
PINNED = all(version(name) == PINS[name] for name in ("numpy", "scipy"))


@pytest.mark.skipif(not PINNED, reason="the last digits hold for the pinned NumPy and SciPy")
def test_fitted_parameters_are_reproduced_to_the_digit(capsys):
    assert main(["calibrate", "--check"]) == 0, capsys.readouterr().out


@pytest.mark.skipif(PINNED, reason="with the pinned NumPy and SciPy the digits themselves are compared")
@pytest.mark.parametrize("name", FITS)
def test_fitted_parameters_are_reproduced_by_other_releases(name):
    stored = tomllib.loads((library.params_folder() / "fit" / name).read_text("utf-8"))
    for owner, fields in FITS[name]().items():
        kept = stored[owner] if owner else stored
        for field, row in fields.items():
            for key, value in row.items():
                if isinstance(value, float):
                    assert kept[field][key] == pytest.approx(value, rel=0.01), (owner, field, key)
