"""Build: a design, a process and options resolved once into everything the chain reads; afterwards no file is opened."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from estimator.arrays import Numbers
from estimator.errors import InputError, unknown_name
from estimator.model.fab import fab_numbers
from estimator.model.inputs import DieKind, Given, Inputs, Plan, View, make_plan, plain
from estimator.model.options import (
    DIE_NODES,
    KIND_OPTIONS,
    MEMORY_FIELDS,
    NUMBER_OPTIONS,
    WORK_FIELDS,
    Options,
    numbers_in,
)
from estimator.model.plan import Choices, Kind, TensorUnit, plan_numbers, scaled
from estimator.model.prices import Dated, asked_date, dated_prices, laid, price_of
from estimator.parameters import library
from estimator.parameters.active import kept
from estimator.parameters.schema import (
    COMPOSITION,
    MOST_STEPS,
    Cooling,
    Design,
    Die,
    Entity,
    MemoryType,
    Node,
    Package,
    Parameter,
    Product,
)
from estimator.parameters.sets import load_set
from estimator.parameters.silicon import read_silicon
from estimator.physics import heat, timing
from estimator.physics.area import BITS_PER_MBIT, TRANSISTORS_PER_BIT
from estimator.physics.yields import DEFAULT_MODEL
from estimator.quantities import FIELDS

E = TypeVar("E", bound=Entity)
GB_S_PJ_BIT_W = 8e-3  # watts per GB/s and pJ/bit
UNIT_AREA_NODE = "tsmc-n7"  # on which params/model.toml states default_unit_area_mm2
PACKAGES = ("package", "package_2", "package_3")
"""Owners of the packages that a clone may be put into, in the order in which they are tried."""
DEFAULT_WORK = "training"
RATES = ("tensor_tflops", "vector_tflops")
OF_MEMORY = ("memory_stacks", "memory_gb", "memory_bw_gb_s", "memory_power_w")
STATING = tuple(
    f"design.{n}"
    for n in (
        "supply_v",
        "supply_floor_v",
        "clock_rated_ghz",
        "junction_max_c",
        "memory_power_w",
        "io_power_w",
        "board_loss_fraction",
        "units",
        "unit_area_fraction",
        *RATES,
    )
)
"""Overrides after which a design states what it left to the model."""
TELLING = ("memory_stacks", "tensor_fraction", "package.interposer_max_area_mm2")
"""Numbers whose mere presence decides something; so do those of `PIN_RATES` and `STATING`."""
PIN_RATES = tuple(f"{p}.{n}_pin_rate_max_gb_s" for p in ("node", *DIE_NODES) for n in ("memory", "gddr"))
DIE_SCOPES = tuple(f"{n}." for n in DIE_NODES)
DECISIVE = frozenset((*TELLING, *PIN_RATES, *STATING))
OTHER_MEMORY = ("energy_pj_bit", "static_w", "phy_area_mm2")
"""Numbers of a memory type that count where it takes the place of a design's own."""
DEFAULTED = ("junction_max_c", "io_die_power_fraction", "reticle_width_mm", "reticle_height_mm")
"""Constants of the model that stand for what a design or a process does not give."""


class Entities(NamedTuple):
    """The things of the library that a build is made of; `die_processes` are those of the dies without compute units, by owner."""

    design: Design
    home: Node
    node: Node
    die_processes: Mapping[str, Node]
    home_cooling: Cooling
    cooling: Cooling
    packages: tuple[Package, ...]
    home_memory: MemoryType
    memory: MemoryType
    product: Product

    def owner_of(self, owner: str) -> Any:
        """The thing that an owner of numbers is."""
        if owner in self.die_processes:
            return self.die_processes[owner]
        return self.packages[PACKAGES.index(owner)] if owner in PACKAGES else getattr(self, owner)

    @property
    def all(self) -> tuple[Entity, ...]:
        """Everything it is made of."""
        parts = (p for p in self if isinstance(p, Entity))
        return (*parts, *self.die_processes.values(), *self.packages)

    @property
    def processes(self) -> dict[str, Node]:
        """Every process of it by owner: of the compute dies, then of the others, at home and as the clone has it."""
        return {"home": self.home, "node": self.node, **self.die_processes}


class Shipped(NamedTuple):
    """Graphics parts that shipped on a process: the median of their clocks, and how many there were."""

    clock_ghz: float
    products: float


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
        Owner (a process, part, die, the design, the model, the plan) -> its numbers by name: `Parameter` where a range is known,
        overrides in their place.
    listed : tuple of (str, str)
        Owner and name of every number of the design and its dies, in the order in which they were filled in.
    """

    entities: Entities
    options: Options
    at_home: bool
    choices: Choices
    numbers: Mapping[str, Numbers]
    listed: tuple[tuple[str, str], ...]
    shipped: Shipped | None = None  # on the process that it is built on; None where the table has none
    kept: Mapping[str, View] = field(default_factory=dict, repr=False)  # of owners that no option overrides
    prices: Mapping[str, Dated] = field(default_factory=dict)  # by owner, what is paid in the year of the date

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
    dies = tuple(
        DieKind(k.role, views[k.owners[0]], views[k.owners[1]], views[k.owners[2]], k.on, k.wafer_scale)
        for k in choices.kinds
    )
    return Inputs(
        views["design"],
        dies,
        views["home_cooling"],
        views["cooling"],
        tuple(views[o] for o in PACKAGES if o in views),
        views["product"],
        views["memory"],
        views["model"],
        views["work"],
        plan,
        choices.given,
        choices.memory_host,
        choices.link_host,
        choices.at_home_process,
        choices.stacked_memory,
        choices.own_cooling,
        choices.published,
        choices.process_memory,
        choices.own_package,
        choices.own_links,
        choices.shipped_year,
    )


@dataclass(frozen=True)
class Template:
    """What names alone decide: the entities, the choices, and every number without overrides."""

    entities: Entities
    choices: Choices
    numbers: Mapping[str, Numbers]
    listed: tuple[tuple[str, str], ...]
    tensor_unit: TensorUnit | None
    shipped: Shipped | None = None
    own_work: bool = True  # asked about the workload of the published power
    defaulted: Mapping[str, set[str]] = field(default_factory=dict)  # owner -> numbers that are defaults of the model
    prices: Mapping[str, Dated] = field(default_factory=dict)  # owner -> its price by date

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
    given, prices, date = numbers_in(options), dict(made.prices), asked_date(numbers_in(options))
    if date is not None:
        numbers.update(laid(numbers, prices, date))
        kept = {owner: view for owner, view in kept.items() if owner not in prices}
    for name, owner, where in places(given, made):
        numbers[owner] = {**numbers[owner], where: given[name]}
        kept.pop(owner, None)
        if where == price_of(owner):
            prices.pop(owner, None)
    numbers["plan"] = plan_numbers(made.choices, given, tensor_unit=made.tensor_unit, **made.views(numbers))
    return Build(made.entities, dict(options), at_home, made.choices, numbers, made.listed, made.shipped, kept, prices)


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
        if where == "memory":
            _refuse_idle(own, made.choices.memory)
        out.append((name, owner, own))
        out += [(name, *place) for place in _also(where, own, made, dotted)]
        if where == "home" and made.choices.at_home_process and f"node.{own}" not in dotted:
            out += [(name, "node", n) for n in (own, *(n for o, n in _also(where, own, made, dotted) if o == where))]
    return out


def read_of_memory(memory: str) -> tuple[str, ...]:
    """Numbers of the memory type that an estimate rests on: a design's own memory only costs what its type does."""
    return ("cost_usd_gb",) if memory in ("", "own") else (*MEMORY_FIELDS, *OTHER_MEMORY)


def _refuse_idle(own: str, memory: str) -> None:
    """Refuse an override of a number of the memory that nothing would read."""
    if own in MEMORY_FIELDS:
        return
    if own not in OTHER_MEMORY:
        raise unknown_name("field", f"memory.{own}", [f"memory.{f}" for f in (*MEMORY_FIELDS, *OTHER_MEMORY)])
    if memory in ("", "own"):
        raise InputError(
            f"memory.{own}: nothing reads it while the design keeps its own memory, whose power and area it has; name a memory, "
            "or override memory_power_w of the design"
        )


def _also(where: str, own: str, made: Template, dotted: list[str]) -> list[tuple[str, str]]:
    """Where else an override acts: defaults of the model, and numbers of a design that others follow."""
    out: list[tuple[str, str]] = []
    if where == "model" and own in DEFAULTED:
        out = [(o, own) for o in ("design", *made.entities.processes) if own in made.defaulted.get(o, ())]
        if not out:
            raise InputError(
                f"model.{own}: nothing here takes this default; its owner gives {own} itself, so override that"
            )
        out = [(o, n) for o, n in out if f"{o}.{n}" not in dotted]
    if where == "package":
        out += [(o, own) for o in PACKAGES[1:] if o in made.numbers]
    if where in DIE_NODES:  # further kinds of dies of that role
        out += [(o, own) for o in made.entities.die_processes if o != where and _same_role(o, where)]
    if (
        own == "supply_v"
        and where in made.entities.processes
        and made.numbers[where]["supply_hp_v"] is made.numbers[where]["supply_v"]
        and f"{where}.supply_hp_v" not in dotted
    ):
        out.append((where, "supply_hp_v"))
    if where == "design" and own == "clock_ghz" and not made.choices.given.rated:
        out.append(("design", "clock_rated_ghz"))
    if where == "design" and own in WORK_FIELDS and made.own_work and f"work.{own}" not in dotted:
        out.append(("work", own))
    return out


def _same_role(owner: str, option: str) -> bool:
    """Whether a process is that of dies of the role that an option is for (``io_2_node`` and ``io_node``)."""
    return owner.startswith(option.removesuffix("node")) and owner.endswith("_node")


def template(
    design: Design, node: Node, names: Options, *, numbers: tuple[str, ...] = (), at_home: bool = False
) -> Template:
    """What names decide: a design, a process and named options; `numbers` says which number options will be given.

    Kept for things of the library; anyone's own are put together each time.
    """
    parts = [v for v in names.values() if isinstance(v, Entity)]
    telling = tuple(n for n in numbers if n in DECISIVE or n.startswith(DIE_SCOPES))
    if all(library.holds(e) for e in (design, node, *parts)):
        plain_names = tuple(sorted((k, v.name if isinstance(v, Entity) else str(v)) for k, v in names.items()))
        return _kept(design.name, node.name, plain_names, telling, at_home)
    return _template(design, node, names, telling, at_home)


@kept(most=4096)
def _kept(
    design: str, node: str, names: tuple[tuple[str, str], ...], numbers: tuple[str, ...], at_home: bool
) -> Template:
    kinds = {**{k: k for k in KIND_OPTIONS}, **dict.fromkeys(DIE_NODES, "node")}
    loaded = {k: library.load(kinds[k], v) if k in kinds else v for k, v in names}
    return _template(library.load_design(design), library.load_node(node), loaded, numbers, at_home)


def _template(design: Design, node: Node, names: Options, given: tuple[str, ...], at_home: bool) -> Template:
    if design.style == "wafer":
        raise InputError(
            f"design {design.name!r}: style = 'wafer' is not modelled: nothing is known here of what joins, powers and cools a "
            "whole wafer; sellable_fraction with units and units_enabled gives the share of wafers with enough good cores"
        )
    home = library.load_node(design.node)
    filled = complete_design(design, home)
    kinds, die_processes = _kinds(design, node, names, given)
    memory_host, link_host = _hosts(kinds, filled)
    own_cooling = library.part_of(design, "cooling") if design.cooling else smallest_cooling(design, filled)
    own_memory = library.part_of(design, "memory")
    processes = {"home": home, "node": node, **die_processes}
    own_interfaces, own_links = (
        processes[k.owners[1]].name == processes[k.owners[2]].name for k in (kinds[memory_host], kinds[link_host])
    )
    driven = own_memory
    if not own_interfaces and not any(n in given for n in PIN_RATES):
        driven = driven_memory(own_memory, processes[kinds[memory_host].owners[2]], filled)
    entities = Entities(
        design,
        home,
        node,
        die_processes,
        own_cooling,
        _chosen(names, "cooling", own_cooling),
        packages_for(design, node, names, at_home=at_home),
        own_memory,
        _chosen(names, "memory", driven),
        _chosen(names, "product_class", product_of(design, filled, own_cooling, own_memory)),
    )
    numbers: dict[str, Numbers] = {}
    for owner, process in processes.items():
        numbers[owner] = node_numbers(process)
    for owner in ("home_cooling", "cooling"):
        numbers[owner] = dict(getattr(entities, owner).parameters)
        for name, usual in (("cost_usd", 0.0), ("module_power_max_w", math.inf), ("air_flow_m3_s", math.inf)):
            numbers[owner].setdefault(name, usual)
    for owner in ("home_memory", "memory"):
        memory = getattr(entities, owner)
        numbers[owner] = {**memory.parameters, "width_bits": float(memory.width_bits or 0)}
    numbers["product"] = dict(entities.product.parameters)
    for owner, package in zip(PACKAGES, entities.packages, strict=False):
        numbers[owner] = package_numbers(package, stated="package.interposer_max_area_mm2" in given)
    numbers["model"] = dict(library.constants())
    if "grid" in names:
        numbers["model"]["grid_kgco2e_kwh"] = load_set("work", "grids")[f"{names['grid']}.grid_kgco2e_kwh"]
    packages = dict(zip(PACKAGES, entities.packages, strict=False))
    prices = dated_prices({**processes, "memory": entities.memory, **packages})
    numbers.update(laid(numbers, prices, float(library.constants()["data_date"])))
    for owner in ("design", *(k.owners[0] for k in kinds)):
        numbers[owner] = {name: value for (o, name), value in filled.items() if o == owner}
    word = str(names.get("workload", design.workload or DEFAULT_WORK))
    own_work = word == (design.workload or DEFAULT_WORK)
    asked = load_set("work", "workloads")
    numbers["work"] = {n: numbers["design"][n] if own_work else asked[f"{word}.{n}"] for n in WORK_FIELDS}
    distance = str(names.get("port", "auto"))
    repipelined = names.get("layout") == "repipelined" and node.name != home.name  # at home it is cut for its gates
    if distance == "auto":  # at home the clone is a new design of its own, and logic that is cut anew is one
        distance = "port" if port_distance(design, node) == "port" and not repipelined else "new"
    choices = Choices(
        str(names.get("yield_model", DEFAULT_MODEL)),
        names.get("layout") == "port" and not at_home,
        repipelined,
        distance,
        _memory_choice(entities) if {"memory", "memory_stacks"} & {*names, *given} or driven is not own_memory else "",
        kinds,
        memory_host,
        link_host,
        node.name == home.name,
        port_distance(design, node) != "new",
        own_memory.unit_kind == "stack",
        entities.cooling.name == own_cooling.name,
        stated(design, given),
        published=at_home,
        process_memory="memory" not in names and not own_interfaces,
        own_package=entities.packages[0].name == library.part_of(design, "package").name
        and "package.interposer_max_area_mm2" not in given,
        own_links=own_links,
        shipped_year=float(design.year or 0),
    )
    defaulted = {"design": {n for n in DEFAULTED if n not in design.parameters}} | {
        owner: {n for n in DEFAULTED if n.startswith("reticle") and n not in process.parameters}
        for owner, process in processes.items()
    }
    tensor_unit = _tensor_unit() if "tensor_fraction" in given else None
    shipped = shipped_on(node)
    return Template(entities, choices, numbers, tuple(filled), tensor_unit, shipped, own_work, defaulted, prices)


def shipped_on(node: Node) -> Shipped | None:
    """Graphics parts that shipped on a process (params/silicon/node_clocks.csv)."""
    from estimator.parameters.silicon_electrical import NodeClockRow

    row = next((r for r in read_silicon(NodeClockRow) if r.node == node.name), None)
    return None if row is None else Shipped(row.median_boost_mhz / 1000.0, row.products)


def stated(design: Design, overrides: tuple[str, ...] = ()) -> Given:
    """What a design states of the numbers that can be inferred or assumed; overrides of it count as stated."""
    own = {*design.parameters, *(n.removeprefix("design.") for n in overrides)}
    for die in design.die_kinds:
        own.update(die.parameters)
    heat_named = (f"cooling = {design.cooling}",) if design.cooling else ()
    return Given(
        supply="supply_v" in own,
        floor="supply_floor_v" in own,
        rated="clock_rated_ghz" in own,
        heat=heat_named + (("junction_max_c",) if "junction_max_c" in own else ()),
        power=tuple(n for n in ("memory_power_w", "io_power_w", "board_loss_fraction") if n in own),
        units=bool(own & {"units", "unit_area_fraction"}),
        rates=bool(own & {*RATES}) or taken_for_gpu(design),
        memory="memory_stacks" in overrides_of(overrides) or has_memory(design),
        vector="vector_tflops" in own or design.style in ("", "gpu"),
    )


def overrides_of(names: tuple[str, ...]) -> set[str]:
    """Fields of the design among the names of overrides."""
    return {n.removeprefix("design.") for n in names if n.startswith("design.")}


def taken_for_gpu(design: Design) -> bool:
    """Whether a design that states no rate is large and hot enough to be taken for a GPU with the usual ones, and no other chip."""
    if design.style not in ("", "gpu"):
        return False
    m = library.constants()
    silicon = sum(float(k.area_mm2) * k.count for k in design.die_kinds)
    return silicon >= m["gpu_area_from_mm2"] and design.power_w >= m["gpu_power_from_w"]


def has_memory(design: Design) -> bool:
    """Whether a design has memory: it says so, or says nothing and is a GPU or has rates that need some."""
    if design.memory_stacks is not None:
        return float(design.memory_stacks) > 0
    if design.memory_power_w is not None and float(design.memory_power_w) == 0.0:
        return False
    named = bool(design.memory) or any(getattr(design, n) is not None for n in OF_MEMORY)
    return named or taken_for_gpu(design) or any(getattr(design, n) is not None for n in RATES)


def product_of(
    design: Design, filled: Mapping[tuple[str, str], float], cooling: Cooling, memory: MemoryType
) -> Product:
    """Class of product of a design: its own, or by rule.

    Stacked memory beside the die makes a module of a server, where the power or the cooling is that of one, else a card;
    other memory a consumer card; without memory a small die is a bare chip.
    """
    if design.product_class:
        return library.load_product(design.product_class)
    if design.style in load_set("work", "styles").texts["chips"]:
        return library.load_product("chip")
    m = library.constants()
    stacks = float(filled["design", "memory_stacks"])
    if stacks > 0 and memory.unit_kind == "stack":
        module = library.load_product("module")
        hot = float(design.power_w) > m["module_power_from_w"]
        return module if hot or cooling.name in module.coolings else library.load_product("card")
    silicon = sum(float(k.area_mm2) * k.count for k in design.die_kinds)
    small = stacks == 0 and silicon < m["chip_area_below_mm2"]
    return library.load_product("chip" if small else "consumer-card")


def smallest_cooling(design: Design, filled: Mapping[tuple[str, str], float]) -> Cooling:
    """The smallest cooling that holds a design's published point some way below its junction limit; else the largest."""
    d = {name: float(value) for (owner, name), value in filled.items() if owner == "design"}
    die_w = d["power_w"] * (1.0 - d["board_loss_fraction"]) - d["io_power_w"]
    die_w -= d["traffic_fraction"] * d["memory_power_w"]
    limit = d["junction_max_c"] - float(library.constants()["cooling_margin_k"])
    areas = [float(k.area_mm2) * k.count for k in design.die_kinds]
    footprint = heat.stack_footprint(areas_mm2=areas, on=design.layers)
    choice = library.smallest_coolings()
    for cooling in choice:
        resistance = heat.thermal_resistance(
            resistance_sink_k_w=float(cooling.resistance_sink_k_w),
            resistance_area_k_mm2_w=float(cooling.resistance_area_k_mm2_w),
            footprint_mm2=footprint,
        )
        if float(cooling.coolant_c) + die_w * float(resistance) <= limit:
            return cooling
    return choice[-1]


def part_of(design: Design, kind: str) -> Entity:
    """The ``cooling``, ``package``, ``memory`` or ``product_class`` of a design, named or by rule."""
    if kind != "product_class":
        found: Entity = library.part_of(design, kind)
        return found
    filled = complete_design(design, library.load_node(design.node))
    cooling = library.part_of(design, "cooling") if design.cooling else smallest_cooling(design, filled)
    return product_of(design, filled, cooling, library.part_of(design, "memory"))


def packages_for(design: Design, node: Node, names: Options, *, at_home: bool) -> tuple[Package, ...]:
    """Packages that a clone may be put into, in the order in which they are tried: the first that carries it is taken.

    One that is asked for is the only one. Else the design's own comes first, at home and wherever the process offers it, followed
    by what the process offers beyond it; where the process does not offer it, all that it offers.
    """
    own = library.part_of(design, "package")
    asked = _chosen(names, "package", own)
    if asked is not own or "package" in names or at_home or not own.supports_hbm:
        return (asked,)
    offered = node.packages_available
    if own.name in offered:
        later = offered[offered.index(own.name) + 1 :]
        return (own, *(library.load_named("package", name) for name in later))
    if node.name == design.node or not offered:
        return (own,)
    return tuple(library.load_named("package", name) for name in offered)


def package_numbers(package: Package, *, stated: bool = False) -> Numbers:
    """Numbers of a package; its roadmap as further ones, unless the largest field is `stated` by whoever asks."""
    out: Numbers = {"package_nre_musd": 0.0, "package_nre_musd_mm2": 0.0, **package.parameters}
    steps = list(zip(package.field_years, package.field_areas_mm2, strict=True))
    if stated or not steps:
        steps = [(-math.inf, 1.0)]  # the same at any date
    steps += [(math.inf, 0.0)] * (MOST_STEPS - len(steps))
    for i, (year, area_mm2) in enumerate(steps):
        out[f"field_year_{i}"], out[f"field_area_{i}"] = year, area_mm2
    return out


def driven_memory(own: MemoryType, host: Node, filled: Mapping[tuple[str, str], float]) -> MemoryType:
    """Memory that a process drives in place of a design's own: that itself, or the fastest type of its kind, or the slowest."""
    limit = host.memory_pin_rate_max_gb_s if own.unit_kind == "stack" else host.gddr_pin_rate_max_gb_s
    stacks = float(filled["design", "memory_stacks"])
    if limit is None or not own.width_bits or not stacks:
        return own
    rate = float(filled["design", "memory_bw_gb_s"]) * 8.0 / (stacks * own.width_bits)
    if min(rate, pin_rate(own)) <= limit:
        return own
    kinds = [m for m in library.memories() if m.unit_kind == own.unit_kind and m.width_bits]
    kinds.sort(key=pin_rate)
    return ([m for m in kinds if pin_rate(m) <= limit] or kinds[:1])[-1]


def pin_rate(memory: MemoryType) -> float:
    """Rate of a memory type's pins, Gb/s; infinite where their number is not known."""
    return float(memory.bandwidth_gb_s) * 8.0 / memory.width_bits if memory.width_bits else math.inf


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
    """Numbers of a node, with the default reticle and clock of shipped parts where it names none of its own."""
    m = library.constants()
    own: Numbers = dict(node.parameters)
    if "clock_shipped_ghz" not in own:
        own["clock_shipped_ghz"] = _shipped_clock(node, m)
    own.setdefault("supply_hp_v", own["supply_v"])
    for name in ("memory_pin_rate_max_gb_s", "gddr_pin_rate_max_gb_s", "serdes_rate_max_gb_s"):
        own.setdefault(name, FIELDS[name].high)  # not known to limit anything
    for name in ("d2d_rate_relative", "d2d_energy_relative"):
        own.setdefault(name, 1.0)
    own["planar"] = float(node.device == "planar")
    own.update(fab_numbers(node))
    own["volume_year"] = math.nan if node.volume_year is None else float(node.volume_year)
    own.setdefault("reticle_width_mm", m["reticle_width_mm"])
    own.setdefault("reticle_height_mm", m["reticle_height_mm"])
    return own


def _shipped_clock(node: Node, m: Mapping[str, Parameter]) -> Parameter:
    """Clock of shipped graphics parts of a process at their top supply, from its gate delay there."""
    slower = timing.relative_gate_delay(
        supply_v=float(m["supply_top_of_nominal"]) * float(node.supply_v),
        nominal_supply_v=float(node.supply_v),
        threshold_v=float(node.threshold_v),
        supply_insensitive_fraction=float(node.supply_insensitive_fraction),
    )
    gates, each_ns = m["shipped_clock_gates"], float(node.gate_delay_ps) * float(slower) / 1000.0
    return Parameter(
        1.0 / (float(gates) * each_ns),
        low=1.0 / (gates.high * each_ns),
        high=1.0 / (gates.low * each_ns),
        unit="GHz",
        kind=gates.kind,
        source=gates.source,
        note="from the gate delay of the process",
    )


def die_keys(design: Design) -> tuple[str, ...]:
    """Names of the kinds of dies beyond the compute dies, as owners of numbers have them: the role, with a count if it repeats."""
    roles = [d.role.replace("-", "_") for d in design.die_kinds[1:]]
    return tuple(r if r not in roles[:i] else f"{r}_{roles[:i].count(r) + 1}" for i, r in enumerate(roles))


def _kinds(
    design: Design, node: Node, names: Options, given: tuple[str, ...]
) -> tuple[tuple[Kind, ...], dict[str, Node]]:
    """The kinds of dies of a clone, and the processes of those without compute units by owner.

    These stay on their own process, unless it was chosen, or the clone's is an older one (less dense logic). Built on the very
    process of the compute dies, they share its numbers, but where some of their own process were given.
    """
    compute, *others = design.die_kinds
    kinds = [Kind("compute", ("die", "home", "node"), design.layers[0], compute.wafer_scale)]
    processes: dict[str, Node] = {}
    for key, die, on in zip(die_keys(design), others, design.layers[1:], strict=True):
        role = die.role.replace("-", "_")
        own = library.load_node(die.node or design.node)
        chosen = names.get(f"{role}_node")
        older = node.logic_density_mtr_mm2 < own.logic_density_mtr_mm2
        built = chosen if isinstance(chosen, Node) else node if older else own
        shared = built == node and not any(n.startswith(f"{role}_node.") for n in given)
        owners = (f"{key}_die", f"{key}_home", f"{key}_node")
        processes |= {owners[1]: own, owners[2]: built}
        kinds.append(Kind(die.role, (*owners[:2], "node" if shared else owners[2]), on, die.wafer_scale))
    lost = [
        n for n in DIE_NODES if n in names and n.removesuffix("_node") not in {k.role.replace("-", "_") for k in kinds}
    ]
    if lost:
        raise InputError(f"{lost[0]}: {design.name} has no {lost[0].removesuffix('_node').replace('_', '-')} dies")
    return tuple(kinds), processes


def _hosts(kinds: tuple[Kind, ...], filled: Mapping[tuple[str, str], float]) -> tuple[int, int]:
    """Which kinds drive the memory (those with most of its interfaces) and the links to other GPUs (I/O dies, if there are any)."""
    io = next((i for i, k in enumerate(kinds) if k.role == "io"), None)
    areas = [
        float(filled[k.owners[0], "memory_area_fraction"])
        * float(filled[k.owners[0], "area_mm2"])
        * float(filled[k.owners[0], "count"])
        for k in kinds
    ]
    memory = areas.index(max(areas)) if max(areas) > 0 else io or 0
    return memory, memory if io is None else io


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
        Owner (``design``, ``die``, ``io_die`` and so on) and name -> value: `Parameter` where a range is known, else a float.
    """
    m = library.constants()
    kinds = design.die_kinds
    out: dict[tuple[str, str], float] = {}
    for name, value in design.parameters.items():
        if name in FIELDS and name != "die_area_mm2":
            out["die" if name in COMPOSITION else "design", name] = value
    owners = ("die", *(f"{key}_die" for key in die_keys(design)))
    shares = _power_shares(design, m)
    for owner, die, share in zip(owners, kinds, shares, strict=True):
        weight = share / sum(shares) if share else 0.0
        out.update(
            {
                (owner, name): value
                for name, value in {**_complete_die(die, m, design.style), "power_weight": weight}.items()
            }
        )
    given = {name: value for (owner, name), value in out.items() if owner == "design"}

    def default(name: str, value: float) -> None:
        if name not in given:
            given[name] = out["design", name] = value

    silicon = sum(float(d.area_mm2) * d.count for d in kinds)
    default("board_loss_fraction", m["default_board_loss_fraction"])
    word = design.workload or DEFAULT_WORK
    works = load_set("work", "workloads")
    for name in WORK_FIELDS:
        default(name, works[f"{word}.{name}"])
    default("board_limit_w", float(design.power_w) / float(works[f"{word}.board_load_fraction"]))
    for name, watts in _other_power(design, given, m).items():
        default(name, watts)
    default("clock_rated_ghz", given["clock_ghz"])
    default("clock_max_ghz", max(float(given["clock_ghz"]), float(given["clock_rated_ghz"])))
    stated_share = any(d.power_fraction is not None for d in kinds)
    default("io_die_power_fraction", sum(shares) if stated_share else m["io_die_power_fraction"])
    for name in ("supply_v", "supply_floor_v"):  # places for overrides: where they are not given, the model infers them
        default(name, float(home.supply_v))
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
    no_memory = not has_memory(design)
    stacks = 0.0 if no_memory else math.ceil(float(given["memory_bw_gb_s"]) / float(memory.bandwidth_gb_s))
    default("memory_stacks", float(stacks))
    default("memory_gb", float(given["memory_stacks"]) * float(memory.capacity_gb))
    default("memory_bought_gb", given["memory_gb"])
    default("link_lane_gb_s", 0.0)
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


def _power_shares(design: Design, m: Mapping[str, Parameter]) -> tuple[float, ...]:
    """Share of the dynamic power in each kind of die without compute units (compute dies: 0): stated, or of a usual one by area."""
    others = design.die_kinds[1:]
    areas = [float(d.area_mm2) * d.count for d in others]
    usual = float(design.io_die_power_fraction or m["io_die_power_fraction"])
    shares = [
        usual * area / sum(areas) if die.power_fraction is None else float(die.power_fraction)
        for die, area in zip(others, areas, strict=True)
    ]
    return (0.0, *shares)


def _other_power(design: Design, given: Mapping[str, float], m: Mapping[str, Parameter]) -> dict[str, float]:
    """Power of the memory at full bandwidth and power that follows nothing, W, as far as a design does not give them.

    What is assumed takes at most a share of the published power, so that a light workload leaves some for the dies.
    """
    memory = library.part_of(design, "memory")
    out: dict[str, Parameter] = {}
    kept = 1.0 - float(given["board_loss_fraction"])
    if not has_memory(design):
        out["memory_power_w"] = Parameter(0.0)
    elif "memory_power_w" not in given:
        if "memory_bw_gb_s" in given:
            out["memory_power_w"] = scaled(memory.energy_pj_bit, float(given["memory_bw_gb_s"]) * GB_S_PJ_BIT_W)
        else:
            out["memory_power_w"] = scaled(m["default_memory_power_fraction"], float(given["board_limit_w"]))
    if "io_power_w" not in given:
        share = memory.board_floor_fraction or m["default_board_floor_fraction"]
        out["io_power_w"] = scaled(share, float(given["board_limit_w"]) * kept)
    weight = {"memory_power_w": float(given["traffic_fraction"]), "io_power_w": 1.0}
    assumed = sum(float(out[n]) * weight[n] for n in out)
    stated_w = sum(float(given[n]) * w for n, w in weight.items() if n not in out)
    room = max(float(m["constant_power_most"]) * float(design.power_w) * kept - stated_w, 0.0)
    if assumed > room:
        return {n: scaled(p, room / assumed) for n, p in out.items()}
    return dict(out)


def _complete_die(die: Die, m: Mapping[str, Parameter], style: str) -> dict[str, float]:
    own_style = load_set("work", "styles").numbers
    classes = ("logic_fraction", "sram_fraction", "analog_fraction")
    own = die.parameters
    missing = [n for n in classes if n not in own]
    left = 1.0 - sum(float(own[n]) for n in classes if n in own)
    defaults = {n: float(own_style.get(f"{style}.{n}", m[f"default_{n}"])) for n in missing}
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
    return {name: value for (owner, name), value in filled.items() if owner in ("design", "die")}
