"""Benchmarks of the page: server time of a moved slider, the same in a browser, and the first paint of a fresh server."""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "browser"))

TABS = ("Overview", "Slow", "Hot", "Cost", "Why", "How sure")
QUARTERS = [q for q in range(1, 41) if q != 12]
FOUR_RATIOS = (
    "() => [...document.querySelectorAll('[data-testid=\"stMetricValue\"]')].slice(0, 4).map(e => e.innerText.trim())"
)
ALL_NUMBERS = "() => document.querySelector('[data-testid=\"stMain\"]').innerText"
Row = tuple[str, str, str, bool]


def server_time() -> list[Row]:
    """One run of the page's script after a move of the maturity slider: samples included, nothing of it cached."""
    from streamlit.testing.v1 import AppTest

    medians = {}
    for tab in TABS:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        app.query_params["tab"] = tab
        app.run()
        times = []
        for quarters in QUARTERS[:: 1 if tab == "Overview" else 2]:
            slider = next(s for s in app.slider if s.key == "maturity")
            slider.set_value(quarters)
            start = time.perf_counter()
            app.run()
            times.append(time.perf_counter() - start)
            assert not app.exception
        medians[tab] = statistics.median(times[2:]) * 1e3
    shown = ", ".join(f"{tab} {ms:.0f}" for tab, ms in medians.items())
    worst = max(medians.values())
    return [
        ("page: server time of a moved slider, samples included, median", "at most 150 ms", f"{shown} ms", worst <= 150)
    ]


def _paint(page: Any, address: str) -> float:
    start = time.perf_counter()
    page.goto(f"{address}/?v=1", wait_until="commit")
    page.wait_for_function(f"() => ({FOUR_RATIOS})().filter(t => t).length >= 4", timeout=60_000)
    return time.perf_counter() - start


def in_browser() -> list[Row]:
    """Chromium: the first numbers of a fresh server with an empty browser cache, and new numbers after a key on a slider."""
    import chromium
    import server
    from playwright.sync_api import sync_playwright

    path = chromium.find()
    if path is None:
        return [("page: in Chromium", "", chromium.HINT, False)]
    cold, warm, moves = [], [], []
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-background-networking"])
        for _ in range(3):
            with server.running() as address:
                for times in (cold, warm):
                    context = browser.new_context(viewport={"width": 1280, "height": 800})
                    times.append(_paint(context.new_page(), address))
                    context.close()
        with server.running() as address:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            _paint(page, address)
            page.wait_for_timeout(2000)
            page.get_by_role("slider", name="Process maturity").focus()
            for _ in range(12):
                before = page.evaluate(ALL_NUMBERS)
                start = time.perf_counter()
                page.keyboard.press("ArrowLeft")
                page.wait_for_function(f"old => ({ALL_NUMBERS})() !== old", arg=before, timeout=30_000)
                moves.append(time.perf_counter() - start)
                page.wait_for_timeout(400)
        browser.close()
    move = statistics.median(moves)
    return [
        ("page: a key on a slider to new numbers in Chromium, median", "at most 0.5 s", f"{move:.2f} s", move <= 0.5),
        (
            "page: first numbers, fresh server, empty browser cache",
            "at most 3 s",
            f"{statistics.median(cold):.1f} s (median of 3; second visitor {statistics.median(warm):.1f} s)",
            statistics.median(cold) <= 3,
        ),
    ]
