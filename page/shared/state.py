"""State of the page as plain data: what can be chosen, defaults and ranges, links, presets, and the call it stands for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache, lru_cache
from typing import Any

from estimator.errors import InputError
from estimator.parameters import library
from estimator.parameters.toml import UPLOAD, parse_toml
from estimator.uses.plans import PLANS

POLICIES = {
    "fast": "As fast as it can",
    "limit": "Power limit",
    "power": "Fixed power",
    "clock": "Fixed clock",
}
VOLUMES = tuple(m * 10**k for k in range(2, 8) for m in (1, 2, 5))[:-2]
OWN = "own"  # the name under which an uploaded design or node is chosen


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
    maturity: int = 12
    own_defects: bool = False
    defects: float = 0.1
    volume: int = 500_000
    design_toml: str = field(default="", repr=False)
    node_toml: str = field(default="", repr=False)
    edits: tuple[tuple[str, float], ...] = ()


@cache
def defaults() -> State:
    """The state at the start; process maturity and volume come from the model's constants."""
    constants = library.constants()
    volume = min(VOLUMES, key=lambda v: abs(math.log(v / float(constants["volume"]))))
    return State(maturity=round(float(constants["maturity_quarters"])), volume=volume)


NUMBERS: dict[str, tuple[float, float, float]] = {
    "dies": (1, 32, 1),
    "power": (50, 6000, 10),
    "clock": (0.1, 4.0, 0.01),
    "maturity": (0, 40, 1),
    "defects": (0.0, 2.0, 0.01),
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
    "volume",
)


@cache
def design_names() -> tuple[str, ...]:
    """Designs, newest first."""
    designs = [library.load_design(n) for n in library.names("design")]
    return tuple(d.name for d in sorted(designs, key=lambda d: (-(d.year or 0), d.name)))


@cache
def node_names() -> tuple[str, ...]:
    """Nodes that are complete, newest label first."""
    from estimator.figures.ladder import ladder_nodes

    return tuple(n.name for n in reversed(ladder_nodes()))


def choices(key: str) -> tuple[Any, ...]:
    """Values a choice may take."""
    return {
        "design": design_names(),
        "node": node_names(),
        "against": ("home", *node_names()),
        "plan": tuple(PLANS),
        "cooling": ("own", *library.names("cooling")),
        "policy": tuple(POLICIES),
        "volume": VOLUMES,
    }[key]


def label(kind: str, name: str) -> str:
    """What a reader sees for a name."""
    if kind == "policy":
        return POLICIES[name]
    if kind == "plan":
        return PLANS[name]
    if name == "own" and kind == "cooling":
        return "The design's own"
    if name == "home":
        return "The original, as sold"
    if name == OWN:
        return f"Your own {kind}"
    entity = library.load("node" if kind == "against" else kind, name)
    text = entity.label or entity.name
    if kind == "against":
        return f"The same design on {text}"
    short = [a for a, target in library.aliases().items() if target == name] if kind == "node" else []
    return f"{text} · {short[0]}" if short else text


PRESETS: dict[str, tuple[str, dict[str, Any]]] = {
    "H100 on 12 nm": ("Today's AI chip on the process of 2017.", {}),
    "H100 on 12 nm, 700 W": ("The same clone held to the original's power.", {"policy": "limit", "power": 700}),
    "H100: 12 nm against 3 nm": ("The question as asked: both built anew.", {"against": "tsmc-n3e"}),
    "H100 on SMIC N+2": ("What can be made without EUV.", {"node": "smic-n+2"}),
    "Equal throughput on 28 nm": ("As many units as it takes.", {"node": "tsmc-28hpm", "plan": "equal-throughput"}),
    "RTX 4090 on one 12 nm reticle": (
        "Fewer units instead of more dies.",
        {"design": "rtx-4090", "plan": "one-reticle"},
    ),
    "Old to new: V100 on 3 nm": ("The other direction.", {"design": "v100-sxm2", "node": "tsmc-n3e"}),
    "Where the older node wins": (
        "A small run: design and masks of the newest process outweigh all silicon.",
        {
            "design": "rtx-2080-ti",
            "node": "tsmc-12ffn",
            "against": "tsmc-n2",
            "volume": 10_000,
            "policy": "clock",
            "clock": 1.5,
        },
    ),
}
"""Examples: name -> (one sentence, what differs from the defaults)."""


def design_of(state: State) -> Any:
    """The chosen design."""
    return library.from_toml("design", state.design_toml) if state.design == OWN else library.load_design(state.design)


def node_of(state: State, name: str | None = None) -> Any:
    """A node (the target by default), with this visit's edits."""
    name = state.node if name is None else name
    found = library.from_toml("node", state.node_toml) if name == OWN else library.load_node(name)
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
    "design_share_copy",
    "design_share_port",
    "design_share_new",
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
        "model:model.": "model",
    }


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
    if state.maturity != start.maturity:
        options["maturity_quarters"] = float(state.maturity)
    if state.own_defects:
        options["defect_density_per_cm2"] = float(state.defects)
    if state.volume != start.volume:
        options["volume"] = float(state.volume)
    for prefix, scope in _owners(state).items():
        for key, value in state.edits:
            if key.startswith(prefix):
                name = key.removeprefix(prefix)
                options[name if scope == "model" and name in AS_OPTION else f"{scope}.{name}"] = value
    return options


@lru_cache(maxsize=1024)
def _plan(state: State, node: str | None) -> dict[str, Any]:
    """What the plan of a state adds to the options: sought once, though many panels ask."""
    from estimator.uses.plans import plan_options

    return plan_options(design_of(state), node_of(state, node), state.plan, dies=state.dies, **basic_options(state))


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
    from estimator.estimation import estimate

    design, target, options = call_of(state, node)
    return estimate(design, target, **options, **more)


def with_values(state: State, values: Mapping[str, Any]) -> State:
    """A state with some values changed; unknown keys are refused."""
    known = {f.name for f in fields(State)}
    unknown = set(values) - known
    if unknown:
        raise InputError(f"unknown state {sorted(unknown)[0]!r}")
    return replace(state, **values)


def check_upload(text: str) -> tuple[str, Any]:
    """Kind (``design`` or ``node``) and thing of an uploaded TOML text."""
    data = parse_toml(text, where="the file", limits=UPLOAD)
    kind = library.kind_of(data)
    if kind not in ("design", "node"):
        raise InputError(f"the file holds a {kind}; the page takes designs and nodes")
    return kind, library.from_toml(kind, text)
