"""The fit of gate delay and capacitance held against ports it did not see; what a user calls is judged in `port_rows`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from estimator.arrays import Array
from estimator.calibration.electrical_data import NodeTable, load_nodes, usable
from estimator.calibration.electrical_fit import ElectricalFit, fit_electrical, split
from estimator.calibration.electrical_rows import clock_rows, power_rows
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_electrical import ClockPairRow, NodeClockRow, PortPowerRow
from estimator.validation.electrical_baselines import face_value_power
from estimator.validation.held_out import product_families, related_families
from estimator.validation.rows import Row

POWER, CLOCK = "fit of power of a port", "fit of clock of a carried family"
Predict = Callable[[Array], Array]
R = TypeVar("R", PortPowerRow, ClockPairRow)


def _held_out(rows: Sequence[R], predict_of: Callable[[R, NodeTable], Predict]) -> list[tuple[float, tuple[str, ...]]]:
    """For each row: ln prediction, and the families which the fit behind it has not seen."""
    whole = fit_electrical()
    fits: dict[tuple[str, ...], ElectricalFit] = {}
    known = product_families()
    out = []
    for row in rows:
        removed = related_families(row.family, known)
        if removed not in fits:
            fits[removed] = fit_electrical(removed, start=whole)
        fit = fits[removed]
        out.append((float(predict_of(row, fit.nodes)(fit.vector)[0]), removed))
    return out


def _rows(
    rows: Sequence[R],
    *,
    group: str,
    unit: str,
    name: str,
    real: Array,
    base: Array,
    predict: Callable[[R, NodeTable], Predict],
) -> list[Row]:
    return [
        Row(
            case=r.case,
            group=group,
            family=r.family,
            real=float(real[k]),
            predicted=float(np.exp(ln)),
            low=math.nan,
            high=math.nan,
            baselines={name: float(base[k])} if np.isfinite(base[k]) else {},
            node=r.node_b,
            unit=unit,
            source=r.source,
            removed=removed,
        )
        for k, (r, (ln, removed)) in enumerate(zip(rows, _held_out(rows, predict), strict=True))
    ]


def port_power_rows() -> list[Row]:
    """Power of ported chips, b over a, each from a fit without its product family."""
    rows = usable(read_silicon(PortPowerRow), ())
    nodes = load_nodes()

    def predict_of(row: PortPowerRow, table: NodeTable) -> Predict:
        one = power_rows([row], table)
        return lambda x: one.predict(table, *split(x)[:3])

    real = np.array([r.ratio for r in rows])
    base = np.array([face_value_power(r, nodes) for r in rows])
    return _rows(
        rows,
        group=POWER,
        unit="1",
        name="face value",
        real=real,
        base=base,
        predict=predict_of,
    )


def family_clock_rows() -> list[Row]:
    """Clock [MHz] of a family carried to another node, each from a fit without its product family."""
    rows = [r for r in usable(read_silicon(ClockPairRow), ()) if r.kind == "family"]
    median = {r.node: r.median_boost_mhz for r in read_silicon(NodeClockRow)}

    def predict_of(row: ClockPairRow, table: NodeTable) -> Predict:
        one = clock_rows([row], table)
        return lambda x: one.predict(table, split(x)[0]) + np.log(row.clock_a_mhz)

    real = np.array([r.clock_b_mhz for r in rows])
    base = np.array([median.get(r.node_b, float("nan")) for r in rows])
    return _rows(rows, group=CLOCK, unit="MHz", name="node median", real=real, base=base, predict=predict_of)
