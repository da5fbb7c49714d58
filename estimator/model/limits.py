"""Words of what limits a clone: what binds its clock, why something is impossible, and where a curve ends."""

from __future__ import annotations

from typing import NamedTuple


class LimitWords(NamedTuple):
    """A limit of `estimator.physics.operating_point.LIMITS` in words; empty where it cannot be that.

    Attributes
    ----------
    binds : str
        What limits the clock of a design that runs.
    wall : str
        Why a plan is impossible.
    beyond : str
        Ends with "beyond" or "more than": the highest possible clock follows.
    """

    binds: str = ""
    wall: str = ""
    beyond: str = ""


LIMIT_WORDS = {
    "timing": LimitWords(
        binds="timing: gates and wires switch no faster at the allowed voltage",
        wall="the process cannot reach it at its highest supply voltage",
        beyond="no voltage reaches more than",
    ),
    "temperature": LimitWords(
        binds="temperature: the cooling takes no more heat away",
        wall="the junction would be hotter than allowed with this cooling",
        beyond="cannot be cooled beyond",
    ),
    "power": LimitWords(
        binds="the power limit",
        wall="it needs more than the power allowed",
        beyond="more power than allowed beyond",
    ),
    "runaway": LimitWords(
        binds="thermal runaway: with a little more leakage the die would heat without bound",
        wall="it cannot be cooled: leakage heats the die faster than the cooling takes heat away (thermal runaway)",
        beyond="thermal runaway beyond",
    ),
    "requested": LimitWords(binds="your request: it runs exactly as asked"),
    "cooling": LimitWords(
        binds="cooling: a cooler of this class takes no more power",
        wall="a cooler of this class takes less power",
        beyond="more power than a cooler of this class takes beyond",
    ),
    "reticle": LimitWords(wall="a die is larger than the reticle field", beyond="does not fit the reticle"),
    "package": LimitWords(
        wall="silicon and memory are larger than the largest field that such a package is made in",
        beyond="does not fit a package",
    ),
}
"""Words of each limit: a request is never a wall, and neither reticle nor package limits a clock."""
