"""The method: equations with the current numbers, every parameter with its source, and editing for this visit."""

from __future__ import annotations

import streamlit as st

from estimator.errors import EstimatorError
from page.shared import controls, parameters, results, steps, visit
from page.shared.ui import data_table, safe

state = controls.page_start()
try:
    est = results.estimate(state)
except EstimatorError as error:
    st.info(safe(error), icon=":material/block:")
    est = None

if est is not None:
    st.markdown("#### Step by step, with the current numbers")
    for step in steps.steps(est):
        with st.container(border=True):
            st.markdown(f"**{step.title}**")
            if len(step.equation) + len(step.numbers) > 140:
                st.latex(step.equation)
                st.latex(step.numbers)
            else:
                left, right = st.columns([1, 1.4], vertical_alignment="center")
                left.latex(step.equation)
                right.latex(step.numbers)
            st.caption(safe(step.sentence))

st.markdown("#### Every number, with its range and source")
table = parameters.rows(state)
text = st.text_input("Search", key="_search", placeholder="e.g. wafer price, leakage, 12FFN, estimate", max_chars=80)
found = parameters.matching(table, text)
st.caption(f"{len(found)} of {len(table)} numbers. A pencil marks an edited value.")
COLUMNS = (
    "edited",
    "quantity",
    "where",
    "used",
    "low",
    "central",
    "high",
    "unit",
    "kind",
    "source",
    "link",
    "note",
    "name",
)
data_table(
    [{k: ("✎" if r[k] else "") if k == "edited" else r[k] for k in COLUMNS} for r in found],
    height=420,
    key="parameter_table",
    column_config={
        "link": st.column_config.LinkColumn("link", display_text="open"),
        "edited": st.column_config.TextColumn("", width=30),
        **{k: st.column_config.NumberColumn(k, format="%.5g") for k in ("used", "low", "central", "high")},
    },
    alt="Parameters with low, central and high values, unit, kind, source and note",
)

choices = [r for r in found if r["editable"]]
if choices:
    by_key = {r["key"]: r for r in choices}
    st.markdown("**Try another value, for this visit**")
    with st.container(border=True):
        left, middle, right = st.columns([2.4, 1, 1], vertical_alignment="bottom")
        key = left.selectbox(
            "Number",
            list(by_key),
            format_func=lambda k: f"{by_key[k]['quantity']} ({by_key[k]['where']})",
            key="_edit_key",
        )
        row = by_key[key]
        value = middle.number_input(
            f"Value [{row['unit'] or '1'}]",
            value=float(row["used"]),
            format="%.5g",
            key=f"_edit_value_{key}",
            help=safe(
                f"From {row['low']:g} to {row['high']:g}, central {row['central']:g}. "
                f"Source: {row['source'] or 'given'}. {row['note']}"
            ),
        )
        right.button("Use this value", on_click=visit.edit, args=(key, float(value)), key="_edit_use", width="stretch")
st.caption(
    "The original keeps its published clock, power and area: a number of its own process changes what the clone is compared "
    "with. Numbers that complete a design or that a control sets are changed there; those of the I/O dies' process are listed only."
)
st.markdown("#### What the model leaves out")
st.markdown("\n".join(f"- {line}" for line in steps.LEFT_OUT))
