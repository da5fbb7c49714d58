"""Sweeps: one or two inputs over a range, any output, as figure and file."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import streamlit as st

from estimator import figures
from estimator.errors import EstimatorError
from estimator.fields import describe
from estimator.figures.sweep import sweep_figure
from page.shared import bounds, controls, results
from page.shared import state as states
from page.shared.panels import title
from page.shared.state import State, label
from page.shared.ui import chart, is_dark, safe

# Input -> lowest, highest, and the range at the start.
RANGES: dict[str, tuple[float, float, float, float]] = {
    "power_limit_w": (50.0, 3000.0, 200.0, 1400.0),
    "clock_ghz": (0.1, 4.0, 0.4, 1.6),
    "maturity_quarters": (0.0, 40.0, 0.0, 24.0),
    "defect_density_per_cm2": (0.0, 2.0, 0.02, 0.5),
    "units": (1.0, 400.0, 20.0, 144.0),
    "junction_max_c": (50.0, 150.0, 70.0, 110.0),
    "volume": (100.0, 1e7, 1e4, 1e6),
    "wafer_cost_usd": (500.0, 40_000.0, 2000.0, 20_000.0),
}
WHOLE = ("units", "volume")
POINTS = 41  # along an axis at the start

state = controls.page_start()
dark = is_dark()


def axis(name: str, low: float, high: float, points: int) -> list[float]:
    """Values along one axis."""
    values = np.linspace(low, high, points)
    return sorted({float(round(v)) for v in values}) if name in WHOLE else [float(v) for v in values]


@st.cache_data(max_entries=24, show_spinner=False)
def swept(state: State, nodes: tuple[str, ...], axes: tuple[tuple[str, tuple[float, ...]], ...], output: str) -> Any:
    """The sweep as a dataset."""
    from estimator import sweep

    design, _, options = states.call_of(states.with_values(state, {"plan": "same-units", "against": "home"}))
    for name, values in axes:
        if name in ("clock_ghz", "power_limit_w"):
            options = {k: v for k, v in options.items() if k not in ("clock_ghz", "power_w", "power_limit_w")}
        options[name] = list(values)
    chosen = [states.node_of(state, n) for n in nodes]
    return sweep(design, chosen if len(chosen) > 1 else chosen[0], outputs=[output], **options)


left, right, narrow = st.columns([2, 2, 1])
outputs = [f for f in figures.LADDER_FIELDS if f != "dies"]
output = left.selectbox("Output", outputs, index=outputs.index("tensor_tflops"), key="_sweep_output",
                        format_func=lambda f: title(describe(f).long_name))  # fmt: skip
nodes = right.multiselect(
    "Nodes", states.node_names(),
    default=[n for n in dict.fromkeys((state.node, "tsmc-n7", "tsmc-n5")) if n in states.node_names()],
    format_func=lambda n: label("node", n), key="_sweep_nodes",
)  # fmt: skip
per_axis = narrow.number_input("Points per axis", 2, value=POINTS, step=10, key="_sweep_points",
                               help=f"At most {bounds.SIZES['points'].most:,} points in all.")  # fmt: skip
axes: dict[str, tuple[float, float]] = {}
for column, (number, fallback) in zip(st.columns(2), ((1, "power_limit_w"), (2, "")), strict=True):
    names = ["", *RANGES] if number == 2 else list(RANGES)
    name = column.selectbox(
        f"Axis {number}", names, index=names.index(fallback), key=f"_sweep_axis{number}",
        format_func=lambda f: title(describe(f).long_name) if f else "none",
    )  # fmt: skip
    if name:
        low, high, a, b = RANGES[name]
        unit = figures.unit_text(name)
        chosen = column.slider(f"Range [{unit or '1'}]", low, high, (a, b), key=f"_sweep_range_{number}_{name}")
        axes[name] = chosen
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
    values = tuple((name, tuple(axis(name, *ends, per_axis))) for name, ends in axes.items())
    with bounds.granted("sweeps", hash((state, shown, values, output))):
        ds = swept(state, shown, values, output)
    figure = sweep_figure(ds, output if output in ds else f"{output}_result", dark=dark)
except EstimatorError as error:
    st.error(safe(error), icon=":material/error:")
    st.stop()
chart(figure, "sweep")
points = int(np.prod(list(ds.sizes.values())))
impossible = int((~ds.feasible.values.astype(bool)).sum())
st.caption(f"{points:,} points" + (f", of which {impossible:,} are impossible and left out." if impossible else "."))


def table(kind: str) -> bytes:
    """The sweep as a file."""
    from estimator import sweep_files

    if kind == "csv":
        return sweep_files.to_csv(ds)
    import pyarrow.parquet

    out = io.BytesIO()
    pyarrow.parquet.write_table(sweep_files.to_table(ds), out)
    return out.getvalue()


with st.container(horizontal=True):
    st.download_button("CSV", lambda: table("csv"), "sweep.csv", "text/csv", on_click="ignore", key="_sweep_csv")
    if results.has_module("pyarrow"):
        st.download_button(
            "Parquet", lambda: table("parquet"), "sweep.parquet", on_click="ignore", key="_sweep_parquet"
        )
own = 'estimator.load_design("own-design.toml")' if state.design == states.OWN else f'"{state.design}"'
lines = [f"    {own}, {[*shown]!r},"] + [
    f"    {n}=numpy.linspace({v[0]:g}, {v[-1]:g}, {len(v)})," for n, v in values
]
st.markdown("**As Python**")
st.code(
    "import estimator, numpy\n\nds = estimator.sweep(\n" + "\n".join(lines) + f'\n    outputs=["{output}"],\n)\n',
    language="python",
)
