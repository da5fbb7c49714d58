"""Shared by the tests: hypothesis profiles, who runs what when several workers share the tests, and the page without a browser."""

import json
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: the fits solve many small systems

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.root import ROOT

COMMON = {"deadline": None, "suppress_health_check": list(HealthCheck)}
settings.register_profile("ci", max_examples=60, derandomize=True, **COMMON)  # the same inputs on every machine
settings.register_profile("fuzz", max_examples=3500, report_multiple_bugs=False, database=None, **COMMON)  # `make fuzz`
settings.register_profile(
    "mutate", max_examples=12, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate], **COMMON
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

LONGEST_FIRST = (
    "tests/browser/test_browser.py",
    "tests/browser/test_views.py",
    "tests/crash",
    "tests/calibration",
    "tests/sweeps",
    "tests/browser",
    "tests/validation",
    "tests/page",
    "tests/claims",
    "tests/house",
)
"""Where the longest tests are: they start first, so that no worker is left alone with one at the end."""
ONE_BY_ONE = ("tests/fuzz", "tests/physics", "tests/model", "tests/validation/test_left_out.py", "estimator")
"""Tests without dear fixtures: any worker takes the next one. They come last and fill the gaps."""


def worker_group(path: str, fixtures: tuple[str, ...]) -> str:
    """Tests of one group run in one worker and so share their fixtures; no group: a test for any worker.

    A file is a group, and so are all files that need the validation rows, which take half a minute to compute.
    """
    if "validation_rows" in fixtures:
        return "validation"
    return "" if path.startswith(ONE_BY_ONE) else path


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Put the tests in the order in which workers take them, each in its group (`make tests`; one process changes nothing)."""
    if not getattr(config.option, "loadgroup", False):  # set in the workers of --dist loadgroup
        return
    rank, groups = {}, {}
    for item in items:
        path = item.path.relative_to(ROOT).as_posix()
        groups[item] = worker_group(path, tuple(getattr(item, "fixturenames", ())))
        found = (k for k, start in enumerate(LONGEST_FIRST) if path.startswith(start))
        rank[item] = next(found, len(LONGEST_FIRST)) + (0 if groups[item] else len(LONGEST_FIRST) + 1)
    for item, group in groups.items():
        if group:
            item.add_marker(pytest.mark.xdist_group(group.replace("/", ".")))
    items.sort(key=rank.__getitem__)


@pytest.fixture(scope="session")
def validation_rows():
    """Every validation row, computed once for all tests (of one worker: they are one group)."""
    from estimator.validation import report

    return report.all_rows()


@pytest.fixture(scope="session")
def check_figure():
    """Plotly knows every property of a figure, and would write none of them otherwise."""
    import plotly.graph_objects as go

    def check(figure):
        assert json.loads(go.Figure(figure.to_dict()).to_json()) == json.loads(figure.to_json())

    return check


APP = str(ROOT / "app.py")


@pytest.fixture(scope="session")
def start():
    """Open the page without a browser: on which page, with what session state, and with what query parameters."""
    from streamlit.testing.v1 import AppTest

    def run(page="", state=None, **query):
        app = AppTest.from_file(APP, default_timeout=60)
        for key, value in (state or {}).items():
            app.session_state[key] = value
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
        if page:
            app.switch_page(page).run()
        assert not app.exception
        return app

    return run
