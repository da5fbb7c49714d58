"""Sweeps as the page asks for them: axes, the call of `estimator.sweep`, and the same as Python."""

from __future__ import annotations

from typing import Any

import numpy as np

from page.shared import code
from page.shared import state as states
from page.shared.state import State

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
_POINT_OF_WORK = ("clock_ghz", "power_w", "power_limit_w")
Axes = tuple[tuple[str, float, float, int], ...]
"""Inputs, each with lowest and highest value and number of points."""


def axis(name: str, low: float, high: float, points: int) -> list[float]:
    """Values along one axis."""
    values = np.linspace(low, high, points)
    return [float(v) for v in (np.unique(values.round()) if name in WHOLE else values)]


def _options(state: State, axes: Axes) -> dict[str, Any]:
    """Options of the page that hold along the axes: all units are kept, and an axis replaces what would decide the same."""
    _, _, options = states.call_of(states.with_values(state, {"plan": "same-units", "against": "home"}))
    names = {name for name, *_ in axes}
    gone = names | (set(_POINT_OF_WORK) if names & set(_POINT_OF_WORK) else set())
    return {k: v for k, v in options.items() if k not in gone}


def swept(state: State, nodes: tuple[str, ...], axes: Axes, output: str) -> Any:
    """The sweep as a dataset."""
    from estimator import sweep

    chosen = [states.node_of(state, n) for n in nodes]
    values = {name: axis(name, *ends) for name, *ends in axes}
    return sweep(
        states.design_of(state),
        chosen if len(chosen) > 1 else chosen[0],
        outputs=[output],
        **_options(state, axes),
        **values,
    )


def as_python(state: State, nodes: tuple[str, ...], axes: Axes, output: str) -> str:
    """Python that gives the same dataset."""
    chosen = [code.node_code(state, n) for n in nodes]
    lines = [f"    {code.design_code(state)}, {'[' + ', '.join(chosen) + ']' if len(chosen) > 1 else chosen[0]},"]
    for name, low, high, points in axes:
        values = f"numpy.linspace({low!r}, {high!r}, {points})"
        lines.append(f"    {name}={f'numpy.unique({values}.round())' if name in WHOLE else values},")
    lines += [*code.option_lines(_options(state, axes)), f'    outputs=["{output}"],']
    return "\n".join(["import estimator, numpy", "", "ds = estimator.sweep(", *lines, ")", "print(ds)"]) + "\n"
