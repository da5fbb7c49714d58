"""Causes: each headline ratio split into named factors that multiply to it exactly.

Method: additive logarithmic mean Divisia index (LMDI-I; Ang, "Decomposition analysis for policymaking in energy",
Energy Policy 32, 2004). A total that is a sum of terms, each a product of factors, changes by
``ln(T1/T0) = sum_i w_i sum_f ln(x_if1 / x_if0)`` with ``w_i = L(t_i1, t_i0) / L(T1, T0)`` and the logarithmic mean
``L(a, b) = (a - b) / ln(a / b)``: exact, symmetric in time and without residual. A term that appears or vanishes is
taken from a value 1e-30 of the total (Ang's small-value strategy), which changes nothing that can be printed.
"""

from __future__ import annotations

import numpy as np

from estimator.arrays import Array, Num
from estimator.model.results import Result

Terms = list[tuple[Num, Num, dict[str, Num]]]  # (term in the reference, term in the clone, factor name -> ratio)
ROLE_WORDS = {
    "compute": "compute",
    "cache": "cache",
    "io": "I/O",
    "base": "base",
    "memory-base": "memory base",
    "cpu": "CPU",
}
"""Role of a die as a person says it."""
HEADLINES = ("area", "power", "cost", "all-in", "time", "embodied", "carbon")


def log_mean(a: Num, b: Num) -> Array:
    """Logarithmic mean ``(a - b) / ln(a / b)`` of two positive numbers, their common value where they are equal.

    Examples
    --------
    >>> round(float(log_mean(2.0, 1.0)), 6), float(log_mean(3.0, 3.0))
    (1.442695, 3.0)
    """
    x, y = np.asarray(a, float), np.asarray(b, float)
    u = np.log(x / y)
    small = np.abs(u) < 1e-4
    safe = np.where(small, 1.0, u)
    return np.asarray(np.where(small, np.sqrt(x * y) * (1 + u * u / 24), (x - y) / safe))


def split(terms: Terms) -> dict[str, Array]:
    """Split the ratio of two sums of terms into factors; factors of one name in several terms join into one.

    Examples
    --------
    >>> f = split([(1.0, 4.0, {"size": 2.0, "price": 2.0}), (1.0, 1.0, {"rest": 1.0})])
    >>> round(float(np.prod(list(f.values()))), 12)
    2.5
    """
    total0 = sum(np.asarray(t[0], float) for t in terms)
    total1 = sum(np.asarray(t[1], float) for t in terms)
    scale = log_mean(total1, total0)
    out: dict[str, Array] = {}
    for before, after, factors in terms:
        t0 = np.maximum(np.asarray(before, float), 1e-30 * total0)
        t1 = np.maximum(np.asarray(after, float), 1e-30 * total1)
        weight = log_mean(t1, t0) / scale
        change = np.log(t1 / t0)
        named = {k: np.log(np.asarray(v, float)) for k, v in list(factors.items())[:-1]}
        last = list(factors)[-1]  # the last factor closes the product, so that no rounding is left over
        named[last] = change - sum(named.values(), start=np.zeros(()))
        for name, logarithm in named.items():
            out[name] = out.get(name, 0.0) + weight * logarithm
    return {name: np.exp(value) for name, value in out.items()}


def area_causes(ref: Result, q: Result) -> dict[str, Array]:
    """Causes of the ratio of total logic silicon."""
    units = q.geometry.unit_scale / ref.geometry.unit_scale
    terms: Terms = []
    for key, name in (("area_logic_mm2", "logic density"), ("area_sram_mm2", "SRAM density")):
        if np.any(getattr(ref.geometry, key) > 0):
            terms.append(
                (
                    getattr(ref.geometry, key),
                    getattr(q.geometry, key),
                    {"compute units built": q.geometry.unit_scale / ref.geometry.unit_scale, name: 1.0},
                )
            )
    terms.append((ref.geometry.area_analog_mm2, q.geometry.area_analog_mm2, {"analog and PHY": 1.0}))
    terms.append((ref.geometry.area_link_mm2, q.geometry.area_link_mm2, {"die-to-die links": 1.0}))
    out = split(terms)
    return out if np.any(units != 1) else {k: v for k, v in out.items() if k != "compute units built"}


def power_causes(ref: Result, q: Result, interconnect_fraction: Num) -> dict[str, Array]:
    """Causes of the ratio of module power; board losses are the same share of both and cancel."""
    gates = split(
        [
            (
                ref.operation.gate_capacitance * (1 - interconnect_fraction),
                q.operation.gate_capacitance * (1 - interconnect_fraction),
                {"gate and local-wire capacitance": 1.0},
            ),
            (
                ref.operation.length_ratio * interconnect_fraction,
                q.operation.length_ratio * interconnect_fraction,
                {"longer global wires": 1.0},
            ),
        ]
    )
    terms: Terms = [
        (
            ref.operation.power_dynamic_w,
            q.operation.power_dynamic_w,
            {
                **gates,
                "compute units enabled": q.operation.active_ratio / ref.operation.active_ratio,
                "supply voltage": (q.operation.supply_v / ref.operation.supply_v) ** 2,
                "clock": 1.0,
            },
        ),
        (
            ref.operation.power_leakage_w,
            q.operation.power_leakage_w,
            {
                "leakage of process and area": q.geometry.leakage_w / ref.geometry.leakage_w,
                "leakage at this supply and heat": 1.0,
            },
        ),
        (ref.operation.power_memory_w, q.operation.power_memory_w, {"memory": 1.0}),
        (ref.operation.power_io_w, q.operation.power_io_w, {"links and I/O": 1.0}),
    ]
    if np.any(np.asarray(q.operation.power_link_w) > 0) or np.any(np.asarray(ref.operation.power_link_w) > 0):
        terms.append((ref.operation.power_link_w, q.operation.power_link_w, {"die-to-die links": 1.0}))
    return split(terms)


def cost_causes(ref: Result, q: Result) -> dict[str, Array]:
    """Causes of the ratio of recurring unit cost."""
    return split(_cost_terms(ref, q))


def all_in_causes(ref: Result, q: Result) -> dict[str, Array]:
    """Causes of the ratio of all-in cost: those of the recurring cost, and what does not recur."""
    efforts = (
        ("nre_logic_usd", "design effort"),
        ("nre_physical_usd", "physical design"),
        ("nre_mask_usd", "masks"),
        ("nre_package_usd", "package design"),
    )
    terms: Terms = [(getattr(ref.costs, key), getattr(q.costs, key), {name: 1.0}) for key, name in efforts]
    return split([*_cost_terms(ref, q), *terms])


def _cost_terms(ref: Result, q: Result) -> Terms:
    """Parts of the recurring cost in both, each with its factors."""

    def use(x: Result) -> Num:  # silicon that one wafer yields before defects, mm2
        return x.yields.gross_dies_per_wafer * x.geometry.compute_die_area_mm2

    terms: Terms = [
        (
            ref.costs.die_cost_usd * ref.geometry.compute.dies,
            q.costs.die_cost_usd * q.geometry.compute.dies,
            {
                "silicon area": q.geometry.compute.silicon_mm2 / ref.geometry.compute.silicon_mm2,
                "wafer price": q.costs.wafer_cost_usd / ref.costs.wafer_cost_usd,
                "dies lost at the wafer's edge": use(ref) / use(q),
                "yield after salvage": 1.0,
            },
        ),
        (ref.costs.memory_cost_usd, q.costs.memory_cost_usd, {"memory": 1.0}),
        (
            ref.costs.package_cost_usd - ref.costs.interposer_cost_usd,
            q.costs.package_cost_usd - q.costs.interposer_cost_usd,
            {"substrate and package assembly": 1.0},
        ),
        (ref.costs.test_cost_usd, q.costs.test_cost_usd, {"test and assembly": 1.0}),
        (ref.costs.scrap_cost_usd, q.costs.scrap_cost_usd, {"parts lost in assembly": 1.0}),
        (ref.costs.board_cost_usd, q.costs.board_cost_usd, {"board and power delivery": 1.0}),
        (ref.costs.cooler_cost_usd, q.costs.cooler_cost_usd, {"cooler": 1.0}),
    ]
    if np.any(np.asarray(ref.costs.interposer_cost_usd + q.costs.interposer_cost_usd) > 0):
        terms.append(_interposer_term(ref, q))
    for i, die in enumerate(q.geometry.others, start=1):
        costs = [x.costs.kinds[i].die_cost_usd * x.geometry.kinds[i].dies for x in (ref, q)]
        terms.append((costs[0], costs[1], {f"{ROLE_WORDS[die.role]} dies": 1.0}))
    return terms


def _interposer_term(ref: Result, q: Result) -> tuple[Num, Num, dict[str, Num]]:
    """The interposer, which is bought by the wafer."""

    def use(x: Result) -> Num:  # field that one wafer yields before defects, mm2
        return x.costs.packages_per_interposer_wafer * x.geometry.interposer_mm2

    return (
        ref.costs.interposer_cost_usd,
        q.costs.interposer_cost_usd,
        {
            "interposer area": q.geometry.interposer_mm2 / ref.geometry.interposer_mm2,
            "interposers lost at the wafer's edge": use(ref) / use(q),
            "interposer yield": ref.costs.interposer_yield_fraction / q.costs.interposer_yield_fraction,
            "interposer wafer price": 1.0,
        },
    )


def time_causes(ref: Result, q: Result) -> dict[str, Array]:
    """Causes of the ratio of time per unit of work."""

    def held(x: Result) -> Num:  # how far limits hold the clock below what timing allows
        return x.operation.timing_clock_ghz / x.operation.clock_ghz

    path = split(
        [
            (
                ref.operation.gate_part_ns,
                q.operation.gate_part_ns,
                {
                    "slower gates of the process": q.operation.gate_ns / ref.operation.gate_ns,
                    "allowed supply voltage": 1.0,
                },
            ),
            (ref.operation.wire_part_ns, q.operation.wire_part_ns, {"longer wires in a unit": 1.0}),
        ]
    )
    out = {
        **path,
        "clock held below timing": held(q) / held(ref),
        "compute units enabled": ref.operation.enabled_ratio / q.operation.enabled_ratio,
    }
    kept = np.asarray(ref.geometry.tensor_kept / q.geometry.tensor_kept, float)
    if np.any(kept != 1):
        out["tensor units left out"] = kept
    divided = np.asarray(ref.rates.split_efficiency / q.rates.split_efficiency, float)
    if np.any(divided != 1):
        out["work lost between dies"] = divided
    driven = np.asarray(q.rates.unbounded / q.rates.attained, float)
    driven = driven * np.asarray(ref.rates.attained / ref.rates.unbounded, float)
    if np.any(driven != 1):
        out["memory interface of the process"] = driven
    bound = (q.rates.attained / q.rates.peak) / (ref.rates.attained / ref.rates.peak)
    out["memory bandwidth"] = 1.0 / (bound * divided * driven)
    return {k: np.asarray(v, float) for k, v in out.items()}


def _embodied_terms(ref: Result, q: Result) -> Terms:
    """Parts of the greenhouse gases of making in both, each with its factors."""

    def wafer(x: Result) -> Num:  # what one GPU's compute dies take of wafers, without the lost ones
        return x.geometry.compute.dies / x.yields.gross_dies_per_wafer

    parts: tuple[tuple[str, str], ...] = (
        ("embodied_memory_kgco2e", "making the memory"),
        ("embodied_package_kgco2e", "making the package"),
        ("embodied_scrap_kgco2e", "parts lost in assembly"),
        ("embodied_board_kgco2e", "making board and cooler"),
    )
    terms: Terms = [
        (
            ref.emissions.compute_kgco2e,
            q.emissions.compute_kgco2e,
            {
                "wafer area taken": wafer(q) / wafer(ref),
                "greenhouse gases per wafer area": q.emissions.fab_kgco2e_cm2 / ref.emissions.fab_kgco2e_cm2,
                "yield after salvage": 1.0,
            },
        ),
    ]
    for part, words in parts:
        terms.append((getattr(ref.emissions, part), getattr(q.emissions, part), {words: 1.0}))
    if q.geometry.others:
        io = [x.emissions.embodied_silicon_kgco2e - x.emissions.compute_kgco2e for x in (ref, q)]
        roles = {die.role for die in q.geometry.others}
        words = ROLE_WORDS[roles.pop()] if len(roles) == 1 else "other"
        terms.append((io[0], io[1], {f"{words} dies": 1.0}))
    return terms


def embodied_causes(ref: Result, q: Result) -> dict[str, Array]:
    """Causes of the ratio of greenhouse gases of making one GPU."""
    return split(_embodied_terms(ref, q))


def carbon_causes(ref: Result, q: Result) -> dict[str, Array]:
    """Causes of the ratio of greenhouse gases per unit of work: what is made, what is used, and the work that it does."""
    terms: Terms = [
        (before / ref.emissions.life_years, after / q.emissions.life_years, factors)
        for before, after, factors in _embodied_terms(ref, q)
    ]
    terms.append((ref.emissions.operational_kgco2e, q.emissions.operational_kgco2e, {"power in use": 1.0}))
    return {**split(terms), "work done": np.asarray(ref.rates.attained / q.rates.attained, float)}


def all_causes(ref: Result, q: Result, interconnect_fraction: Num) -> dict[str, dict[str, Array]]:
    """Causes of every headline: `HEADLINES` -> cause -> factor."""
    return {
        "area": area_causes(ref, q),
        "power": power_causes(ref, q, interconnect_fraction),
        "cost": cost_causes(ref, q),
        "all-in": all_in_causes(ref, q),
        "time": time_causes(ref, q),
        "embodied": embodied_causes(ref, q),
        "carbon": carbon_causes(ref, q),
    }


HEADLINE_FIELD = {
    "area": "die_area_mm2",
    "power": "power_w",
    "cost": "unit_cost_usd",
    "all-in": "full_cost_usd",
    "time": "seconds_per_eflop",
    "embodied": "embodied_kgco2e",
    "carbon": "kgco2e_per_eflop",
}
