"""Fuzz tests: shared helpers on the path, and the number of inputs tried at the end."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import hostile


def pytest_terminal_summary(terminalreporter, config):
    """One line: how many inputs were tried, by group and in total."""
    if not hostile.TRIED:
        return
    counts = sorted(hostile.TRIED.items())
    parts = ", ".join(f"{group} {count:,} of which {hostile.TAKEN[group]:,} accepted" for group, count in counts)
    seed = getattr(config.option, "hypothesis_seed", None)
    ending = f"; seed {seed}" if seed is not None else ""
    terminalreporter.write_line(f"fuzz: {sum(hostile.TRIED.values()):,} inputs tried ({parts}){ending}")
