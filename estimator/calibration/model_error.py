"""Model error: what the parameters' own spread leaves unexplained, from the residuals of calibration rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.calibration.electrical_fit import fit_electrical
from estimator.calibration.port_fit import fit_ports
from estimator.quantities import NORMAL_90


def spread(residuals: NDArray[np.float64]) -> float:
    """Standard deviation about zero, outliers counted: an interval is to hold its share of them too.

    Examples
    --------
    >>> spread(np.array([3.0, -4.0, 0.0, 0.0]))
    2.5
    """
    return float(np.sqrt(np.mean(residuals**2)))


def model_error_tables() -> dict[str, dict[str, dict[str, Any]]]:
    """Tables of ``area_error_log_sd``, ``clock_error_log_sd`` and ``power_error_log_sd`` for params/fit.

    Residuals are those of the rows that the fits were made of; no validation prediction enters. The range of each value
    is the 80 % range of a standard deviation from that many rows (normal approximation, ``sd (1 +- 1.2816 / sqrt(2 n))``).
    """
    ports, electrical = fit_ports(), fit_electrical()
    values = {
        "area_error_log_sd": (ports.error, len(ports.rows), "ports", "silicon-pairs"),
        "clock_error_log_sd": (
            spread(electrical.clock_residuals),
            len(electrical.clock_residuals),
            "clocks of carried families",
            "electrical-fit",
        ),
        "power_error_log_sd": (
            spread(electrical.power_residuals),
            len(electrical.power_residuals),
            "powers of ports",
            "electrical-fit",
        ),
    }
    table = {}
    for name, (sd, count, what, source) in values.items():
        half = NORMAL_90 / np.sqrt(2 * count)
        table[name] = {
            "low": sd * (1 - half),
            "central": sd,
            "high": sd * (1 + half),
            "unit": "1",
            "kind": "fit",
            "source": [source],
            "note": f"standard deviation of the log residuals of {count} calibration rows: {what}",
            "rows": [what],
            "fit_error": sd * half,
        }
    return {"model": table}
