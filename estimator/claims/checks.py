"""The checks that claims name (``check = "..."`` in params/claims): one function each, from the chain of every estimate."""

from __future__ import annotations

from estimator.claims import beyond, chip, programme
from estimator.claims.measuring import Check, ClaimNumbers, Measured, Trial

CHECKS: dict[str, Check] = {
    "area-yield": chip.area_yield,
    "bought-or-made": beyond.bought_or_made,
    "bigger-die": chip.bigger_die,
    "break-even": programme.break_even,
    "export-part": programme.export_part,
    "greener": beyond.greener,
    "fewer-tensor-units": chip.fewer_tensor_units,
    "more-memory": chip.more_memory,
    "port-distance": programme.port_distance,
    "power-is-cooling": chip.power_is_cooling,
    "scale": programme.scale,
    "slow-hot-expensive": chip.slow_hot_expensive,
    "tokens-per-dollar": beyond.tokens_per_dollar,
    "training-run": programme.training_run,
    "wire-delay": chip.wire_delay,
}

__all__ = ["CHECKS", "Check", "Measured", "ClaimNumbers", "Trial"]
