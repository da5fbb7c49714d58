"""The command line: exit codes, one sentence of error, and the numbers of the public call."""

import json

import pytest

import estimator
from estimator import cli


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
