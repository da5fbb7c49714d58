"""How `make tests` shares the tests between processes: what stays together, and what starts first.

The tests of a file stay in one process and share its fixtures; so do all files that need the validation rows, which take half a
minute to compute. Tests without dear fixtures go one by one to whichever process is free, after all others, and fill the gaps.
"""

from __future__ import annotations

from typing import Any

LONGEST_FIRST = (
    "tests/browser/test_browser.py",
    "tests/validation/test_report.py",
    "tests/browser/test_views.py",
    "tests/crash",
    "tests/browser",
    "tests/sweeps",
    "tests/house",
    "tests/page",
    "tests/claims",
    "tests/calibration",
)
"""Where the longest tests are: they start first, so that at the end no process is left alone with one."""
VALIDATION = ("tests/validation/test_report.py",)
"""Files whose tests ask for the fixture ``validation_rows``."""
ONE_BY_ONE = ("tests/fuzz", "tests/physics", "tests/model", "tests/validation/test_left_out.py", "estimator")


def group(nodeid: str) -> str:
    """Name of the tests that stay together with this one.

    Examples
    --------
    >>> group("tests/validation/test_report.py::test_scores[old]"), group("tests/claims/test_claims.py::test_page")
    ('validation', 'tests/claims/test_claims.py')
    >>> group("tests/physics/test_power.py::test_links")
    'tests/physics/test_power.py::test_links'
    """
    path = nodeid.split("::", maxsplit=1)[0]
    if path in VALIDATION:
        return "validation"
    return nodeid if path.startswith(ONE_BY_ONE) else path


def rank(nodeid: str) -> int:
    """Place in the order in which groups are handed out."""
    path = nodeid.split("::", maxsplit=1)[0]
    if path.startswith(ONE_BY_ONE):
        return len(LONGEST_FIRST) + 1 + (not path.startswith("tests/validation"))
    return next((k for k, start in enumerate(LONGEST_FIRST) if path.startswith(start)), len(LONGEST_FIRST))


def scheduler(config: Any, log: Any) -> Any:
    """The scheduler of pytest-xdist that keeps groups together."""
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    return Groups(config, log)
