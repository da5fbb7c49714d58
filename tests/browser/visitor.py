"""A visitor of the page in Chromium: what it shows, asks for and complains about."""

from __future__ import annotations

from pathlib import Path

WAIT_MS = 30_000
TOOL = "?v=1"
"""Address of the tool as links write it; at its own path, Streamlit's frontend asks for addresses that are answered by 404."""


def shown_ratios(est):
    """The four ratios of an estimate as the tool shows them: power and cost are for one original's work."""
    work, was = est.same_work, est.reference
    values = (
        est.ratio.die_area_mm2,
        est.ratio.seconds_per_eflop,
        work.power_for_same_work_w / was.power_w,
        work.cost_for_same_work_usd / was.unit_cost_usd,
    )
    return [f"× {r:.2f}" if r < 9.995 else f"× {r:.1f}" for r in map(float, values)]


class Visit:
    """One page in the browser, with everything it asked for and complained about."""

    def __init__(self, page, address):
        self.page, self.address = page, address
        self.requests, self.complaints = [], []
        page.on("request", lambda r: self.requests.append(r.url))
        page.on(
            "console", lambda m: self.complaints.append(f"{m.text} {m.location['url']}") if m.type == "error" else None
        )
        page.on("pageerror", lambda e: self.complaints.append(str(e)))

    def open(self, path=TOOL):
        """Open an address of the page and wait for its first numbers."""
        self.page.goto(f"{self.address}/{path}")
        self.page.wait_for_selector(
            '[data-testid="stMetric"], [data-testid="stAlert"], [data-testid="stPlotlyChart"], .katex', timeout=WAIT_MS
        )
        self.settle()
        return self

    def settle(self):
        """Wait until the server has answered."""
        self.page.wait_for_timeout(150)
        self.page.wait_for_function(
            "() => { const a = document.querySelector('[data-testid=\"stApp\"]');"
            " return a && a.getAttribute('data-test-script-state') === 'notRunning'"
            " && !document.querySelector('[data-stale=\"true\"]'); }",
            timeout=WAIT_MS,
        )

    def go_to(self, name):
        """Another page, by its link at the top."""
        self.page.get_by_test_id("stTopNavLink").filter(has_text=name).click()
        path = "/" if name == "Story" else f"/{name.lower()}"
        self.page.wait_for_function("path => location.pathname === path", arg=path, timeout=10_000)
        self.settle()

    def open_tab(self, name):
        """A tab of the start page."""
        self.page.get_by_role("tab", name=name, exact=True).click()
        self.settle()

    def press(self, slider, key, times=1):
        """Move a slider by keys."""
        handle = self.page.get_by_role("slider", name=slider)
        handle.focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def download(self, button):
        """Bytes of the file that a button gives."""
        with self.page.expect_download(timeout=15_000) as info:
            self.page.get_by_role("button", name=button).click()
        return Path(info.value.path()).read_bytes()

    def ratios(self):
        """The four ratios shown."""
        return [e.inner_text().strip() for e in self.page.query_selector_all('[data-testid="stMetricValue"]')[:4]]

    def wait_ratios(self, wanted):
        """Wait until the four ratios are the wanted ones."""
        self.page.wait_for_function(
            "wanted => [...document.querySelectorAll('[data-testid=\"stMetricValue\"]')].slice(0, 4)"
            ".map(e => e.innerText.trim()).join() === wanted.join()",
            arg=wanted,
            timeout=10_000,
        )

    def foreign(self):
        """Requests to other hosts."""
        return [
            r
            for r in self.requests
            if not r.startswith((self.address, self.address.replace("http", "ws"), "data:", "blob:"))
        ]

    def choose(self, label, text):
        """Choose an option of a select box by typing."""
        box = self.page.get_by_role("combobox", name=label)
        box.click()
        box.fill(text)
        self.page.get_by_role("option").first.wait_for(timeout=5000)
        self.page.keyboard.press("Enter")
        self.settle()
