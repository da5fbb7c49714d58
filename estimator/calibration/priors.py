"""What the fits assume before any row is seen: the values of params/priors.toml."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from estimator.errors import ParameterFileError
from estimator.parameters.library import params_data


class Prior(NamedTuple):
    """An expected value with its standard deviation (0: not fitted) and bounds; the deviation may be of the logarithm."""

    central: float
    sd: float = 0.0
    low: float = -np.inf
    high: float = np.inf
    logarithmic: bool = False
    unit: str = "1"
    kind: str = "estimate"
    source: tuple[str, ...] = ()
    note: str = ""

    @property
    def location(self) -> float:
        """The expected value on the scale of its deviation: its natural logarithm if that is of the logarithm."""
        return float(np.log(self.central)) if self.logarithmic else self.central


@cache
def priors(section: str) -> dict[str, Prior]:
    """Priors of one fit by name, in the order of the file.

    Examples
    --------
    >>> priors("port")["port"].central
    0.7
    """
    data = params_data("priors")[section]
    out = {}
    for name, row in data.items():
        if not row.get("note") or row["kind"] not in ("estimate", "model", "vendor") or "unit" not in row:
            raise ParameterFileError(
                f"priors.toml: {section}.{name} needs a unit, a kind and a note with its reasoning"
            )
        logarithmic = "sd_log" in row
        out[name] = Prior(
            float(row["central"]),
            float(row.get("sd_log", row.get("sd", 0.0))),
            float(row.get("low", -np.inf)),
            float(row.get("high", np.inf)),
            logarithmic,
            row["unit"],
            row["kind"],
            tuple(row.get("source", ())),
            row["note"],
        )
    return out


def expected(section: str, name: str) -> float:
    """Expected value of one prior.

    Examples
    --------
    >>> expected("electrical", "anchor_delay_ps")
    8.0
    """
    return priors(section)[name].central
