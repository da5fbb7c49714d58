"""What may stand in a link of the page, and an upload: read as data; whatever is accepted gives a sound page or a sentence."""

import zlib

import pytest
from hostile import REFUSED, attempt, budget, mostly, sentence
from hypothesis import given
from hypothesis import strategies as st
from test_files import OWN, lines, mutations
from test_options import sound

from page.shared import choices as choosing
from page.shared import links
from page.shared import state as states

KEYS = (*states.LINKED, "v", "edit", "tab", "headline", "field", "design_toml", "node_toml", "x", "")
WORDS = (
    "h100-sxm",
    "mi300x",
    "12nm",
    "tsmc-n7",
    "own",
    "home",
    "air",
    "fast",
    "limit",
    "power",
    "clock",
    "best",
    "dies",
    "1",
    "0.5",
    "1e400",
    "nan",
    "-1",
    "inf",
    "true",
    "١٢",
    "1_0",
    " 4 ",
    "500,000",
    "500000",
    "Overview",
    "area",
    "equal-throughput",
    "node:tsmc-12ffn.supply_v=0.8",
    "node:tsmc-12ffn.supply_v=nan",
    "design:h100-sxm.power_w=1e9",
    "model:model.x=1",
    "a=b",
    "model:model.wire_reach_fraction=0.4",
    "node:tsmc-12ffn.threshold_v=1.2",
    "cooling:air-server.coolant_c=-50",
    "design:h100-sxm.logic_fraction=0.1",
    "node:tsmc-12ffn.wafer_cost_usd=1",
    "\x00",
    "é" * 500,
    "../../x",
    "%00",
)

texts = mostly(st.sampled_from(WORDS), st.text(max_size=12), one_in=4)
packed = st.one_of(
    st.text(max_size=20),
    st.binary(max_size=20).map(lambda b: zlib.compress(b).hex()),
    mutations("design").map(links.pack),
    mutations("node").map(links.pack),
    st.just(links.pack(OWN)),
    st.lists(lines, max_size=3).map("\n".join).map(lambda t: links.pack(t.encode("utf-8", "replace").decode())),
)


@st.composite
def queries(draw):
    """Query parameters: known and unknown keys, real and hostile values, some of them several times."""
    out = {}
    for key in draw(st.lists(st.sampled_from(KEYS) | st.text(max_size=5), max_size=5, unique=True)):
        if key in links.UPLOADS:
            out[key] = draw(packed)
        elif key in states.LINKED and draw(st.integers(0, 2)):
            choices = (
                choosing.choices(key) if key not in states.NUMBERS and key != "own_defects" else ("1", "true", "2")
            )
            out[key] = str(draw(st.sampled_from(choices)))
        elif key == "v":
            out[key] = draw(mostly(st.just("1"), texts))
        else:
            out[key] = draw(texts | st.lists(texts, min_size=1, max_size=3))
    return out


@budget(4)
@given(query=queries())
def test_any_link(query):
    link = attempt("links", links.parse, query)
    assert link is not REFUSED
    for clause in link.faults:
        sentence(clause)
    state = states.with_values(states.defaults(), link.values)
    again = links.parse(links.query(state, link.view))
    assert again.faults == [] or links.stays_here(state), again.faults


@budget(0.7)
@given(query=queries())
def test_a_state_of_a_link_gives_an_estimate_or_a_sentence(query):
    state = states.with_values(states.defaults(), attempt("links", links.parse, query).values)
    if state.plan != "best":  # a search of some seconds, of numbers that are fuzzed above
        est = attempt("links", states.estimate_of, state)
        if est is not REFUSED:
            sound(est.clone)


@budget(2)
@given(
    text=st.one_of(mutations("design"), mutations("node"), st.lists(lines, max_size=5).map("\n".join)),
    known=st.booleans(),
)
def test_any_upload(text, known):
    found = attempt("uploads", states.check_upload, OWN + text if known else text)
    if found is REFUSED:
        return
    kind, _ = found
    state = states.with_values(states.defaults(), {kind: choosing.OWN, f"{kind}_toml": OWN + text if known else text})
    est = attempt("uploads", states.estimate_of, state)
    if est is not REFUSED:
        sound(est.clone)


@pytest.mark.parametrize("text", ["", "=", "A" * 7000, links.pack(OWN)[:-4], "eJw" + "A" * 40, "é"])
def test_broken_uploads_in_links(text):
    link = attempt("links", links.parse, {"design_toml": text})
    for clause in link.faults:
        sentence(clause)
