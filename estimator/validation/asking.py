"""Asks `estimator.estimate` what a user of a card would ask, from what that user knows, with the interval of its own samples."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from estimator.arrays import Array
from estimator.errors import EstimatorError
from estimator.estimation import Estimate, estimate
from estimator.model.options import NAME_OPTIONS
from estimator.model.results import OUTPUT_STAGE
from estimator.parameters.schema import Design

SAMPLES = 256
"""Draws of each row's interval, of one seed: the scores are made once. 0: no intervals (for a quick look)."""
LADDER: tuple[dict[str, Any], ...] = (
    {},
    *({"cooling": name} for name in ("air-consumer", "air-server", "cold-plate", "microchannel")),
)
"""What a user tries in turn where the design cannot be cooled at its own published point, and the sentence says so."""
HOT: dict[str, Any] = {"cooling": "microchannel", "junction_max_c": 150.0}
WORDS = {"vision": "training", "inference": "prefill"}
"""Workload classes of the tables that the model has no word for, and the nearest that it has."""


class Answer(NamedTuple):
    """What a call said: the value, the ends of its 80 % interval, the call, and what else it took."""

    value: float
    low: float
    high: float
    call: str
    note: str = ""


Pick = Callable[[Mapping[str, Any], Mapping[str, Any]], Any]
"""From the outputs of the clone and of the reference to the value asked for; of numbers, or of arrays of samples."""


def picked(name: str, scale: float = 1.0) -> Pick:
    """One output of the clone, times a scale."""
    return lambda clone, reference: scale * clone[name]


def workload_field(word: str) -> dict[str, Any]:
    """The workload as a field of a design, where designs have one."""
    return {"workload": WORDS.get(word, word)} if "workload" in Design.model_fields else {}


def workload_option(word: str) -> dict[str, Any]:
    """The workload as an option of an estimate, where it is one and no field of the design."""
    known = NAME_OPTIONS.get("workload", ())
    return {"workload": WORDS.get(word, word)} if known and "workload" not in Design.model_fields else {}


def limit_field(limit_w: float) -> dict[str, float]:
    """The board's power limit as a field of a design, where designs have one."""
    return {"board_limit_w": limit_w} if "board_limit_w" in Design.model_fields else {}


def speed(anchor_clock_ghz: float) -> tuple[str, Pick]:
    """Speed over that at the published point: an output where the model has it, else the clock's ratio."""
    if "relative_performance" in OUTPUT_STAGE:
        return ".relative_performance", picked("relative_performance")
    return f".clock_ghz / {anchor_clock_ghz:g}", picked("clock_ghz", 1.0 / anchor_clock_ghz)


def ask(known: Mapping[str, Any], node: str, pick: Pick, *, said: str, options: Mapping[str, Any]) -> Answer:
    """Estimate a design of what is known on a node, and pick a value with its interval.

    Parameters
    ----------
    known : mapping
        Fields of the `Design`.
    node : str
        Process to estimate it on.
    pick : callable
        What is asked for.
    said : str
        The same as text behind the call (``.power_w``).
    options : mapping
        Options of the estimate.

    Returns
    -------
    Answer
        NaN where the call refuses, with its sentence as the note.
    """
    refusal = ""
    ladder: tuple[dict[str, Any], ...] = ({},) if "cooling" in known else (*LADDER, HOT)
    for step in ladder:
        fields = {**known, **step}
        try:
            est = estimate(Design(**fields), node, samples=SAMPLES or None, **options)
        except EstimatorError as error:
            refusal = refusal or str(error)
            if "cool" not in str(error) and "junction" not in str(error):
                break
            continue
        value = float(pick(est.clone, est.reference))
        low, high = interval(est, pick)
        note = f"needs {', '.join(f'{k} = {v}' for k, v in step.items())} to hold its published point" if step else ""
        return Answer(value, low, high, shown_call(fields, node, options) + said, note)
    nothing = math.nan
    return Answer(nothing, nothing, nothing, shown_call(known, node, options) + said, f"no answer: {refusal}")


def interval(est: Estimate, pick: Pick) -> tuple[float, float]:
    """Ends of the 80 % interval that the call's own samples give."""
    if est.samples is None:
        return math.nan, math.nan
    return ends(draws(est, pick))


def draws(est: Estimate, pick: Pick) -> Array:
    """The value asked for in each sample."""
    return np.asarray(pick(est.samples.clone, est.samples.reference), float)


def ends(values: Array) -> tuple[float, float]:
    """10 % and 90 % quantile."""
    if values.size == 0:
        return math.nan, math.nan
    low, high = np.quantile(values, (0.1, 0.9))
    return float(low), float(high)


def shown_call(known: Mapping[str, Any], node: str, options: Mapping[str, Any]) -> str:
    """The call as one would type it."""
    fields = ", ".join(f"{k}={_shown(v)}" for k, v in known.items())
    plain = ", ".join(f"{k}={_shown(v)}" for k, v in options.items() if "." not in k)
    dotted = ", ".join(f"{k!r}: {_shown(v)}" for k, v in options.items() if "." in k)
    rest = "".join(f", {part}" for part in (plain, f"**{{{dotted}}}" if dotted else "") if part)
    return f"estimate(Design({fields}), {node!r}{rest})".replace("'", '"')


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return repr(value)
