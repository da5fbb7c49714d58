"""Parameter sets beyond entities: one TOML file of sourced numbers and a few plain texts (rules, runs, work)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from estimator.checks import check_choice
from estimator.errors import InputError, ParameterFileError
from estimator.parameters import library
from estimator.parameters.active import active, kept
from estimator.parameters.schema import Parameter, parse_parameter

FOLDERS = ("rules", "runs", "work")


@dataclass(frozen=True)
class ParameterSet:
    """Numbers of one file by name, as attributes, and its plain fields.

    Attributes
    ----------
    name, label, note : str
        What it is called, and what else there is to know.
    numbers : mapping of str to Parameter
        Every number with its range and source; those of a table in the file as ``table.number``.
    texts : mapping of str to Any
        Fields that are not numbers with a range (names, dates, flags, lists of names).
    """

    name: str
    label: str
    note: str
    numbers: Mapping[str, Parameter]
    texts: Mapping[str, Any]

    def __getitem__(self, name: str) -> Parameter:
        return self.numbers[name]

    def values(self) -> dict[str, float]:
        """Central values as plain floats."""
        return {k: float(v) for k, v in self.numbers.items()}


def set_names(folder: str) -> tuple[str, ...]:
    """Names of the sets of a folder, sorted.

    Examples
    --------
    >>> "deepseek-v3" in set_names("runs")
    True
    """
    check_choice("folder", folder, FOLDERS)
    library.opened("names", folder)
    return _names(folder)


def load_set(folder: str, name: str) -> ParameterSet:
    """Load one set by folder and name.

    Examples
    --------
    >>> float(load_set("rules", "bis-2023")["tpp_alone_min"])
    4800.0
    """
    check_choice("folder", folder, FOLDERS)
    check_choice(folder.rstrip("s"), name, _names(folder))
    library.opened(folder, name)
    return _load(folder, name)


@cache
def _names(folder: str) -> tuple[str, ...]:
    return library.params_names(folder)


@kept()
def _load(folder: str, name: str) -> ParameterSet:
    data = {**library.params_data(f"{folder}/{name}"), **active().of(f"{folder}/{name}")}
    numbers: dict[str, Parameter] = {}
    texts: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, dict):
            inner = {key: value} if "central" in value else {f"{key}.{own}": v for own, v in value.items()}
            try:
                for full, table in inner.items():
                    numbers[full] = parse_parameter(full.rsplit(".", 1)[-1], table)
                    numbers[full].key = f"{folder}:{name}:{full}"
            except InputError as error:
                raise ParameterFileError(f"{folder}/{name}: {error}") from None
        else:
            texts[key] = value
    return ParameterSet(
        name=str(texts.pop("name", name)),
        label=str(texts.pop("label", name)),
        note=str(texts.pop("note", "")),
        numbers=numbers,
        texts=texts,
    )
