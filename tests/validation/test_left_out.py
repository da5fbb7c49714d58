"""A validation row is predicted without its own family: what was measured on that family may say anything.

The measured values of one family are falsified in a copy of the tables. If the prediction of that family's rows moved by a
digit, it had seen what it is judged on. The labels ``removed`` of the rows cannot show that: the code writes them itself.
Nor may its interval: it is the call's own. What is compared with are the saved rows, of six digits, which `validate --check`
holds equal to today's.
"""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from estimator.validation import report
from tests.root import ROOT

FALSE = 1.3
"""Factor on what was measured."""
Row = dict[str, str]


def measured_power(row: Row) -> str:
    """Column of a power point that was measured; none for the anchor, which the prediction starts from."""
    columns = {"locked": "power_w", "cap": "relative_performance", "clock-cap": "clock_mhz"}
    return "" if row["anchor"] == "1" else columns[row["kind"]]


class Trial(NamedTuple):
    """Which rows of which tables are falsified, and which functions of `estimator.validation` then make their rows anew.

    `tables` has, for each table, the column that says whose a row is and the column that was measured.
    """

    makers: tuple[str, ...]
    owners: tuple[str, ...]
    tables: dict[str, tuple[str, Callable[[Row], str]]]


TRIALS = {
    "die area": Trial(
        ("die_rows.die_rows",),
        ("AD102", "AD103", "AD104", "AD106", "AD107"),
        {"gpus": ("chip", lambda row: "area_mm2")},
    ),
    "area of a port": Trial(
        ("port_rows.area_rows",),
        ("GT200", "GT200B"),
        {"pairs": ("family", lambda row: "area_ratio"), "gpus": ("chip", lambda row: "area_mm2")},
    ),
    "power and clock of a port": Trial(
        ("port_rows.power_rows", "port_rows.clock_rows"),
        ("Maxwell-Pascal", "Pascal-Turing"),
        {"port_power": ("family", lambda row: "ratio"), "clock_pairs": ("family", lambda row: "clock_b_mhz")},
    ),
    "power and clock of one die": Trial(
        ("power_rows.power_rows", "clock_rows.sku_rows"),
        ("GA102", "die GA102"),
        {
            "power_points": ("family", measured_power),
            "vf_points": ("family", lambda row: "clock_mhz"),
            "clock_pairs": ("family", lambda row: "clock_b_mhz"),
        },
    ),
}
ASK = """
import importlib, json, sys
rows = []
for name in sys.argv[1:]:
    module, function = name.split(".")
    made = getattr(importlib.import_module(f"estimator.validation.{module}"), function)()
    rows += [(c.group, c.case, c.real, c.predicted, c.low, c.high) for c in made]
print(json.dumps(rows))
"""


def falsify(path: Path, column: str, owners: tuple[str, ...], measured: Callable[[Row], str]) -> int:
    """Write a table anew with other measured values for some owners; gives the number of cells changed."""
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines(keepends=True)))
    changed = 0
    for row in rows:
        cell = measured(row) if row[column] in owners else ""
        if cell and row[cell]:
            row[cell] = repr(FALSE * float(row[cell]))
            changed += 1
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return changed


@pytest.mark.slow
@pytest.mark.parametrize("name", TRIALS)
def test_a_prediction_does_not_see_what_was_measured_on_its_own_family(tmp_path, name):
    trial = TRIALS[name]
    for folder in ("estimator", "params"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for table, (column, measured) in trial.tables.items():
        assert falsify(tmp_path / "params" / "silicon" / f"{table}.csv", column, trial.owners, measured), table
    command = [sys.executable, "-c", ASK, *trial.makers]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    honest = {(c.group, c.case): (c.real, c.predicted, c.low, c.high) for c in report.stored()}
    own, others_moved = 0, 0
    for group, case, real, *found in json.loads(done.stdout):
        was, *before = honest[group, case]
        if real != pytest.approx(was, rel=1e-5):  # one of the falsified rows
            own += 1
            assert found[0] == pytest.approx(before[0], rel=1e-5), (group, case)
            assert found[1:] == pytest.approx(before[1:], rel=1e-4, nan_ok=True), (group, case)
        else:
            others_moved += found != pytest.approx(before, rel=1e-4, nan_ok=True)
    assert own, "no row of the family was found"
    assert others_moved, "the falsified rows are in no fit at all"
