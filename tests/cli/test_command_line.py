"""The command line: exit codes, one sentence of error, and the numbers of the public call."""

import json
import os
import subprocess
import sys

import pytest

import estimator
from estimator import cli
from tests.root import ROOT


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["estimate", "h100-sxm", "12mn"], 2, ["did you mean 12nm"]),
        (["estimate", "h100-sxm", "12nm", "--set", "clock_ghz=9"], 3, ["timing", "nearest feasible clock_ghz"]),
        (["estimate", "h100-sxm", "12nm", "--set", "power_limit_w"], 2, ["key=value"]),
        (["show", "h1000"], 2, ["did you mean h100-"]),
        (["check", "missing.toml"], 2, ["does not exist"]),
    ],
)
def test_command_line_codes(arguments, code, words, capsys):
    assert cli.main(arguments) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.strip().splitlines()) == 1
    for word in words:
        assert word in captured.err


def test_command_line_results(capsys):
    assert cli.main(["estimate", "h100-sxm", "12nm", "--json", "--set", "power_limit_w=700", "cooling=cold-plate"]) == 0
    data = json.loads(capsys.readouterr().out)
    est = estimator.estimate("h100-sxm", "12nm", power_limit_w=700, cooling="cold-plate")
    assert data["clone"]["clock_ghz"] == pytest.approx(est.clock_ghz)
    assert cli.main(["compare", "h100-sxm", "3nm", "12nm", "28nm", "--set", "clock_ghz=1.7"]) == 0
    out = capsys.readouterr().out
    assert "12nm is impossible" in out
    assert max(len(line) for line in out.splitlines()) <= 80
    for command in (["nodes"], ["designs"], ["show", "12nm"], ["show", "mi300x"], ["sources"]):
        assert cli.main(command) == 0
        assert capsys.readouterr().out


OWN = 'label = "Größe 日本"\nnode = "tsmc-28hpm"\ndie_area_mm2 = 348\nclock_ghz = 0.8\npower_w = 140\n'


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_terminal_that_lacks_letters_gets_others(tmp_path, encoding):
    file = tmp_path / "own.toml"
    file.write_text(OWN, "utf-8")
    command = [sys.executable, "-m", "estimator", "estimate", str(file), "16nm"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONIOENCODING": encoding}, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith("Größe ?? on TSMC".encode(encoding, "replace"))


@pytest.mark.skipif(os.name != "posix", reason="needs a shell that closes streams")
@pytest.mark.parametrize(
    ("arguments", "code"), [("nodes >&-", 0), ("nodes 2>&-", 0), ("estimate h100-sxm 12mn >&- 2>&-", 2)]
)
def test_closed_streams_end_quietly(arguments, code):
    done = subprocess.run(
        f"exec {sys.executable} -m estimator {arguments}", shell=True, cwd=ROOT, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (code, b"")


@pytest.mark.parametrize(
    ("missing", "suffix"),
    [("xarray", "zarr"), ("distributed", "csv"), ("zarr", "zarr"), ("pyarrow", "csv"), ("netCDF4", "nc")],
)
def test_a_missing_extra_is_said_with_the_command_that_installs_it(tmp_path, missing, suffix, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, missing, None)
    sweep = str(ROOT / "params" / "sweeps" / "h100-power-limit.toml")
    assert cli.main(["sweep", sweep, "--out", str(tmp_path / f"a.{suffix}")]) == 2
    assert 'pip install "chip-scaling-estimator[sweep]"' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("own.toml", 0, ""),
        ("OWN.TOML", 0, ""),
        ("marked.toml", 0, ""),
        ("own.txt", 2, "must end in .toml"),
        ("folder.toml", 2, "is not a file"),
        ("folder", 2, "is not a file"),
        ("missing.toml", 2, "does not exist"),
        ("latin.toml", 2, "is not text in UTF-8"),
    ],
)
@pytest.mark.parametrize("command", ["check", "estimate", "sweep", "claim"])
def test_one_rule_for_files(tmp_path, name, code, words, command, capsys):
    if command in ("sweep", "claim") and not code:
        pytest.skip("a design is neither")
    for made, text in {"own.toml": OWN, "OWN.TOML": OWN, "own.txt": OWN, "marked.toml": "\ufeff" + OWN}.items():
        (tmp_path / made).write_text(text, "utf-8")
    (tmp_path / "latin.toml").write_text('label = "Größe"\n', "latin-1")
    for folder in ("folder.toml", "folder"):
        (tmp_path / folder).mkdir()
    file = str(tmp_path / name)
    more = {"estimate": ["16nm"], "sweep": ["--out", str(tmp_path / "a.csv")]}.get(command, [])
    assert cli.main([command, file, *more]) == code
    assert words in capsys.readouterr().err
