"""One parser with all commands: it is quick to build, every command has its help in it, and long ones show a bar."""

import dataclasses
import json
import re
import subprocess
import sys

import numpy as np
import pytest

from estimator import claims
from estimator.cli import main
from estimator.cli.terminal import progress
from estimator.validation import report

COMMANDS = (  # as listed
    "estimate compare nodes designs show sources check supply tokens bins buy area sweep best calibrate validate "
    "claim claims app"
).split()


def test_the_help_lists_every_command(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    listed = re.findall(r"^    (\w+)", capsys.readouterr().out, re.MULTILINE)
    assert listed == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_its_own_help(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    assert capsys.readouterr().out.startswith(f"usage: chip-scaling {command} [-h]")


@pytest.mark.parametrize("command", [["sweep", "a.toml", "--out", "a.csv"], ["claims"], ["nodes"], ["calibrate"]])
def test_an_unknown_argument_is_refused_the_same_way_by_all_commands(command, capsys):
    with pytest.raises(SystemExit, match="2"):
        main([*command, "--bogus"])
    assert capsys.readouterr().err.splitlines() == [
        "usage: chip-scaling [-h] [--version] COMMAND ...",
        "chip-scaling: error: unrecognized arguments: --bogus",
    ]


def test_the_parser_loads_no_model():
    code = (
        "import sys; from estimator.cli.parser import build_parser; build_parser(); "
        "print(sorted(set(sys.modules) & {'numpy', 'scipy', 'pydantic', 'tomli_w', 'tqdm', 'logging'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_validation_as_json(capsys, monkeypatch):
    rows = [dataclasses.replace(r, low=np.float64(r.low), real=np.float64(r.real)) for r in report.stored()[:3]]
    monkeypatch.setattr(report, "all_rows", lambda each: tuple(rows))
    assert main(["validate", "--json"]) == 0
    assert [c["inside"] for c in json.loads(capsys.readouterr().out)["cases"]] == [r.inside for r in rows]


def test_a_bar_on_a_terminal_only(capsys, monkeypatch):
    assert list(progress("ab", unit="claims")) == ["a", "b"]
    assert capsys.readouterr().err == ""
    pytest.importorskip("tqdm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert list(progress("ab", unit="claims")) == ["a", "b"]
    assert "0/2" in capsys.readouterr().err


def test_claims_show_how_far_they_are(capsys, monkeypatch):
    pytest.importorskip("tqdm")
    monkeypatch.setattr(claims, "names", lambda: ("wire-delay", "bigger-die"))
    assert main(["claims", "--samples", "0"]) == 0
    quiet = capsys.readouterr()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(["claims", "--samples", "0"]) == 0
    shown = capsys.readouterr()
    assert quiet.out == shown.out
    assert quiet.err == ""
    assert "0/2" in shown.err
