"""How a claim is measured: quantities of a clone against its reference, at the centre and over draws of all assumptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from estimator.arrays import Array
from estimator.errors import ParameterFileError
from estimator.estimation import Results, estimate
from estimator.model.results import Result
from estimator.parameters.schema import Parameter
from estimator.quantities import number

if TYPE_CHECKING:
    from estimator.claims.statement import Claim, Number

Values = dict[str, Any]
Evidence = list[tuple[str, str]]
_OWN_NUMBERS = (
    8  # scores drawn for numbers of the claim itself: more than any claim has, so that others keep their draws
)


class ClaimNumbers(dict[str, Any]):
    """Numbers of a claim by name; a sentence says which one is missing where its check reads what its file does not give."""

    def __init__(self, claim: str, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.claim = claim

    def __missing__(self, name: str) -> Any:
        raise ParameterFileError(f"claim {self.claim!r}: numbers.{name} is missing, which its check reads")


class Trial(NamedTuple):
    """How a claim is to be measured: its options and numbers (either may be arrays), and how many samples."""

    claim: Claim
    options: dict[str, Any]
    numbers: ClaimNumbers
    ranges: dict[str, Number]
    samples: int

    def others(self, field: str, count: int) -> list[str]:
        """As many of the claim's ``other_nodes`` or ``other_designs`` as its check reads."""
        found: list[str] = getattr(self.claim, field)[:count]
        if len(found) < count:
            raise ParameterFileError(
                f"claim {self.claim.name!r}: {field} must name at least {count}, which its check reads"
            )
        return found


class Measured(NamedTuple):
    """Measured quantities, their samples, and lines of evidence."""

    values: Values
    samples: dict[str, Array]
    evidence: Evidence


Check = Callable[[Trial], Measured]


class Drawn:
    """Draws of an estimate, in the shape that whatever takes an estimate reads: arrays over the draws."""

    def __init__(self, est: Any, clone: Result, reference: Result) -> None:
        self.design, self.node, self.options, self.reference_node = (
            est.design,
            est.node,
            est.options,
            est.reference_node,
        )
        self.clone, self.reference = Results(dict(clone.outputs())), Results(dict(reference.outputs()))
        drawn = {"clone": clone, "reference": reference}
        self.sides = {name: replace(side, result=drawn[name]) for name, side in est.sides.items()}
        self.date = est.date

    @property
    def same_work(self) -> Values:
        """Clones that do one original's work, as `estimator.model.comparison.Comparison.same_work`."""
        clone, reference = (np.asarray(self.sides[s].result.rates.attained, float) for s in ("clone", "reference"))
        return {"clones_for_same_work": reference / clone}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "clone" not in self.__dict__:
            raise AttributeError(name)
        return getattr(self.__dict__["clone"], name)


def view(est: Any) -> Drawn:
    """All chain results of an estimate, also those that it does not publish."""
    return Drawn(est, *sides(est))


def sides(est: Any) -> tuple[Result, Result]:
    """All chain results of clone and reference; NaN where the clone is impossible."""
    reference, clone = (est.sides[side].result for side in ("reference", "clone"))
    possible = np.asarray(clone.operation.feasible)
    return clone.map(lambda v: np.where(possible, v, np.nan) if _is_float(v) else v), reference


def _is_float(value: Any) -> bool:
    return isinstance(value, (float, np.ndarray)) and np.asarray(value).dtype.kind == "f"


def draws(est: Any, count: int) -> tuple[Result, Result, Array]:
    """Chain results of both sides over draws of all assumptions, and scores for the claim's own numbers."""
    from estimator.uncertainty import assumptions, draws

    problem = draws.build(est)
    root = np.linalg.cholesky(
        assumptions.correlation(problem.assumptions, problem.nodes, problem.clone.build.numbers["model"])
    )
    z = np.concatenate(list(assumptions.score_blocks(len(root) + _OWN_NUMBERS, count, 0, count)), axis=1)
    scores = root @ z[: len(root)]
    clone, reference, consistent = draws.run(problem, {a: scores[i] for a, i in problem.assumptions.items()})
    kept = np.broadcast_to(consistent & clone.operation.feasible, z.shape[1:])

    def keep(value: Any) -> Any:
        return np.broadcast_to(value, kept.shape)[kept] if np.ndim(value) <= 1 else value

    return clone.map(keep), reference.map(keep), z[len(root) :, kept]


def _own_draws(s: Trial, scores: Array) -> ClaimNumbers:
    """Numbers of the claim drawn from their ranges, as those of the model are."""
    from estimator.uncertainty.assumptions import quantile

    out = ClaimNumbers(s.claim.name, s.numbers)
    for (name, p), z in zip(s.ranges.items(), scores, strict=False):
        c = float(s.numbers[name])
        low, high = (v if v is not None else c for v in (p.low, p.high))
        out[name] = quantile(Parameter(c, low=low, high=high), z)
    return out


def compare(
    s: Trial, quantities: Callable[[Any, Values], Values], evidence: Callable[[Any], Evidence], **options: Any
) -> Measured:
    """Quantities of the claim's clone against its reference, with their samples."""
    est = estimate(s.claim.design, s.claim.node, **{**s.options, **options})
    values = quantities(view(est), s.numbers)
    if not s.samples:
        return Measured(values, {}, [])
    clone, reference, scores = draws(est, s.samples)
    drawn_values = quantities(Drawn(est, clone, reference), _own_draws(s, scores))
    drawn = {k: np.broadcast_to(np.asarray(v, float), scores.shape[1:]) for k, v in drawn_values.items()}
    return Measured(values, drawn, [*evidence(est), *(("note", note) for note in est.notes)])


def ratios(e: Any, **outputs: str) -> Values:
    """Clone over reference of outputs, under the names of the measures."""
    return {measure: e.clone[output] / e.reference[output] for measure, output in outputs.items()}


def where_possible(value: Any, e: Any) -> Any:
    """A quantity that does not depend on the clock, NaN where the clone is impossible, in the shape of the others."""
    return np.asarray(value) + 0.0 * e.clone["clock_ghz"]


def lines(est: Any, *fields: str) -> Evidence:
    """Lines "clone, not original" of some outputs."""
    from estimator.quantities import describe

    out = []
    for f in fields:
        unit = describe(f).unit
        out.append((describe(f).long_name, f"{number(est.clone[f], unit)}, not {number(est.reference[f], unit)}"))
    return out


def run_line(run: str, who: str, result: Any) -> tuple[str, str]:
    """Line of a training run on a cluster."""
    return (
        f"{run} on {result.gpus:,.0f} {who}",
        f"{result.days:.0f} days, {result.energy_mwh:,.0f} MWh, {result.cost_usd / 1e6:,.1f} M USD",
    )
