"""Rows of the tables of real silicon (params/silicon), as text, and their cells as numbers."""

from __future__ import annotations

import csv

from estimator.parameters.library import params_text

Row = dict[str, str]


def read_silicon(name: str) -> list[Row]:
    """Rows of a table; blank cells are empty texts.

    Examples
    --------
    >>> read_silicon("cset_2020")[0]["label"]
    '90 nm'
    """
    return list(csv.DictReader(params_text(f"silicon/{name}.csv").splitlines(keepends=True)))


def number(row: Row, key: str, default: float = float("nan")) -> float:
    """A cell as a number; `default` where it is blank or missing.

    Examples
    --------
    >>> number({"power_w": "700"}, "power_w"), number({"power_w": ""}, "power_w", 0.0)
    (700.0, 0.0)
    """
    text = row.get(key)
    return float(text) if text else default
