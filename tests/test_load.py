"""A small load test: a few visitors at once on a real server, each of which checks its own numbers."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_visitors_at_once_see_their_own_numbers():
    command = [sys.executable, "benchmarks/load.py", "--visitors", "4", "--seconds", "10", "--seed", "3"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    lines = dict(re.findall(r"^(\w+) +(.+)$", said.stdout, re.MULTILINE))
    assert lines["errors"].startswith("0 "), said.stdout
    assert re.match(r"0 of [1-9]\d* answers", lines["mismatches"]), said.stdout
