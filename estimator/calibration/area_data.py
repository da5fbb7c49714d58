"""The silicon that area is calibrated on: discrete GPU dies, the nodes they were made on, and ports of one design."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from estimator.calibration.priors import expected
from estimator.parameters.library import params_data
from estimator.parameters.silicon import read_silicon
from estimator.parameters.silicon_dies import AreaNodeRow, GpuRow, PairRow
from estimator.uses.die_area import MBIT_PER_MBYTE


@dataclass(frozen=True)
class ShippedDie:
    """One die of `params/silicon/gpus.csv`.

    Attributes
    ----------
    chip, vendor, node, style, memory_type, source : str
        Name, designer, process, architecture generation, memory interface, page of the data.
    nm : float
        Marketing name of the node; used by baselines only.
    transistors_mtr, area_mm2 : float
        Published count (millions) and area.
    sram_mbit : float
        On-die SRAM of the full die: register files, L1, shared memory, L2 and last-level cache.
    bus_bits, links, pcie_lanes : float
        Memory interface width, chip-to-chip links, PCIe lanes of the full die.
    """

    chip: str
    vendor: str
    node: str
    nm: float
    style: str
    transistors_mtr: float
    area_mm2: float
    sram_mbit: float
    bus_bits: float
    memory_type: str
    links: float
    pcie_lanes: float
    source: str


@dataclass(frozen=True)
class AreaNode:
    """What is known of a node's densities before any die is looked at.

    Attributes
    ----------
    name, line, layout : str
        Node, foundry line, and the node whose layouts it shares (itself, unless layouts were carried over unchanged).
    library_mtr_mm2 : float
        Transistor density of a mix of standard cell libraries.
    library_sd : float
        Doubt about it on a log scale, from the stated confidence.
    sram_mbit_mm2 : float
        Density of SRAM macros.
    analog_factor : float
        Area of the same analog block relative to TSMC N7.
    """

    name: str
    line: str
    layout: str
    library_mtr_mm2: float
    library_sd: float
    sram_mbit_mm2: float
    analog_factor: float


@dataclass(frozen=True)
class Port:
    """One design on two processes (`params/silicon/pairs.csv`).

    Attributes
    ----------
    id, design, family, purity, source : str
        Row, design, product family, purity A (same design) or B (near same), source.
    node_a, node_b : str
        The processes; `nm_a` and `nm_b` their marketing names for baselines.
    area_ratio : float
        Area on b over area on a.
    area_a_mm2, transistors_a_mtr, transistors_b_mtr : float
        NaN where unknown.
    sram_fraction, analog_fraction : float
        Composition at a (share of area); the rest is logic. NaN: from the class areas of the dies named.
    content, sram_content, analog_content : float
        Logic, SRAM and interfaces of b over a, 1 for the same design. NaN: from counts and bus widths of the dies.
    kind : str
        How the layout got there: ``optical`` (half node: the whole die, pads and analog too, is shrunk linearly by
        0.9), ``compatible`` (successor with the same design rules), ``port`` (migrated), ``redesign`` (drawn anew).
    repeat : bool
        The same two dies as another row: predicted, never fitted.
    dies : tuple of str
        Chips of the density population which belong to this family.
    """

    id: str
    design: str
    family: str
    purity: str
    node_a: str
    node_b: str
    nm_a: float
    nm_b: float
    area_ratio: float
    area_a_mm2: float
    transistors_a_mtr: float
    transistors_b_mtr: float
    sram_fraction: float
    analog_fraction: float
    content: float
    sram_content: float
    analog_content: float
    kind: str
    repeat: bool
    dies: tuple[str, ...]
    source: str


@cache
def dies() -> tuple[ShippedDie, ...]:
    """Dies of the density population: discrete GPUs with a credible count and area."""
    return tuple(
        ShippedDie(
            chip=row.chip,
            vendor=row.vendor,
            node=row.node,
            nm=row.nm,
            style=row.style,
            transistors_mtr=row.transistors_mtr,
            area_mm2=row.area_mm2,
            sram_mbit=row.sram_mbyte * MBIT_PER_MBYTE,
            bus_bits=row.memory_bus_bits,
            memory_type=row.memory_type,
            links=row.links,
            pcie_lanes=row.pcie_lanes,
            source=row.source,
        )
        for row in read_silicon(GpuRow)
        if row.used
    )


@cache
def area_nodes() -> dict[str, AreaNode]:
    """Prior knowledge of every node, in the order of the table (each line from old to new)."""
    out = {}
    for row in read_silicon(AreaNodeRow):
        facts = params_data(f"nodes/{row.facts_of}")
        out[row.node] = AreaNode(
            name=row.node,
            line=row.line,
            layout=row.layout,
            library_mtr_mm2=row.library_mtr_mm2,
            library_sd=expected("area", f"library_sd_{row.confidence}"),
            sram_mbit_mm2=float(facts["sram_density_mb_mm2"]["central"]),
            analog_factor=float(facts["analog_area_factor"]["central"]),
        )
    return out


@cache
def ports() -> tuple[Port, ...]:
    """Ports whose area ratio and both nodes are known."""
    return tuple(
        Port(
            id=row.id,
            design=row.design,
            family=row.family,
            purity=row.purity,
            node_a=row.node_a,
            node_b=row.node_b,
            nm_a=row.nm_a,
            nm_b=row.nm_b,
            area_ratio=row.area_ratio,
            area_a_mm2=row.area_a_mm2,
            transistors_a_mtr=row.transistors_a_mtr,
            transistors_b_mtr=row.transistors_b_mtr,
            sram_fraction=row.sram_fraction,
            analog_fraction=row.analog_fraction,
            content=row.content,
            sram_content=row.sram_content,
            analog_content=row.analog_content,
            kind=row.kind,
            repeat=row.used == "repeat",
            dies=row.dies,
            source=row.source,
        )
        for row in read_silicon(PairRow)
        if row.kept
    )
