"""State of the page as plain data: defaults and ranges, and the call of `estimator.estimate` that it stands for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache, lru_cache
from typing import Any

import estimator
from estimator import InputError, load_design, load_node, uses
from estimator.model import memory_of
from estimator.parameters import UPLOAD, constants, from_toml, kind_of, parse_toml
from page.shared.choices import OWN, VOLUMES


@dataclass(frozen=True)
class State:
    """Everything that decides the numbers on the page; hashable, so that results can be cached by it."""

    design: str = "h100-sxm"
    node: str = "tsmc-12ffn"
    against: str = "home"
    plan: str = "same-units"
    dies: int = 4
    cooling: str = "own"
    policy: str = "fast"
    power: int = 700
    clock: float = 1.4
    maturity: int = -1  # by the calendar
    own_defects: bool = False
    defects: float = 0.1
    sold: int = 0  # percent; 0: computed
    volume: int = 500_000
    workload: str = "own"
    date: float = 0.0  # the date of the data
    design_toml: str = field(default="", repr=False)
    node_toml: str = field(default="", repr=False)
    edits: tuple[tuple[str, float], ...] = ()


@cache
def defaults() -> State:
    """The state at the start: processes as old as they are at the date of the data; the volume comes from the model's constants."""
    known = constants()
    volume = min(VOLUMES, key=lambda v: abs(math.log(v / float(known["volume"]))))
    return State(volume=volume, date=float(known["data_date"]))


NUMBERS: dict[str, tuple[float, float, float]] = {
    "dies": (1, 32, 1),
    "power": (50, 6000, 10),
    "clock": (0.1, 4.0, 0.01),
    "maturity": (-1, 40, 1),
    "defects": (0.0, 2.0, 0.01),
    "sold": (0, 100, 1),
    "date": (2018.0, 2032.0, 0.1),
}
"""Lowest, highest and step of the sliders."""

LINKED = (
    "design",
    "node",
    "against",
    "plan",
    "dies",
    "cooling",
    "policy",
    "power",
    "clock",
    "maturity",
    "own_defects",
    "defects",
    "sold",
    "volume",
    "workload",
    "date",
)


def design_of(state: State) -> Any:
    """The chosen design."""
    return from_toml("design", state.design_toml) if state.design == OWN else load_design(state.design)


def node_of(state: State, name: str | None = None) -> Any:
    """A node (the target by default), with this visit's edits."""
    name = state.node if name is None else name
    found = from_toml("node", state.node_toml) if name == OWN else load_node(name)
    return _edited("node", found, state)


def _edited(kind: str, entity: Any, state: State) -> Any:
    prefix = f"{kind}:{entity.name}."
    changes = {k.removeprefix(prefix): v for k, v in state.edits if k.startswith(prefix)}
    return entity.replace(**changes) if changes else entity


PLAN_OPTIONS = ("units", "units_enabled", "dies", "supply_v", "tensor_fraction")
"""Options which a plan adds to the call."""
AS_OPTION = ("workload_intensity_flop_byte", "critical_layers")
"""Model constants whose edit acts as the option of the same name."""
FIXED_MODEL = (
    "maturity_quarters",
    "volume",
    "port_realisation",
    "logic_share_copy",
    "logic_share_port",
    "logic_share_new",
    "physical_share_copy",
    "physical_share_port",
    "physical_share_new",
    "module_power_from_w",
    "chip_area_below_mm2",
    "gpu_area_from_mm2",
    "gpu_power_from_w",
    "junction_max_c",
    "io_die_power_fraction",
    "reticle_width_mm",
    "reticle_height_mm",
)
"""Model constants which other controls set, or which only complete a design or node when it is read."""


def _owners(state: State) -> dict[str, str]:
    """Prefix of an edit's key -> scope of the dotted option it becomes, for what the clone rests on besides its node."""
    design = design_of(state)
    cooling = state.cooling if state.cooling != "own" else design.cooling or "air"
    return {
        f"node:{design.node}.": "home",
        f"design:{design.name}.": "design",
        f"cooling:{cooling}.": "cooling",
        f"package:{design.package or 'organic'}.": "package",
        **_memory_owner(state, design),
        **{f"product:{name}.": "product" for name in estimator.names("product_class")},
        "model:model.": "model",
    }


def _memory_owner(state: State, design: Any) -> dict[str, str]:
    """The memory that the clone has, where one of this visit's edits is of a memory."""
    if not any(key.startswith("memory:") for key, _ in state.edits):
        return {}
    return {f"memory:{memory_of(design, node_of(state)).name}.": "memory"}


def edits_in_use(state: State) -> dict[str, float]:
    """Edited parameters which the current result rests on."""
    prefixes = {*_owners(state), f"node:{node_of(state).name}."}
    if state.against != "home":
        prefixes.add(f"node:{node_of(state, state.against).name}.")
    return {k: v for k, v in state.edits if k.startswith(tuple(prefixes))}


def basic_options(state: State) -> dict[str, Any]:
    """Options of the call without those that the plan adds."""
    start = defaults()
    options: dict[str, Any] = {}
    if state.cooling != "own":
        options["cooling"] = state.cooling
    if state.policy == "limit":
        options["power_limit_w"] = float(state.power)
    elif state.policy == "power":
        options["power_w"] = float(state.power)
    elif state.policy == "clock":
        options["clock_ghz"] = float(state.clock)
    if state.maturity >= 0:
        options["maturity_quarters"] = float(state.maturity)
    if state.own_defects:
        options["defect_density_per_cm2"] = float(state.defects)
    if state.sold:
        options["sellable_fraction"] = state.sold / 100.0
    if state.volume != start.volume:
        options["volume"] = float(state.volume)
    if state.workload != "own":
        options["workload"] = state.workload
    if state.date != start.date:
        options["date"] = float(state.date)
    for prefix, scope in _owners(state).items():
        for key, value in state.edits:
            if key.startswith(prefix):
                name = key.removeprefix(prefix)
                options[name if scope == "model" and name in AS_OPTION else f"{scope}.{name}"] = value
    return options


@lru_cache(maxsize=1024)
def _plan(state: State, node: str | None) -> dict[str, Any]:
    """What the plan of a state adds to the options: sought once, though many panels ask."""
    return uses.plan_options(
        design_of(state), node_of(state, node), state.plan, dies=state.dies, **basic_options(state)
    )


def call_of(state: State, node: str | None = None) -> tuple[Any, Any, dict[str, Any]]:
    """Arguments of `estimator.estimate` for a state: design, node, options (``reference_node`` among them)."""
    design, target = design_of(state), node_of(state, node)
    options = basic_options(state)
    if state.plan != "same-units":
        options |= _plan(state, node)
    if state.against != "home":
        options["reference_node"] = node_of(state, state.against)
    return design, target, options


def estimate_of(state: State, node: str | None = None, **more: Any) -> Any:
    """The estimate that the page shows for a state."""
    design, target, options = call_of(state, node)
    return estimator.estimate(design, target, **options, **more)


def with_values(state: State, values: Mapping[str, Any]) -> State:
    """A state with some values changed; raises `InputError` for a key that does not exist."""
    known = {f.name for f in fields(State)}
    unknown = set(values) - known
    if unknown:
        raise InputError(f"unknown state {sorted(unknown)[0]!r}")
    return replace(state, **values)


def check_upload(text: str) -> tuple[str, Any]:
    """Kind (``design`` or ``node``) and thing of an uploaded TOML text."""
    data = parse_toml(text, where="the file", limits=UPLOAD)
    kind = kind_of(data)
    if kind not in ("design", "node"):
        raise InputError(f"the file holds a {kind}; the page takes designs and nodes")
    return kind, from_toml(kind, text)
