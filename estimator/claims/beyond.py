"""Claims about what lies beyond one chip's making: greenhouse gases, tokens per dollar, and bought against made chips."""

from __future__ import annotations

from typing import Any

import numpy as np

from estimator.claims.measuring import Evidence, Measured, Trial, Values, compare, lines, ratios, view, where_possible
from estimator.estimation import estimate
from estimator.model.options import shared_options
from estimator.parameters import library
from estimator.quantities import number


def greener(s: Trial) -> Measured:
    """Greenhouse gases of the clone over the original's for the same work: of making, and of making and use."""

    def quantities(e: Any, _: Values) -> Values:
        out = ratios(e, making="embodied_kgco2e", time="seconds_per_eflop", work="kgco2e_per_eflop")
        return {"making": out["making"] * out["time"], "work": out["work"]}

    def evidence(est: Any) -> Evidence:
        area = [float(est.sides[side].result.emissions.fab_kgco2e_cm2) for side in ("clone", "reference")]
        return [
            ("a cm2 of wafer", f"{area[0]:.2f}, not {area[1]:.2f} kg CO2e"),
            *lines(
                est,
                "embodied_silicon_kgco2e",
                "embodied_kgco2e",
                "operational_kgco2e",
                "kgco2e_per_eflop",
                "power_w",
                "work_tflops",
            ),
        ]

    return compare(s, quantities, evidence)


def tokens_per_dollar(s: Trial) -> Measured:
    """Cost and energy of a million tokens on clones at their cost to make, against originals at a street price."""
    from estimator.uses.tokens import tokens

    def both(e: Any, n: Values) -> tuple[Any, Any]:
        one = {"gpus": float(s.numbers["gpus"]), "input_tokens": n["input_tokens"], "output_tokens": n["output_tokens"]}
        bought = tokens(e, original=True, price_usd=n["street_usd"], **one)
        return bought, tokens(e, price_usd=where_possible(e.clone["full_cost_usd"], e), **one)

    def quantities(e: Any, n: Values) -> Values:
        bought, own = both(e, n)
        return {
            "usd": np.asarray(own.usd_per_million_tokens) / bought.usd_per_million_tokens,
            "joules": np.asarray(own.joules_per_million_tokens) / bought.joules_per_million_tokens,
        }

    def evidence(est: Any) -> Evidence:
        bought, own = both(est, s.numbers)
        return [
            (
                f"{who}: tokens per second of one, a million tokens",
                f"{t.tokens_s:,.0f}; {t.usd_per_million_tokens:.2f} USD, {t.joules_per_million_tokens / 3.6e6:.2f} kWh",
            )
            for who, t in (("clone", own), (est.design.label, bought))
        ]

    return compare(s, quantities, evidence)


def bought_or_made(s: Trial) -> Measured:
    """Work of the chips that a sum buys in a year, against that of those which a foundry makes of the claim's design."""
    from estimator.uses.buying import bought, made

    other = library.load_design(s.others("other_designs", 1)[0])
    there = estimate(other, other.node, **shared_options(s.options))

    def fleets(e: Any, n: Values) -> tuple[Any, Any]:
        smuggled = bought(there, n["sum_usd_year"], price_usd=n["price_usd"])
        own = made(
            e,
            fab_share_fraction=np.minimum(n["fab_share"], 1.0),
            stack_share_fraction=np.minimum(n["stack_share"], 1.0),
            wafer_capacity_per_month=n["wafers_per_month"],
            stack_capacity_per_year=n["stacks_per_year"],
        )
        return smuggled, own

    def quantities(e: Any, n: Values) -> Values:
        smuggled, own = fleets(e, n)
        return {"worth": smuggled.h100_equivalents / np.asarray(own.h100_equivalents)}

    def evidence(est: Any) -> Evidence:
        smuggled, own = fleets(view(est), s.numbers)
        return [
            (
                f"{other.label} for {number(s.numbers['sum_usd_year'] / 1e9, 'billion USD')} a year",
                f"{smuggled.gpus:,.0f}, {smuggled.runs_per_year:,.0f} runs of DeepSeek-V3",
            ),
            (
                f"{est.design.label} made a year",
                f"{float(own.gpus):,.0f}, worth {float(own.h100_equivalents):,.0f} {other.label}, "
                f"{float(own.runs_per_year):,.0f} runs of DeepSeek-V3",
            ),
            *lines(est, "sellable_fraction", "gpus_per_wafer", "work_tflops"),
        ]

    return compare(s, quantities, evidence)
