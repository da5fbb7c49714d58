"""How wrong the model is: every prediction held against real silicon that it was not fitted to."""

from __future__ import annotations

import streamlit as st

from estimator.figures import residuals, scatter
from estimator.files import csv_text
from estimator.validation import as_data, honest_sentence, stored
from page.shared.ui import chart, data_table, is_dark, safe

dark = is_dark()


@st.cache_data(show_spinner=False)
def _report() -> tuple[list[dict], dict, str]:  # type: ignore[type-arg]
    data = as_data(stored())
    return data["cases"], data["groups"], honest_sentence(stored()).split("; median error")[0] + "."


rows, groups, sentence = _report()
st.subheader("Held against real silicon")
st.markdown(safe(sentence))
st.caption(
    "Each row is a real value, predicted without its product family in the fit (die areas: without the die itself). The best "
    "simple rule is what a reader could do by hand on the same rows. Recompute with: python -m estimator validate"
)
data_table(
    [
        {
            "group": group,
            "rows": line["rows"],
            "families": line["families"],
            "median error [%]": round(100 * line["median"], 2),
            "90th percentile [%]": round(100 * line["p90"], 1),
            "worst [%]": round(100 * line["worst"], 1),
            "inside 80 % interval [%]": round(100 * line["coverage"]),
            "best simple rule": min(line["baselines"].items(), key=lambda kv: kv[1]["median"], default=("none", {}))[0],
            "its median error [%]": round(100 * min((b["median"] for b in line["baselines"].values()), default=0.0), 1),
        }
        for group, line in groups.items()
    ],
    height="content",
    alt="Groups of validation rows with their errors and the best simple rule",
)
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
