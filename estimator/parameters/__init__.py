"""Parameters: what a file under params/ may hold, and how it is found, read and checked.

May import `files`, `checks`, `quantities`, `errors`, and a limit that a law of `physics` sets; composes no formula.
Start with `library.load_node` and `library.load_design`; sets are `sets.load_set`, tables `silicon.read_silicon`.
"""

from __future__ import annotations

from estimator import lazy_names

_HOME = {
    "UPLOAD": "toml",
    "WORKLOADS": "schema",
    "parse_toml": "toml",
    "aliases": "library",
    "constants": "library",
    "from_toml": "library",
    "kind_of": "library",
    "load": "library",
}
"""Public name -> module of this folder that holds it; loaded when first used."""

__all__ = list(_HOME)

__getattr__ = lazy_names(__name__, _HOME)
