"""One server and one browser for all browser tests."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import chromium
from server import running
from visitor import Visit


def _unavailable(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def server():
    """Address of a running page."""
    pytest.importorskip("streamlit")
    with running() as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium; without one the tests are skipped, in CI they fail."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _unavailable("playwright is not installed")
    path = chromium.find()
    if path is None:
        _unavailable(chromium.HINT)
    with sync_playwright() as p:
        found = p.chromium.launch(
            executable_path=path,
            headless=True,
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
        )
        yield found
        found.close()


@pytest.fixture
def visit(browser, server):
    """A new visitor at 1280 x 800."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    yield Visit(context.new_page(), server)
    context.close()


@pytest.fixture
def visit_of(browser, server):
    """New visitors with their own context options."""
    made = []

    def make(**options):
        made.append(browser.new_context(**options))
        return Visit(made[-1].new_page(), server)

    yield make
    for context in made:
        context.close()
