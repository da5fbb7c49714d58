"""One mutation put to the test, in a process of its own and in a copy of the tree: which tests notice, and which rows move."""

from __future__ import annotations

import json
import math
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

MOST_TESTS = 3  # tests named by a mutation; the run stops there
MOVED = 0.002  # change of a group's median error from which a group counts as moved
GOLDEN = {"DESIGNS": ("h100-sxm", "mi300x", "rtx-4090"), "NODES": ("5nm", "12nm", "28nm")}
"""Stored results that are computed here: these designs on these nodes, and the causes."""


def tests_of(module: str) -> list[list[str]]:
    """Tests that are asked, in this order: those of the module, then those of physics and of the model."""
    own = [
        f"estimator/physics/{module}.py" if module else "estimator/physics",
        *(p.as_posix() for p in Path("tests/physics").glob(f"test_{module}*.py")),
    ]
    return [
        own,
        ["tests/physics", "tests/model/test_estimate.py", "tests/uses/test_work.py", "tests/house/test_door.py"],
    ]


class Noticed:
    """A plugin of pytest that notes which tests failed; a test that cannot even be collected has noticed too."""

    def __init__(self) -> None:
        self.tests: list[str] = []

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note a failed test."""
        if report.failed and report.nodeid not in self.tests:
            self.tests.append(report.nodeid)

    def pytest_collectreport(self, report: Any) -> None:
        """Note a file that does not load."""
        if report.failed:
            self.tests.append(f"{report.nodeid} (does not load)")


def failed_tests(module: str) -> list[str]:
    """Tests that notice, the first few; without a module those that fail as things are."""
    import pytest

    noticed = Noticed()
    for paths in tests_of(module):
        code = pytest.main(["-q", "-p", "no:cacheprovider", f"--maxfail={MOST_TESTS}", *paths], plugins=[noticed])
        if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED):
            raise RuntimeError(f"the tests do not run: {code!r}")
        if noticed.tests:
            break
    return noticed.tests[:MOST_TESTS]


def changed_results() -> list[str]:
    """Names of stored results that are no longer what they were, of a part of them."""
    import tomllib

    from tests.golden import record

    for name, value in GOLDEN.items():
        setattr(record, name, value)
    stored = tomllib.loads(record.RESULTS.read_text("utf-8"))
    found = tomllib.loads(record.as_text({g: record.GROUPS[g]() for g in ("ladder", "causes")}))
    kept = {group: {case: stored[group][case] for case in cases} for group, cases in found.items()}
    return sorted({change.output for change in record.changes(kept, found)})


def medians() -> dict[str, float]:
    """Median error of each group of validation rows with the shipped fits, instead of one for each family left out.

    Without intervals too: that takes seconds instead of a minute; the errors are a little smaller than in the report.
    """
    from estimator.validation import asking, clock_rows, die_rows, port_rows, power_rows, report

    asking.SAMPLES = 0
    replaced = {
        power_rows: ("voltage_without",),
        clock_rows: ("voltage_without",),
        port_rows: ("electrical_without", "ports_without"),
        die_rows: ("densities_without",),
    }
    for module, names in replaced.items():
        for name in names:
            assert hasattr(module, name), name
            setattr(module, name, lambda _: {})
    return {group: float(line["median_rows"]) for group, line in report.summary(report.all_rows()).items()}


def moved_groups(now: dict[str, float], usual: dict[str, float]) -> dict[str, float]:
    """Change of the median error of each group that moved."""
    return {group: now[group] - usual[group] for group in usual if not abs(now[group] - usual[group]) <= MOVED}


def trial(
    copy: str, module: str, source: str | None, usual: dict[str, float] | None, answer: str, seconds: float
) -> None:
    """What happens with a module's source changed, written to `answer` as JSON; without a source what holds as things are.

    The process ends after so many seconds of the processor.
    """
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time() + seconds), resource.RLIM_INFINITY))
    os.chdir(copy)
    sys.dont_write_bytecode = True
    sys.path[:] = [
        copy,
        *(p for p in sys.path if p and Path(p).resolve() not in (Path.cwd(), Path(__file__).parents[2])),
    ]
    for name in [n for n in sys.modules if n.split(".")[0] in ("tests", "estimator")]:
        del sys.modules[name]
    os.environ["HYPOTHESIS_PROFILE"] = "mutate"
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    if source is None:
        found: dict[str, Any] = {"tests": failed_tests(""), "golden": changed_results(), "medians": medians()}
        found["seconds"] = time.process_time()
    else:
        path = Path("estimator/physics") / f"{module}.py"
        path.write_text(source, "utf-8")
        os.utime(path, (path.stat().st_mtime + 100,) * 2)  # its bytecode is stale, whatever the clock's grain
        found = {"tests": failed_tests(module)}
        Path(answer).write_text(json.dumps(found))
        for name, ask in (("golden", changed_results), ("moved", lambda: moved_groups(medians(), usual or {}))):
            try:
                found[name] = ask()
            except Exception as error:
                found[name] = (
                    [f"{type(error).__name__}"] if name == "golden" else {f"{type(error).__name__}": float("inf")}
                )
            Path(answer).write_text(json.dumps(found))
    Path(answer).write_text(json.dumps(found))
