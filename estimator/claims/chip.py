"""Claims about the chip itself: its area, yield, clock, power, wires, tensor units and memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from estimator.arrays import Array
from estimator.claims.measuring import (
    Evidence,
    Measured,
    Trial,
    Values,
    compare,
    draws,
    lines,
    ratios,
    run_line,
    sides,
    where_possible,
)
from estimator.errors import InfeasibleError
from estimator.estimation import estimate
from estimator.model.causes import time_causes
from estimator.parameters import library
from estimator.quantities import number


def bigger_die(s: Trial) -> Measured:
    """Performance of a die grown by a factor on the older node, against the newer one."""
    design = library.load_design(s.claim.design)
    built, enabled = float(design.units or 0), float(design.units_enabled or 0)
    factor = np.asarray(s.numbers["units_factor"], float)
    units = np.rint(built * factor)
    options: dict[str, Any] = {"units": units, "units_enabled": np.minimum(np.rint(enabled * factor), units)}
    if not np.ndim(factor):
        options = {k: float(v) for k, v in options.items()}
    (reference_node,) = s.others("other_nodes", 1)
    est = estimate(s.claim.design, s.claim.node, reference_node=reference_node, **options)
    newer = estimate(s.claim.design, reference_node)
    scale = float(newer.seconds_per_eflop)

    clone, _ = sides(est)
    values = {
        "work": scale / clone["seconds_per_eflop"],
        "area": clone["die_area_mm2"] / float(newer.die_area_mm2),
        "power": clone["power_w"] / float(newer.power_w),
    }
    if not s.samples:
        return Measured(values, {}, [])
    same = estimate(s.claim.design, s.claim.node, reference_node=reference_node)  # the ratio of rates per unit is kept
    c, r, _ = draws(same, s.samples)
    grown = values["work"] * float(same.seconds_per_eflop) / scale
    drawn = {"work": r["seconds_per_eflop"] / c["seconds_per_eflop"] * grown}
    words = [
        (
            "silicon",
            f"{number(est.clone['die_area_mm2'], 'mm2')} in {est.dies:.0f} dies, not {number(newer.die_area_mm2, 'mm2')}",
        ),
        ("clock", f"{number(est.clock_ghz, 'GHz')}, not {number(newer.clock_ghz, 'GHz')}"),
        ("power", f"{number(est.power_w, 'W')}, not {number(newer.power_w, 'W')}"),
        ("work per watt against the newer node", number(float(values["work"]) / float(values["power"]))),
    ]
    return Measured(values, drawn, words)


def fewer_tensor_units(s: Trial) -> Measured:
    """Time per work and cost of a clone that keeps a share of its tensor units."""

    def quantities(e: Any, _: Values) -> Values:
        found = ratios(e, time="seconds_per_eflop", cost="unit_cost_usd")
        return {**found, "cost_per_work": found["cost"] * found["time"]}

    def evidence(est: Any) -> Evidence:
        from estimator.uses.training import train

        own, clone = train(est, "deepseek-v3", original=True), train(est, "deepseek-v3")
        equal = train(est, "deepseek-v3", days=own.days)
        return [
            *lines(est, "die_area_mm2", "tensor_tflops", "unit_cost_usd", "memory_cost_usd", "silicon_cost_usd"),
            *(
                run_line("DeepSeek-V3", who, r)
                for who, r in (("originals", own), ("clones", clone), ("clones, equal time", equal))
            ),
        ]

    return compare(s, quantities, evidence)


def slow_hot_expensive(s: Trial) -> Measured:
    """Time per work, power, cost and lost dies of the clone that keeps every unit."""

    def quantities(e: Any, _: Values) -> Values:
        found = ratios(e, slower="seconds_per_eflop", hotter="power_w", dearer="unit_cost_usd")
        return {**found, "sellable": where_possible(e.clone["sellable_fraction"], e)}

    def evidence(est: Any) -> Evidence:
        return [
            ("the clone works", f"yes, {est.dies:.0f} dies at {number(est.clock_ghz, 'GHz')}"),
            *lines(
                est, "power_w", "heat_flux_w_mm2", "junction_c", "unit_cost_usd", "yield_fraction", "sellable_fraction"
            ),
        ]

    return compare(s, quantities, evidence)


def _variance_shares(values: Array) -> Array:
    """First-order shares of the variance over a full grid, one for each axis."""
    total = float(np.var(values))
    others = [tuple(j for j in range(values.ndim) if j != i) for i in range(values.ndim)]
    return np.asarray([float(np.var(values.mean(axis=o))) / total if total > 0 else np.nan for o in others])


def _yields(design: str, area: Array, axes: Mapping[str, Any]) -> tuple[Array, Array]:
    """Yield of a die of this design's kind without and with disabled units, over areas, densities and clustering."""
    from estimator.model.build import numbers_of
    from estimator.physics import yields

    d = numbers_of(library.load_design(design))
    harvest: dict[str, Any] = {
        k: float(d[k])
        for k in (
            "units",
            "units_enabled",
            "unit_area_fraction",
            "memory_channels",
            "memory_channels_enabled",
            "memory_area_fraction",
        )
    }
    plain = yields.yield_fraction.checked(die_area_mm2=area, **axes)
    return plain, yields.sellable_fraction.checked(die_area_mm2=area, **axes, **harvest)


def area_yield(s: Trial) -> Measured:
    """Share of the spread of yield that die area causes, against defect density, clustering and salvage."""
    claim = s.claim
    node = library.load_node(claim.node)
    dies = {(d.node, float(d.die_kinds[0].area_mm2)) for d in map(library.load_design, library.names("design"))}
    areas = [area for _, area in sorted(dies)]  # each compute die once, in however many products it is sold
    points = 9
    area = np.quantile(areas, (np.arange(points) + 0.5) / points)
    low = float(node.defect_density_mature_per_cm2.low)
    alpha_p = node.clustering_alpha
    alpha = np.geomspace(alpha_p.low, alpha_p.high, 5)
    home = float(library.load_design(claim.design).die_kinds[0].area_mm2)
    shares = []
    for worst in np.ravel(np.asarray(s.numbers["worst_defect_density"], float)):
        density = np.geomspace(low, max(float(worst), low * 1.0001), points)
        axes = {"defect_density_per_cm2": density[None, :, None], "clustering_alpha": alpha[None, None, :]}
        yields_, sellable = _yields(claim.design, area[:, None, None], axes)
        shape = (points, points, len(alpha))
        both = np.stack([np.broadcast_to(v, shape) for v in (yields_, sellable)], axis=-1)
        shares.append(_variance_shares(both))
    table = np.asarray(shares)
    values = {"area_share": table[:, 0], "lead": table[:, 0] / table[:, 1:].max(axis=1)}
    if not np.ndim(s.numbers["worst_defect_density"]):
        values = {k: v[0] for k, v in values.items()}
    if not s.samples:
        return Measured(values, {}, [])
    names = ("die area", "defect density", "clustering", "salvage (disabled units)")
    words = [(f"share of the spread of yield: {n}", f"{100 * v:.0f} %") for n, v in zip(names, table[0], strict=True)]
    words.append(("die areas", f"{area[0]:.0f} to {area[-1]:.0f} mm2, as shipped ({len(areas)} dies)"))
    words.append(("reference die", f"{home:.0f} mm2"))
    return Measured(values, {}, words)


def power_is_cooling(s: Trial) -> Measured:
    """Share of GPUs, at home and as clones, whose clock cooling binds when the process runs at its highest supply."""
    factor = np.asarray(s.numbers["resistance_factor"], float)
    bound: dict[str, list[Any]] = {"at home": [], "as clones": []}
    growth: list[Any] = []
    for name in (s.claim.design, *s.claim.other_designs):
        design = library.load_design(name)
        cooling = library.part_of(design, "cooling")
        for where, node in (
            ("at home", library.load_node(design.node)),
            ("as clones", library.load_node(s.claim.node)),
        ):
            options: dict[str, Any] = {
                "supply_v": float(node.supply_max_v),
                "cooling.resistance_area_k_mm2_w": factor * float(cooling.resistance_area_k_mm2_w),
                "cooling.resistance_sink_k_w": factor * float(cooling.resistance_sink_k_w),
            }
            try:
                q = estimate(design, node, **{**s.options, **{k: np.atleast_1d(v) for k, v in options.items()}})
            except InfeasibleError:
                bound[where].append(np.ones(factor.shape or (1,)))
                continue
            hot = np.isin(np.broadcast_to(q.limited_by, factor.shape or (1,)), ("temperature", "runaway"))
            bound[where].append(hot.astype(float))
            if where == "at home":
                growth.append(np.ravel(q.power_w)[0] / float(design.power_w))
    home, clones = (np.mean(bound[w], axis=0) for w in bound)
    values = {"home": home, "clones": clones}
    if not factor.ndim:
        values = {k: v[0] for k, v in values.items()}
    if not s.samples:
        return Measured(values, {}, [])
    count = len(bound["at home"])
    words = [
        ("GPUs that cooling binds, on their own process", f"{round(float(home[0]) * count)} of {count}"),
        (
            f"clones on {library.load_node(s.claim.node).label} that cooling binds",
            f"{round(float(clones[0]) * count)} of {count}",
        ),
        ("power at that point over published power, median", number(np.median(growth))),
    ]
    return Measured(values, {}, words)


def wire_delay(s: Trial) -> Measured:
    """Share of the slowdown that longer wires cause, and the change of cache latency."""

    def quantities(e: Any, _: Values) -> Values:
        causes = time_causes(e.sides["reference"].result, e.sides["clone"].result)
        logs = {k: np.log(v) for k, v in causes.items()}
        wires = logs["longer wires in a unit"]
        size = np.sum([np.abs(v) for v in np.broadcast_arrays(*logs.values())], axis=0)
        return {
            "wire_share": np.abs(wires) / np.maximum(size, 1e-12),
            **ratios(e, latency="l2_latency_cycles"),
            "wire_factor": np.exp(wires),
        }

    def evidence(est: Any) -> Evidence:
        factors = sorted(est.causes["time"].items(), key=lambda kv: -abs(np.log(kv[1])))
        return [
            *((f"time per work: {k}", f"x {v:.3f}") for k, v in factors if abs(v - 1) > 5e-4),
            *lines(est, "wire_share_fraction", "die_crossing_cycles", "l2_latency_cycles"),
        ]

    return compare(s, quantities, evidence)


def more_memory(s: Trial) -> Measured:
    """Cost and area of a GPU with more memory behind the same interface."""
    design = library.load_design(s.claim.design)
    base = float(library.part_of(design, "memory").cost_usd_gb)
    extra = float(s.options["memory_gb"]) - float(design.memory_gb or 0.0)

    def quantities(e: Any, n: Values) -> Values:
        clone, reference = e.clone, e.reference
        dearer = np.asarray(n["memory_usd_gb"]) - base
        before = reference["unit_cost_usd"] + float(design.memory_gb or 0.0) * dearer
        after = clone["unit_cost_usd"] + float(s.options["memory_gb"]) * dearer
        return {
            "capacity": where_possible(clone["memory_gb"] / reference["memory_gb"], e),
            "cost": after / before,
            **ratios(e, bandwidth="memory_bw_gb_s"),
            "per_price": (after - before) / n["price_usd"],
        }

    def evidence(est: Any) -> Evidence:
        return [
            *lines(est, "memory_gb", "memory_bw_gb_s", "die_area_mm2", "memory_cost_usd", "unit_cost_usd"),
            ("memory added", f"{extra:.0f} GB at {number(s.numbers['memory_usd_gb'], 'USD/GB')}"),
            ("against the original's price", number(s.numbers["price_usd"], "USD")),
        ]

    return compare(s, quantities, evidence)
