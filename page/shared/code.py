"""The page's state as a Python call, a command, a scenario file and tables, which all give the numbers of the page."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

import tomli_w

from estimator.errors import InputError
from estimator.files import csv_text
from estimator.quantities import describe
from page.shared import links
from page.shared import state as states
from page.shared.choices import OWN
from page.shared.state import State


def _node_edits(state: State, name: str) -> dict[str, float]:
    """This visit's edits of one node."""
    prefix = f"node:{states.node_of(state, name).name}."
    return {k.removeprefix(prefix): v for k, v in state.edits if k.startswith(prefix)}


def design_code(state: State) -> str:
    """The design as Python."""
    return 'estimator.load_design("own-design.toml")' if state.design == OWN else json.dumps(state.design)


def node_code(state: State, name: str) -> str:
    """A node as Python, with this visit's edits."""
    text = 'estimator.load_node("own-node.toml")' if name == OWN else json.dumps(name)
    changes = ", ".join(f"{k}={v!r}" for k, v in _node_edits(state, name).items())
    if changes:
        text = (text if name == OWN else f"estimator.load_node({text})") + f".replace({changes})"
    return text


def _option_value(value: Any) -> str | float | int:
    """An option as plain data: a name, or a number, which is an integer where it is a whole one."""
    if isinstance(value, str):
        return value
    if hasattr(value, "name"):
        return str(value.name)
    return float(value) if float(value) != int(float(value)) else int(value)


def _option_code(value: Any) -> str:
    plain = _option_value(value)
    return json.dumps(plain) if isinstance(plain, str) else repr(plain)


def option_lines(options: Mapping[str, Any]) -> list[str]:
    """Options as lines of a call."""
    lines = [f"    {k}={_option_code(v)}," for k, v in options.items() if "." not in k]
    dotted = {k: v for k, v in options.items() if "." in k}
    if dotted:
        lines.append("    **{" + ", ".join(f"{json.dumps(k)}: {_option_code(v)}" for k, v in dotted.items()) + "},")
    return lines


def as_python(state: State) -> str:
    """Python that gives the page's result."""
    _, _, options = states.call_of(state)
    options.pop("reference_node", None)
    lines = [
        "import estimator",
        "",
        "est = estimator.estimate(",
        f"    {design_code(state)}, {node_code(state, state.node)},",
    ]
    if state.against != "home":
        lines.append(f"    reference_node={node_code(state, state.against)},")
    return "\n".join([*lines, *option_lines(options), ")", "print(est)"]) + "\n"


def _reference_words(state: State) -> tuple[list[str], str]:
    """Commands that write the file of an edited node to compare with, and that node as a word of the command."""
    name = state.against
    if name == OWN:
        return [], "own-node.toml"
    edits = _node_edits(state, name)
    if not edits:
        return [], name
    file = f"{name}-edited.toml"
    lines = tomli_w.dumps({"name": name, "base": name, **edits}).splitlines()
    return [shlex.join(["printf", r"%s\n", *lines]) + " > " + shlex.quote(file)], file


def as_command(state: State) -> str:
    """Command that gives the page's result; an edited node to compare with is a file of its own."""
    _, _, options = states.call_of(state)
    options.pop("reference_node", None)
    files: list[str] = []
    words = [
        "python",
        "-m",
        "estimator",
        "estimate",
        *(
            "own-design.toml" if state.design == OWN else state.design,
            "own-node.toml" if state.node == OWN else state.node,
        ),
    ]
    settings = {k: _option_code(v).strip('"') for k, v in options.items()}
    settings |= {f"node.{k}": _option_code(v) for k, v in _node_edits(state, state.node).items()}
    if state.against != "home":
        if state.against == OWN and _node_edits(state, OWN):
            return "# Compared with your own node with edited values: only as Python\n"
        files, against = _reference_words(state)
        words += ["--reference-node", against]
    if settings:
        words += ["--set", *(f"{k}={v}" for k, v in settings.items())]
    return "\n".join([*files, shlex.join(words)]) + "\n"


def as_scenario(state: State) -> str:
    """Scenario as TOML: design, node, options and edits by the names of `estimator.estimate`, and what the page needs."""
    _, _, options = states.call_of(state)
    options.pop("reference_node", None)
    call: dict[str, Any] = {"design": state.design, "node": state.node}
    if state.against != "home":
        call["reference_node"] = state.against
    call["options"] = {k: _option_value(v) for k, v in options.items()}
    if edits := states.edits_in_use(state):
        call["edits"] = edits
    page: dict[str, Any] = {"page": links.plain_query(state)}
    uploads = {kind: getattr(state, f"{kind}_toml") for kind in ("design", "node") if getattr(state, kind) == OWN}
    if uploads:
        page["uploads"] = uploads
    return (
        "# A scenario of the chip-scaling estimator: the arguments of estimator.estimate\n"
        f"{tomli_w.dumps(call)}\n"
        "# The same as the page's controls, for reading this file back there\n"
        f"{tomli_w.dumps(page)}"
    )


def is_scenario(data: Mapping[str, Any]) -> bool:
    """Whether parsed TOML is a scenario of `as_scenario`."""
    return isinstance(data.get("page"), dict) and "options" in data


def from_scenario(data: Mapping[str, Any]) -> State:
    """State of a scenario file. It is checked like a link; if its parts contradict each other, the error says where."""
    tables = {k: data.get(k, {}) for k in ("page", "options", "edits", "uploads")}
    if any(not isinstance(t, dict) for t in tables.values()):
        raise InputError("the scenario's page, options, edits and uploads must be tables")
    uploads = {f"{k}_toml": str(v) for k, v in tables["uploads"].items()}
    for key, text in uploads.items():
        if key not in links.UPLOADS or states.check_upload(text)[0] != links.UPLOADS[key]:
            raise InputError(
                f"uploads.{key.removesuffix('_toml')[:40]} of the scenario is not an uploaded design or node"
            )
    query: dict[str, Any] = {k: str(v) for k, v in tables["page"].items()}
    if tables["edits"]:
        query["edit"] = [f"{k}={v!r}" for k, v in tables["edits"].items()]
    link = links.parse(query, uploads)
    if link.faults:
        raise InputError(f"the scenario cannot be used: {link.faults[0]}")
    state = states.with_values(states.defaults(), link.values)
    wanted: dict[str, Any] = {"design": state.design, "node": state.node, **states.basic_options(state)}
    given = {"design": data.get("design"), "node": data.get("node"), **tables["options"]}
    if state.against != "home" or "reference_node" in data:
        wanted["reference_node"], given["reference_node"] = state.against, data.get("reference_node")
    for name in dict.fromkeys([*wanted, *(k for k in given if k not in states.PLAN_OPTIONS)]):
        if given.get(name) != wanted.get(name):
            raise InputError(
                f"the scenario contradicts itself: {name[:60]} is {str(given.get(name))[:60]}, but its [page] table gives "
                f"{str(wanted.get(name))[:60]}; change both"
            )
    return state


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
