"""Options of an estimate on the command line: ``--set key=value``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from estimator.errors import InputError, unknown_name
from estimator.model.options import OPTIONS


def parse_setting(text: str) -> tuple[str, Any]:
    """Parse one ``key=value`` of ``--set``: a number, numbers separated by commas, or a name.

    Examples
    --------
    >>> parse_setting("power_limit_w=700"), parse_setting("clock_ghz=0.8,1.0"), parse_setting("cooling=air")
    (('power_limit_w', 700.0), ('clock_ghz', [0.8, 1.0]), ('cooling', 'air'))
    """
    key, sign, value = text.partition("=")
    if not sign or not key.strip() or not value.strip():
        raise InputError(f"--set {text!r} must be key=value, e.g. power_limit_w=700")
    parts = value.split(",")
    try:
        numbers = [float(p) for p in parts]
    except ValueError:
        return key.strip(), value.strip()
    return key.strip(), numbers[0] if len(numbers) == 1 else numbers


def parse_die_nodes(items: Sequence[str] | None) -> dict[str, str]:
    """Processes of dies by role from all ``role=node`` of ``--die-node``.

    Examples
    --------
    >>> parse_die_nodes(["cache=16nm", "io=tsmc-10ff"])
    {'cache': '16nm', 'io': 'tsmc-10ff'}
    """
    found: dict[str, str] = {}
    for item in items or []:
        role, sign, node = (part.strip() for part in item.partition("="))
        if not sign or not role or not node:
            raise InputError(f"--die-node {item!r} must be role=node, e.g. cache=tsmc-16ff")
        if role in found:
            raise InputError(f"--die-node {role} is given twice")
        found[role] = node
    return found


def parse_settings(items: Sequence[str] | None) -> dict[str, Any]:
    """Options from all ``key=value`` of ``--set``. Each key must be a known option or a dotted field, and given once."""
    options: dict[str, Any] = {}
    for item in items or []:
        key, value = parse_setting(item)
        if key in ("reference_node", "samples", "seed", "strict"):
            raise InputError(f"--set {key}: use the option --{key.replace('_', '-')} instead")
        if key not in OPTIONS and "." not in key:
            raise unknown_name("option", key, OPTIONS)
        if key in options:
            raise InputError(f"--set {key} is given twice")
        options[key] = value
    return options
