"""Reads the tables of real silicon (params/silicon): every row a frozen model, every fault one sentence."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from estimator.errors import InputError, ParameterFileError, did_you_mean, shown
from estimator.parameters import library


@dataclass(frozen=True)
class _Number:
    """A cell that holds a finite number in a range; a blank one is NaN where that is allowed."""

    low: float
    high: float = math.inf
    above: bool = False  # the number must lie above `low`
    blank: bool = False
    whole: bool = False

    def __call__(self, cell: object) -> float:
        if cell == "" and self.blank:
            return math.nan
        try:
            value = float(cell) if isinstance(cell, str) else math.nan
        except ValueError:
            value = math.nan
        fits = value > self.low if self.above else value >= self.low
        if not fits or value > self.high or not math.isfinite(value) or (self.whole and value != int(value)):
            raise InputError(f"must be {self}")
        return value

    def __str__(self) -> str:
        if math.isfinite(self.high):
            span = f" from {self.low:g} to {self.high:g}"
        elif math.isfinite(self.low):
            span = f" {'above' if self.above else 'of at least'} {self.low:g}"
        else:
            span = ""
        return f"a {'whole ' if self.whole else ''}number{span}{' or blank' if self.blank else ''}"


@dataclass(frozen=True)
class _Words:
    """A cell that holds one of two words, which mean true and false."""

    true: str
    false: str

    def __call__(self, cell: object) -> bool:
        if cell not in (self.true, self.false):
            raise InputError(f"must be {self.true} or {self.false}")
        return cell == self.true


def _text(cell: object) -> str:
    if not isinstance(cell, str) or not cell.strip():
        raise InputError("must not be blank")
    return cell


def _names(cell: object) -> tuple[str, ...]:
    return tuple(name for name in cell.split(";") if name) if isinstance(cell, str) else ()


Text = Annotated[str, BeforeValidator(_text)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Positive = Annotated[float, BeforeValidator(_Number(0.0, above=True))]
Share = Annotated[float, BeforeValidator(_Number(0.0, 1.0))]
Count = Annotated[float, BeforeValidator(_Number(0.0, whole=True))]
Order = Annotated[float, BeforeValidator(_Number(-math.inf, whole=True))]
Celsius = Annotated[float, BeforeValidator(_Number(-273.15))]
PositiveOrBlank = Annotated[float, BeforeValidator(_Number(0.0, above=True, blank=True))]
ShareOrBlank = Annotated[float, BeforeValidator(_Number(0.0, 1.0, blank=True))]
CountOrBlank = Annotated[float, BeforeValidator(_Number(0.0, whole=True, blank=True))]
AmountOrBlank = Annotated[float, BeforeValidator(_Number(0.0, blank=True))]
Purity = Literal["A", "B", "C"]
"""How alike the two chips of a pair are: the same design, near same, the same family."""
Split = Literal["calibration", "validation"]
"""What a row is for, by its family and stated before any fit: rows of ``calibration`` may be looked at when a constant is
chosen, those of ``validation`` may not. No fit uses a row of ``validation``."""
YesNo = Annotated[bool, BeforeValidator(_Words("yes", "no"))]
OneZero = Annotated[bool, BeforeValidator(_Words("1", "0"))]


class SiliconRow(BaseModel):
    """A row of a table of silicon: one field for each column, a blank number is NaN."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    table: ClassVar[str]
    ascending: ClassVar[tuple[str, ...]] = ()
    """Columns of one value's range, from low to high."""

    @property
    def kept(self) -> bool:
        """Whether the row is evidence; some are listed with the reason why they are not."""
        return True

    def needed(self) -> tuple[str, ...]:
        """Columns that may be blank in a row that is listed only, but hold something in one that is kept."""
        return ()

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if self.kept:
            for name in self.needed():
                value = getattr(self, name)
                if value in ("", ()) or (isinstance(value, float) and math.isnan(value)):
                    raise InputError(f"{name} is blank: a row that is used must hold it")
        elif not getattr(self, "reason", ""):
            raise InputError("reason is blank: a row that is not used must say why")
        values = [getattr(self, name) for name in self.ascending]
        if values != sorted(values):
            raise InputError(f"{', '.join(self.ascending)} = {', '.join(f'{v:g}' for v in values)} must be ascending")
        return self


Kept = TypeVar("Kept", bound=SiliconRow)


def unseen(row: Kept, *, fitted: bool, split: Split) -> Kept:
    """The row, if no fit uses it against its split."""
    if fitted and (split == "validation" or not row.kept):
        raise InputError("fitted goes with a row that is used and of split = calibration alone")
    return row


class ListedRow(SiliconRow):
    """A row that says whether it is evidence, and if not why."""

    used: YesNo
    reason: str

    @property
    def kept(self) -> bool:
        """Whether the row is evidence."""
        return self.used


R = TypeVar("R", bound=SiliconRow)


def read_silicon(model: type[R]) -> tuple[R, ...]:
    """Rows of the table that a model of `silicon_dies` or `silicon_electrical` describes, in the order of the file.

    Examples
    --------
    >>> from estimator.parameters.silicon_dies import CsetRow
    >>> read_silicon(CsetRow)[0].label
    '90 nm'
    """
    library.opened("silicon", model.table)
    return cast("tuple[R, ...]", _rows_of(model))


@cache
def _rows_of(model: type[SiliconRow]) -> tuple[SiliconRow, ...]:
    name = f"silicon/{model.table}.csv"
    return tuple(parse_silicon(model, library.params_text(name), where=name))


def parse_silicon(model: type[R], text: str, *, where: str) -> list[R]:
    """Rows of a table from its text.

    Raises
    ------
    ParameterFileError
        With one sentence that names the file, the row, the column, its value and what is allowed there.
    """
    lines = list(csv.reader(text.splitlines(keepends=True)))
    header = lines[0] if lines else []
    columns = [field.alias or name for name, field in model.model_fields.items()]
    for name in header:
        if name not in columns:
            raise ParameterFileError(f"{where}: unknown column {name[:60]!r}{did_you_mean(name, columns)}")
        if header.count(name) > 1:
            raise ParameterFileError(f"{where}: column {name!r} is there twice")
    if lost := [name for name in columns if name not in header]:
        raise ParameterFileError(f"{where}: column {lost[0]!r} is missing")
    rows = []
    for number, cells in enumerate(lines[1:], 2):
        who = f"{where}, row {number} ({(cells or [''])[0][:60]})"
        if len(cells) != len(header):
            raise ParameterFileError(f"{who}: has {len(cells)} cells, and the header has {len(header)}")
        try:
            rows.append(model.model_validate(dict(zip(header, cells, strict=True))))
        except ValidationError as error:
            raise ParameterFileError(f"{who}: {_fault(error)}") from None
    return rows


def _fault(error: ValidationError) -> str:
    """First fault of a row: column, value and what is allowed."""
    first = cast("dict[str, Any]", error.errors(include_url=False)[0])
    context = first.get("ctx", {})
    allowed = str(context.get("error") or f"must be {context.get('expected', 'text')}")
    return f"{first['loc'][0]} = {shown(first['input'])} {allowed}" if first["loc"] else allowed


def known(value: float, default: float) -> float:
    """A number of a row, or another one where its cell is blank.

    Examples
    --------
    >>> known(0.8, 1.0), known(math.nan, 1.0)
    (0.8, 1.0)
    """
    return default if math.isnan(value) else value
