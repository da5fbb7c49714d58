"""Claims about making and using clones: ports, capacity, training runs, export rules, and building against buying."""

from __future__ import annotations

from typing import Any

import numpy as np

from estimator.claims.measuring import (
    Evidence,
    Measured,
    Trial,
    Values,
    compare,
    lines,
    ratios,
    run_line,
    view,
    where_possible,
)
from estimator.estimation import estimate
from estimator.model.options import shared_options
from estimator.parameters import library
from estimator.quantities import number
from estimator.uses.ownership import nre_total_usd


def port_distance(s: Trial) -> Measured:
    """Design and mask cost of a copy, a port and a new design, and their share of a programme's cost."""
    near, far = s.others("other_nodes", 2)
    home = library.load_design(s.claim.design).node
    kinds = {"copy": (home, "copy"), "port": (near, "port"), "new": (far, "new")}
    nre = {k: nre_total_usd(estimate(s.claim.design, n, port=p, **s.options)) / 1e6 for k, (n, p) in kinds.items()}

    def quantities(e: Any, _: Values) -> Values:
        clone = e.clone
        return {
            "port_over_copy": nre["port"] / nre["copy"],
            "new_over_port": nre["new"] / nre["port"],
            "share": clone["nre_usd_per_unit"] / clone["full_cost_usd"],
        }

    def evidence(est: Any) -> Evidence:
        label = {n: library.load_node(n).label for n in (home, near, far)}
        return [
            (f"copy on {label[home]}, design and masks", f"{nre['copy']:.0f} M USD"),
            (f"port to {label[near]}", f"{nre['port']:.0f} M USD"),
            (f"new design on {label[far]}", f"{nre['new']:.0f} M USD"),
            (f"new design on {est.node.label}", f"{float(nre_total_usd(est)) / 1e6:.0f} M USD"),
            ("design and masks per GPU", number(est.nre_usd_per_unit, "USD")),
            ("recurring cost per GPU", number(est.unit_cost_usd, "USD")),
        ]

    return compare(s, quantities, evidence)


def scale(s: Trial) -> Measured:
    """GPUs' worth of work per year that a share of the node's capacity makes, against what is wanted."""
    from estimator.uses.supply import supply

    def quantities(e: Any, n: Values) -> Values:
        one = supply(e, gpus=1.0, fab_share_fraction=1.0)
        made = 12.0 * np.asarray(n["wafers_per_month"]) * n["fab_share"] / one.wafers
        rate = 1.0 / ratios(e, time="seconds_per_eflop")["time"]
        return {"rate": rate, "met": made * rate / n["wanted_per_year"], "made": made}

    def evidence(est: Any) -> Evidence:
        q, n = quantities(view(est), s.numbers), s.numbers
        lead = supply(est, gpus=float(n["wanted_per_year"]), fab_share_fraction=float(n["fab_share"]))
        return [
            ("clones made per year", f"{float(q['made']):,.0f}"),
            ("originals they are worth", f"{float(q['made'] * q['rate']):,.0f}"),
            ("wanted per year", f"{float(n['wanted_per_year']):,.0f} originals' worth"),
            ("wafers a month for that", f"{float(n['wafers_per_month'] * n['fab_share'] / q['met']):,.0f}"),
            ("first GPU after", f"{lead.lead_months:.1f} months"),
            *lines(est, "dies", "tensor_tflops", "power_w", "sellable_fraction"),
        ]

    return compare(s, quantities, evidence)


def training_run(s: Trial) -> Measured:
    """Time of published training runs on as many clones, and on as many chips of another maker."""
    from estimator.uses.training import train

    other = library.load_design(s.others("other_designs", 1)[0])
    there = estimate(other, other.node, **shared_options(s.options))
    runs = ("deepseek-v3", "minimax-m1")

    def quantities(e: Any, n: Values) -> Values:
        out = {}
        for run in runs:
            own = train(e, run, original=True)
            out[f"clone_{run}"] = train(e, run).days / own.days / np.asarray(n["efficiency"])
            out[f"other_{run}"] = train(there, run, original=True).days / own.days / np.asarray(n["efficiency"])
        return {
            "clone": out["clone_deepseek-v3"],
            "clone_minimax": out["clone_minimax-m1"],
            "other": out["other_deepseek-v3"],
            "other_minimax": out["other_minimax-m1"],
        }

    def evidence(est: Any) -> Evidence:
        out = []
        for run, word in zip(runs, ("DeepSeek-V3", "MiniMax-M1"), strict=True):
            own, clone, chip = train(est, run, original=True), train(est, run), train(there, run, original=True)
            equal = train(est, run, days=own.days)
            for who, r in (
                (est.design.label, own),
                ("clones", clone),
                ("clones, equal time", equal),
                (other.label, chip),
            ):
                out.append(run_line(word, who, r))
        return out

    return compare(s, quantities, evidence)


def export_part(s: Trial) -> Measured:
    """Work and bandwidth of a clone of the full part, against the cut-down parts sold in its place."""
    from estimator.uses.export_rules import export_class

    parts = [library.load_design(d) for d in s.claim.other_designs]
    cut, near = (estimate(p, p.node, **shared_options(s.options)) for p in parts)

    def quantities(e: Any, _: Values) -> Values:
        return {
            "against_cut": np.asarray(cut.seconds_per_eflop) / e.clone["seconds_per_eflop"],
            "against_near": np.asarray(near.seconds_per_eflop) / e.clone["seconds_per_eflop"],
            "decode": where_possible(e.clone["memory_bw_gb_s"], e) / float(cut.memory_bw_gb_s),
        }

    def evidence(est: Any) -> Evidence:
        out = []
        for label, e in (("clone", est), *zip((p.label for p in parts), (cut, near), strict=True)):
            rates = f"{number(e.tensor_tflops, 'TFLOPS')}, {number(e.memory_bw_gb_s, 'GB/s')}, {number(e.power_w, 'W')}"
            out.append((f"{label}: tensor rate, bandwidth, power", rates))
        both = export_class(est)
        sides = [("clone", both.clone), (est.design.label, both.original)]
        sides += [(p.label, export_class(e).original) for p, e in zip(parts, (cut, near), strict=True)]
        for label, side in sides:
            out.append(
                (
                    f"{label}: performance, density, class ({both.rule})",
                    f"{side.tpp:,.0f}, {side.density_per_mm2:.2f} per mm2, {side.label}",
                )
            )
        return out

    return compare(s, quantities, evidence)


def _best_units_and_supply(s: Trial) -> Values:
    """Units and supply with the lowest cost of owning per work: a full grid, at the central assumptions."""
    from estimator.uses.ownership import own

    design, node = library.load_design(s.claim.design), library.load_node(s.claim.node)
    built, enabled = float(design.units or 1), float(design.units_enabled or 1)
    units = np.unique(np.rint(built * np.linspace(0.25, 2.5, 19)))[:, None]
    supply = np.linspace(float(node.supply_min_v), float(node.supply_max_v), 17)[None, :]
    options = {k: v for k, v in s.options.items() if not np.ndim(v)}
    est = estimate(
        design,
        node,
        **{**options, "units": units, "units_enabled": np.floor(units * enabled / built), "supply_v": supply},
    )
    cost = np.broadcast_to(np.asarray(own(view(est)).clone.usd_per_eflop), (units.size, supply.size))  # type: ignore[arg-type]
    i, j = np.unravel_index(int(np.argmin(np.where(np.isfinite(cost), cost, np.inf))), cost.shape)
    chosen = float(units[i, 0])
    return {
        "units": chosen,
        "units_enabled": float(np.floor(chosen * enabled / built)),
        "supply_v": float(supply[0, j]),
    }


def break_even(s: Trial) -> Measured:
    """Price of a bought original above which the best clone does the same work for less over its life."""
    from estimator.uses.ownership import own

    chosen = _best_units_and_supply(s)

    def quantities(e: Any, n: Values) -> Values:
        price = np.asarray(own(e, original_price_usd=n["street_usd"]).break_even_price_usd)
        return {"price": price, "over_street": price / n["street_usd"]}

    def evidence(est: Any) -> Evidence:
        both = own(est, original_price_usd=float(s.numbers["street_usd"]))
        return [
            (
                "best plan",
                f"{chosen['units_enabled']:.0f} of {chosen['units']:.0f} units at {chosen['supply_v']:.2f} V",
            ),
            *lines(
                est, "die_area_mm2", "dies", "clock_ghz", "power_w", "tensor_tflops", "unit_cost_usd", "full_cost_usd"
            ),
            (
                "owning per 1e18 operations",
                f"{both.clone.usd_per_eflop * 1e6:.3g} USD per million, not {both.original.usd_per_eflop * 1e6:.3g}",
            ),
            ("break-even price of the original", number(both.break_even_price_usd, "USD")),
            (
                "street price; smuggled",
                f"{number(s.numbers['street_usd'], 'USD')}; "
                f"{number(s.numbers['street_usd'] * s.numbers['smuggled_premium'], 'USD')}",
            ),
            ("volume at which it pays back", f"{both.break_even_volume:,.0f} GPUs"),
        ]

    return compare(s, quantities, evidence, **chosen)
