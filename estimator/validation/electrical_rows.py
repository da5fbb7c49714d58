"""Validation of gate delay and capacitance on ports: power at a clock and clock at a voltage, family left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import numpy as np

from estimator.arrays import Array
from estimator.calibration.electrical_data import FamilyRow, NodeTable, load_nodes, usable
from estimator.calibration.electrical_fit import ElectricalFit, central_differences, fit_electrical, split
from estimator.calibration.electrical_rows import clock_rows, power_rows, voltage_sd
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_electrical import (
    ClockPairRow,
    ElectricalNodeRow,
    LinkRow,
    NodeClockRow,
    PortPowerRow,
    StepRow,
)
from estimator.quantities import NORMAL_90
from estimator.validation.clock_rows import sku_rows
from estimator.validation.rows import Row

Predict = Callable[[Array], Array]
R = TypeVar("R", PortPowerRow, ClockPairRow)


def related_families(family: str, known: Iterable[str]) -> tuple[str, ...]:
    """Families which share a product line with one: ``Maxwell-Pascal`` and ``Pascal-Turing`` do.

    Examples
    --------
    >>> related_families("Maxwell-Pascal", ["Pascal-Turing", "Vega", "Maxwell-Pascal"])
    ('Maxwell-Pascal', 'Pascal-Turing')
    """
    parts = set(family.split("-"))
    return tuple(sorted(other for other in set(known) if parts & set(other.split("-"))))


def product_families() -> tuple[str, ...]:
    """All families of products in the calibration rows (foundry statements and class links are not products)."""
    every: list[FamilyRow] = [*read_silicon(PortPowerRow), *read_silicon(ClockPairRow), *read_silicon(LinkRow)]
    return tuple(sorted({r.family for r in usable(every, ()) if not r.family.startswith(("link ", "die "))}))


def _held_out(
    rows: Sequence[R], predict_of: Callable[[R, NodeTable], Predict]
) -> list[tuple[float, float, tuple[str, ...]]]:
    """For each row: ln prediction and its parameter spread, from a fit without the row's families."""
    whole = fit_electrical()
    fits: dict[tuple[str, ...], ElectricalFit] = {}
    known = product_families()
    out = []
    for row in rows:
        removed = related_families(row.family, known)
        if removed not in fits:
            fits[removed] = fit_electrical(removed, start=whole)
        fit = fits[removed]
        predict = predict_of(row, fit.nodes)
        slope = central_differences(predict, fit.vector)[0]
        out.append((float(predict(fit.vector)[0]), float(np.sqrt(slope @ fit.covariance @ slope)), removed))
    return out


def conformal_width(residuals: Array, spreads: Array, families: list[str]) -> Array:
    """Half width of an 80 % interval (in logarithms) for each row, from the rows of all *other* families.

    The known spread of a row plus a model-error term, scaled such that 80 % of the other families' residuals fall
    inside (split conformal prediction with the family as the unit left out).
    """
    out = np.zeros(len(residuals))
    for k, family in enumerate(families):
        others = np.array([f != family for f in families])
        floor = float(np.median(np.abs(residuals[others])))
        scale = np.hypot(spreads, floor)
        out[k] = float(np.quantile(np.abs(residuals[others]) / scale[others], 0.8)) * scale[k]
    return out


def _rows(
    rows: Sequence[R],
    *,
    group: str,
    unit: str,
    name: str,
    real: Array,
    base: Array,
    known: Array,
    predict: Callable[[R, NodeTable], Predict],
) -> list[Row]:
    held = _held_out(rows, predict)
    ln = np.array([h[0] for h in held])
    spread = np.hypot(np.array([h[1] for h in held]), known)
    families = [r.family for r in rows]
    half = conformal_width(ln - np.log(real), spread, families)
    return [
        Row(
            case=r.case,
            group=group,
            family=r.family,
            real=float(real[k]),
            predicted=float(np.exp(ln[k])),
            low=float(np.exp(ln[k] - half[k])),
            high=float(np.exp(ln[k] + half[k])),
            baselines={name: float(base[k])} if np.isfinite(base[k]) else {},
            node=r.node_b,
            unit=unit,
            source=r.source,
            removed=held[k][2],
        )
        for k, r in enumerate(rows)
    ]


def face_value_power(row: PortPowerRow, nodes: NodeTable) -> float:
    """Baseline: the foundry's own step at face value; without a statement, nm ratio times nominal supply squared."""
    claims = {
        (r.node_old, r.node_new): r.central for r in usable(read_silicon(StepRow), ()) if r.kind == "power_iso_speed"
    }
    size = {r.node: r.generation_nm for r in read_silicon(ElectricalNodeRow)}

    def step(old: str, new: str) -> float:
        if (old, new) in claims:
            return claims[(old, new)]
        if (new, old) in claims:
            return 1.0 / claims[(new, old)]
        volts = nodes.supply_v[nodes.index(new)] / nodes.supply_v[nodes.index(old)]
        return float(size[new] / size[old] * volts**2)

    clock = row.clock_ratio
    total = row.fixed_share * row.fixed_ratio
    total += row.share_1 * step(row.node_a, row.node_b) * clock
    if row.node_a2:
        total += row.share_2 * step(row.node_a2, row.node_b2) * clock
    return total


def port_power_rows() -> list[Row]:
    """Power of ported chips, b over a, each from a fit without its product family."""
    rows = usable(read_silicon(PortPowerRow), ())
    nodes = load_nodes()

    def predict_of(row: PortPowerRow, table: NodeTable) -> Predict:
        one = power_rows([row], table)
        return lambda x: one.predict(table, *split(x)[:3])

    real = np.array([r.ratio for r in rows])
    base = np.array([face_value_power(r, nodes) for r in rows])
    fixed = np.array([(r.fixed_high - r.fixed_low) / (2.0 * NORMAL_90) for r in rows])
    measured = np.array([np.log(r.ratio_high / r.ratio_low) / (2.0 * NORMAL_90) for r in rows])
    known = np.hypot(fixed * (1.0 - real) / real, measured)
    return _rows(
        rows,
        group="power of a port",
        unit="1",
        name="face value",
        real=real,
        base=base,
        known=known,
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
    unsure = np.array([voltage_sd(r) for r in rows])
    return _rows(
        rows, group="clock", unit="MHz", name="node median", real=real, base=base, known=unsure, predict=predict_of
    )


def electrical_rows() -> list[Row]:
    """All validation rows of delay, capacitance and power-limited clock."""
    return [*port_power_rows(), *family_clock_rows(), *sku_rows()]
