"""Simpler rules for the power of a port."""

from __future__ import annotations

from estimator.calibration.electrical_data import NodeTable, usable
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_electrical import ElectricalNodeRow, PortPowerRow, StepRow


def face_value_power(row: PortPowerRow, nodes: NodeTable) -> float:
    """The foundry's own step at face value; without a statement, nm ratio times nominal supply squared."""
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
