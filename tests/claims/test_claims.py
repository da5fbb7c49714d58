"""Claims: every file loads, computes and prints; verdicts follow the assumption; wrong files are refused in one sentence."""

import json
import math

import numpy as np
import pytest

from estimator import claims
from estimator.cli import main
from estimator.errors import InputError, ParameterFileError
from estimator.parameters import library

NAMES = claims.names()


@pytest.fixture(scope="module")
def results():
    return {n: claims.assess(n) for n in NAMES}


def text_of(name):
    return (library.params_folder() / "claims" / f"{name}.toml").read_text("utf-8")


def test_all_claims_are_there():
    assert [claims.load(n).number for n in NAMES] == list(range(1, 16))
    assert claims.load("4").name == "area-drives-yield"


@pytest.mark.parametrize("name", NAMES)
def test_claim_computes(name, results):
    r = results[name]
    assert r.verdict in claims.VERDICTS
    assert r.deciding in r.claim.tests
    assert all(math.isfinite(r.values[t.measure]) for t in r.claim.tests)
    assert r.evidence
    low_high = r.intervals.get(r.deciding.measure)
    assert low_high is None or low_high[0] < low_high[1]
    for key in r.claim.source:
        assert key in library.sources()


@pytest.mark.parametrize("name", NAMES)
def test_verdict_follows_from_the_numbers(name, results):
    r = results[name]
    full = all(t.sign * (r.values[t.measure] - t.threshold) >= 0 for t in r.claim.tests)
    part = any(
        t.sign * (r.values[t.measure] - (t.threshold if t.in_part is None else t.in_part)) >= 0 for t in r.claim.tests
    )
    assert r.verdict == ("holds" if full else "holds in part" if part else "does not hold")


@pytest.mark.parametrize("name", NAMES)
def test_verdict_flips_beyond_the_flip_value(name, results):
    r = results[name]
    a = r.claim.assumption
    if not r.flips:
        for value in a.points(9):
            assert claims.assess(name, assumed=float(value), samples=0).verdict == r.verdict
        return
    for flip in r.flips[:1]:
        away = 1.01 if flip.value > r.assumed else 0.99
        beyond = float(np.clip(flip.value * away, a.low, a.high))
        within = float(np.clip(flip.value / away, a.low, a.high))
        assert claims.assess(name, assumed=beyond, samples=0).verdict == flip.verdict != r.verdict
        assert claims.assess(name, assumed=within, samples=0).verdict == r.verdict


def test_some_claims_flip(results):
    assert sum(bool(r.flips) for r in results.values()) >= 9


def test_same_seed_same_digits(results):
    again = claims.assess("slow-hot-expensive")
    assert again.intervals == results["slow-hot-expensive"].intervals


def test_break_even_price_is_where_both_cost_the_same(results):
    import estimator
    from estimator.uses.ownership import own

    r = results["break-even-price"]
    est = estimator.estimate("h100-sxm", "12nm", volume=500000.0)
    price = own(est).break_even_price_usd
    both = own(est, original_price_usd=price)
    assert both.clone.usd_per_eflop == pytest.approx(both.original.usd_per_eflop, rel=1e-9)
    assert r.values["price"] <= price * 1.02  # the best plan is no worse than the plain one


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('title = "', 'titel = "x"\ntitle = "', ("titel", "did you mean title")),
        ("number = 4", 'number = "four"', ("number", "four")),
        ("number = 4", "", ("number", "missing")),
        ('check = "area-yield"', 'check = "area-yeld"', ("area-yeld", "did you mean area-yield")),
        ('design = "h100-sxm"', 'design = "h1000"', ("h1000",)),
        ("at_least = 0.5", "at_least = 0.5\nat_most = 0.5", ("tests", "either at_least or at_most")),
        ("in_part = 0.25", "in_part = 0.75", ("in_part", "easier")),
        ("at_least = 0.5", "at_least = nan", ("finite",)),
        ("low = 0.06", "low = 60.0", ("no range",)),
        ('source = ["', 'source = ["no-such-book", "', ("no-such-book",)),
        ('parameter = "node.defect', 'parameter = "node.defects', ("no parameter",)),
        ("number = 4", "number = = 4", ("not valid TOML",)),
    ],
)
def test_wrong_files_are_refused_in_one_sentence(old, new, words, tmp_path):
    good = text_of("area-drives-yield")
    assert old in good
    path = tmp_path / "mine.toml"
    path.write_text(good.replace(old, new, 1), "utf-8")
    with pytest.raises(ParameterFileError) as caught:
        claims.load(str(path))
    message = str(caught.value)
    assert "mine.toml" in message
    assert "\n" not in message
    for word in words:
        assert word in message


def test_wrong_calls_are_refused():
    with pytest.raises(InputError, match="did you mean"):
        claims.assess("wire-dela")
    with pytest.raises(InputError, match="out of range"):
        claims.assess("wire-delay", assumed=50.0)
    assert main(["claim", "nothing-of-this-name"]) == 2
    assert main(["claim", "wire-delay", "--samples", "3"]) == 2


def test_command_line_prints(capsys, results):
    assert main(["claims"]) == 0
    out = capsys.readouterr().out
    assert all(n in out for n in NAMES)
    assert main(["claim", "known-runs"]) == 0
    out = capsys.readouterr().out
    assert f"verdict: {results['known-runs'].verdict}" in out
    assert main(["claim", "6", "--json", "--assume", "0.05"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["verdict"] == "holds"
    assert data["assumption"]["value"] == 0.05


@pytest.mark.parametrize("dark", [False, True])
def test_figures(results, dark, check_figure):
    pytest.importorskip("plotly")
    from estimator.figures.claims import claim_figure, margins_figure
    from estimator.figures.style import alt_text

    for r in results.values():
        assert r.verdict in alt_text(claim_figure(r, dark=dark))
        assert len(margins_figure(r, dark=dark).data) == len(r.claim.tests)
        check_figure(claim_figure(r, dark=dark))
        check_figure(margins_figure(r, dark=dark))


def test_page(start):
    pytest.importorskip("streamlit")
    pytest.importorskip("plotly")

    app = start("page/claims.py")
    shown = " ".join(m.value for m in app.markdown)
    for name in NAMES:
        assert claims.load(name).claim[:12] in shown.replace("\\", "")
    app.button(key="_card_wire-delay").click().run()
    assert not app.exception
    slider = app.select_slider(key="_claim_wire-delay")
    slider.set_value(float(slider.options[2]) if not isinstance(slider.options[2], float) else slider.options[2]).run()
    assert not app.exception
