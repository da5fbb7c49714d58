"""Hostile names, notes and sources in a real browser: shown as the text they are, nothing of them runs, loads or links."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from estimator.parameters import library

pytestmark = pytest.mark.browser
PAYLOADS = (
    '<img src="http://evil.example/1" onerror="alert(1)">',
    "<script>alert(2)</script>",
    "<iframe src=javascript:alert(3)></iframe><svg onload=alert(3)>",
    "![picture](http://evil.example/4)",
    "[link](http://evil.example/5) [code](javascript:alert(5)) <http://evil.example/5>",
    "http://evil.example/6 www.evil.example somebody@evil.example",
    '<a href="http://evil.example/7" onclick="alert(7)">link</a> <b>bold</b><br>&lt;i&gt;',
    ":material/home: :streamlit: :smile: :red[red] :blue-badge[badge]",
    r"$\href{http://evil.example/9}{x}$ $$\htmlClass{a}{b}$$ \(x\)",
    "-> <- -- >= ~~struck~~ **bold** `code` # head",
    "</script><script>alert(11)</script> %{x} ${x} {{x}}",
    '=HYPERLINK("http://evil.example/12")',
)
DESIGN_LABEL = "<img src=//evil.example/a onerror=alert(1)>![b](http://evil.example/b) :material/home: [c](javascript:alert(1)) $x$"
NODE_LABEL = 'http://evil.example www.evil.example a@evil.example <a href="//evil.example">y</a> :streamlit: -> <b>z</b> </script>'
UNSAFE = """allowed => {
  const found = [];
  for (const element of document.querySelectorAll('*')) {
    for (const {name, value} of element.attributes) {
      if (name.startsWith('on')) found.push(name + '=' + value);
      if (!['href', 'xlink:href', 'src', 'srcset', 'action', 'formaction', 'data', 'poster', 'srcdoc'].includes(name)) continue;
      let address;
      try { address = new URL(value, location.href); } catch { found.push(name + '=' + value); continue; }
      const own = (address.protocol === location.protocol && address.host === location.host)
        || ['data:', 'blob:'].includes(address.protocol);
      if (!own && !(element.tagName === 'A' && allowed.includes(address.host))) found.push(name + '=' + value);
    }
  }
  return found;
}"""


def text(value):
    return json.dumps(value, ensure_ascii=False)


def number(name, low, central, high, unit):
    """A number of a file whose note and sources are hostile."""
    told = " ".join(PAYLOADS)
    sources = ", ".join(text(p) for p in (*PAYLOADS, "javascript:alert(1)", "http://evil.example/source"))
    return (
        f'[{name}]\nlow = {low}\ncentral = {central}\nhigh = {high}\nunit = "{unit}"\nkind = "measured"\n'
        f"source = [{sources}]\nnote = {text(told)}\n"
    )


DESIGN = (
    f"name = {text(PAYLOADS[1])}\nlabel = {text(DESIGN_LABEL)}\nvendor = {text(PAYLOADS[0])}\narchitecture = {text(PAYLOADS[3])}\n"
    f'note = {text(" ".join(PAYLOADS))}\nnode = "tsmc-28hpm"\ndie_area_mm2 = 348\nclock_ghz = 0.8\n'
    + number("power_w", 100, 140, 150, "W")
)
NODE = (
    f'base = "tsmc-n7"\nname = {text(PAYLOADS[4])}\nlabel = {text(NODE_LABEL)}\nfoundry = {text(PAYLOADS[0])}\n'
    f"note = {text(' '.join(PAYLOADS))}\n"
    + number("supply_v", 0.7, 0.75, 0.8, "V")
    + number("wafer_cost_usd", 5000, 9000, 12000, "USD")
)


class Watch:
    """A visit of which nothing may run, load or link what a file says."""

    def __init__(self, visit):
        self.visit, self.page, self.dialogs = visit, visit.page, []
        self.page.on("dialog", lambda d: (self.dialogs.append(d.message), d.dismiss()))
        self.known = sorted({urlsplit(str(s.get("url", ""))).netloc for s in library.sources().values()})

    def clean(self):
        assert self.page.evaluate(UNSAFE, self.known) == []
        assert self.dialogs == []
        assert self.visit.foreign() == []

    def upload(self, folder, name, content):
        path = folder / name
        path.write_text(content)
        field = self.page.locator('input[type="file"]')
        if not field.count():
            self.page.get_by_text("Your own chip", exact=False).first.click()
        field.set_input_files(str(path))
        self.visit.settle()

    def heading(self):
        """The question, without the characters that have no width."""
        return self.page.locator("h1").first.inner_text().replace("\u2060", "")


@pytest.fixture
def watch(visit):
    return Watch(visit)


def hover_charts(page):
    """Move over each chart until labels are shown."""
    plots = page.locator(".js-plotly-plot")
    for k in range(plots.count()):
        if k >= plots.count():  # the page has drawn itself anew
            break
        plots.nth(k).scroll_into_view_if_needed()
        box = plots.nth(k).bounding_box()
        for part in (0.25, 0.5, 0.75):
            page.mouse.move(box["x"] + part * box["width"], box["y"] + 0.5 * box["height"])
            page.wait_for_timeout(40)


def test_uploaded_names_notes_and_sources_are_text_on_every_page(watch, tmp_path):
    page, visit = watch.page, watch.visit
    visit.open()
    watch.upload(tmp_path, "<img src=x onerror=alert(1)>.toml", DESIGN)
    watch.upload(tmp_path, "[x](javascript:alert(1)) http:.toml", NODE)
    page.get_by_text("takes").first.wait_for()
    page.wait_for_function(
        "label => document.querySelector('h1').innerText.replaceAll('\\u2060', '').includes(label)", arg=NODE_LABEL
    )
    assert DESIGN_LABEL in watch.heading()
    for tab in ("Overview", "Slow", "Hot", "Cost", "Why", "How sure", "Share"):
        page.get_by_role("tab", name=tab, exact=True).click()
        visit.settle()
        page.wait_for_timeout(300)
        hover_charts(page)
        watch.clean()
    for name in ("Nodes", "Sweep", "Validation", "Claims", "Method"):
        page.get_by_test_id("stTopNavLink").filter(has_text=name).click()
        page.wait_for_selector('[data-testid="stPlotlyChart"], .katex, [data-testid="stDataFrame"]', timeout=60_000)
        visit.settle()
        hover_charts(page)
        watch.clean()
    page.get_by_test_id("stTextInputField").first.fill("evil supply")
    page.keyboard.press("Enter")
    visit.settle()
    page.get_by_test_id("stTooltipIcon").last.hover()
    tip = page.get_by_test_id("stTooltipContent").last
    tip.wait_for(timeout=10_000)
    told = tip.inner_text().replace("\u2060", "")
    for payload in PAYLOADS:
        assert payload in told
    watch.clean()
    assert visit.complaints == []


def test_the_offline_page_of_a_figure_runs_nothing_of_a_name(watch, visit_of, tmp_path):
    page = watch.page
    watch.visit.open("?tab=Share")
    watch.upload(tmp_path, "node.toml", NODE)
    with page.expect_download(timeout=60_000) as info:
        page.get_by_role("button", name="This figure (HTML").click()
    saved = tmp_path / "figure.html"
    saved.write_bytes(Path(info.value.path()).read_bytes())
    other = Watch(visit_of(offline=True))
    other.page.goto(saved.as_uri())
    other.page.wait_for_selector(".main-svg", timeout=20_000)
    hover_charts(other.page)
    assert [r for r in other.visit.requests if not r.startswith(("file:", "data:", "blob:"))] == []
    assert other.dialogs == []
    assert other.visit.complaints == []
    assert NODE_LABEL in other.page.locator(".js-plotly-plot").first.text_content()
    assert other.page.evaluate(UNSAFE, []) == []
    watch.clean()


def test_a_link_of_somebody_else_is_text(watch):
    from page.shared import links
    from page.shared import state as states

    state = states.with_values(
        states.defaults(), {"design": "own", "design_toml": DESIGN, "node": "own", "node_toml": NODE}
    )
    watch.visit.open("?" + links.as_text(state))
    assert DESIGN_LABEL in watch.heading()
    assert NODE_LABEL in watch.heading()
    watch.clean()


REFUSED = {
    "names a picture": f"node = {text(PAYLOADS[3])}\ndie_area_mm2 = 348\nclock_ghz = 1\npower_w = 100\n",
    "names a page": f"{text(PAYLOADS[5])} = 1\nclock_ghz = 1\n",
    "names a path": 'node = "../../etc/passwd.toml"\ndie_area_mm2 = 348\nclock_ghz = 1\npower_w = 100\n',
    "is long": DESIGN + "# " + "x" * 100_000,
    "has a long name": DESIGN.replace(text(DESIGN_LABEL), text("x" * 1000)),
    "turns direction": DESIGN.replace(text(DESIGN_LABEL), text("\u202egnp.exe")),
    "colours a terminal": DESIGN.replace(text(DESIGN_LABEL), '"\\u001b[31mred"'),
    "is no text": "\ud800",
}


def test_what_is_refused_is_quoted_as_text_and_leaves_the_page_as_it_was(watch, tmp_path):
    watch.visit.open()
    before = watch.visit.ratios()
    for what, content in REFUSED.items():
        path = tmp_path / f"{what}.toml"
        path.write_bytes(content.encode("utf-8", "surrogatepass"))
        field = watch.page.locator('input[type="file"]')
        if not field.count():
            watch.page.get_by_text("Your own chip", exact=False).first.click()
        field.set_input_files(str(path))
        watch.page.get_by_test_id("stAlert").first.wait_for(timeout=10_000)
        watch.visit.settle()
        assert watch.visit.ratios() == before, what
        watch.clean()
