"""Sweeps: one or two inputs over a range, any output, as figure and file."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import streamlit as st

from estimator import figures
from estimator.errors import EstimatorError
from estimator.quantities import describe
from page.shared import bounds, controls, sweeps
from page.shared.choices import label, node_names
from page.shared.state import State
from page.shared.ui import chart, is_dark, safe, title

POINTS = 41  # along an axis at the start

state = controls.page_start()
dark = is_dark()


@st.cache_data(max_entries=24, show_spinner=False)
def swept(state: State, nodes: tuple[str, ...], axes: sweeps.Axes, output: str) -> Any:
    """The sweep as a dataset."""
    return sweeps.swept(state, nodes, axes, output)


left, right, narrow = st.columns([2, 2, 1])
outputs = [f for f in figures.LADDER_FIELDS if f != "dies"]
output = left.selectbox(
    "Output",
    outputs,
    index=outputs.index("tensor_tflops"),
    key="_sweep_output",
    format_func=lambda f: title(describe(f).long_name),
)
nodes = right.multiselect(
    "Nodes",
    node_names(),
    default=[n for n in dict.fromkeys((state.node, "tsmc-n7", "tsmc-n5")) if n in node_names()],
    format_func=lambda n: label("node", n),
    key="_sweep_nodes",
)
per_axis = narrow.number_input(
    "Points per axis",
    2,
    value=POINTS,
    step=10,
    key="_sweep_points",
    help=f"At most {bounds.SIZES['points'].most:,} points in all.",
)
axes: list[tuple[str, float, float, int]] = []
for column, (number, fallback) in zip(st.columns(2), ((1, "power_limit_w"), (2, "")), strict=True):
    names = ["", *sweeps.RANGES] if number == 2 else list(sweeps.RANGES)
    name = column.selectbox(
        f"Axis {number}",
        names,
        index=names.index(fallback),
        key=f"_sweep_axis{number}",
        format_func=lambda f: title(describe(f).long_name) if f else "none",
    )
    if name and name not in {a for a, *_ in axes}:
        low, high, a, b = sweeps.RANGES[name]
        unit = figures.unit_text(name)
        whole = "%.0f" if b - a > 20 else "%.2f"
        chosen = column.slider(
            f"Range [{unit or '1'}]", low, high, (a, b), format=whole, key=f"_sweep_range_{number}_{name}"
        )
        axes.append((name, *chosen, per_axis))
if not nodes:
    st.info("Choose at least one node.")
    st.stop()
two = len(axes) == 2
shown = tuple(nodes[:1]) if two else tuple(nodes)
if two and len(nodes) > 1:
    st.caption(safe(f"Two axes: a map for the first node, {label('node', nodes[0])}."))
try:
    bounds.check_size("nodes", len(shown))
    bounds.check_size("points", len(shown) * per_axis ** len(axes))
    with bounds.granted("sweeps", hash((state, shown, tuple(axes), output))):
        ds = swept(state, shown, tuple(axes), output)
    named = ds.assign_coords(node=[label("node", n) for n in ds.node.values.tolist()]) if "node" in ds.dims else ds
    figure = figures.sweep_figure(named, output if output in ds else f"{output}_result", dark=dark)
except EstimatorError as error:
    st.error(safe(error), icon=":material/error:")
    st.stop()
chart(figure, "sweep")
points = int(np.prod(list(ds.sizes.values())))
impossible = int((~ds.feasible.values.astype(bool)).sum())
left_out = (
    f", of which {impossible:,} {'is' if impossible == 1 else 'are'} impossible and left out" if impossible else ""
)
st.caption(f"{points:,} points{left_out}.")


def table(kind: str) -> bytes:
    """The sweep as a file."""
    from estimator.sweeps import to_csv, to_table

    if kind == "csv":
        return to_csv(ds)
    import pyarrow.parquet

    out = io.BytesIO()
    pyarrow.parquet.write_table(to_table(ds), out)
    return out.getvalue()


with st.container(horizontal=True):
    st.download_button("CSV", lambda: table("csv"), "sweep.csv", "text/csv", on_click="ignore", key="_sweep_csv")
    st.download_button("Parquet", lambda: table("parquet"), "sweep.parquet", on_click="ignore", key="_sweep_parquet")
st.markdown("**As Python**")
st.code(sweeps.as_python(state, shown, tuple(axes), output), language="python")
