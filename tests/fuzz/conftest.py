"""Fuzz tests: shared helpers on the path, and the number of inputs tried at the end, of all workers together."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import hostile


def pytest_sessionfinish(session):
    """A worker hands its counts over."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["fuzz"] = (dict(hostile.TRIED), dict(hostile.TAKEN))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """The main process adds up the counts of its workers."""
    tried, taken = getattr(node, "workeroutput", {}).get("fuzz", ({}, {}))
    hostile.TRIED.update(tried)
    hostile.TAKEN.update(taken)


def pytest_terminal_summary(terminalreporter, config):
    """One line: how many inputs were tried, by group and in total."""
    if not hostile.TRIED:
        return
    counts = sorted(hostile.TRIED.items())
    parts = ", ".join(f"{group} {count:,} of which {hostile.TAKEN[group]:,} accepted" for group, count in counts)
    seed = getattr(config.option, "hypothesis_seed", None)
    ending = f"; seed {seed}" if seed is not None else ""
    terminalreporter.write_line(f"fuzz: {sum(hostile.TRIED.values()):,} inputs tried ({parts}){ending}")
