"""The model against real silicon that it was not fitted to.

May import everything but the command line and the page.
Start with `report.all_rows`, or the command ``validate``.
"""

from __future__ import annotations

from estimator import lazy_names

_HOME = {
    "as_data": "report",
    "best_rule": "report",
    "coverage": "report",
    "honest_sentence": "report",
    "misses": "report",
    "percent": "tables",
    "stored": "report",
}
"""Public name -> module of this folder that holds it; loaded when first used."""

__all__ = list(_HOME)

__getattr__ = lazy_names(__name__, _HOME)
