"""The claims: each with its computed verdict, the number that decides it, and what would flip it."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

import estimator
from estimator import claims
from estimator.claims import flip_parts, summary, threshold_text
from estimator.errors import EstimatorError
from estimator.figures import claim_figure, margins_figure, time_against_cost
from estimator.quantities import number
from estimator.uses import by_plan
from page.shared import bounds
from page.shared.ui import chart, data_table, is_dark, safe

ANSWERS = {"holds": "Yes", "holds in part": "In part", "does not hold": "No"}
BADGES = {
    "holds": (":material/check_circle:", "green"),
    "holds in part": (":material/contrast:", "orange"),
    "does not hold": (":material/cancel:", "red"),
}


@st.cache_resource(max_entries=256, show_spinner="Measuring ...")
def result_of(name: str, assumed: float | None) -> claims.Result:
    """A claim's result (read only) at a value of its assumption."""
    return claims.assess(name, assumed=assumed)


def badge(verdict: str) -> str:
    """A verdict as an icon and a plain answer."""
    icon, colour = BADGES[verdict]
    return f":{colour}-badge[{icon} {ANSWERS[verdict]}]"


def choose(name: str) -> None:
    """Open a claim (empty text: none)."""
    st.session_state["claim"] = name


def card(name: str) -> None:
    """One claim: a plain answer, the number that decides it, and a way to look closer."""
    found = result_of(name, None)
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.markdown(f"{badge(found.verdict)} **{found.claim.number}. {safe(found.claim.title)}**")
        st.markdown(f"{safe(found.claim.claim)}  \n:small[{safe(summary(found))}]")
        st.button(
            "Look closer", key=f"_card_{name}", on_click=choose, args=(name,), type="tertiary", icon=":material/search:"
        )


def assumption(claim: claims.Claim) -> float | None:
    """The control of the assumption; None where it stands as it is."""
    a = claim.assumption
    here = claim.central_assumption()
    steps = [float(f"{v:.3g}") for v in a.points(49)]
    inside = [v for v in steps if a.low <= v <= a.high and abs(v / here - 1) > 0.01]
    options = sorted({*inside, here})
    value = st.select_slider(
        f"Change the assumption: {safe(a.label)}",
        options,
        value=here,
        format_func=lambda v: number(v, a.unit),
        key=f"_claim_{claim.name}",
        help=safe(a.note),
    )
    return None if value == here else float(value)


def sources(claim: claims.Claim) -> None:
    """Where the claim's thresholds and numbers come from."""
    keys = dict.fromkeys([*claim.source, *(k for n in claim.numbers for k in claim.parameter(n).source)])
    known = estimator.sources()
    for key in keys:
        s: dict[str, Any] = known.get(key, {})
        text = safe(f"{s.get('author', key)}: {s.get('title', '')} ({s.get('year', '')})")
        st.markdown(f"- [{text}]({s['url']})" if str(s.get("url", "")).startswith("https://") else f"- {text}")


@st.fragment
def panel(name: str, dark: bool) -> None:
    """One claim in full."""
    claim = claims.load(name)
    st.markdown(f"##### {safe(claim.claim)}")
    try:
        assumed = assumption(claim)
        with bounds.granted("claims", (name, assumed)):
            result = result_of(name, assumed)
    except EstimatorError as error:
        st.error(safe(error), icon=":material/error:")
        return
    st.markdown(f"#### {ANSWERS[result.verdict]}: {safe(summary(result))}")
    if np.isfinite(result.agreement):
        st.caption(f"The same verdict in {100 * result.agreement:.0f} % of draws of all uncertain assumptions.")
    left, right = st.columns([1.3, 1])
    with left:
        chart(claim_figure(result, dark=dark), f"claim_{name}")
        st.caption(safe("W" + "; ".join(flip_parts(result))[1:] + "."))
    with right:
        chart(margins_figure(result, dark=dark), f"claim_margins_{name}")
        st.markdown(safe(claim.why))
    data_table(
        [
            {
                "measured": t.label,
                "value": number(result.values[t.measure], t.unit),
                "80 % interval": " to ".join(number(v) for v in result.intervals.get(t.measure, ())),
                "needed": threshold_text(claim, i),
                "verdict": claims.test_verdict(result, t),
                "why this threshold": t.reason,
            }
            for i, t in enumerate(claim.tests)
        ],
        key=f"claim_tests_{name}",
        alt="Measured quantities with their thresholds and verdicts",
    )
    with st.expander("Evidence and sources"):
        data_table(
            [{"evidence": k, "value": v} for k, v in result.evidence],
            key=f"claim_evidence_{name}",
            alt="Evidence of the claim",
        )
        sources(claim)
        st.code(f"python -m estimator claim {name}", language="bash")


dark_ = is_dark()
names = claims.names()
asked = st.session_state.get("claim") or ""
chosen = asked or names[0]
st.title("Claims, each with a number", anchor=False)
if asked:
    st.button("All claims", on_click=choose, args=("",), icon=":material/arrow_back:", key="_all_claims")
    panel(chosen, dark_)
    if asked == "not-at-scale":
        st.page_link("page/supply.py", label="How many could they really make?", icon=":material/factory:")
else:
    st.caption("The answers follow from the computed numbers and the thresholds stated with each claim.")
    with st.grid(3, min_column_width=260, gap="small"):
        for n in names:
            card(n)
    panel(chosen, dark_)
if chosen in ("known-runs", "fewer-tensor-units"):

    @st.cache_data(show_spinner=False)
    def _runs() -> Any:
        return by_plan("h800-sxm", "12nm", "deepseek-v3")

    with st.container(border=True):
        st.markdown("**DeepSeek-V3's run by plan: time against cost**, on as many H800 or their 12 nm clones")
        st.caption("Clones are counted at their cost to make with design and masks, the original at its price.")
        runs = _runs()
        chart(time_against_cost(runs, dark=dark_), "training_plans")
        for plan, why in runs.items():
            if isinstance(why, str):
                st.caption(f"{safe(plan)}: {safe(why)}")
