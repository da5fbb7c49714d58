"""Parameters behind the current result as table rows, and this visit's edits of them."""

from __future__ import annotations

from typing import Any

from estimator import library
from estimator.case import scopes
from estimator.errors import InputError
from estimator.fields import FIELDS, describe
from estimator.schema import Parameter
from page.shared import state as states
from page.shared.state import State

SCOPES = {
    "node": "target process",
    "design": "chip",
    "cooling": "cooling",
    "package": "package",
    "model": "model",
    "home": "home process",
    "io_node": "process of the I/O dies",
}


def rows(state: State) -> list[dict[str, Any]]:
    """Every number the current result rests on: low, central, high, unit, kind, sources, note, and whether it is edited."""
    design, node, options = states.call_of(state)
    options.pop("reference_node", None)
    plain_options = {k: v for k, v in options.items() if k in ("cooling", "package", "memory")}
    if isinstance(plain_options.get("cooling"), str):
        plain_options["cooling"] = library.load_cooling(plain_options["cooling"])
    found = scopes(design, node, plain_options)
    edits = dict(state.edits)
    out = []
    for scope, words in SCOPES.items():
        if found[scope] is None or (scope == "home" and found["entities"]["home"].name == node.name):
            continue
        entity = found["entities"].get(scope)
        owner = design.name if scope == "design" else "model" if scope == "model" else entity.name
        kind = "node" if scope in ("home", "io_node") else scope
        for name, value in found[scope].items():
            if not isinstance(value, Parameter) or not (name in FIELDS or name.startswith(("default_", "io_"))):
                continue
            field, key = describe(name), f"{kind}:{owner}.{name}"
            out.append(
                {
                    "key": key,
                    "scope": scope,
                    "where": f"{words}: {getattr(entity, 'label', '') or owner}" if scope != "model" else words,
                    "name": name,
                    "quantity": field.long_name,
                    "low": value.low,
                    "central": float(value),
                    "high": value.high,
                    "used": edits.get(key, float(value)),
                    "unit": "" if field.unit == "1" else field.unit,
                    "kind": value.kind,
                    "source": ", ".join(value.source),
                    "link": _link(value.source),
                    "note": value.note,
                    "edited": key in edits,
                    "editable": editable(state, scope, owner, name),
                }
            )
    return out


def _link(keys: tuple[str, ...]) -> str | None:
    """First address among the sources."""
    for key in keys:
        url = library.sources().get(key, {}).get("url", "")
        if str(url).startswith(("https://", "http://")):
            return str(url)
    return None


def editable(state: State, scope: str, owner: str, name: str) -> bool:
    """Whether an edit of a number can act on the page: those of the home process are tied to the published point."""
    home = states.design_of(state).node
    if scope == "model":
        return name not in states.FIXED_MODEL and not name.startswith("default_")
    if scope == "node":
        return owner != home
    return scope in ("design", "cooling", "package") and name in FIELDS


def matching(table: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """Rows in which every word of a search occurs."""
    words = text.lower().split()[:8]
    fields = ("where", "name", "quantity", "unit", "kind", "source", "note")
    return [r for r in table if all(any(w in str(r[f]).lower() for f in fields) for w in words)]


def with_edit(state: State, key: str, value: float) -> State:
    """State with one more edit, refused in a sentence where it is out of range or breaks the model's order."""
    known = {r["key"]: r for r in rows(state)}
    if key not in known or not known[key]["editable"]:
        raise InputError(f"{key[:80]} cannot be edited here")
    field = describe(known[key]["name"])
    if not field.allows(value):
        raise InputError(f"{known[key]['name']} = {value:g} is out of range: it must be {field.range_text}")
    edits = dict(state.edits)
    edits[key] = float(value)
    changed = states.with_values(state, {"edits": tuple(sorted(edits.items()))})
    states.design_of(changed), states.node_of(changed)
    return changed
