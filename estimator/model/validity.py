"""Validity: everything that does not go together, said once; each rule with where it is broken and its sentence.

Rules are in groups by what they need: the numbers of a build alone, the published point taken apart, the results. One point
raises the first broken rule (`refuse`); of many points each that breaks one is marked with the rule's text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from estimator.arrays import Flags, Num
from estimator.checks import as_array
from estimator.errors import InfeasibleError, InputError, shown
from estimator.model.build import Build
from estimator.model.home import JUNCTION_ROUNDING_K, Home
from estimator.model.inputs import Inputs
from estimator.model.options import NAME_COLUMNS
from estimator.model.plan import has_tensor_units
from estimator.model.results import Result
from estimator.physics.cost import LEAST_YIELD
from estimator.physics.occupancy import MOST_SPARE_CHANNELS
from estimator.physics.timing import LEAST_OVERDRIVE_V
from estimator.quantities import FIELDS, describe

NOT_NUMBERS = (*NAME_COLUMNS, "die_nodes")


class Rule(NamedTuple):
    """What must hold; `said` gives the sentence for one point, with its values, where the text alone would not do."""

    broken: Flags
    text: str
    said: Callable[[], Exception] | None = None


Rules = list[Rule]
SUPPLIES, PUBLISHED_SUPPLY, COUNTS, SPARE, CLASSES, EMPTY, PARTS, WIRES = (
    "supply_min_v must be above threshold_v, and supply_v from supply_min_v to supply_max_v",
    "the design's supply_v must be above the threshold_v of its home process",
    "units_enabled and memory_channels_enabled must be at most units and memory_channels",
    f"memory_channels_enabled: at most {MOST_SPARE_CHANNELS} memory channels may be disabled",
    "logic_fraction, sram_fraction and analog_fraction must add up to 1",
    "logic_fraction and sram_fraction together must be more than 0.001",
    "unit_area_fraction and memory_area_fraction must add up to at most 1",
    "at the design's own clock the wires of a compute unit alone take longer than a clock period: units, unit_area_fraction or "
    "supply_v of the design do not fit it",
)
NO_MEMORY = "memory_stacks must be at least 1, for without memory there is no bandwidth"
NO_CAPACITY = "memory_gb must be more than 0, for without memory there is no bandwidth"
UNITS, DIES, SUPPLY, NO_POWER, HEAT, NO_TENSOR, COMBINATION = (
    "units_enabled must be at most the units on the dies",
    "dies must be a multiple of the design's compute dies",
    "supply_v must lie between the node's lowest and highest supply",
    "the design's power_w leaves no power for the die after memory, I/O and board losses",
    "the design cannot be cooled at its own published point",
    "tensor_fraction: the design has no tensor units apart from its vector lanes",
    "this design or node does not have one of the fields",
)
FIT, SOLD, PACKED, CARRIED, INTERFACES, LOW_YIELD = (
    "a whole die does not fit the usable wafer",
    "next to no die of this size comes good at this defect density",
    "next to no package of so many parts survives assembly",
    "next to no interposer of this size comes good",
    "memory_stacks: the interfaces that so few of them leave out are larger than all analog area of the design",
    f"yield_fraction: so low a yield takes more than {FIELDS['defect_density_per_cm2'].high:g} defects per cm2",
)
TEXTS = (
    *(
        UNITS,
        DIES,
        SUPPLY,
        NO_POWER,
        HEAT,
        SUPPLIES,
        PUBLISHED_SUPPLY,
        COUNTS,
        SPARE,
        CLASSES,
        EMPTY,
        PARTS,
        WIRES,
    ),
    *(NO_MEMORY, NO_CAPACITY, FIT, SOLD, PACKED, CARRIED, INTERFACES, LOW_YIELD, NO_TENSOR, COMBINATION),
)
"""Text of every rule."""


def in_range(name: str, column: Num) -> NDArray[np.bool_]:
    """Where values of a numeric option or field are finite and in its range."""
    return describe(name).allows(column)


def of_numbers(x: Inputs) -> Rules:
    """Numbers of parameter files: supplies in order, no more enabled than there is, shares that add up."""
    d = x.design
    out: Rules = []
    for node in x.processes:
        above = node.supply_min_v >= node.threshold_v + LEAST_OVERDRIVE_V
        ordered = above & (node.supply_min_v <= node.supply_v) & (node.supply_v <= node.supply_max_v)
        out.append(Rule(~np.asarray(ordered), SUPPLIES))
    out.append(Rule(d.supply_v < x.home.threshold_v + LEAST_OVERDRIVE_V, PUBLISHED_SUPPLY))
    spare = d.memory_channels - d.memory_channels_enabled
    out += [
        Rule(np.asarray(d.units_enabled > d.units) | (spare < 0), COUNTS),
        Rule(spare > MOST_SPARE_CHANNELS, SPARE),
    ]
    for kind in x.dies:
        n = kind.numbers
        out.append(Rule(np.abs(n.logic_fraction + n.sram_fraction + n.analog_fraction - 1.0) > 2e-3, CLASSES))
        if kind.role == "compute":
            out.append(Rule(n.logic_fraction + n.sram_fraction <= 1e-3, EMPTY))
        out.append(Rule(n.unit_area_fraction + n.memory_area_fraction > 1.0 + 1e-9, PARTS))
    return out


def of_memory(x: Inputs) -> Rules:
    """A plan leaves a GPU with memory."""
    out: Rules = []
    if x.plan.memory_bw_gb_s is not None:
        out.append(Rule(np.asarray(x.plan.memory_bw_gb_s) <= 0, NO_MEMORY))
    if x.plan.memory_gb is not None:
        out.append(Rule(np.asarray(x.plan.memory_gb) <= 0, NO_CAPACITY))
    return out


def of_plan(x: Inputs, name: str = "the design") -> Rules:
    """What the plan asks for is there: units, whole dies, a supply of the process, tensor units."""
    plan, d, node = x.plan, x.design, x.node
    out: Rules = []
    if plan.units_enabled is not None:
        units = d.units if plan.units is None else plan.units
        enabled = plan.units_enabled

        def too_many() -> Exception:
            return InputError(
                f"units_enabled = {float(np.max(enabled)):g} is out of range: it must be at most "
                f"{float(np.min(units)):g} units"
            )

        out.append(Rule(np.asarray(enabled) > units, UNITS, too_many))
    if plan.dies is not None:
        count, dies = x.dies[0].numbers.count, plan.dies

        def no_multiple() -> Exception:
            n = int(np.max(count))
            return InputError(
                f"dies = {float(np.max(dies)):g} is out of range: {name} has {n} compute dies, so it must be a multiple of {n}"
            )

        out.append(Rule(np.asarray(dies) % count != 0, DIES, no_multiple))
    if plan.supply_v is not None:
        supply = np.asarray(plan.supply_v)
        beyond = (supply < node.supply_min_v) | (supply > node.supply_max_v)

        def not_on_node() -> Exception:
            bad = float(np.broadcast_to(supply, np.shape(beyond))[beyond].flat[0]) if np.ndim(beyond) else float(supply)
            return InputError(
                f"supply_v = {bad:g} is out of range: it must be from {float(np.min(node.supply_min_v)):g} to "
                f"{float(np.max(node.supply_max_v)):g} V on this node"
            )

        out.append(Rule(beyond, SUPPLY, not_on_node))
    if plan.tensor_fraction is not None:
        none = ~np.asarray(has_tensor_units(d, x.dies[0].numbers))

        def no_tensor() -> Exception:
            return InputError(f"tensor_fraction: {name} has no tensor units apart from its vector lanes")

        out.append(Rule(none, NO_TENSOR, no_tensor))
    return out


def of_published(x: Inputs, home: Home, name: str = "the design") -> Rules:
    """The published point, as far as the design states what forbids it: power is left for the dies, and they can be cooled.

    What a design does not state is assumed so that the point holds, and stands in the notes.
    """
    limit = x.design.junction_max_c

    def no_power() -> Exception:
        worst, left = (
            float(v.flat[np.argmin(home.die_power_w)]) for v in np.broadcast_arrays(x.design.power_w, home.die_power_w)
        )
        blamed = " and ".join(x.given.power) or "traffic_fraction"
        return InputError(
            f"design {name!r}: power_w = {worst:g} W leaves {left:.3g} W for the die after memory, I/O and board losses; "
            f"it must be more than 0 W: change {blamed} of the design, or power_w"
        )

    def hot() -> Exception:
        return InfeasibleError(
            f"design {name!r} cannot be cooled at its own published point: junction {float(np.max(home.junction_c)):.1f} C is "
            f"above the limit of {float(np.min(limit)):.1f} C, as the design states {' and '.join(x.given.heat)}; change these "
            "fields of the design, or leave them out, and the smallest cooling that holds the point is taken",
            limited_by="temperature",
        )

    return [
        Rule(~(np.asarray(home.die_power_w) > 0), NO_POWER, no_power),
        Rule((np.asarray(home.junction_c) > limit + JUNCTION_ROUNDING_K) & bool(x.given.heat), HEAT, hot),
    ]


def of_timing(home: Home) -> Rules:
    """The published clock leaves time for gates."""
    return [Rule(~(np.asarray(home.gate_ns) > 0), WIRES)]


def of_result(result: Result) -> Rules:
    """Something comes out of the line, so that a cost can be stated."""
    made, good, billed = result.geometry, result.yields, result.bill
    out: Rules = [
        Rule(made.area_analog_mm2 < 0, INTERFACES),
        Rule(good.defect_density_per_cm2 > FIELDS["defect_density_per_cm2"].high, LOW_YIELD),
    ]
    for kind in good.kinds:
        out += [Rule(kind.gross_dies_per_wafer < 1.0, FIT), Rule(kind.sellable_fraction < LEAST_YIELD, SOLD)]
    if billed is not None:
        out.append(Rule(billed.assembly_yield_fraction < LEAST_YIELD, PACKED))
        out.append(Rule(~np.isfinite(billed.package_cost_usd), CARRIED))
    return [rule._replace(broken=rule.broken & result.operation.feasible) for rule in out]


def refuse(rules: Iterable[Rule], build: Build) -> Rules:
    """Raise the first broken rule of one build, with the options that its text names.

    Of an array some entries may break a rule and others not: such rules are returned, for each entry to bear its own.
    """
    partly: Rules = []
    for rule in rules:
        if np.all(rule.broken):
            if rule.said is not None:
                raise rule.said()
            named = ", ".join(
                f"{k} = {shown(v)}" for k, v in build.options.items() if k.rsplit(".", 1)[-1] in rule.text
            )
            raise InputError(f"{build.name}: {rule.text}{f' ({named})' if named else ''}")
        if np.any(rule.broken):
            partly.append(rule)
    return partly


def of_entries(options: Mapping[str, object]) -> tuple[dict[str, object], Rules]:
    """Options whose arrays hold some numbers out of their range: these replaced by a good one, and a rule for each such array."""
    out, rules = dict(options), []
    for name, value in options.items():
        if not isinstance(name, str) or name in NOT_NUMBERS or isinstance(value, int | float | str):
            continue
        array, field = as_array(value), describe(name)
        if array is None or not array.ndim or array.dtype.kind not in "iuf":
            continue
        good = field.allows(array)
        if good.any() and not good.all():
            out[name] = np.where(good, array, array[good].flat[0])
            rules.append(Rule(~good, f"{name} must be {field.range_text}"))
    return out, rules
