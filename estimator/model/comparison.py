"""A clone against its reference: outputs of both sides as attributes, ratios, and the causes of each headline."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from estimator.arrays import Values, divides, unwrap
from estimator.model.causes import all_causes
from estimator.model.evaluate import Evaluated
from estimator.model.results import FLAGS
from estimator.parameters.schema import Design
from estimator.quantities import describe, quarter, with_unit

SAME_WORK = {
    "clones_for_same_work": "",
    "power_for_same_work_w": "power_w",
    "cost_for_same_work_usd": "unit_cost_usd",
    "all_in_for_same_work_usd": "full_cost_usd",
    "wafers_for_same_work": "wafers_per_gpu",
}
"""What one original's work takes -> the output of one clone that it is so many times of."""
_INNER = {"tensor_tflops": "peak", "vector_tflops": "peak", "work_tflops": "attained"}
"""Rates that a design may not state -> the same on the model's own scale, of which ratios remain."""


class KindOfDie(NamedTuple):
    """One kind of die of a clone or reference: floats, or arrays where the outputs are.

    Attributes
    ----------
    role, node : str
        What it is for, and its process.
    dies : float
        Dies of the kind in a GPU.
    die_area_mm2, silicon_mm2 : float
        Area of one, and of all of them, mm2.
    gross_dies_per_wafer, yield_fraction, sellable_fraction : float
        Dies on a wafer, the share without any defect, and the share that can be sold.
    wafer_cost_usd, die_cost_usd, cost_usd : float
        Price of a wafer, cost of a good die, and of all of them, USD.
    """

    role: str
    node: str
    dies: Any
    die_area_mm2: Any
    silicon_mm2: Any
    gross_dies_per_wafer: Any
    yield_fraction: Any
    sellable_fraction: Any
    wafer_cost_usd: Any
    die_cost_usd: Any
    cost_usd: Any


def kinds_of(side: Evaluated) -> tuple[KindOfDie, ...]:
    """The dies of one side by kind, compute dies first."""
    made, things = side.result, side.build.entities
    out = []
    for kind, die, good, cost in zip(
        side.build.choices.kinds, made.geometry.kinds, made.yields.kinds, made.costs.kinds, strict=True
    ):
        numbers = (
            die.dies,
            die.die_area_mm2,
            die.silicon_mm2,
            good.gross_dies_per_wafer,
            good.yield_fraction,
            good.sellable_fraction,
            cost.wafer_cost_usd,
            cost.die_cost_usd,
            cost.die_cost_usd * die.dies,
        )
        out.append(KindOfDie(die.role, things.processes[kind.owners[2]].name, *(unwrap(v) for v in numbers)))
    return tuple(out)


class Results(Mapping[str, Any]):
    """Outputs of one side (clone or reference) as attributes and as a mapping: floats, or arrays of one shape.

    ``kinds`` has the dies by kind (`KindOfDie`).
    """

    def __init__(self, values: Values, kinds: tuple[KindOfDie, ...] = ()) -> None:
        self._values, self.kinds = values, kinds

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(f"no output {name!r}") from None

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._values]

    def __repr__(self) -> str:
        lines = [f"  {k:28s} {with_unit(_show(v), describe(k).unit)}" for k, v in self._values.items()]
        return "Results\n" + "\n".join(lines)


def _show(value: Any) -> str:
    if isinstance(value, (str, bool)):
        return str(value)
    array = np.asarray(value)
    if array.ndim == 0:
        return f"{float(array):.6g}"
    return f"array{array.shape}"


class Comparison:
    """One design on one node against its reference: the outputs of both sides, their ratios and causes.

    Attributes
    ----------
    design, node : Design, Node
    options : dict
        The options that were set.
    reference, ratio : Results
        The design at home (or on `reference_node`), and clone over reference.
    same_work : Results
        Clones that do one original's work, their power and their cost (`SAME_WORK`).
    notes : list of str
        Where the model is outside its range or a value is coarse.
    sides : dict of Evaluated
        What ``"clone"`` and ``"reference"`` were computed from: numbers used and all quantities of the chain.
    """

    def __init__(
        self,
        design: Design,
        sides: dict[str, Evaluated],
        clone: Values,
        reference: Values,
        notes: list[str],
    ) -> None:
        self.design, self.sides = design, sides
        self.node, self.options = sides["clone"].build.node, dict(sides["clone"].build.options)
        self.reference_node = sides["reference"].build.node
        self.clone = Results(clone, kinds_of(sides["clone"]))
        self.reference = Results(reference, kinds_of(sides["reference"]))
        self.notes = notes

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "clone" not in self.__dict__:
            raise AttributeError(name)
        if name in SAME_WORK:
            return self.same_work[name]
        return getattr(self.__dict__["clone"], name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.clone, *SAME_WORK]

    @cached_property
    def ratio(self) -> Results:
        """Clone over reference for every numeric output that is not zero in the reference."""
        out: Values = {}
        for name, value in self.clone.items():
            if name == "limited_by" or name in FLAGS:
                continue
            base = self.reference[name]
            if divides(base):
                out[name] = unwrap(np.asarray(value) / np.asarray(base))
        if not self.sides["clone"].build.choices.given.rates:
            for name, inner in _INNER.items():
                out[name] = self._of_rates(inner)
            peak, work = np.asarray(out["tensor_tflops"]), np.asarray(out["work_tflops"])
            out["seconds_per_eflop"] = unwrap(1.0 / work)
            out["energy_per_eflop_j"] = unwrap(out["power_w"] / work)
            out["tflops_per_w"] = unwrap(peak / out["power_w"])
            out["usd_per_tflops"] = unwrap(out["unit_cost_usd"] / peak)
            out["kgco2e_per_eflop"] = self._of_emissions()
        elif not self.sides["clone"].build.choices.given.vector:
            out["vector_tflops"] = self._of_rates(_INNER["vector_tflops"])
        return Results(out)

    def _of_rates(self, name: str) -> Any:
        """Clone over reference of an inner rate of work; NaN where there is no clone."""
        clone, reference = (
            np.asarray(getattr(self.sides[s].result.rates, name), float) for s in ("clone", "reference")
        )
        return unwrap(np.where(self.clone["feasible"], clone / reference, np.nan))

    def _of_emissions(self) -> Any:
        """Clone over reference of greenhouse gases per unit of work; NaN where there is no clone."""
        clone, reference = (np.asarray(self.sides[s].result.emissions.per_work, float) for s in ("clone", "reference"))
        return unwrap(np.where(self.clone["feasible"], clone / reference, np.nan))

    @cached_property
    def same_work(self) -> Results:
        """Clones that do one original's work, and their power and cost (`SAME_WORK`); NaN where there is no clone."""
        needed = 1.0 / np.asarray(self._of_rates("attained"), float)
        each = {n: 1.0 if not of else np.asarray(self.clone[of], float) for n, of in SAME_WORK.items()}
        return Results({n: unwrap(needed * value) for n, value in each.items()})

    @property
    def date(self) -> Any:
        """Date of making, in years: that of the data, unless it was asked for."""
        return unwrap(np.asarray(self.sides["clone"].build.inputs.plan.date, float))

    @property
    def date_words(self) -> str:
        """Date of making as a person writes it."""
        low, high = float(np.min(self.date)), float(np.max(self.date))
        data = float(np.min(self.sides["clone"].build.inputs.model.data_date))
        if low != high:
            return f"{quarter(low)} to {quarter(high)}"
        return f"{quarter(low)} ({low:g}, the date of the data)" if low == data else f"{quarter(low)} ({low:g})"

    @property
    def package(self) -> Any:
        """Name of the package that the clone is put into; of arrays one for each entry."""
        made = self.sides["clone"]
        names = np.asarray([p.name for p in made.build.entities.packages], object)
        return names[np.asarray(made.result.geometry.package_index, int)]

    @cached_property
    def causes(self) -> dict[str, Values]:
        """Headline (area, power, cost, all-in, time) -> named cause -> factor; the factors multiply to the ratio."""
        reference, clone = (self.sides[side].result for side in ("reference", "clone"))
        fraction = self.sides["clone"].build.inputs.model.interconnect_fraction
        with np.errstate(divide="ignore", invalid="ignore"):
            split = all_causes(reference, clone, fraction)
        invalid = self.sides["clone"].invalid
        if np.any(invalid):
            split = {h: {k: np.where(invalid, np.nan, v) for k, v in fs.items()} for h, fs in split.items()}
        return {h: {k: unwrap(v) for k, v in factors.items()} for h, factors in split.items()}

    def to_dict(self) -> Values:
        """Plain data: ``design, node, options, clone, reference, ratio, same_work, kinds, causes, notes`` (arrays as lists)."""
        data = {
            "design": self.design.name,
            "node": self.node.name,
            "reference_node": self.reference_node.name,
            "date": self.date,
            "package": self.package,
            "options": {k: getattr(v, "name", v) for k, v in self.options.items()},
            "clone": dict(self.clone),
            "reference": dict(self.reference),
            "ratio": dict(self.ratio),
            "same_work": dict(self.same_work),
            "kinds": {side: [k._asdict() for k in getattr(self, side).kinds] for side in ("clone", "reference")},
            "causes": self.causes,
            "notes": list(self.notes),
        }
        return plain_table(data)


def plain_table(data: Mapping[str, object]) -> Values:
    """A table as plain data, down to its last number."""
    return {str(k): _plain(v) for k, v in data.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return plain_table(value)
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, (np.floating, np.integer, np.bool_)):
        return _plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return float(value) if isinstance(value, float) else value
