"""What can be done with an estimate: training, serving, supply, ownership, ports, export rules, plans, wafer maps.

May import `sweeps` (for the best plan) and what lies below.
Its functions check what they are given; `function.plain` does not, and is what they call among themselves.
Start with `training.train`, `ownership.own` or `plans.plan_options`.
"""

from __future__ import annotations

from estimator import lazy_names

_HOME = {
    "PLANS": "plans",
    "plan_options": "plans",
    "by_plan": "training",
    "export_class": "export_rules",
    **dict.fromkeys(("over_years", "spread_of_wafers", "yearly"), "annual"),
    "street_price": "ownership",
    "barriers_of": "barriers",
    **dict.fromkeys(("gpu_groups", "typical_wafer", "wafer_of"), "wafermap"),
    **dict.fromkeys(("COST_BASES", "cost_on", "cost_parts_on", "same_work_ratio_interval"), "bases"),
}
"""Public name -> module of this folder that holds it; loaded when first used."""

__all__ = list(_HOME)

__getattr__ = lazy_names(__name__, _HOME)
