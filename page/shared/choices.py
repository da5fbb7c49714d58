"""What can be chosen on the page: designs, nodes, plans, policies, volumes and examples, and what a reader sees for each."""

from __future__ import annotations

from functools import cache
from typing import Any

from estimator import load_design, names
from estimator.parameters import WORKLOADS, aliases, load
from estimator.sweeps import ladder_nodes
from estimator.uses import PLANS

POLICIES = {
    "fast": "As fast as it can",
    "limit": "Power limit",
    "power": "Fixed power",
    "clock": "Fixed clock",
}
VOLUMES = tuple(m * 10**k for k in range(2, 8) for m in (1, 2, 5))[:-2]
FABS = {
    "smic-n+2": "SMIC N+2",
    "smic-n+1": "SMIC N+1",
    "smic-14": "SMIC 14 nm",
    "samsung-8n": "Samsung 8 nm",
    "samsung-4lpx": "Samsung 4 nm",
    "intel-7": "Intel 7",
    "intel-3": "Intel 3",
}
"""Processes offered at once where the question is how many could be made."""
STORY_NODES = (
    "tsmc-n2",
    "tsmc-n3e",
    "tsmc-4n",
    "tsmc-n5",
    "tsmc-n7",
    "smic-n+2",
    "samsung-8n",
    "tsmc-10ff",
    "tsmc-12ffn",
    "tsmc-16ff",
    "tsmc-20soc",
    "tsmc-28hpm",
    "tsmc-40",
)
"""Processes of the story's control, new to old."""
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
        "workload": ("own", *WORKLOADS),
    }[key]


def label(kind: str, name: str) -> str:
    """What a reader sees for a name."""
    if kind == "policy":
        return POLICIES[name]
    if kind == "plan":
        return PLANS[name]
    if name == "own" and kind in ("cooling", "workload"):
        return "The design's own"
    if kind == "workload":
        return name.capitalize()
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
    "RTX 3090 on one 12 nm reticle": (
        "Fewer units instead of more dies.",
        {"design": "rtx-3090", "plan": "one-reticle"},
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
