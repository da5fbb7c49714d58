"""A small load test: a few visitors at once on a real server, each of which checks its own numbers."""

import re
import subprocess
import sys

import pytest

from tests.root import ROOT


@pytest.mark.slow
def test_visitors_at_once_see_their_own_numbers():
    command = [sys.executable, "benchmarks/load.py", "--visitors", "4", "--seed", "3", "--seconds"]
    for seconds in ("10", "90"):  # on a busy machine the first page alone takes ten
        done = subprocess.run([*command, seconds], cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
        if "no change was answered" not in done.stdout:
            break
    lines = dict(re.findall(r"^(\w+) +(.+)$", done.stdout, re.MULTILINE))
    assert lines.get("errors", "").startswith("0 "), done.stdout + done.stderr
    assert re.match(r"0 of [1-9]\d* answers", lines["mismatches"]), done.stdout
