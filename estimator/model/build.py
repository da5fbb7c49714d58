"""Assembles a case for the chain: completes a design with defaults, checks options, picks what each of them changes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from estimator.checks import check_choice, check_numbers, check_shapes
from estimator.errors import InfeasibleError, InputError, unknown_name
from estimator.model.home import Case, home_leakage
from estimator.parameters import library
from estimator.parameters.schema import Cooling, Design, Die, Entity, MemoryType, Node, Package, Parameter
from estimator.parameters.sets import load_set
from estimator.physics import power
from estimator.physics.area import BITS_PER_MBIT, TRANSISTORS_PER_BIT
from estimator.physics.yields import YIELD_MODELS
from estimator.quantities import FIELDS, describe

NAME_OPTIONS: dict[str, tuple[str, ...]] = {
    "yield_model": tuple(YIELD_MODELS),
    "layout": ("redesign", "port"),
    "port": ("auto", "copy", "port", "new"),
}
KIND_OPTIONS = ("cooling", "package", "memory")
NUMBER_OPTIONS = (
    "defect_density_per_cm2",
    "maturity_quarters",
    "clustering_alpha",
    "critical_layers",
    "power_limit_w",
    "power_w",
    "clock_ghz",
    "supply_v",
    "junction_max_c",
    "dies",
    "units",
    "units_enabled",
    "memory_stacks",
    "memory_gb",
    "wafer_cost_usd",
    "volume",
    "workload_intensity_flop_byte",
    "tensor_fraction",
)
EXCLUSIVE = (("clock_ghz", "power_w"), ("power_w", "power_limit_w"), ("clock_ghz", "supply_v"), ("power_w", "supply_v"))
"""Pairs of options of which one decides the other."""
OPTIONS = (*KIND_OPTIONS, *NAME_OPTIONS, *NUMBER_OPTIONS)
DESIGN_SCOPES = ("design.", "home.", "model.")
"""Dotted names that act on the published point at home too, and may contradict it."""
SCOPES = ("node", "home", "design", "cooling", "package", "model", "io_node")
UNIT_AREA_NODE = "tsmc-n7"  # on which params/model.toml states default_unit_area_mm2
TENSOR_UNIT_RATE = 1024.0  # operations per clock for which params/work/units.toml states tensor_unit_area_mm2
SHARED_OPTIONS = ("workload_intensity_flop_byte", "yield_model", "critical_layers")  # yardsticks: not the clone's plan
Numbers = dict[str, Any]


def shared_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options that also hold for the original: how it is measured, not how the clone is built."""
    return {k: v for k, v in options.items() if k in SHARED_OPTIONS}


def check_option(name: str, value: Any) -> Any:
    """Check one option's value: a known name, or a finite number or array of numbers in the field's range."""
    if name in NAME_OPTIONS:
        check_choice(name.replace("_", " "), value, NAME_OPTIONS[name])
        return value
    if name in KIND_OPTIONS:
        return library.load(name, value)
    array = check_numbers(name, value, describe(name))
    return array if array.ndim else float(array)


def check_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Check all options of a call; unset ones (None) are left out. Dotted names override a field of their scope."""
    out: dict[str, Any] = {}
    for name, value in options.items():
        if value is None:
            continue
        if not isinstance(name, str):
            raise unknown_name("option", name, OPTIONS)
        if "." in name:
            scope, field = name.split(".", 1)
            if scope not in SCOPES:
                raise unknown_name("scope", name, [f"{s}.<field>" for s in SCOPES])
            if field not in FIELDS:
                raise unknown_name("field", name, [f"{scope}.{f}" for f in _fields_of(scope)])
        elif name not in OPTIONS:
            raise unknown_name("option", name, OPTIONS)
        out[name] = check_option(name, value)
    for first, second in EXCLUSIVE:
        if first in out and second in out:
            raise InputError(f"give either {first} or {second}, not both")
    check_shapes({k: np.shape(v) for k, v in out.items() if k not in KIND_OPTIONS})
    return out


def _fields_of(scope: str) -> list[str]:
    """Names of the numbers of a scope, for the sentence about an unknown one."""
    kinds: dict[str, tuple[type[Entity], ...]] = {"design": (Design, Die), "cooling": (Cooling,), "package": (Package,)}
    own = library.constants() if scope == "model" else {n for k in kinds.get(scope, (Node,)) for n in k.model_fields}
    return [f for f in FIELDS if f in own]


def complete_design(design: Design, home: Node) -> Numbers:
    """Every number the chain needs of a design; what is not given has the documented GPU default of params/model.toml.

    Values are `Parameter` where a range is known, else floats.
    """
    m = library.constants()
    kinds = design.die_kinds
    out: Numbers = {k: v for k, v in design.parameters.items() if k in FIELDS and k not in ("die_area_mm2",)}
    for die in kinds:
        prefix = "" if die.role == "compute" else "io_"
        out.update(_complete_die(die, prefix, m))
    silicon = sum(float(d.area_mm2) * d.count for d in kinds)
    module_w = float(design.power_w)
    out.setdefault("board_loss_fraction", m["default_board_loss_fraction"])
    out.setdefault("memory_power_w", _scaled(m["default_memory_power_fraction"], module_w))
    out.setdefault("io_power_w", _scaled(m["default_io_power_fraction"], module_w))
    out.setdefault("io_die_power_fraction", m["io_die_power_fraction"])
    out.setdefault("supply_v", home.supply_v)
    out.setdefault("junction_max_c", m["junction_max_c"])
    if "units" not in out:
        n7 = library.load_node(UNIT_AREA_NODE)
        unit_area = float(m["default_unit_area_mm2"]) * float(n7.logic_density_mtr_mm2 / home.logic_density_mtr_mm2)
        inside = float(out["unit_area_fraction"]) * float(kinds[0].area_mm2) * kinds[0].count
        out["units"] = float(max(1, round(inside / unit_area), int(out.get("units_enabled", 1))))
    out.setdefault("units_enabled", float(out["units"]))
    out.setdefault("memory_channels", float(out.get("memory_channels_enabled", 1)))
    out.setdefault("memory_channels_enabled", float(out["memory_channels"]))
    rate = float(out["units_enabled"]) * float(design.clock_ghz) / 1000.0
    out.setdefault("vector_tflops", rate * float(m["default_vector_flop_clk_unit"]))
    out.setdefault("tensor_tflops", rate * float(m["default_tensor_flop_clk_unit"]))
    out.setdefault(
        "memory_bw_gb_s", 1000.0 * float(out["tensor_tflops"]) / float(m["default_memory_intensity_flop_byte"])
    )
    memory = library.part_of(design, "memory")
    no_memory = float(out["memory_power_w"]) == 0.0
    stacks = 0.0 if no_memory else math.ceil(float(out["memory_bw_gb_s"]) / float(memory.bandwidth_gb_s))
    out.setdefault("memory_stacks", float(stacks))
    out.setdefault("memory_gb", float(out["memory_stacks"]) * float(memory.capacity_gb))
    out["stacked"] = 1.0 if design.stacked else 0.0
    out["memory_on_package"] = 1.0 if memory.unit_kind == "stack" else 0.0
    transistors = [d.transistors_mtr for d in kinds]
    known = design.transistors_mtr if design.transistors_mtr is not None else None
    if known is None and all(t is not None for t in transistors):
        known = Parameter(sum(float(t) * d.count for t, d in zip(transistors, kinds, strict=True) if t is not None))
    logic = float(out["logic_fraction"]) * float(home.logic_density_mtr_mm2)
    sram = float(out["sram_fraction"]) * float(home.sram_density_mb_mm2) * TRANSISTORS_PER_BIT * BITS_PER_MBIT / 1e6
    out["transistors_mtr"] = known if known is not None else silicon * (logic + sram)
    return out


def _scaled(parameter: Parameter, factor: float) -> Parameter:
    return Parameter(
        float(parameter) * factor,
        low=parameter.low * factor,
        high=parameter.high * factor,
        kind=parameter.kind,
        source=parameter.source,
        note=parameter.note,
    )


def _complete_die(die: Any, prefix: str, m: Mapping[str, Parameter]) -> Numbers:
    given = {n: getattr(die, n) for n in ("logic_fraction", "sram_fraction", "analog_fraction")}
    missing = [n for n, v in given.items() if v is None]
    if missing:
        left = 1.0 - sum(float(v) for v in given.values() if v is not None)
        defaults = {n: float(m[f"default_{n}"]) for n in missing}
        scale = left / sum(defaults.values())
        given.update({n: v * scale for n, v in defaults.items()})
    area = {n: getattr(die, n) for n in ("unit_area_fraction", "memory_area_fraction")}
    for name in [n for n, v in area.items() if v is None]:  # a default leaves room for what is given
        default = m[f"default_{name}"] if die.role == "compute" else 0.0
        spare = 1.0 - sum(float(v) for v in area.values() if v is not None)
        area[name] = default if float(default) <= spare else max(spare, 0.0)
    return {prefix + k: v for k, v in {**given, **area, "area_mm2": die.area_mm2, "count": float(die.count)}.items()}


def node_numbers(node: Node) -> Numbers:
    """Numbers of a node, with the default reticle where it names none of its own."""
    m = library.constants()
    own: Numbers = dict(node.parameters)
    own.setdefault("reticle_width_mm", m["reticle_width_mm"])
    own.setdefault("reticle_height_mm", m["reticle_height_mm"])
    return own


def io_node_for(design: Design, node: Node) -> Node | None:
    """Process of the clone's I/O dies: their own, unless the clone's node is an older one (less dense logic)."""
    io = [d for d in design.die_kinds if d.role == "io"]
    if not io:
        return None
    own = library.load_node(io[0].node or design.node)
    return node if node.logic_density_mtr_mm2 < own.logic_density_mtr_mm2 else own


def port_distance(design: Design, node: Node) -> str:
    """How far a clone is from home: ``same``, ``port`` (a compatible process) or ``new`` (back to RTL)."""
    home = library.load_node(design.node)
    if node.name == home.name:
        return "same"
    return "port" if node.process_family and node.process_family == home.process_family else "new"


def plain(numbers: Mapping[str, Any]) -> Numbers:
    """Parameters as plain floats (arrays stay), which is what the chain computes fastest on."""
    return {k: float(v) if isinstance(v, (float, int)) else v for k, v in numbers.items()}


def scopes(design: Design, node: Node, options: Mapping[str, Any], *, at_home: bool = False) -> dict[str, Any]:
    """Numbers of every scope of a case, as `Parameter` where a range is known (for sampling and for listing)."""
    home = library.load_node(design.node)
    io_home = next((library.load_node(d.node or design.node) for d in design.die_kinds if d.role == "io"), None)
    own_cooling = library.part_of(design, "cooling")
    own_package = library.part_of(design, "package")
    cooling: Cooling = options.get("cooling", own_cooling)
    package: Package = options.get("package", own_package)
    io_node = io_node_for(design, node)
    entities = {
        "home": home,
        "node": node,
        "io_home": io_home,
        "io_node": io_node,
        "home_cooling": own_cooling,
        "cooling": cooling,
        "package": package,
    }
    out: dict[str, Any] = {"entities": entities, "design": complete_design(design, home)}
    for scope, entity in entities.items():
        if entity is None:
            out[scope] = None
        elif isinstance(entity, Node):
            out[scope] = node_numbers(entity)
        else:
            out[scope] = dict(entity.parameters)
    for scope in ("cooling", "home_cooling"):
        out[scope].setdefault("cost_usd", 0.0)
    out["model"] = dict(library.constants())
    apply_overrides(out, options)
    out["plan"] = _plan(design, node, out, options, at_home=at_home)
    return out


def _plan(design: Design, node: Node, scope: dict[str, Any], options: Mapping[str, Any], *, at_home: bool) -> Numbers:
    m = scope["model"]
    memory: MemoryType = options.get("memory", library.part_of(design, "memory"))
    distance = options.get("port", "auto")
    if distance == "auto":
        distance = (
            "port" if port_distance(design, node) == "port" else "new"
        )  # at home the clone is a new design of its own
    plan: Numbers = {
        "maturity_quarters": _choice(m["maturity_quarters"]),
        "volume": _choice(m["volume"]),
        "yield_model": "negative-binomial",
        "critical_layers": m["critical_layers"],
        "workload_intensity_flop_byte": _choice(m["workload_intensity_flop_byte"]),
        "realisation": m["port_realisation"] if options.get("layout") == "port" and not at_home else 1.0,
        "memory_cost_usd_gb": memory.cost_usd_gb,
        "design_share": m[f"design_share_{distance}"],
    }
    if options.get("yield_model"):
        plan["yield_model"] = options["yield_model"]
    if "memory" in options or "memory_stacks" in options:
        plan.update(_memory_plan(scope["design"], library.part_of(design, "memory"), memory, options))
    if "memory_gb" in options:
        plan.update(_extra_memory(scope["design"], plan, memory, options["memory_gb"]))
    if "tensor_fraction" in options:
        plan.update(_tensor_plan(design, scope["design"], np.asarray(scope["home"]["logic_density_mtr_mm2"], float)))
    for name in NUMBER_OPTIONS:
        if name in options:
            plan[name] = options[name]
    return plan


def _extra_memory(d: Numbers, plan: Numbers, memory: MemoryType, memory_gb: Any) -> Numbers:
    """Floor power of the devices that a capacity beyond the plan's own takes; bandwidth stays (two devices a channel)."""
    stacks, own_gb = plan.get("memory_stacks", d["memory_stacks"]), plan.get("memory_gb", d["memory_gb"])
    each = np.asarray(own_gb, float) / np.maximum(np.asarray(stacks, float), 1.0)
    extra = np.maximum(np.asarray(memory_gb, float) - own_gb, 0.0) / np.where(each > 0, each, float(memory.capacity_gb))
    if not np.any(extra > 0):
        return {}
    watts = plan.get("memory_power_w", d["memory_power_w"]) + extra * float(memory.static_w)
    return {"memory_power_w": float(watts) if np.ndim(watts) == 0 else watts}


def _tensor_plan(design: Design, d: Numbers, home_density: Any) -> Numbers:
    """Share of a compute unit's area and dynamic power in its tensor units, from measured Turing dies by rate."""
    n = {
        k: np.asarray(d[k], float)
        for k in ("tensor_tflops", "vector_tflops", "units", "units_enabled", "unit_area_fraction")
    }
    if np.any(n["tensor_tflops"] <= 2.0 * n["vector_tflops"]) or np.any(n["unit_area_fraction"] <= 0):
        raise InputError(f"tensor_fraction: {design.name} has no tensor units apart from its vector lanes")
    parts = load_set("work", "units")
    measured = float(library.load_node(parts.texts["measured_on"]).logic_density_mtr_mm2)
    rate = n["tensor_tflops"] * 1000.0 / (n["units_enabled"] * np.asarray(d["clock_ghz"], float))
    unit_area = n["unit_area_fraction"] * np.asarray(d["area_mm2"], float) * d["count"] / n["units"]
    factor = rate / TENSOR_UNIT_RATE * measured / home_density / unit_area
    area = parts["tensor_unit_area_mm2"]
    share = _scaled(area, float(factor)) if np.ndim(factor) == 0 else float(area) * factor
    return {"tensor_area_fraction": share, "tensor_power_fraction": parts["tensor_power_fraction"]}


def _memory_plan(d: Numbers, own: MemoryType, memory: MemoryType, options: Mapping[str, Any]) -> Numbers:
    """What another memory type or number of stacks changes: bandwidth, capacity, power and PHY area."""
    home, gb, bw, own_w = (
        np.asarray(d[k], float)[()] for k in ("memory_stacks", "memory_gb", "memory_bw_gb_s", "memory_power_w")
    )
    same_kind = memory.unit_kind == own.unit_kind
    default = home if same_kind else np.ceil(gb / float(memory.capacity_gb))
    stacks = options.get("memory_stacks", default)
    if memory.name == own.name:
        scale = np.asarray(stacks) / np.maximum(home, 1.0)
        bandwidth, capacity, watts = bw * scale, gb * scale, own_w * scale
    else:
        bandwidth, capacity = stacks * memory.bandwidth_gb_s, stacks * memory.capacity_gb
        watts = power.memory_power(
            bandwidth_gb_s=bandwidth, energy_pj_bit=memory.energy_pj_bit, memory_stacks=stacks, static_w=memory.static_w
        )
    phy = np.asarray(stacks) * float(memory.phy_area_mm2) - home * float(own.phy_area_mm2)
    return {
        "memory_stacks": stacks,
        "memory_bw_gb_s": bandwidth,
        "memory_gb": capacity,
        "memory_power_w": watts,
        "phy_delta_mm2": phy,
    }


def _choice(value: Any) -> Any:
    """A constant that is a choice and not an uncertainty: its value without a range (an override may be an array)."""
    return float(value) if np.ndim(value) == 0 else value


def make_case(scope: Mapping[str, Any]) -> Case:
    """A case of plain numbers from the scopes."""
    parts = {k: plain(scope[k]) if scope[k] is not None else None for k in Case._fields}
    if scope["entities"]["io_node"] is scope["entities"]["node"]:
        parts["io_node"] = parts["node"]
    return Case(**parts)  # type: ignore[arg-type]


def apply_overrides(scope: dict[str, Any], options: Mapping[str, Any]) -> None:
    """Put dotted options (``node.supply_v``) into their scope."""
    for name, value in options.items():
        if "." in name:
            where, field = name.split(".", 1)
            if scope.get(where) is None:
                raise InputError(f"{name}: this design has no {where}")
            if field not in scope[where]:
                raise unknown_name("field", name, [f"{where}.{f}" for f in scope[where]])
            scope[where][field] = value
            same = scope["entities"]["node"].name == scope["entities"]["home"].name
            if where == "home" and same and f"node.{field}" not in options:  # one process, seen from both sides
                scope["node"][field] = value


def check_design(case: Case, name: str) -> None:
    """Refuse a design whose own published point contradicts itself: power left for the die, temperature, timing."""
    die_w, junction, leak = home_leakage(case)
    if np.any(die_w <= 0):
        worst, left = (float(v.flat[np.argmin(die_w)]) for v in np.broadcast_arrays(case.design["power_w"], die_w))
        raise InputError(
            f"design {name!r}: power_w = {worst:g} W leaves {left:.3g} W for the "
            "die after memory, I/O and board losses; it must be more than 0 W"
        )
    limit = case.design["junction_max_c"]
    if np.any(junction > limit):
        raise InfeasibleError(
            f"design {name!r} cannot be cooled at its own published point: junction {float(np.max(junction)):.0f} C is above "
            f"the limit of {float(np.min(limit)):.0f} C; give it a better cooling or a higher junction_max_c",
            limited_by="temperature",
        )
    if np.any(leak >= die_w):
        raise InputError(
            f"design {name!r}: leakage of {float(np.max(leak)):.3g} W exceeds its die power; power_w is too low"
        )
