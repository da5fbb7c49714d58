"""What a claim states, measures, assumes and rests on: the data models of its file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from estimator.arrays import Array
from estimator.errors import InputError, ParameterFileError
from estimator.parameters import library
from estimator.parameters.schema import KINDS

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
