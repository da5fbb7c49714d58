"""Evidence on power and voltage against clock of one die: measured points and stock tables, as flat arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.arrays import Array
from estimator.calibration.priors import expected, priors
from estimator.parameters.library import params_data, params_names
from estimator.parameters.silicon import known, read_silicon
from estimator.parameters.silicon_electrical import BoardRow, PowerPointRow, VoltagePointRow
from estimator.physics.power import memory_power

TextArray = NDArray[np.str_]


@dataclass(frozen=True)
class PowerPoints:
    """Points of one die away from its anchor, with what is known of the board and the anchor.

    Powers in W, clocks in MHz, memory traffic in W at full bandwidth. `kind` is ``locked`` (power at a clock),
    ``cap`` (performance at a power) or ``clock-cap`` (clock at a power); `value` is the measured quantity over its value
    at the anchor.
    """

    case: TextArray
    family: TextArray
    kind: TextArray
    workload_class: TextArray
    hbm: NDArray[np.bool_]
    memory_w: Array
    limit_w: Array
    anchor_w: Array
    anchor_mhz: Array
    reference_mhz: Array
    clock_mhz: Array
    power_w: Array
    value: Array
    source: TextArray

    def __len__(self) -> int:
        return len(self.case)

    def take(self, mask: NDArray[np.bool_]) -> PowerPoints:
        """The points of a mask."""
        return PowerPoints(**{f.name: getattr(self, f.name)[mask] for f in fields(self)})


def memory_energy_pj_bit() -> dict[str, float]:
    """Energy per bit of each memory type [pJ/bit], from ``params/memory``."""
    out: dict[str, float] = {}
    for name in params_names("memory"):
        out[name] = float(params_data(f"memory/{name}")["energy_pj_bit"]["central"])
    return out


def reference_clocks(*, exclude: Iterable[str] = ()) -> dict[str, float]:
    """Clock of the vendor's boost GPUs at 1.05 V for each node [MHz], from the voltage points of other families.

    Every chip's highest point is carried to 1.05 V with dlnf/dlnV = 1; a node takes the mean of its chips, drawn half-way
    to the mean over all nodes for one chip, less for more. Key ``""`` is the mean over nodes.
    """
    left_out = set(exclude)
    rules = priors("voltage_rules")
    top: dict[tuple[str, str], tuple[float, float]] = {}
    for row in read_silicon(VoltagePointRow):
        if not row.fitted or not row.chip.startswith(("GTX", "RTX")) or row.family in left_out:
            continue
        if row.node == "tsmc-28hpm" or row.voltage_v < rules["curve_supply_min_v"].central:
            continue
        key = (row.node, row.family)
        top[key] = max(top.get(key, (0.0, 0.0)), (row.voltage_v, row.clock_mhz))
    by_node: dict[str, list[float]] = {}
    for (node, _), (voltage, clock) in sorted(top.items()):
        by_node.setdefault(node, []).append(clock * rules["reference_supply_v"].central / voltage)
    overall = float(np.mean([np.mean(values) for values in by_node.values()]))
    out = {node: (sum(values) + overall) / (len(values) + 1) for node, values in by_node.items()}
    out[""] = overall
    return out


def load_points(*, exclude: Iterable[str] = ()) -> PowerPoints:
    """All points of the fit; ``exclude`` removes families from the reference clocks only (use `PowerPoints.take`).

    The anchor is the chip's own top point of the same workload. Where it has no clock, the published boost clock is
    taken, or half-way between base and boost if the run draws more than 80 % of its limit (bound by power).
    """
    boards = {row.board: row for row in read_silicon(BoardRow)}
    energy = memory_energy_pj_bit()
    clocks = reference_clocks(exclude=exclude)
    rows = [row for row in read_silicon(PowerPointRow) if row.fitted]
    anchors = {(r.board, r.workload, r.kind): r for r in rows if r.anchor}
    columns: dict[str, list[Any]] = {f.name: [] for f in fields(PowerPoints)}
    for row in rows:
        anchor = anchors.get((row.board, row.workload, row.kind))
        if anchor is None or row.anchor:
            continue
        board = boards[row.board]
        limit, boost = board.power_limit_w, board.boost_clock_mhz
        bound_by_power = anchor.power_w > expected("voltage_rules", "power_bound_share") * limit
        anchor_mhz = known(anchor.clock_mhz, 0.5 * (board.base_clock_mhz + boost) if bound_by_power else boost)
        if row.kind == "cap" and row.workload_class == "decode":
            anchor_mhz = boost  # the memory, not the power, holds a decode run back
        traffic = memory_power(
            bandwidth_gb_s=board.memory_gb_s, energy_pj_bit=energy[board.memory], memory_stacks=0.0, static_w=0.0
        )
        cells: dict[str, Any] = {
            "hbm": board.memory.startswith("hbm"),
            "memory_w": float(traffic),
            "limit_w": limit,
            "anchor_w": anchor.power_w,
            "anchor_mhz": anchor_mhz,
            "reference_mhz": clocks.get(board.node, clocks[""]),
            "clock_mhz": row.clock_mhz,
            "power_w": row.power_w,
            "value": _measured(row) / _measured(anchor),
        }
        for name, values in columns.items():
            values.append(cells[name] if name in cells else getattr(row, name))
    return PowerPoints(**{name: np.array(values) for name, values in columns.items()})


def _measured(row: PowerPointRow) -> float:
    """The quantity that a point measures: power at a clock, performance at a power, or clock at a power."""
    return {"locked": row.power_w, "cap": row.relative_performance, "clock-cap": row.clock_mhz}[row.kind]


@dataclass(frozen=True)
class StockCurves:
    """Points of stock voltage curves below each chip's own top point."""

    family: tuple[str, ...]
    chip: tuple[str, ...]
    source: tuple[str, ...]
    node: tuple[str, ...]
    supply_v: Array
    top_supply_v: Array
    clock_ratio: Array
    clock_mhz: Array
    top_clock_mhz: Array


def load_stock_curves() -> StockCurves:
    """Voltage points of the fit as clock over the clock of the chip's own highest point."""
    chips: dict[str, list[VoltagePointRow]] = {}
    for row in read_silicon(VoltagePointRow):
        if row.fitted:
            chips.setdefault(row.chip, []).append(row)
    found: list[tuple[VoltagePointRow, VoltagePointRow]] = []
    for group in chips.values():
        top = max(group, key=lambda r: (r.clock_mhz, r.voltage_v))
        found += [(r, top) for r in group if r.clock_mhz < top.clock_mhz]
    return StockCurves(
        family=tuple(r.family for r, _ in found),
        chip=tuple(r.chip for r, _ in found),
        source=tuple(r.url or r.source for r, _ in found),
        node=tuple(r.node for r, _ in found),
        supply_v=np.array([r.voltage_v for r, _ in found]),
        top_supply_v=np.array([t.voltage_v for _, t in found]),
        clock_ratio=np.array([r.clock_mhz / t.clock_mhz for r, t in found]),
        clock_mhz=np.array([r.clock_mhz for r, _ in found]),
        top_clock_mhz=np.array([t.clock_mhz for _, t in found]),
    )
