"""Options of an estimate: their names, what values each may have, and which of them exclude each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from estimator.arrays import Num, Numbers
from estimator.checks import check_choice, check_numbers, check_shapes
from estimator.errors import InputError, shown, unknown_name
from estimator.parameters import library
from estimator.parameters.schema import GRIDS, ROLES, WORKLOADS, Cooling, Design, Die, Entity, Node, Package, Product
from estimator.physics.yields import YIELD_MODELS
from estimator.quantities import FIELDS, describe

V = TypeVar("V")
Option = Num | str | Entity
"""Value of a checked option: numbers, one of a list of names, or a thing of the library."""
Options = Mapping[str, Option]
NAME_OPTIONS: dict[str, tuple[str, ...]] = {
    "yield_model": tuple(YIELD_MODELS),
    "layout": ("redesign", "port"),
    "port": ("auto", "copy", "port", "new"),
    "workload": WORKLOADS,
    "grid": GRIDS,
}
DIE_NODES = tuple(f"{role.replace('-', '_')}_node" for role in ROLES[1:])
"""Options that choose the process of one role's dies apart from the compute dies, whose process is the clone's node."""
KIND_OPTIONS = ("cooling", "package", "memory", "product_class")
NUMBER_OPTIONS = (
    "defect_density_per_cm2",
    "yield_fraction",
    "sellable_fraction",
    "maturity_quarters",
    "date",
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
EXCLUSIVE = (
    ("clock_ghz", "power_w"),
    ("power_w", "power_limit_w"),
    ("clock_ghz", "supply_v"),
    ("power_w", "supply_v"),
    ("yield_fraction", "defect_density_per_cm2"),
    ("yield_fraction", "sellable_fraction"),
)
"""Pairs of options of which one decides the other."""
OPTIONS = (*KIND_OPTIONS, *DIE_NODES, *NAME_OPTIONS, *NUMBER_OPTIONS)
NAME_COLUMNS = ("design", "node", *KIND_OPTIONS, *DIE_NODES, *NAME_OPTIONS)
"""What a point of many is given by name; all else are numbers."""
SCOPES = ("node", "home", "design", "cooling", "package", "memory", "product", "model", *DIE_NODES, "work")
"""Owners of the numbers that a dotted name (``node.supply_v``) may override."""
DESIGN_SCOPES = ("design.", "home.", "model.", "work.", "product.")
"""Dotted names that act on the published point at home too, and may contradict it."""
CLONE_SCOPES = ("node.", *(f"{n}." for n in DIE_NODES))
"""Dotted names that act on the clone's processes alone."""
SHARED_OPTIONS = (
    "date",
    "workload",
    "grid",
    "workload_intensity_flop_byte",
    "yield_model",
    "critical_layers",
    "product_class",
)
"""Options that hold for the original too: how it is measured, not how the clone is built."""
MEMORY_FIELDS = ("cost_usd_gb", "capacity_gb", "bandwidth_gb_s")
"""Numbers of the memory that always act; its others do where another memory or number of stacks is asked for."""
WORK_FIELDS = ("traffic_fraction", "memory_time_fraction", "activity")
"""Numbers of a workload: those of ``design.`` belong to the published power, those of ``work.`` to the question."""


def shared_options(options: Mapping[str, V]) -> dict[str, V]:
    """Options that also hold for the original: how it is measured, not how the clone is built."""
    return {k: v for k, v in options.items() if k in SHARED_OPTIONS}


def home_options(options: Mapping[str, V]) -> dict[str, V]:
    """Those of checked options that also act on the published point at home."""
    return {k: v for k, v in options.items() if k in SHARED_OPTIONS or k.startswith(DESIGN_SCOPES)}


def numbers_in(options: Options) -> Numbers:
    """Those of checked options that are numbers."""
    return {k: v for k, v in options.items() if isinstance(v, float | np.ndarray)}


def arrays_in(options: Options) -> list[str]:
    """Names of those options that are arrays, where only single numbers will do."""
    return [k for k, v in options.items() if isinstance(v, np.ndarray)]


def check_option(name: str, value: object) -> Option:
    """Check one option's value: a known name, or a finite number or array of numbers in the field's range."""
    if name in NAME_OPTIONS:
        check_choice(name.replace("_", " "), value, NAME_OPTIONS[name])
        return str(value)
    if name in KIND_OPTIONS or name in DIE_NODES:
        part: Entity = library.load("node" if name in DIE_NODES else name, value)
        return part
    array = check_numbers(name, value, describe(name))
    return array if array.ndim else float(array)


def check_options(options: Mapping[str, object]) -> dict[str, Option]:
    """Check all options of a call; unset ones (None) are left out. Dotted names override a field of their scope."""
    out: dict[str, Option] = {}
    for name, value in spread_die_nodes(options).items():
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
    check_shapes({k: np.shape(v) for k, v in numbers_in(out).items()})
    return out


def spread_die_nodes(options: Mapping[str, object]) -> dict[str, object]:
    """Options in which ``die_nodes``, a mapping of roles to processes, stands as one option for each role.

    Examples
    --------
    >>> spread_die_nodes({"die_nodes": {"cache": "16nm", "memory-base": "28nm"}, "layout": "port"})
    {'layout': 'port', 'cache_node': '16nm', 'memory_base_node': '28nm'}
    """
    out = {str(k) if isinstance(k, str) else k: v for k, v in options.items() if k != "die_nodes"}
    mapping = options.get("die_nodes")
    if mapping is None:
        return out
    if not isinstance(mapping, Mapping):
        raise InputError(f"die_nodes = {shown(mapping)} must map roles of dies to nodes, e.g. {{'cache': 'tsmc-16ff'}}")
    for role, node in mapping.items():
        if role == "compute":
            raise InputError("die_nodes: the process of the compute dies is the node of the call itself")
        if not isinstance(role, str) or role.replace("_", "-") not in ROLES:
            raise unknown_name("role", role, ROLES[1:])
        name = f"{role.replace('-', '_')}_node"
        if out.get(name) is not None:
            raise InputError(f"{name} is given by itself and in die_nodes as well: give one of them")
        out[name] = node
    return out


def _fields_of(scope: str) -> list[str]:
    """Names of the numbers of a scope, for the sentence about an unknown one."""
    if scope in ("work", "memory"):
        return list(WORK_FIELDS if scope == "work" else MEMORY_FIELDS)
    kinds: dict[str, tuple[type[Entity], ...]] = {
        "design": (Design, Die),
        "cooling": (Cooling,),
        "package": (Package,),
        "product": (Product,),
    }
    own = library.constants() if scope == "model" else {n for k in kinds.get(scope, (Node,)) for n in k.model_fields}
    return [f for f in FIELDS if f in own]
