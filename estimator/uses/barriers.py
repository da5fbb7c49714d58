"""Barriers: where a clone leaves what is made today: the reticle, the package, the memory interface, the cooling."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from estimator.parameters import library

if TYPE_CHECKING:
    from estimator.estimation import Estimate

HOT = ("temperature", "runaway", "cooling")
MADE = 10.0
"""A field so many times the usual is one that was only supposed for the drawing of what cannot be built."""
SAME = 0.995
"""Share of the original's bandwidth from which it counts as the same."""


class Barrier(NamedTuple):
    """One barrier: its kind (``reticle, package, memory, cooling``), a few words, and a sentence."""

    kind: str
    words: str
    sentence: str


def barriers_of(est: Estimate) -> list[Barrier]:
    """Barriers that a clone meets and the original does not (scalar estimates only), the hardest first.

    Examples
    --------
    >>> from estimator import estimate
    >>> [b.kind for b in barriers_of(estimate("h100-sxm", "12nm"))], barriers_of(estimate("h100-sxm", "3nm"))
    (['package', 'reticle'], [])
    """
    found = (_package(est), _memory(est), _cooling(est), _reticle(est))
    return [barrier for barrier in found if barrier is not None]


def _package(est: Estimate) -> Barrier | None:
    needed, field, own = (
        float(v) for v in (est.interposer_mm2, est.package_field_mm2, est.reference.package_field_mm2)
    )
    if own <= 0 or needed <= own:
        return None
    if field > MADE * own:
        left = "No package made today carries that."
    else:
        package = library.load_package(str(est.package))
        left = f"What is left is {package.label or package.name}, up to {field:,.0f} mm², which few can make."
    return Barrier(
        "package",
        f"package {needed / own:.2g} × the usual largest",
        f"Silicon and memory take {needed:,.0f} mm² of package; the original's kind is made up to {own:,.0f} mm². {left}",
    )


def _memory(est: Estimate) -> Barrier | None:
    now, was = float(est.clone.memory_bw_gb_s), float(est.reference.memory_bw_gb_s)
    if was <= 0 or now >= SAME * was:
        return None
    return Barrier(
        "memory",
        f"memory at {100 * now / was:.0f} %",
        f"The process drives the memory's pins at {now:,.0f} GB/s instead of {was:,.0f} GB/s.",
    )


def _cooling(est: Estimate) -> Barrier | None:
    if est.limited_by not in HOT:
        return None
    return Barrier(
        "cooling",
        "held back by heat",
        f"The clock stops at {float(est.clone.clock_ghz):.2f} GHz, since the cooling takes no more heat away.",
    )


def _reticle(est: Estimate) -> Barrier | None:
    fields, was = float(est.clone.reticle_fields), float(est.reference.reticle_fields)
    if fields <= was:
        return None
    return Barrier(
        "reticle",
        f"{est.clone.dies:.0f} dies for one GPU",
        f"A die is printed in one reticle field. The silicon of one clone takes {fields:.0f} fields instead of {was:.0f}, and "
        "what was one chip must talk across dies.",
    )
