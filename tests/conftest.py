"""Shared by the tests: hypothesis profiles, who runs what when several workers share the tests, and the page without a browser."""

import json
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: the fits solve many small systems

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests import workers
from tests.root import ROOT

COMMON = {"deadline": None, "suppress_health_check": list(HealthCheck)}
settings.register_profile("ci", max_examples=60, derandomize=True, **COMMON)  # the same inputs on every machine
settings.register_profile("fuzz", max_examples=3500, report_multiple_bugs=False, database=None, **COMMON)  # `make fuzz`
settings.register_profile(
    "mutate", max_examples=12, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate], **COMMON
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With ``--dist loadscope`` groups of tests stay together."""
    return workers.scheduler(config, log) if config.getoption("dist") == "loadscope" else None


def pytest_collection_modifyitems(config, items):
    """In a worker: the tests in the order in which their groups are handed out."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: workers.rank(item.nodeid))


@pytest.fixture(scope="session")
def validation_rows():
    """Every validation row, computed once for all tests (who asks for it is named in `tests.workers`)."""
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
        app.switch_page(page or "page/clone.py").run()
        assert not app.exception
        return app

    return run
