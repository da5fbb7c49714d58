"""Sweep files: TOML with the arguments of `estimator.sweep`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from estimator.errors import InputError, said, unknown_name
from estimator.parameters.library import read_text, toml_file
from estimator.parameters.toml import parse_toml

_FILE_KEYS = ("title", "design", "node", "points", "sampling", "samples", "seed", "outputs", "options", "figure")


def read_sweep_file(path: str | Path) -> dict[str, Any]:
    """Arguments of `estimator.sweep` from a TOML file.

    Top-level keys are ``design``, ``node``, ``points``, ``sampling``, ``samples``, ``seed`` and ``outputs``. The table
    ``[options]`` holds all other arguments. Each is a value, a list, or ``{from, to, count}``, which may have
    ``spacing = "log"``. Without ``count`` it is the range of a sampling plan.
    """
    path = toml_file(path, "sweep file")
    file = said(path.name)
    data = parse_toml(read_text(path), where=file)
    for key in data:
        if key not in _FILE_KEYS:
            raise unknown_name(f"key of {file}", key, _FILE_KEYS)
    options = data.pop("options", {})
    if not isinstance(options, dict):
        raise InputError(f"{file}: options must be a table")
    call = {k: v for k, v in data.items() if k not in ("title", "figure")}
    if isinstance(call.get("points"), str):
        call["points"] = path.parent / call["points"]
    for name, value in _flat(options).items():
        if name in call:
            raise InputError(f"{file}: {name} is given twice")
        call[name] = _axis(name, value) if isinstance(value, dict) and name != "die_nodes" else value
    return call


def _flat(options: dict[str, Any]) -> dict[str, Any]:
    """Options with dotted names in one table: TOML reads ``node.supply_v = [..]`` without quotes as a table ``node``."""
    out: dict[str, Any] = {}
    for name, value in options.items():
        if isinstance(value, dict) and name != "die_nodes" and not {"from", "to"} & set(value):
            out.update({f"{name}.{k}": v for k, v in value.items()})
        else:
            out[name] = value
    return out


def _axis(name: str, value: dict[str, Any]) -> Any:
    spare = set(value) - {"from", "to", "count", "spacing"}
    if spare or not {"from", "to"} <= set(value):
        raise InputError(f"{name}: an axis is a list or {{from, to, count}}, not {sorted(map(str, value))}")
    low, high = value["from"], value["to"]
    if not all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (low, high)):
        raise InputError(f"{name}: from and to must be numbers")
    if "count" not in value:
        return (low, high)
    count = value["count"]
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= 100_000_000:
        raise InputError(f"{name}: count = {count!r} must be an integer from 1 to 100000000")
    if value.get("spacing", "linear") == "log":
        if low <= 0 or high <= 0:
            raise InputError(f"{name}: a logarithmic axis needs from and to above 0")
        return np.geomspace(low, high, count)
    if value.get("spacing", "linear") != "linear":
        raise InputError(f"{name}: spacing must be 'linear' or 'log'")
    return np.linspace(low, high, count)
