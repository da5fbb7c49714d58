"""Parameters behind the current result as table rows, and this visit's edits of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from estimator.errors import InputError
from estimator.model.build import node_numbers, scopes
from estimator.parameters import library
from estimator.parameters.schema import Parameter
from estimator.quantities import FIELDS, describe
from page.shared import state as states
from page.shared.state import State
from page.shared.ui import typeset

SCOPES = {
    "node": "target process",
    "design": "chip",
    "cooling": "cooling",
    "package": "package",
    "model": "model",
    "home": "home process",
    "against": "process compared with",
    "io_node": "process of the I/O dies",
}
PROCESSES = ("node", "home", "against", "io_node")
FACTS = (
    "logic_density_peak_mtr_mm2",
    "sram_bitcell_um2",
    "contacted_gate_pitch_nm",
    "metal_pitch_nm",
    "clock_max_ghz",
    "tpp",
    "link_bw_gb_s",
    "sram_mb",
)
"""Numbers that are only stated: no formula reads them."""


def rows(state: State) -> list[dict[str, Any]]:
    """Every number the current result rests on: low, central, high, unit, kind, sources, note, and whether it is edited."""
    design, node = states.design_of(state), states.node_of(state)
    options = {k: v for k, v in states.basic_options(state).items() if k == "cooling"}
    if "cooling" in options:
        options["cooling"] = library.load_cooling(options["cooling"])
    found = scopes(design, node, options)
    if state.against != "home":
        against = states.node_of(state, state.against)
        found |= {"against": node_numbers(against), "entities": {**found["entities"], "against": against}}
    edits = dict(state.edits)
    out: list[dict[str, Any]] = []
    listed: set[str] = set()
    for scope, words in SCOPES.items():
        if found.get(scope) is None:
            continue
        entity = found["entities"].get(scope)
        owner = design.name if scope == "design" else "model" if scope == "model" else entity.name
        kind = "node" if scope in PROCESSES else scope
        if f"{kind}:{owner}" in listed:  # one process in two places: its numbers stand once
            continue
        listed.add(f"{kind}:{owner}")
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
                    "unit": "" if field.unit == "1" else typeset(field.unit),
                    "kind": value.kind,
                    "source": ", ".join(value.source),
                    "link": _link(value.source),
                    "note": value.note,
                    "edited": key in edits,
                    "editable": editable(scope, name),
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


def editable(scope: str, name: str) -> bool:
    """Whether an edit of a number can act on the page; a fact, or what completes a design or node or a control sets, cannot."""
    if name in FACTS:
        return False
    if scope == "model":
        return name not in states.FIXED_MODEL and not name.startswith("default_")
    return scope != "io_node" and name in FIELDS


def matching(table: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """Rows in which every word of a search occurs."""
    words = text.lower().split()[:8]
    fields = ("where", "name", "quantity", "unit", "kind", "source", "note")
    return [r for r in table if all(any(w in str(r[f]).lower() for f in fields) for w in words)]


def with_edits(state: State, edits: Mapping[str, float]) -> State:
    """State with more edits, refused in a sentence where one is out of range or breaks the model's order."""
    known = {r["key"]: r for r in rows(state)}
    for key, value in edits.items():
        if key not in known or not known[key]["editable"]:
            raise InputError(f"{key[:80]} cannot be edited here")
        field = describe(known[key]["name"])
        if not field.allows(value):
            raise InputError(f"{known[key]['name']} = {value:g} is out of range: it must be {field.range_text}")
    together = {**dict(state.edits), **{k: float(v) for k, v in edits.items()}}
    changed = states.with_values(state, {"edits": tuple(sorted(together.items()))})
    states.design_of(changed), states.node_of(changed)
    return changed


def told(state: State, edited: Mapping[str, float], most: int = 4) -> str:
    """Edited values in words, with what they are of: the first few by name, the others counted."""
    owners = {r["key"]: r for r in rows(state)}
    parts = [
        f"{owners[k]['quantity']} = {v:g} {owners[k]['unit']}".rstrip() + f" ({owners[k]['where']})"
        if k in owners
        else f"{k.split(':', 1)[1]} = {v:g}"
        for k, v in list(edited.items())[:most]
    ]
    more = len(edited) - most
    return ", ".join(parts) + (f" and {more} more (marked on the Method page)" if more > 0 else "")
