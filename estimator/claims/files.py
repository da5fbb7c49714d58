"""Files of claims (params/claims): what a claim states, measures, assumes and rests on; read, checked and named."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from estimator.arrays import Array
from estimator.checks import check_choice
from estimator.errors import InputError, ParameterFileError, did_you_mean, unknown_name
from estimator.parameters import library
from estimator.parameters.schema import KINDS
from estimator.parameters.toml import parse_toml

SCAN_POINTS = 33  # of an assumption's range, at which a change of verdict is looked for
_IMPOSSIBLE = -10.0  # margin of what is not possible: far from holding, but finite for the root search


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _finite(*values: float | None) -> None:
    if not all(v is None or math.isfinite(v) for v in values):
        raise InputError("every number must be finite")


class Number(_Part):
    """A number of a claim: low, central and high with unit and source, or taken from a parameter (`from`)."""

    low: float | None = None
    central: float | None = None
    high: float | None = None
    unit: str = ""
    label: str = ""
    kind: str = "estimate"
    source: list[str] = []
    note: str = ""
    parameter: str = ""

    @model_validator(mode="after")
    def _checked(self) -> Number:
        _finite(self.low, self.central, self.high)
        if (self.central is None) == (not self.parameter):
            raise InputError("give either central or parameter")
        if self.central is None:
            return self
        if (
            not (self.low if self.low is not None else self.central)
            <= self.central
            <= (self.high if self.high is not None else self.central)
        ):
            raise InputError("low, central and high are not in ascending order")
        if self.kind not in KINDS:
            raise InputError(f"kind = {self.kind[:40]!r} must be one of {', '.join(KINDS)}")
        if not self.note and (self.kind == "estimate" or not self.source):
            raise InputError("give a note with the reasoning, or another kind than 'estimate' with a source")
        return self


class Test(_Part):
    """One measured quantity and the values from which the claim holds, or holds in part."""

    __test__ = False  # not a test of pytest
    measure: str
    label: str
    unit: str = "1"
    at_least: float | None = None
    at_most: float | None = None
    in_part: float | None = None
    reason: str

    @model_validator(mode="after")
    def _checked(self) -> Test:
        _finite(self.at_least, self.at_most, self.in_part)
        if (self.at_least is None) == (self.at_most is None):
            raise InputError("give either at_least or at_most")
        if self.in_part is not None and (self.in_part > self.threshold) == (self.sign > 0):
            raise InputError(f"in_part = {self.in_part:g} must be easier to meet than {self.threshold:g}")
        return self

    @property
    def threshold(self) -> float:
        """Value from which the claim holds."""
        return float(self.at_least if self.at_least is not None else self.at_most or 0.0)

    @property
    def sign(self) -> float:
        """+1 where more is needed, -1 where less is."""
        return 1.0 if self.at_least is not None else -1.0

    def margin(self, value: Any, *, partly: bool) -> Array:
        """How far a value is beyond the threshold, relative to it; negative where it misses."""
        limit = self.in_part if partly and self.in_part is not None else self.threshold
        scale = abs(self.threshold) or 1.0
        with np.errstate(over="ignore"):
            margin = self.sign * (np.asarray(value, float) - limit) / scale
        return np.asarray(np.nan_to_num(margin, nan=_IMPOSSIBLE, posinf=1e6, neginf=-1e6))


class Premise(_Part):
    """What is varied to see when the verdict changes: an option of `estimate`, or a number of the claim."""

    option: str
    label: str
    unit: str = "1"
    low: float
    high: float
    logarithmic: bool = True
    note: str

    @model_validator(mode="after")
    def _checked(self) -> Premise:
        _finite(self.low, self.high)
        if not self.low < self.high or (self.logarithmic and self.low <= 0):
            raise InputError(f"low = {self.low:g} and high = {self.high:g} are no range")
        return self

    def points(self, count: int = SCAN_POINTS) -> Array:
        """Values over the range."""
        if self.logarithmic:
            return np.asarray(np.geomspace(self.low, self.high, count))
        return np.linspace(self.low, self.high, count)

    def place(self, value: float) -> float:
        """Position of a value on its axis."""
        return math.log(value) if self.logarithmic else value


class Claim(_Part):
    """A claim as its file states it."""

    name: str
    number: int
    title: str
    claim: str
    why: str
    check: str
    design: str
    node: str
    other_designs: list[str] = []
    other_nodes: list[str] = []
    options: dict[str, float | str] = {}
    numbers: dict[str, Number] = {}
    tests: list[Test]
    assumption: Premise
    source: list[str]

    @field_validator("tests")
    @classmethod
    def _some(cls, value: list[Test]) -> list[Test]:
        if not value:
            raise InputError("tests must name at least one measured quantity")
        return value

    def parameter(self, name: str) -> Number:
        """A number of the claim; one that is taken from a parameter with that parameter's range and source."""
        own = self.numbers[name]
        if not own.parameter:
            return own
        scope, _, field = own.parameter.partition(".")
        owner = _owner(self, scope)
        if field not in owner:
            raise ParameterFileError(f"claim {self.name!r}: numbers.{name}: no parameter {own.parameter[:60]!r}")
        p = owner[field]
        return Number(
            low=p.low,
            central=float(p),
            high=p.high,
            unit=p.unit,
            label=own.label,
            kind=p.kind,
            source=list(p.source),
            note=p.note or own.note or "as in the parameter files",
        )

    def central_assumption(self) -> float:
        """The assumption's value that the verdict rests on."""
        option = self.assumption.option
        if option in self.numbers:
            return float(self.parameter(option).central or 0.0)
        if option in self.options:
            return float(self.options[option])
        from estimator.model.build import resolve

        numbers = resolve(library.load_design(self.design), library.load_node(self.node), {}).numbers
        where, dot, field = option.partition(".")
        own = {**numbers.get(where, {}), **(numbers["die"] if where == "design" else {})}
        found = own.get(field) if dot else numbers["plan"].get(option)
        if found is None:
            raise ParameterFileError(f"claim {self.name!r}: assumption.option {option[:60]!r} has no central value")
        return float(found)


def _owner(claim: Claim, scope: str) -> Mapping[str, Any]:
    """Parameters that a claim's number may be taken from."""
    from estimator.parameters.sets import load_set, set_names

    if scope == "model":
        return library.constants()
    if scope in ("node", "design"):
        return dict(library.load(scope, getattr(claim, scope)).parameters)
    return dict(load_set("work", scope).numbers) if scope in set_names("work") else {}


def _sentence(error: ValidationError, who: str) -> ParameterFileError:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(p) for p in first["loc"])
    if first["type"] == "extra_forbidden":
        known = {**Claim.model_fields, **Test.model_fields, **Premise.model_fields, **Number.model_fields}
        return ParameterFileError(f"{who}: unknown key {where[:80]!r}{did_you_mean(str(first['loc'][-1]), known)}")
    if first["type"] == "missing":
        return ParameterFileError(f"{who}: {where!r} is missing")
    inner = first.get("ctx", {}).get("error")
    if isinstance(inner, InputError):
        return ParameterFileError(f"{who}: {where + ': ' if where else ''}{inner}")
    return ParameterFileError(f"{who}: {where} = {str(first.get('input'))[:60]!r}: {first['msg']}")


def parse_claim(text: str, *, where: str) -> Claim:
    """Read a claim from TOML text.

    Raises
    ------
    ParameterFileError
        With one sentence that names the file, the key and the fault.
    """
    data = parse_toml(text, where=where)
    try:
        claim = Claim(**data)
    except ValidationError as error:
        raise _sentence(error, f"claim {where}") from None
    _check_names(claim, where)
    return claim


def _check_names(claim: Claim, where: str) -> None:
    from estimator.claims.checks import CHECKS
    from estimator.model.options import check_options

    try:
        if claim.check not in CHECKS:
            raise unknown_name("check", claim.check, CHECKS)
        for design in (claim.design, *claim.other_designs):
            library.load_design(design)
        for node in (claim.node, *claim.other_nodes):
            library.load_node(node)
        check_options(claim.options)
        if claim.assumption.option not in claim.numbers:
            check_options({claim.assumption.option: (claim.assumption.low + claim.assumption.high) / 2})
        keys = [*claim.source, *(k for n in claim.numbers.values() for k in n.source)]
        for key in keys:
            if key not in library.sources():
                raise unknown_name("source", key, library.sources())
        for name in claim.numbers:
            claim.parameter(name)
        claim.central_assumption()
    except InputError as error:
        raise ParameterFileError(f"claim {where}: {error}") from None


@cache
def names() -> tuple[str, ...]:
    """Names of all claims, in the order of their numbers."""
    order = {n: int(library.params_data(f"claims/{n}").get("number", 0)) for n in library.params_names("claims")}
    return tuple(sorted(order, key=lambda n: (order[n], n)))


def load(name: str) -> Claim:
    """A claim by name, by number (``"4"``), or the path of a TOML file."""
    if isinstance(name, str) and name.endswith(".toml"):
        if not os.path.isfile(name):  # false, and no error, for a name that no file can have
            raise InputError(f"claim file {name[:120]!r} does not exist")
        return parse_claim(library.read_text(Path(name)), where=Path(name).name)
    if isinstance(name, str) and name.isdecimal():
        name = next((n for n in names() if str(_load(n).number) == name), name)
    check_choice("claim", name, names())
    return _load(name)


@cache
def _load(name: str) -> Claim:
    return parse_claim(library.params_text(f"claims/{name}.toml"), where=f"{name}.toml")
