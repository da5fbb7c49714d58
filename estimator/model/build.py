"""Build: a design, a process and options resolved once into everything the chain reads; afterwards no file is opened."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeVar

from estimator.arrays import Numbers
from estimator.errors import InputError, unknown_name
from estimator.model.inputs import DieKind, Inputs, Plan, View, make_plan, plain
from estimator.model.options import NUMBER_OPTIONS, Options, numbers_in
from estimator.model.plan import Choices, TensorUnit, plan_numbers, scaled
from estimator.parameters import library
from estimator.parameters.schema import COMPOSITION, Cooling, Design, Die, Entity, MemoryType, Node, Package, Parameter
from estimator.parameters.sets import load_set
from estimator.physics.area import BITS_PER_MBIT, TRANSISTORS_PER_BIT
from estimator.physics.yields import DEFAULT_MODEL
from estimator.quantities import FIELDS

E = TypeVar("E", bound=Entity)
UNIT_AREA_NODE = "tsmc-n7"  # on which params/model.toml states default_unit_area_mm2
PROCESSES = ("home", "node", "io_home", "io_node")
OWNERS = (*PROCESSES, "home_cooling", "cooling", "package", "home_memory", "memory", "model", "design", "die", "io_die")
"""Owners of a build's numbers, apart from its plan."""


class Entities(NamedTuple):
    """The things of the library that a build is made of; those of I/O dies are None where there are none."""

    design: Design
    home: Node
    node: Node
    io_home: Node | None
    io_node: Node | None
    home_cooling: Cooling
    cooling: Cooling
    package: Package
    home_memory: MemoryType
    memory: MemoryType

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every process of it."""
        return tuple(n for n in (self.home, self.node, self.io_home, self.io_node) if n is not None)


@dataclass(frozen=True)
class Build:
    """One design on one process under checked options: made by `resolve`, and never changed.

    Attributes
    ----------
    entities : Entities
        The things of the library it is made of.
    options : mapping
        The checked options that act on it.
    at_home : bool
        Whether it stands for the published point, which no plan changes.
    choices : Choices
        What of the plan is no number.
    numbers : mapping of str to dict
        Owner (`OWNERS` and ``plan``) -> its numbers by name: `Parameter` where a range is known, overrides in their place.
    listed : tuple of (str, str)
        Owner and name of every number of the design and its dies, in the order in which they were filled in.
    """

    entities: Entities
    options: Options
    at_home: bool
    choices: Choices
    numbers: Mapping[str, Numbers]
    listed: tuple[tuple[str, str], ...]
    kept: Mapping[str, View] = field(default_factory=dict, repr=False)  # of owners that no option overrides

    @property
    def node(self) -> Node:
        """The process it is built on."""
        return self.entities.node

    @property
    def name(self) -> str:
        """Design and process, as sentences name them."""
        return f"{self.entities.design.name} on {self.entities.node.name}"

    @cached_property
    def inputs(self) -> Inputs:
        """What the chain reads: all numbers at their central values."""
        return self._inputs(self.numbers, self.kept)

    def inputs_from(self, numbers: Mapping[str, Numbers]) -> Inputs:
        """What the chain reads, with other numbers (draws) in place of the central ones."""
        return self._inputs(numbers, {})

    def _inputs(self, numbers: Mapping[str, Numbers], kept: Mapping[str, View]) -> Inputs:
        views = {o: kept[o] if o in kept else View(own, plain) for o, own in numbers.items() if o != "plan"}
        plan = make_plan(self.choices.yield_model, numbers["plan"])
        return assemble(views, plan, self.choices)


def assemble(views: Mapping[str, Any], plan: Plan, choices: Choices) -> Inputs:
    """Inputs from the views of a build's owners."""
    dies = [DieKind("compute", views["die"], views["home"], views["node"])]
    if "io_die" in views:
        io_node = views["node"] if choices.one_process else views["io_node"]
        dies.append(DieKind("io", views["io_die"], views["io_home"], io_node))
    return Inputs(
        views["design"],
        tuple(dies),
        views["home_cooling"],
        views["cooling"],
        views["package"],
        views["model"],
        plan,
        choices.stacked,
        choices.one_process,
    )


@dataclass(frozen=True)
class Template:
    """What names alone decide: the entities, the choices, and every number without overrides."""

    entities: Entities
    choices: Choices
    numbers: Mapping[str, Numbers]
    listed: tuple[tuple[str, str], ...]
    tensor_unit: TensorUnit | None

    @cached_property
    def kept(self) -> dict[str, View]:
        """Views of all owners, which the builds without overrides share."""
        return {owner: View(own, plain) for owner, own in self.numbers.items()}

    def views(self, numbers: Mapping[str, Numbers]) -> dict[str, Any]:
        """Owners of the numbers that a plan follows from, by the argument of `plan_numbers` that they are."""
        return {k: View(numbers[k]) for k in ("design", "die", "home", "home_memory", "memory", "model")}


def resolve(design: Design, node: Node, options: Options, *, at_home: bool = False) -> Build:
    """Resolve a design on a process under checked options; with `at_home` as the published point, which no plan changes.

    Raises
    ------
    InputError
        For an override of what the design does not have.
    """
    names = {k: v for k, v in options.items() if k not in NUMBER_OPTIONS and "." not in k}
    made = template(design, node, names, numbers=tuple(k for k in options if k not in names), at_home=at_home)
    numbers, kept = dict(made.numbers), dict(made.kept)
    given = numbers_in(options)
    for name, owner, where in places(given, made):
        numbers[owner] = {**numbers[owner], where: given[name]}
        kept.pop(owner, None)
    numbers["plan"] = plan_numbers(made.choices, given, tensor_unit=made.tensor_unit, **made.views(numbers))
    return Build(made.entities, dict(options), at_home, made.choices, numbers, made.listed, kept)


def places(names: Iterable[str], made: Template) -> list[tuple[str, str, str]]:
    """Where dotted names (``node.supply_v``) act: each name with the owner and the field that it overrides."""
    dotted = [n for n in names if "." in n]
    out: list[tuple[str, str, str]] = []
    for name in dotted:
        where, own = name.split(".", 1)
        if where not in made.numbers:
            raise InputError(f"{name}: this design has no {where}")
        owner = "die" if where == "design" and own not in made.numbers["design"] else where
        if own not in made.numbers[owner]:
            known = [*made.numbers[where], *(made.numbers["die"] if where == "design" else ())]
            raise unknown_name("field", name, [f"{where}.{f}" for f in known])
        out.append((name, owner, own))
        if where == "home" and made.choices.at_home_process and f"node.{own}" not in dotted:
            out.append((name, "node", own))  # one process, seen from both sides
    return out


def template(
    design: Design, node: Node, names: Options, *, numbers: tuple[str, ...] = (), at_home: bool = False
) -> Template:
    """What names decide: a design, a process and named options; `numbers` says which number options will be given.

    Kept for things of the library; anyone's own are put together each time.
    """
    parts = [v for v in names.values() if isinstance(v, Entity)]
    if all(library.holds(e) for e in (design, node, *parts)):
        plain_names = tuple(sorted((k, v.name if isinstance(v, Entity) else str(v)) for k, v in names.items()))
        return _kept(
            design.name, node.name, plain_names, "memory_stacks" in numbers, "tensor_fraction" in numbers, at_home
        )
    return _template(design, node, names, "memory_stacks" in numbers, "tensor_fraction" in numbers, at_home)


@lru_cache(maxsize=4096)
def _kept(
    design: str, node: str, names: tuple[tuple[str, str], ...], stacks: bool, tensor: bool, at_home: bool
) -> Template:
    loaded = {k: library.load(k, v) if k in ("cooling", "package", "memory") else v for k, v in names}
    return _template(library.load_design(design), library.load_node(node), loaded, stacks, tensor, at_home)


def _template(design: Design, node: Node, names: Options, stacks: bool, tensor: bool, at_home: bool) -> Template:
    home = library.load_node(design.node)
    io_home = next((library.load_node(d.node or design.node) for d in design.die_kinds if d.role == "io"), None)
    io_node, one_process = _io_process(design, node)
    own_cooling = library.part_of(design, "cooling")
    own_memory = library.part_of(design, "memory")
    entities = Entities(
        design,
        home,
        node,
        io_home,
        io_node,
        own_cooling,
        _chosen(names, "cooling", own_cooling),
        _chosen(names, "package", library.part_of(design, "package")),
        own_memory,
        _chosen(names, "memory", own_memory),
    )
    numbers: dict[str, Numbers] = {}
    for owner in PROCESSES:
        process = getattr(entities, owner)
        if process is not None:
            numbers[owner] = node_numbers(process)
    for owner in ("home_cooling", "cooling"):
        numbers[owner] = dict(getattr(entities, owner).parameters)
        numbers[owner].setdefault("cost_usd", 0.0)
    for owner in ("package", "home_memory", "memory"):
        numbers[owner] = dict(getattr(entities, owner).parameters)
    numbers["model"] = dict(library.constants())
    filled = complete_design(design, home)
    for owner in ("design", "die", "io_die"):
        own: Numbers = {name: value for (o, name), value in filled.items() if o == owner}
        if own:
            numbers[owner] = own
    distance = str(names.get("port", "auto"))
    if distance == "auto":  # at home the clone is a new design of its own
        distance = "port" if port_distance(design, node) == "port" else "new"
    choices = Choices(
        str(names.get("yield_model", DEFAULT_MODEL)),
        names.get("layout") == "port" and not at_home,
        distance,
        _memory_choice(entities) if "memory" in names or stacks else "",
        design.stacked,
        one_process,
        node.name == home.name,
    )
    return Template(entities, choices, numbers, tuple(filled), _tensor_unit() if tensor else None)


def _chosen(names: Options, kind: str, own: E) -> E:
    """The thing of a kind that a name option chooses, or else the design's own."""
    found = names.get(kind, own)
    return found if isinstance(found, type(own)) else own


def _memory_choice(entities: Entities) -> str:
    if entities.memory.name == entities.home_memory.name:
        return "own"
    return "kind" if entities.memory.unit_kind == entities.home_memory.unit_kind else "other"


def _tensor_unit() -> TensorUnit:
    parts = load_set("work", "units")
    measured = float(library.load_node(parts.texts["measured_on"]).logic_density_mtr_mm2)
    return TensorUnit(parts["tensor_unit_area_mm2"], parts["tensor_power_fraction"], measured)


def node_numbers(node: Node) -> Numbers:
    """Numbers of a node, with the default reticle where it names none of its own."""
    m = library.constants()
    own: Numbers = dict(node.parameters)
    own.setdefault("reticle_width_mm", m["reticle_width_mm"])
    own.setdefault("reticle_height_mm", m["reticle_height_mm"])
    return own


def _io_process(design: Design, node: Node) -> tuple[Node | None, bool]:
    """Process of the clone's I/O dies, and whether it is the very one of its compute dies.

    They stay on their own, unless the clone's is an older one (less dense logic).
    """
    io = [d for d in design.die_kinds if d.role == "io"]
    if not io:
        return None, False
    own = library.load_node(io[0].node or design.node)
    if node.logic_density_mtr_mm2 < own.logic_density_mtr_mm2 or node == own:
        return node, True
    return own, False


def port_distance(design: Design, node: Node) -> str:
    """How far a clone is from home: ``same``, ``port`` (a compatible process) or ``new`` (back to RTL)."""
    home = library.load_node(design.node)
    if node.name == home.name:
        return "same"
    return "port" if node.process_family and node.process_family == home.process_family else "new"


def complete_design(design: Design, home: Node) -> dict[tuple[str, str], float]:
    """Every number the chain needs of a design; what is not given has the documented GPU default of params/model.toml.

    Returns
    -------
    dict
        Owner (``design``, ``die``, ``io_die``) and name -> value: `Parameter` where a range is known, else a float.
    """
    m = library.constants()
    kinds = design.die_kinds
    out: dict[tuple[str, str], float] = {}
    for name, value in design.parameters.items():
        if name in FIELDS and name != "die_area_mm2":
            out["die" if name in COMPOSITION else "design", name] = value
    for die in kinds:
        owner = "die" if die.role == "compute" else "io_die"
        out.update({(owner, name): value for name, value in _complete_die(die, m).items()})
    given = {name: value for (owner, name), value in out.items() if owner == "design"}

    def default(name: str, value: float) -> None:
        if name not in given:
            given[name] = out["design", name] = value

    silicon = sum(float(d.area_mm2) * d.count for d in kinds)
    module_w = float(design.power_w)
    default("board_loss_fraction", m["default_board_loss_fraction"])
    default("memory_power_w", scaled(m["default_memory_power_fraction"], module_w))
    default("io_power_w", scaled(m["default_io_power_fraction"], module_w))
    default("io_die_power_fraction", m["io_die_power_fraction"])
    default("supply_v", home.supply_v)
    default("junction_max_c", m["junction_max_c"])
    if "units" not in given:
        n7 = library.load_node(UNIT_AREA_NODE)
        unit_area = float(m["default_unit_area_mm2"]) * float(n7.logic_density_mtr_mm2 / home.logic_density_mtr_mm2)
        inside = float(out["die", "unit_area_fraction"]) * float(kinds[0].area_mm2) * kinds[0].count
        default("units", float(max(1, round(inside / unit_area), int(given.get("units_enabled", 1)))))
    default("units_enabled", float(given["units"]))
    default("memory_channels", float(given.get("memory_channels_enabled", 1)))
    default("memory_channels_enabled", float(given["memory_channels"]))
    rate = float(given["units_enabled"]) * float(design.clock_ghz) / 1000.0
    default("vector_tflops", rate * float(m["default_vector_flop_clk_unit"]))
    default("tensor_tflops", rate * float(m["default_tensor_flop_clk_unit"]))
    default("memory_bw_gb_s", 1000.0 * float(given["tensor_tflops"]) / float(m["default_memory_intensity_flop_byte"]))
    memory = library.part_of(design, "memory")
    no_memory = float(given["memory_power_w"]) == 0.0
    stacks = 0.0 if no_memory else math.ceil(float(given["memory_bw_gb_s"]) / float(memory.bandwidth_gb_s))
    default("memory_stacks", float(stacks))
    default("memory_gb", float(given["memory_stacks"]) * float(memory.capacity_gb))
    out["design", "memory_on_package"] = 1.0 if memory.unit_kind == "stack" else 0.0
    transistors = [d.transistors_mtr for d in kinds]
    known = design.transistors_mtr
    if known is None and all(t is not None for t in transistors):
        known = Parameter(sum(float(t) * d.count for t, d in zip(transistors, kinds, strict=True) if t is not None))
    logic = float(out["die", "logic_fraction"]) * float(home.logic_density_mtr_mm2)
    sram = (
        float(out["die", "sram_fraction"]) * float(home.sram_density_mb_mm2) * TRANSISTORS_PER_BIT * BITS_PER_MBIT / 1e6
    )
    out["design", "transistors_mtr"] = known if known is not None else silicon * (logic + sram)
    return out


def _complete_die(die: Die, m: Mapping[str, Parameter]) -> dict[str, float]:
    classes = ("logic_fraction", "sram_fraction", "analog_fraction")
    own = die.parameters
    missing = [n for n in classes if n not in own]
    left = 1.0 - sum(float(own[n]) for n in classes if n in own)
    defaults = {n: float(m[f"default_{n}"]) for n in missing}
    scale = left / sum(defaults.values()) if missing else 0.0
    out = {n: own[n] if n in own else defaults[n] * scale for n in classes}
    parts = ("unit_area_fraction", "memory_area_fraction")
    area: dict[str, float] = {n: own[n] for n in parts if n in own}
    for name in [n for n in parts if n not in own]:  # a default leaves room for what is given
        default = m[f"default_{name}"] if die.role == "compute" else 0.0
        spare = 1.0 - sum(float(v) for v in area.values())
        area[name] = default if float(default) <= spare else max(spare, 0.0)
    return {**out, **{n: area[n] for n in parts}, "area_mm2": die.area_mm2, "count": float(die.count)}


def numbers_of(design: Design) -> Numbers:
    """Every number of a design and its compute dies at home, by name, as `complete_design` fills them in."""
    filled = complete_design(design, library.load_node(design.node))
    return {name: value for (owner, name), value in filled.items() if owner != "io_die"}
