"""What can be done with an estimate: training, serving, supply, ownership, ports, export rules, plans, wafer maps.

May import `sweeps` (for the best plan) and what lies below.
Its functions check what they are given; `function.plain` does not, and is what they call among themselves.
Start with `training.train`, `ownership.own` or `plans.plan_options`.
"""
