"""A parameter set of one's own, laid over the library for a while: other fits, another foundry's figures, what-if values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from estimator.errors import InputError, ParameterFileError, shown, unknown_name
from estimator.parameters import library
from estimator.parameters.active import ParameterOverlay, active, laid_over
from estimator.parameters.schema import Parameter
from estimator.parameters.sets import FOLDERS, load_set, set_names

LAID_KINDS = ("node", "cooling", "package", "memory")
"""Kinds of things of the library over which a set may lie; a design is changed by a file of its own."""


@contextmanager
def overlay(parameters: str | Path | Mapping[str, Mapping[str, Any]]) -> Iterator[ParameterOverlay]:
    """Lay a parameter set over the library: within the ``with`` block every call of this thread reads it.

    The set has the form of the files under ``params/fit``: owner, then field, then a number or a table with low, central,
    high, unit, kind and source. An owner is a node, cooling, package or memory type by name, ``model`` (the constants),
    ``die-area ...`` (see `estimator.die_area`) or a set such as ``work/training``. What it does not hold stays as it is;
    sets laid over one another add up, the inner one wins. Validation uses nothing else to put in place the fits that were
    made without the family which is predicted.

    Parameters
    ----------
    parameters : path or mapping
        A TOML file, or owner -> field -> number or table.

    Yields
    ------
    ParameterOverlay

    Raises
    ------
    InputError, ParameterFileError
        For an owner or field that is unknown, or a number out of range, before anything is computed.

    Notes
    -----
    It holds in this thread alone; work that `estimator.sweep` hands to other threads or processes takes it along. Name
    nodes by text within the block: a `Node` object that was loaded before keeps its numbers. What an estimate computes
    later (``est.sensitivity()``) belongs into the block too.

    Examples
    --------
    >>> import estimator
    >>> with overlay({"tsmc-12ffn": {"switched_cap_relative": 3.0}}):
    ...     heavy = estimator.estimate("h100-sxm", "12nm").power_w
    >>> heavy > estimator.estimate("h100-sxm", "12nm").power_w
    True
    """
    laid = read_overlay(parameters)
    before = active()
    tables = {owner: {**before.of(owner), **laid.of(owner)} for owner in dict.fromkeys((*before.tables, *laid.tables))}
    with laid_over(_made(tables)) as both:
        for owner in laid.tables:
            _check(owner)
        yield both


def read_overlay(parameters: str | Path | Mapping[str, Mapping[str, Any]]) -> ParameterOverlay:
    """A parameter set from a file or a mapping, its owners known and its form right."""
    where = "the parameter set"
    if isinstance(parameters, (str, Path)):
        path = library.toml_file(parameters, "parameter set")
        parameters, where = library.read_file(path), path.name
    if not isinstance(parameters, Mapping):
        raise InputError(f"parameters = {shown(parameters)} must be a TOML file or a mapping of owner to fields")
    tables: dict[str, dict[str, Any]] = {}
    for owner, fields in parameters.items():
        if not isinstance(owner, str) or not isinstance(fields, Mapping):
            raise InputError(f"{where}: {shown(owner)} must be the name of an owner, with a table of its fields")
        name = library.name_meant("node", owner) or owner
        _kind_of(name, where)
        tables[name] = {str(f): _plain(v) for f, v in fields.items()}
    return _made(tables)


def _made(tables: Mapping[str, Mapping[str, Any]]) -> ParameterOverlay:
    return ParameterOverlay(json.dumps(tables, sort_keys=True, default=str) if tables else "", tables)


def _plain(value: Any) -> Any:
    """A number or table as a parameter file would hold it."""
    if isinstance(value, Parameter):
        return {
            "low": value.low,
            "central": float(value),
            "high": value.high,
            "unit": value.unit,
            "kind": value.kind,
            "source": list(value.source),
            "note": value.note,
        }
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    return value.item() if hasattr(value, "item") else value


def _kind_of(owner: str, where: str) -> str:
    """What an owner is: a kind of thing, ``model``, ``die-area`` or ``set``."""
    if owner == "model" or owner.split(" ", 1)[0] == "die-area":
        return owner.split(" ", 1)[0]
    folder, slash, name = owner.partition("/")
    if slash and folder in FOLDERS and name in set_names(folder):
        return "set"
    kind = next((k for k in LAID_KINDS if owner in library.names(k)), "")
    if kind:
        return kind
    known = ["model", *(n for k in LAID_KINDS for n in library.names(k))]
    raise ParameterFileError(f"{where}: {unknown_name('owner', owner, known)}")


def _check(owner: str) -> None:
    """Read what the set lies over, so that a fault is found when the block is entered."""
    kind = _kind_of(owner, "the parameter set")
    if kind == "model":
        known = library.constants_alone()
        for name in active().of("model"):
            if name not in known:
                raise unknown_name("constant of the model", name, known)
        library.constants()
    elif kind == "set":
        load_set(*owner.split("/", 1))
    elif kind == "die-area":
        library.fitted(owner)
    else:
        library.load_named(kind, owner)
