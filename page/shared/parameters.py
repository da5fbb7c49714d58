"""Parameters behind the current result as table rows, and this visit's edits of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import estimator
from estimator.errors import InputError
from estimator.model import used_parameters
from estimator.quantities import FIELDS, describe
from page.shared import state as states
from page.shared.state import State
from page.shared.ui import typeset

SCOPES = {
    "node": "target process",
    "design": "chip",
    "cooling": "cooling",
    "package": "package",
    "package_2": "package where the first is too small",
    "package_3": "package where the second is too small",
    "memory": "memory",
    "product": "class of product",
    "model": "model",
    "home": "home process",
    "against": "process compared with",
    "io_node": "process of the I/O dies",
    "cache_node": "process of the cache dies",
    "base_node": "process of the base dies",
    "memory_base_node": "process of the memory base dies",
    "cpu_node": "process of the CPU dies",
}
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
    found = used_parameters(
        states.design_of(state),
        states.node_of(state),
        cooling=None if state.cooling == "own" else state.cooling,
        against=None if state.against == "home" else states.node_of(state, state.against),
    )
    edits = dict(state.edits)
    out: list[dict[str, Any]] = []
    for used in found:
        field, value = describe(used.name), used.parameter
        words = SCOPES[used.scope]
        out.append(
            {
                "key": used.key,
                "scope": used.scope,
                "where": words if used.scope == "model" else f"{words}: {used.label}",
                "name": used.name,
                "quantity": field.long_name,
                "low": value.low,
                "central": float(value),
                "high": value.high,
                "used": edits.get(used.key, float(value)),
                "unit": "" if field.unit == "1" else typeset(field.unit),
                "kind": value.kind,
                "source": ", ".join(value.source),
                "link": _link(value.source),
                "note": value.note,
                "edited": used.key in edits,
                "editable": editable(used.scope, used.name),
            }
        )
    return out


def _link(keys: tuple[str, ...]) -> str | None:
    """First address among the sources."""
    for key in keys:
        url = estimator.sources().get(key, {}).get("url", "")
        if str(url).startswith(("https://", "http://")):
            return str(url)
    return None


def editable(scope: str, name: str) -> bool:
    """Whether an edit of a number can act on the page; a fact, or what completes a design or node or a control sets, cannot."""
    if name in FACTS:
        return False
    if scope == "model":
        return name not in states.FIXED_MODEL and not name.startswith("default_")
    return not scope.endswith(("_node", "_2", "_3")) and name in FIELDS


def matching(table: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """Rows in which every word of a search occurs."""
    words = text.lower().split()[:8]
    fields = ("where", "name", "quantity", "unit", "kind", "source", "note")
    return [r for r in table if all(any(w in str(r[f]).lower() for f in fields) for w in words)]


def with_edits(state: State, edits: Mapping[str, float]) -> State:
    """State with more edits; raises `InputError` where one is out of range or contradicts the other numbers."""
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
