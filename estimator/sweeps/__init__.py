"""Many estimates: points laid out along axes, computed tile by tile, written whole, or searched for the best.

May import `estimation` and what lies below it.
Start with `dataset.sweep`; `optimize.best` searches, `files.write_layout` writes.
"""

from __future__ import annotations

from estimator import lazy_names

_HOME = {
    "LADDER_FIELDS": "ladder",
    "impossible_row": "ladder",
    "ladder_nodes": "ladder",
    "ladder_rows": "ladder",
    "clock_sweep": "operating_curves",
    "to_csv": "files",
    "to_table": "files",
}
"""Public name -> module of this folder that holds it; loaded when first used."""

__all__ = list(_HOME)

__getattr__ = lazy_names(__name__, _HOME)
