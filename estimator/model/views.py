"""What figures, tables and the page read of an estimate beyond its outputs: dies, supplies, parts, workings, parameters.

Everything that a reader sees of ``est.sides`` goes through these functions. They compute no result anew.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from estimator.arrays import Array, Num
from estimator.model.build import PACKAGES, node_numbers, read_of_memory, resolve
from estimator.model.causes import ROLE_WORDS
from estimator.model.comparison import Comparison
from estimator.model.options import DIE_NODES
from estimator.parameters import library
from estimator.parameters.schema import Cooling, Design, Entity, MemoryType, Node, Parameter
from estimator.physics.yields import mean_defects, negative_binomial
from estimator.quantities import FIELDS

Which = Literal["reference", "clone"]
SIDES: tuple[Which, Which] = ("reference", "clone")

PARTS = {
    "power_w": ("power_dynamic_w", "power_leakage_w", "power_memory_w", "power_link_w", "power_io_w", "power_board_w"),
    "unit_cost_usd": (
        "silicon_cost_usd",
        "memory_cost_usd",
        "package_cost_usd",
        "test_cost_usd",
        "scrap_cost_usd",
        "board_cost_usd",
        "cooler_cost_usd",
    ),
}
"""A total -> the outputs that add up to it."""

SMALL_CAUSE = 0.004
"""Causes within 0.4 % of 1 are gathered into one."""


class DieOutline(NamedTuple):
    """Equal dies of one kind (``compute``, ``I/O`` and so on): how many, and their outline in mm."""

    kind: str
    dies: int
    width_mm: float
    height_mm: float


class Supplies(NamedTuple):
    """Supply voltages of a process in V: lowest, allowed for its heat and wear, and highest."""

    lowest_v: float
    allowed_v: float
    highest_v: float


class Part(NamedTuple):
    """One output that is part of a total, on both sides and in the total's unit."""

    name: str
    reference: float
    clone: float

    @property
    def change(self) -> float:
        """Clone minus reference."""
        return self.clone - self.reference


@dataclass(frozen=True)
class Workings:
    """Numbers of the clone that stand between its parameters and its outputs, for the equations of the method page.

    Attributes
    ----------
    home_logic_density_mtr_mm2, logic_density_mtr_mm2 : float
        Logic density of the home process and of the clone's, MTr/mm².
    home_sram_density_mb_mm2, sram_density_mb_mm2 : float
        SRAM density of both, Mbit/mm².
    reticle_width_mm, reticle_height_mm : float
        Field of the clone's process, mm.
    wafer_diameter_mm : float
        Diameter of a wafer, mm.
    mean_defects : float
        Mean number of killer defects on a compute die.
    clustering_alpha : float
        Clustering of the defects.
    yield_fraction : float
        Negative binomial yield of these two, before salvage.
    gate_part_ns, wire_part_ns : float
        Parts of the critical path at the allowed supply, ns.
    timing_clock_ghz, allowed_supply_v : float
        What timing allows at the allowed supply.
    switched_w : float
        Dynamic power at 1 V and 1 GHz, W.
    gate_capacitance_ratio, wire_length_ratio : float
        Switched capacitance of a gate and length of a global wire, over those at home.
    interconnect_fraction : float
        Share of the dynamic power at home that wires take.
    board_loss_fraction : float
        Share of the module's power that is lost on the board.
    die_w : float
        Power of the dies, W.
    resistance_k_w, coolant_c : float
        Thermal resistance from die to coolant, K/W, and the coolant's temperature, °C.
    leakage_doubling_k : float
        Temperature rise over which leakage doubles, K.
    """

    home_logic_density_mtr_mm2: float
    logic_density_mtr_mm2: float
    home_sram_density_mb_mm2: float
    sram_density_mb_mm2: float
    reticle_width_mm: float
    reticle_height_mm: float
    wafer_diameter_mm: float
    mean_defects: float
    clustering_alpha: float
    yield_fraction: float
    gate_part_ns: float
    wire_part_ns: float
    timing_clock_ghz: float
    allowed_supply_v: float
    switched_w: float
    gate_capacitance_ratio: float
    wire_length_ratio: float
    interconnect_fraction: float
    board_loss_fraction: float
    die_w: float
    resistance_k_w: float
    coolant_c: float
    leakage_doubling_k: float


class UsedParameter(NamedTuple):
    """A parameter that a result rests on: where it stands, and the number with its range and source."""

    scope: str
    kind: str
    owner: str
    label: str
    name: str
    parameter: Parameter

    @property
    def key(self) -> str:
        """``kind:owner.name``, unique among all parameters."""
        return f"{self.kind}:{self.owner}.{self.name}"


SCOPES = ("node", "design", "cooling", *PACKAGES, "memory", "product", "model", "home", "against", *DIE_NODES)
"""Where a parameter may stand, in the order of `used_parameters`."""
_PROCESSES = ("node", "home", "against", *DIE_NODES)


def call_of_side(est: Comparison, side: Which) -> tuple[Node, dict[str, Any]]:
    """Process and options with which `estimator.estimate` gives this side again."""
    build = est.sides[side].build
    return build.node, dict(build.options)


def die_outlines(est: Comparison, side: Which) -> list[DieOutline]:
    """The dies of one side by kind, compute dies first.

    Examples
    --------
    >>> from estimator import estimate
    >>> [(d.kind, d.dies) for d in die_outlines(estimate("mi300x", "7nm"), "reference")]
    [('compute', 8), ('I/O', 4)]
    """
    return [
        DieOutline(ROLE_WORDS[d.role], max(1, round(float(d.dies))), float(d.width_mm), float(d.height_mm))
        for d in est.sides[side].result.geometry.kinds
    ]


def reticle_field(est: Comparison) -> tuple[float, float]:
    """Width and height of the reticle field of the clone's process, mm."""
    node = est.sides["clone"].build.inputs.node
    return float(node.reticle_width_mm), float(node.reticle_height_mm)


def supplies(est: Comparison, side: Which = "clone") -> Supplies:
    """Supply voltages of the process of one side, V."""
    made = est.sides[side]
    node = made.build.inputs.node
    return Supplies(float(node.supply_min_v), float(made.result.operation.allowed_supply_v), float(node.supply_max_v))


def timing_clock(est: Comparison, side: Which, supply_v: Num) -> Array:
    """Highest clock that the critical path of one side allows at a supply (V), GHz."""
    return np.asarray(est.sides[side].result.operation.path.clock_ghz(supply_v))


def parts_of(est: Comparison, total: str) -> list[Part]:
    """The parts of a total of `PARTS` on both sides.

    Examples
    --------
    >>> from estimator import estimate
    >>> est = estimate("h100-sxm", "12nm")
    >>> abs(sum(p.clone for p in parts_of(est, "power_w")) / est.power_w - 1) < 1e-9
    True
    """
    return [Part(name, float(est.reference[name]), float(est.clone[name])) for name in PARTS[total]]


def ordered_causes(factors: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Causes by weight, the strongest first; those that hardly count are joined, so that the product stays exact.

    Examples
    --------
    >>> [(name, round(factor, 4)) for name, factor in ordered_causes({"a": 1.001, "b": 0.5, "c": 3.0, "d": 1.002})]
    [('c', 3.0), ('b', 0.5), ('all else', 1.003)]
    """
    logs = {name: math.log(float(value)) for name, value in factors.items()}
    big = sorted((n for n in logs if abs(logs[n]) >= SMALL_CAUSE), key=lambda n: -abs(logs[n]))
    rest = sum(logs[n] for n in logs if abs(logs[n]) < SMALL_CAUSE)
    out = [(name, math.exp(logs[name])) for name in big]
    if abs(rest) > 1e-12:
        out.append(("all else", math.exp(rest)))
    return out


def workings(est: Comparison) -> Workings:
    """What stands between parameters and outputs of the clone (scalar estimates only).

    Examples
    --------
    >>> from estimator import estimate
    >>> est = estimate("h100-sxm", "12nm")
    >>> abs(workings(est).yield_fraction / est.yield_fraction - 1) < 1e-9
    True
    """
    made = est.sides["clone"]
    x, result = made.build.inputs, made.result
    home, node, operation = x.home, x.node, result.operation
    defects = mean_defects(
        die_area_mm2=result.geometry.compute.die_area_mm2,
        defect_density_per_cm2=result.yields.defect_density_per_cm2,
    )
    alpha = node.clustering_alpha if x.plan.clustering_alpha is None else x.plan.clustering_alpha
    return Workings(
        home_logic_density_mtr_mm2=float(home.logic_density_mtr_mm2),
        logic_density_mtr_mm2=float(node.logic_density_mtr_mm2),
        home_sram_density_mb_mm2=float(home.sram_density_mb_mm2),
        sram_density_mb_mm2=float(node.sram_density_mb_mm2),
        reticle_width_mm=float(node.reticle_width_mm),
        reticle_height_mm=float(node.reticle_height_mm),
        wafer_diameter_mm=float(x.model.wafer_diameter_mm),
        mean_defects=float(defects),
        clustering_alpha=float(alpha),
        yield_fraction=float(negative_binomial(defects, alpha)),
        gate_part_ns=float(operation.gate_part_ns),
        wire_part_ns=float(operation.wire_part_ns),
        timing_clock_ghz=float(operation.timing_clock_ghz),
        allowed_supply_v=float(operation.allowed_supply_v),
        switched_w=float(operation.switched_w),
        gate_capacitance_ratio=float(operation.gate_capacitance),
        wire_length_ratio=float(operation.length_ratio),
        interconnect_fraction=float(x.model.interconnect_fraction),
        board_loss_fraction=float(x.design.board_loss_fraction),
        die_w=float(operation.power_dynamic_w) + float(operation.power_leakage_w),
        resistance_k_w=float(operation.resistance_k_w),
        coolant_c=float(x.cooling.coolant_c),
        leakage_doubling_k=float(x.model.leakage_doubling_k),
    )


def memory_of(design: Design, node: Node) -> MemoryType:
    """The memory of a design on a process: its own, or the one that the process drives in its place.

    Examples
    --------
    >>> from estimator import load_design, load_node
    >>> memory_of(load_design("h100-sxm"), load_node("28nm")).name
    'hbm2'
    """
    return resolve(design, node, {}).entities.memory


def _of_die(owner: str) -> str:
    """What stands before a number of the dies without compute units: their kind."""
    return "" if owner in ("design", "die") else owner.removesuffix("die")


def used_parameters(
    design: Design, node: Node, *, cooling: str | Cooling | None = None, against: Node | None = None
) -> list[UsedParameter]:
    """Every parameter that the estimate of a design on a node rests on, each once.

    Parameters
    ----------
    design, node : Design, Node
    cooling : str or Cooling, optional
        In place of the design's own.
    against : Node, optional
        Process of the reference, where that is not the design's home.

    Examples
    --------
    >>> from estimator import load_design, load_node
    >>> len(used_parameters(load_design("h100-sxm"), load_node("12nm"))) > 100
    True
    """
    build = resolve(design, node, {} if cooling is None else {"cooling": library.load_cooling(cooling)})
    numbers = dict(build.numbers)
    numbers["design"] = {_of_die(o) + n: build.numbers[o][n] for o, n in build.listed}
    entities: dict[str, Entity | None] = {**build.entities._asdict(), **build.entities.die_processes}
    if against is not None:
        numbers["against"], entities["against"] = node_numbers(against), against
    prefixes = {_of_die(o) for o, _ in build.listed} - {""}
    out: dict[str, UsedParameter] = {}
    entities.update(zip(PACKAGES, build.entities.packages, strict=False))
    for scope in SCOPES:
        entity = entities.get(scope)
        owner = "model" if entity is None else entity.name
        label = owner if entity is None or scope == "design" else entity.label or owner
        kind = "node" if scope in _PROCESSES else "package" if scope in PACKAGES else scope
        for name, value in numbers.get(scope, {}).items():
            if scope == "memory" and name not in read_of_memory(build.choices.memory):
                continue
            if isinstance(value, Parameter) and (name in FIELDS or name.startswith(("default_", *prefixes))):
                used = UsedParameter(scope, kind, owner, label, name, value)
                out.setdefault(used.key, used)  # one process in two places: its numbers stand once
    return list(out.values())
