"""Evidence on gate delay and switched capacitance: the node table and the rows of params/silicon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from estimator.arrays import Array
from estimator.calibration.priors import expected, priors
from estimator.parameters.library import params_data, params_names
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_electrical import ElectricalNodeRow
from estimator.physics.timing import relative_gate_delay

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class NodeTable:
    """Nodes of all lines, from old to new within a line, with what the voltage law needs."""

    names: tuple[str, ...]
    lines: tuple[str, ...]
    finfet: Array
    supply_v: Array
    supply_min_v: Array
    threshold_v: Array
    insensitive: Array
    linear_nm: Array
    delay_prior_ps: Array
    delay_prior_v: Array

    def index(self, name: str) -> int:
        """Position of a node."""
        return self.names.index(name)

    def law(self, node: IntArray | int) -> dict[str, Array]:
        """What `estimator.physics.timing` needs of nodes: their nominal supply, threshold and insensitive share."""
        return {
            "nominal_supply_v": self.supply_v[node],
            "threshold_v": self.threshold_v[node],
            "supply_insensitive_fraction": self.insensitive[node],
        }

    def delay(self, log_delay: Array, node: IntArray, supply_v: Array) -> Array:
        """Gate delay [ps] of nodes at voltages (law of `estimator.physics.timing.relative_gate_delay`); nodes on the last axis."""
        return np.asarray(np.exp(log_delay[..., node]) * relative_gate_delay(supply_v=supply_v, **self.law(node)))


def _voltage_fit() -> dict[str, Any]:
    """Tables of the voltage fit; empty before it has been written."""
    return params_data("fit/voltage") if "voltage" in params_names("fit") else {}


def _supply(row: ElectricalNodeRow) -> tuple[float, float]:
    """Nominal and lowest supply of a node: its parameter file, or this table where there is none."""
    lowest = expected("electrical", "supply_min_of_nominal") * row.supply_v
    return _library_supplies().get(row.node, (row.supply_v, lowest))


@cache
def _library_supplies() -> dict[str, tuple[float, float]]:
    """Nominal and lowest supply in each node file, which no fit writes; one based on another node is in no fit."""
    tables = {name: params_data(f"nodes/{name}") for name in params_names("nodes")}
    return {
        name: (t["supply_v"]["central"], t["supply_min_v"]["central"]) for name, t in tables.items() if "base" not in t
    }


def load_nodes(law: Mapping[str, Any] | None = None) -> NodeTable:
    """The node table with the supply of the node files and a voltage law (default: ``params/fit/voltage.toml``)."""
    rows = read_silicon(ElectricalNodeRow)
    law = _voltage_fit() if law is None else law

    def fitted(name: str, key: str, default: float) -> float:
        return float(law.get(name, {}).get(key, {}).get("central", default))

    prior, law_name = priors("electrical"), "supply_insensitive_fraction"
    share = prior["pitch_share"].central
    pitch = np.array([np.sqrt(r.pitch_cpp_nm * r.pitch_metal_nm) for r in rows])
    cell = np.array([1000.0 * np.sqrt(r.sram_um2) for r in rows])
    return NodeTable(
        names=tuple(r.node for r in rows),
        lines=tuple(r.line for r in rows),
        finfet=np.array([r.device != "planar" for r in rows], dtype=float),
        supply_v=np.array([_supply(r)[0] for r in rows]),
        supply_min_v=np.array([_supply(r)[1] for r in rows]),
        threshold_v=np.array([fitted(r.node, "threshold_v", prior["threshold_v"].central) for r in rows]),
        insensitive=np.array([fitted(r.node, law_name, prior[law_name].central) for r in rows]),
        linear_nm=np.asarray(
            pitch**share * (cell * prior["pitch_per_cell_side"].central) ** (1.0 - share), dtype=float
        ),
        delay_prior_ps=np.array([r.delay_prior_ps for r in rows]),
        delay_prior_v=np.array([r.delay_prior_v for r in rows]),
    )


class FamilyRow(Protocol):
    """A row of a family, which may be listed without being used."""

    @property
    def family(self) -> str: ...

    @property
    def kept(self) -> bool: ...


R = TypeVar("R", bound=FamilyRow)


def usable(rows: Iterable[R], exclude: Iterable[str]) -> list[R]:
    """Rows marked as used whose family is not excluded."""
    removed = set(exclude)
    return [r for r in rows if r.kept and r.family not in removed]
