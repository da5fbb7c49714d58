"""Every command and every line of Python in the README runs as written."""

import ast
import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from estimator.cli import main
from estimator.parameters import library
from estimator.validation import report, tables
from tests.root import ROOT

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PYTHON = [text for kind, text in BLOCKS if kind == "python"]
COMMANDS = [
    line.split("  #")[0].strip()
    for kind, text in BLOCKS
    if kind != "python"
    for line in text.splitlines()
    if line.strip()
]
INLINE = sorted(set(re.findall(r"`(?:python -m estimator|make) [^`]*`", README)))
SLOW = ("validate", "calibrate")  # each has its own tests: here, that they are known


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder that holds what the README's reader has: the checkout's params, and a file of their own."""
    place = tmp_path_factory.mktemp("reader")
    shutil.copytree(ROOT / "params", place / "params")
    (place / "FILE.toml").write_text(
        'name = "own"\nnode = "tsmc-28hpm"\ndie_area_mm2 = 348\nclock_ghz = 0.8\npower_w = 140\n'
    )
    before = Path.cwd()
    os.chdir(place)
    yield place
    os.chdir(before)


def command_line(text: str) -> int:
    words = shlex.split(text)
    assert words[:3] == ["python", "-m", "estimator"]
    return main(words[3:] + (["--help"] if words[3] in SLOW else []))


def runs(text: str) -> None:
    """Run one command of the README; a target of make is looked up, since it sets up an environment or opens the page."""
    if text.startswith("make "):
        done = subprocess.run(
            ["make", "-n", *shlex.split(text)[1:]], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        try:
            code = command_line(text)
        except SystemExit as stop:  # --help
            code = int(stop.code or 0)
    assert code == 0
    assert said.getvalue().strip()


def test_there_are_commands_and_python():
    assert len(COMMANDS) > 10
    assert len(PYTHON) >= 2


@pytest.mark.parametrize("text", dict.fromkeys([*COMMANDS, *(c.strip("`") for c in INLINE)]))
def test_command(folder, text):
    runs(text)


@pytest.mark.slow
def test_python(folder):
    """All blocks one after the other, as a reader would; a number in a comment behind an expression is its value."""
    names: dict[str, object] = {}
    compared = 0
    for block in PYTHON:
        lines = block.splitlines()
        for node in ast.parse(block).body:
            code = ast.unparse(node)
            if not isinstance(node, ast.Expr):
                exec(code, names)
                continue
            with contextlib.redirect_stdout(io.StringIO()):
                value = eval(code, names)
            said = re.search(r"#\s*([\d.]+)\s*$", lines[node.end_lineno - 1])
            if said:
                compared += 1
                assert float(value) == pytest.approx(
                    float(said.group(1)), abs=0.5 * 10.0 ** -len(said.group(1).partition(".")[2])
                )
    assert compared >= 2


def test_files_and_links_of_the_readme_are_there():
    named = re.findall(r"\]\((?!http)([^)#]+)\)", README) + re.findall(
        r"\b(?:params|docs|tests|benchmarks)/[\w./-]+\w", README
    )
    missing = [n for n in named if not (ROOT / n).exists()]
    assert missing == []


def test_files_of_the_set_up_without_make_are_there():
    assert (ROOT / "app.py").is_file()
    for name in re.findall(r"-r (\S+\.txt)", README):
        assert (ROOT / name).is_file()


def test_numbers_of_the_readme_are_those_of_the_report():
    """The block on accuracy is what the stored rows give: python -m estimator validate --save --readme README.md."""
    assert tables.readme_block(report.stored()) in README
    rest = README.replace(tables.readme_block(report.stored()), "")
    assert tables.START not in rest
    accuracy = rest.split("## How wrong is it?")[1].split("\n## ")[0]
    assert not re.search(r"\d %", accuracy.replace("80 %", "")), "a figure of accuracy outside the block"


def test_counts_of_the_readme_are_those_of_the_library():
    assert f"{len(library.names('node'))} processes" in README
    assert f"{len(library.names('design'))} GPUs" in README
