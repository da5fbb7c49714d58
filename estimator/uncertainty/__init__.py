"""How sure: what an estimate assumes, draws of all of it together, intervals of the results and what matters most.

May import `model`; draws are run by the same chain as the estimate itself.
Start with `draws.sample_estimate`.
"""

from __future__ import annotations

from estimator import lazy_names

_HOME = {
    "sample_estimate": "draws",
}
"""Public name -> module of this folder that holds it; loaded when first used."""

__all__ = list(_HOME)

__getattr__ = lazy_names(__name__, _HOME)
