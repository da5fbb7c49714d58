"""What can be done with an estimate: training, serving, supply, ownership, ports, export rules, plans, wafer maps.

May import `sweeps` (for the best plan) and what lies below.
Start with `training.train`, `ownership.own` or `plans.plan_options`.
"""
