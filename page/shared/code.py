"""The page's state as a Python call, a command, a scenario file and tables: whatever they print equals the page."""

from __future__ import annotations

import json
import shlex
from typing import Any

from estimator.csv_text import csv_text
from estimator.fields import describe
from page.shared import state as states
from page.shared.state import OWN, State


def _node_code(state: State, name: str) -> str:
    text = 'estimator.load_node("own-node.toml")' if name == OWN else json.dumps(name)
    prefix = f"node:{states.node_of(state, name).name}."
    changes = ", ".join(f"{k.removeprefix(prefix)}={v!r}" for k, v in state.edits if k.startswith(prefix))
    if changes:
        text = (text if name == OWN else f"estimator.load_node({text})") + f".replace({changes})"
    return text


def _option_code(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value)
    if hasattr(value, "name"):
        return json.dumps(value.name)
    return repr(float(value)) if float(value) != int(float(value)) else repr(int(value))


def as_python(state: State) -> str:
    """Python that gives the page's result."""
    _, _, options = states.call_of(state)
    options.pop("reference_node", None)
    design = 'estimator.load_design("own-design.toml")' if state.design == OWN else json.dumps(state.design)
    lines = ["import estimator", "", "est = estimator.estimate(", f"    {design}, {_node_code(state, state.node)},"]
    if state.against != "home":
        lines.append(f"    reference_node={_node_code(state, state.against)},")
    lines += [f"    {k}={_option_code(v)}," for k, v in options.items() if "." not in k]
    dotted = {k: v for k, v in options.items() if "." in k}
    if dotted:
        lines.append("    **{" + ", ".join(f"{json.dumps(k)}: {_option_code(v)}" for k, v in dotted.items()) + "},")
    return "\n".join([*lines, ")", "print(est)"]) + "\n"


def as_command(state: State) -> str:
    """Command that gives the page's result."""
    _, target, options = states.call_of(state)
    options.pop("reference_node", None)
    design = "own-design.toml" if state.design == OWN else state.design
    words = ["python", "-m", "estimator", "estimate", design, "own-node.toml" if state.node == OWN else state.node]
    if state.against != "home":
        words += ["--reference-node", "own-node.toml" if state.against == OWN else state.against]
    prefix = f"node:{target.name}."
    settings = {k: _option_code(v).strip('"') for k, v in options.items()}
    settings |= {"node." + k.removeprefix(prefix): _option_code(v) for k, v in state.edits if k.startswith(prefix)}
    if settings:
        words += ["--set", *(f"{k}={v}" for k, v in settings.items())]
    return shlex.join(words) + "\n"


def as_scenario(state: State) -> str:
    """Scenario as TOML: design, node, options and edits, by the names of `estimator.estimate`."""
    _, _, options = states.call_of(state)
    options.pop("reference_node", None)
    lines = ["# A scenario of the chip-scaling estimator: the arguments of estimator.estimate", f'design = "{state.design}"',
             f'node = "{state.node}"']  # fmt: skip
    if state.against != "home":
        lines.append(f'reference_node = "{state.against}"')
    lines += ["", "[options]", *(f"{json.dumps(k) if '.' in k else k} = {_option_code(v)}" for k, v in options.items())]
    if state.edits:
        lines += ["", "[edits]", *(f"{json.dumps(k)} = {v!r}" for k, v in state.edits)]
    lines += ["", "[page]", *(f"{k} = {json.dumps(v)}" for k, v in states.link_query(state).items())]
    return "\n".join(lines) + "\n"


def as_json(est: Any) -> str:
    """Results as JSON, with the names of `Estimate.to_dict`."""
    return json.dumps(est.to_dict(), indent=2, allow_nan=False) + "\n"


def as_csv(est: Any) -> str:
    """Results as CSV: one row per output with unit, clone, reference and ratio."""
    fields = [(name, describe(name)) for name in est.clone]
    return csv_text(
        ["output", "long_name", "unit", "clone", "reference", "ratio"],
        ([n, f.long_name, f.unit, est.clone[n], est.reference[n], est.ratio.get(n, "")] for n, f in fields),
    )
