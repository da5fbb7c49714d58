"""What commands print: tables that fit, colour and progress on a terminal only."""

import re
import sys

import pytest

from estimator.cli import main
from estimator.cli.terminal import coloured, print_table, say, working

CODE = re.compile(r"\x1b\[")


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_colour_on_a_terminal_unless_it_is_refused(terminal, monkeypatch):
    assert CODE.search(coloured("timing", "wall"))
    monkeypatch.setenv("NO_COLOR", "1")
    assert coloured("timing", "wall") == "timing"
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)
    assert coloured("timing", "wall") == "timing"


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_table_is_no_wider_than_the_terminal_and_loses_no_column_unsaid(width, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    head = ["node or design", *(f"output {k}, unit" for k in range(9))]
    print_table(head, [["a process with a long name " * 2, *(f"{10**k:,}" for k in range(9))]])
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= width
    words = said.split()
    assert [k for k in range(9) if words.count(f"{k},") != 1] == []


@pytest.mark.parametrize("command", [["nodes"], ["designs"], ["supply", "h20", "smic-n+2"], ["show", "mi300x"]])
def test_what_is_listed_fits(command, capsys):
    assert main(command) == 0
    words = [line for line in capsys.readouterr().out.splitlines() if len(line) > 80]
    assert words == []


def test_a_process_has_a_quarter_of_a_year_and_a_count_no_unit(capsys):
    assert main(["nodes"]) == 0
    assert re.search(r"^amd-65 .* Q4 2006 ", capsys.readouterr().out, re.MULTILINE)
    assert main(["show", "h100-sxm"]) == 0
    shown = capsys.readouterr().out
    assert "units = 144 (144 to 144; vendor)" in shown
    assert not re.search(r"= [\d.]+ 1 ", shown)


def test_work_is_shown_on_a_terminal_only(capsys, monkeypatch):
    with working("claim 3"):
        pass
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with pytest.raises(ValueError), working("claim 3"):
        raise ValueError
    assert capsys.readouterr().err == "claim 3 ...\r\x1b[K"


def test_long_sentences_are_folded(capsys):
    say("  note: " + "word " * 40, indent=2)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1].startswith("    word")
