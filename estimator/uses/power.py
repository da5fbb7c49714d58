"""Power of a GPU under another workload than that of its estimate, and at rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from estimator.arrays import unwrap
from estimator.checks import check_choice, checked
from estimator.model.build import DEFAULT_WORK
from estimator.parameters.schema import WORKLOADS
from estimator.quantities import FIELDS

if TYPE_CHECKING:
    from estimator.estimation import Estimate

AT_REST = ("power_w", "power_limit_w", "supply_v")  # options that say nothing of a GPU at rest


@checked(workload=None, original="flag")
def workload_power_w(est: Estimate, workload: str, *, original: bool = False) -> Any:
    """Module power under a workload, W: the same plan, or the original at its published point.

    An idle GPU is at its lowest clock and supply; what is left is leakage, links and board.

    Examples
    --------
    >>> from estimator import estimate
    >>> est = estimate("h100-sxm", "12nm")
    >>> workload_power_w(est, "training") == est.power_w, workload_power_w(est, "idle") < 0.4 * est.power_w
    (True, True)
    """
    from estimator.model.evaluate import evaluate

    check_choice("workload", workload, WORKLOADS)
    side = est.sides["reference" if original else "clone"]
    build = side.build
    own = build.options.get("workload", build.entities.design.workload or DEFAULT_WORK)
    if workload == own:
        return side.outputs["power_w"]
    options = {**build.options, "workload": workload}
    if workload == "idle":
        options = {k: v for k, v in options.items() if k not in AT_REST} | {"clock_ghz": FIELDS["clock_ghz"].low}
    power = evaluate(build.entities.design, build.node, options, at_home=build.at_home).outputs["power_w"]
    return unwrap(np.where(side.outputs["feasible"], power, np.nan))
