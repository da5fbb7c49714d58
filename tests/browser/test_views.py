"""Every page and tab, light and dark: no complaint in the console, no foreign request, accessible, legible in print."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser
TABS = ("Overview", "Slow", "Hot", "Cost", "Why", "How sure", "Share")
PAGES = ("Story", "Compare", "Supply", "Nodes", "Sweep", "Validation", "Claims", "Method")
CHARTS_WITHOUT_WORDS = (
    "() => [...document.querySelectorAll('[data-testid=\"stPlotlyChart\"]')]"
    ".filter(e => !e.getAttribute('aria-label') && !e.querySelector('[aria-label], [aria-labelledby]')).length"
)


@pytest.fixture(scope="module", params=["light", "dark"])
def walk(request, browser, server):
    """One visitor per theme, who walks through all views."""
    from visitor import Visit

    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=request.param)
    visit = Visit(context.new_page(), server)
    visit.open()
    yield visit
    context.close()


@pytest.mark.parametrize("view", [*TABS, *PAGES])
def test_view_is_quiet_own_and_accessible(walk, view):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    if view in PAGES:
        walk.go_to(view)
    else:
        if walk.page.evaluate("location.pathname") != "/clone":
            walk.go_to("Clone")
        walk.open_tab(view)
    walk.page.wait_for_selector(".js-plotly-plot .main-svg, .katex", timeout=20_000)
    assert walk.page.evaluate(CHARTS_WITHOUT_WORDS) == 0
    found = axe.Axe().run(walk.page, options={"resultTypes": ["violations"]}).response["violations"]
    told = [
        f"{v['id']}: {n['html'][:160]}" for v in found if v["impact"] in ("serious", "critical") for n in v["nodes"]
    ]
    assert not told, "\n".join(told)
    assert walk.foreign() == []
    assert walk.complaints == []


@pytest.mark.parametrize("name", ["Nodes", "Claims"])
def test_direct_link_to_a_page(visit, name):
    """The only complaints are of Streamlit's own probes: for an address /nodes, its frontend first asks whether the server
    lives under /nodes (health and host-config there), which no setting of an app can spare it; both are answered by 404."""
    visit.open(name.lower())
    visit.page.wait_for_selector(".js-plotly-plot, .katex", timeout=20_000)
    probes = [f"{visit.address}/{name.lower()}/_stcore/{what}" for what in ("health", "host-config")]
    assert [c for c in visit.complaints if not ("404" in c and c.endswith(tuple(probes)))] == []
    assert visit.foreign() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["?tab=Cost", "method"])
def test_print_is_on_white_and_whole(visit_of, path, scheme):
    visit = visit_of(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    visit.open(path)
    page = visit.page
    page.wait_for_selector(".js-plotly-plot .main-svg, .katex")
    page.emulate_media(media="print", color_scheme=scheme)
    page.wait_for_timeout(300)
    page.get_by_test_id("stSidebar").wait_for(state="hidden", timeout=10_000)
    assert page.get_by_text(re.compile(r"^Assumed: .*http://127.0.0.1:\d+/\w*/?\?v=1")).last.is_visible()
    levels = """tested => {
      const level = c => c.match(/[\\d.]+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0);
      const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
        if (!/, 0\\)$/.test(c)) return level(c); } return 765; };
      return [...document.querySelectorAll(tested)].filter(e => e.getClientRects().length && e.innerText?.trim())
        .map(e => [level(getComputedStyle(e).color), behind(e), e.innerText.slice(0, 40)]); }"""
    for ink, paper, text in page.evaluate(
        levels, "[data-testid='stMarkdown'] p, [data-testid='stMetricValue'], .katex"
    ):
        assert paper > 650, text
        assert ink < 400, text
    inks = "() => [...document.querySelectorAll('.main-svg .xtick text')].map(e => getComputedStyle(e).fill)"
    assert all(sum(map(int, re.findall(r"\d+", fill)[:3])) < 200 for fill in page.evaluate(inks))
    cut = """() => [...document.querySelectorAll('[data-testid="stMain"], [data-testid="stMain"] *')]
      .filter(e => e.tagName !== 'svg' && !e.closest('svg, .stDataFrame, .stSelectbox, .katex-mathml'))
      .filter(e => getComputedStyle(e).overflowY !== 'visible' && e.scrollHeight > e.clientHeight + 2 && e.clientHeight > 40)
      .map(e => e.className.toString().slice(0, 60) + e.scrollHeight + '>' + e.clientHeight)"""
    assert page.evaluate(cut) == []
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") >= 2
