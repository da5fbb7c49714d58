"""Pictures for the README: the start page and the validation figure, taken in Chromium (``make screenshots``)."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent.parent))
import chromium
from playwright.sync_api import sync_playwright
from server import ROOT, running

from estimator.figures.validation import scatter
from estimator.validation import report


def main() -> None:
    """Write docs/page.png and docs/validation.png."""
    with running() as address, sync_playwright() as p, tempfile.TemporaryDirectory() as folder:
        browser = p.chromium.launch(
            executable_path=chromium.find(), args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(address)
        page.locator(".js-plotly-plot").first.wait_for(timeout=60_000)
        page.wait_for_timeout(3000)
        page.screenshot(path=ROOT / "docs" / "page.png")
        cases = [c for c in report.stored() if c.group.startswith("die area")]
        figure = Path(folder) / "figure.html"
        scatter(cases).write_html(figure, include_plotlyjs=True)
        page = browser.new_page(viewport={"width": 900, "height": 500})
        page.goto(figure.as_uri())
        page.locator(".js-plotly-plot").first.wait_for(timeout=30_000)
        page.wait_for_timeout(1000)
        page.screenshot(path=ROOT / "docs" / "validation.png")
        browser.close()


if __name__ == "__main__":
    main()
