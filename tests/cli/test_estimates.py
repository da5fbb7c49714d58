"""``estimate``, ``compare`` and ``best``: intervals, plans, files, parameter sets, and what is impossible."""

import csv
import json
import os
import subprocess
import sys
import tempfile

import pytest

from estimator import estimate
from estimator.cli import main
from estimator.uses.plans import PLANS, plan_options
from tests.root import ROOT

SAMPLES = 64


def test_intervals_stand_beside_the_numbers(capsys, tmp_path):
    asked = ["estimate", "rtx-4090", "12nm", "--samples", str(SAMPLES)]
    assert main(asked) == 0
    low, _, high = estimate("rtx-4090", "12nm", samples=SAMPLES).samples.interval("clock_ghz")
    (clock,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("clock, GHz"))
    assert f"{low:.3g} to {high:.3g}" in clock
    assert main([*asked, "--csv", str(tmp_path / "e.csv"), "--markdown", str(tmp_path / "e.md")]) == 0
    rows = {r["output"]: r for r in csv.DictReader((tmp_path / "e.csv").open())}
    assert float(rows["clock_ghz"]["clone low"]) == pytest.approx(low)
    assert rows["junction_c"]["ratio"] == ""  # of a temperature in C there is no ratio
    assert (tmp_path / "e.md").read_text().startswith("| output |")


def test_compare_prints_and_writes_intervals(capsys, tmp_path):
    asked = ["compare", "rtx-4090", "12nm", "--samples", str(SAMPLES)]
    assert main(asked) == 0
    assert "80 % from" in capsys.readouterr().out
    assert main([*asked, "--csv", str(tmp_path / "c.csv")]) == 0
    clone = list(csv.DictReader((tmp_path / "c.csv").open()))[1]
    found = estimate("rtx-4090", "12nm", samples=SAMPLES).samples.same_work_interval("power_for_same_work_w")
    assert (float(clone["W low"]), float(clone["W high"])) == pytest.approx((found.low, found.high))


def test_a_plan_is_carried_out(capsys):
    assert main(["estimate", "rtx-4090", "12nm", "--plan", "one-reticle", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert {k: data["options"][k] for k in ("units", "dies")} == {
        k: plan_options("rtx-4090", "12nm", "one-reticle")[k] for k in ("units", "dies")
    }
    assert main(["estimate", "rtx-4090", "12nm", "--plan", "one-reticle", "--set", "units=20"]) == 2
    assert "decides units" in capsys.readouterr().err
    assert main(["estimate", "rtx-4090", "12nm", "--plan", "one-reticel"]) == 2
    assert "one-reticle" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["estimate", "--help"])
    said = capsys.readouterr().out
    assert all(plan in said for plan in PLANS)


def test_an_impossible_point_as_json(capsys):
    assert main(["estimate", "h100-sxm", "12nm", "--set", "clock_ghz=9", "--json"]) == 3
    data = json.loads(capsys.readouterr().out)
    assert (data["feasible"], data["wall"]) == (False, "timing")
    assert main(["estimate", "h100-sxm", "12nm", "--set", f"clock_ghz={data['nearest']['clock_ghz']}"]) == 0


def test_compare_ends_with_3_where_every_node_is_impossible(capsys):
    assert main(["compare", "h100-sxm", "12nm", "16nm", "--set", "clock_ghz=9"]) == 3
    assert capsys.readouterr().err.startswith("infeasible: h100-sxm is possible on none of 12nm, 16nm")
    assert main(["compare", "h100-sxm", "12nm", "16nm", "--set", "clock_ghz=9", "--json"]) == 3
    assert [r["wall"] for r in json.loads(capsys.readouterr().out)["rows"]] == ["timing", "timing"]


def test_best_prints_the_clone_and_its_plan(capsys):
    assert main(["best", "h100-sxm", "12nm", "--over", "dies=4:6", "--set", "power_limit_w=600"]) == 0
    said = capsys.readouterr().out
    for words in ("dies = 4", "power_limit_w = 600 W", "module power: 600 W", "area of all dies:", "clock:"):
        assert words in said


def test_a_parameter_set_of_ones_own(capsys, tmp_path):
    own = {"tsmc-12ffn": {"switched_cap_relative": 3.0}}
    (tmp_path / "own.toml").write_text("[tsmc-12ffn]\nswitched_cap_relative = 3.0\n")
    file = str(tmp_path / "own.toml")
    assert main(["estimate", "h100-sxm", "12nm", "--parameters", file, "--json"]) == 0
    power = json.loads(capsys.readouterr().out)["clone"]["power_w"]
    assert power == pytest.approx(estimate("h100-sxm", "12nm", parameters=own).power_w)
    assert power > estimate("h100-sxm", "12nm").power_w
    assert main(["estimate", "h100-sxm", "12nm", "--parameters", "none.toml"]) == 2
    assert "none.toml" in capsys.readouterr().err


def test_a_ratio_of_one_is_about_the_same(capsys):
    assert main(["estimate", "h100-sxm", "tsmc-4n"]) == 0
    said = capsys.readouterr().out
    assert "Power: about the same" in said
    assert ": 1 times" not in said
    assert "(x 1)" not in said


def test_a_shell_completes_designs(tmp_path):
    pytest.importorskip("argcomplete")
    line = "chip-scaling estimate h100-s"
    asked = {"_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line)), "COMP_TYPE": "9"}
    with tempfile.TemporaryFile(dir=tmp_path) as out:
        answer = {"_ARGCOMPLETE_STDOUT_FILENAME": str(tmp_path / "answer"), "_ARGCOMPLETE_IFS": " "}
        subprocess.run(
            [sys.executable, "-m", "estimator"],
            cwd=ROOT,
            env={**os.environ, **asked, **answer},
            stdout=out,
            check=False,
        )
    assert (tmp_path / "answer").read_text().strip() == "h100-sxm"
