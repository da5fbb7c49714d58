"""How wrong the model is: every prediction held against real silicon that it was not fitted to."""

from __future__ import annotations

import streamlit as st

from estimator.figures import residuals, scatter
from estimator.files import csv_text
from estimator.validation import as_data, best_rule, coverage, honest_sentence, misses, percent, stored
from page.shared.ui import chart, data_table, is_dark, safe

dark = is_dark()


@st.cache_data(show_spinner=False)
def _report() -> tuple[list[dict], dict, dict, list[str], str]:  # type: ignore[type-arg]
    data = as_data(stored())
    return data["cases"], data["groups"], coverage(stored()), misses(stored()), honest_sentence(stored())


rows, groups, inside, missed, sentence = _report()
st.subheader("Held against real silicon")
st.markdown(safe(sentence))
st.caption(
    "Each row is a published value, predicted by the call that anyone can make, without its product family in any fit. Errors "
    "and coverage count each family once. The best simple rule is what a reader could do by hand on the same rows. Recompute "
    "with: python -m estimator validate"
)
data_table(
    [
        {
            "group": group,
            "rows": line["rows"],
            "families": line["families"],
            "median error [%]": round(100 * line["median"], 1),
            "90th percentile [%]": round(100 * line["p90"], 1),
            "worst [%]": round(100 * line["worst"]),
            "target": " / ".join(f"{name} {100 * most:g} %" for name, most in line["target"].items()) or "-",
            "families kept back: median [%]": round(100 * line["kept_back"]["median"], 1)
            if line["kept_back"]
            else None,
            "best simple rule": f"{rule[0]}: {100 * rule[1]:.1f} %" if (rule := best_rule(line)) else "-",
            "inside 80 % interval [%]": round(100 * line["intervals"]["inside"]) if line["intervals"] else None,
            "width [%]": round(100 * line["intervals"]["width"]) if line["intervals"] else None,
        }
        for group, line in groups.items()
    ],
    height="content",
    alt="Groups of validation rows with their errors, targets and the best simple rule",
)
data_table(
    [
        {
            "intervals of": name,
            "rows": line["rows"],
            "families": line["families"],
            "inside 80 %": percent(line["inside"], 0),
            "width": percent(line["width"], 0),
            "interval score": round(line["score"], 2),
            "best constant width's": round(line["constant"], 2),
        }
        for name, line in inside.items()
    ],
    height="content",
    alt="Coverage, width and score of the 80 % intervals",
)
st.caption("Targets missed: " + ("; ".join(missed) if missed else "none") + ".")
group = st.selectbox("Group", list(groups), key="_validation_group")
cases = [c for c in stored() if c.group == group]
left, right = st.columns(2)
with left:
    st.markdown("**Predicted against real**, with 80 % intervals")
    chart(scatter(cases, dark=dark), "validation_scatter")
with right:
    st.markdown("**Error by node or family**")
    chart(residuals(cases, dark=dark), "validation_residuals")
table = [
    {
        "case": r["case"],
        "real": r["real"],
        "predicted": r["predicted"],
        "error [%]": round(100 * r["error"], 1),
        "low": r["low"],
        "high": r["high"],
        "inside": "yes" if r["inside"] else "no",
        "split": r["split"],
        "call": r["call"],
        "unit": r["unit"],
        "family": r["family"],
        "removed from the fit": ", ".join(r["removed"]),
        "source": r["source"],
    }
    for r in rows
    if r["group"] == group
]
data_table(table, alt=f"Rows of the group {group}")


def _csv() -> str:
    return csv_text(list(table[0]), (row.values() for row in table))


st.download_button("Download this group (CSV)", _csv, "validation.csv", "text/csv", on_click="ignore")
