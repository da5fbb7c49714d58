"""What can be chosen on the page: designs, nodes, plans, policies, volumes and examples, and what a reader sees for each."""

from __future__ import annotations

from functools import cache
from typing import Any

from estimator import load_design, names
from estimator.parameters import aliases, load
from estimator.sweeps import ladder_nodes
from estimator.uses import PLANS

POLICIES = {
    "fast": "As fast as it can",
    "limit": "Power limit",
    "power": "Fixed power",
    "clock": "Fixed clock",
}
VOLUMES = tuple(m * 10**k for k in range(2, 8) for m in (1, 2, 5))[:-2]
OWN = "own"  # the name under which an uploaded design or node is chosen


@cache
def design_names() -> tuple[str, ...]:
    """Designs, newest first."""
    designs = [load_design(n) for n in names("design")]
    return tuple(d.name for d in sorted(designs, key=lambda d: (-(d.year or 0), d.name)))


@cache
def node_names() -> tuple[str, ...]:
    """Nodes that are complete, newest label first."""
    return tuple(n.name for n in reversed(ladder_nodes()))


def choices(key: str) -> tuple[Any, ...]:
    """Values a choice may take."""
    return {
        "design": design_names(),
        "node": node_names(),
        "against": ("home", *node_names()),
        "plan": tuple(PLANS),
        "cooling": ("own", *names("cooling")),
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
    entity = load("node" if kind == "against" else kind, name)
    text = entity.label or entity.name
    if kind == "against":
        return f"The same design on {text}"
    short = [a for a, target in aliases().items() if target == name] if kind == "node" else []
    return f"{text} · {short[0]}" if short else text


PRESETS: dict[str, tuple[str, dict[str, Any]]] = {
    "H100 on 12 nm": ("Today's AI chip on the process of 2017.", {}),
    "H100 on 12 nm, 700 W": ("The same clone held to the original's power.", {"policy": "limit", "power": 700}),
    "H100: 12 nm against 3 nm": ("The question as asked: both built anew.", {"against": "tsmc-n3e"}),
    "H100 on SMIC N+2": ("What can be made without EUV.", {"node": "smic-n+2"}),
    "Equal throughput on 7 nm": ("As many units as it takes.", {"node": "tsmc-n7", "plan": "equal-throughput"}),
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
