"""Many estimates: points laid out along axes, computed tile by tile, written whole, or searched for the best.

May import `estimation` and what lies below it.
Start with `dataset.sweep`; `optimize.best` searches, `files.write_plan` writes.
"""
