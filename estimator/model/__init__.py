"""One estimate: a design, a process and options resolved once (`build`) and taken through the stages (`chain`).

May import `physics` and `parameters`; knows no page, no interval, no sweep.
Start with `build.resolve`, then `chain.run`; many points at once are `batch.Points`.
"""

from __future__ import annotations

from estimator import lazy_names

_HOME = {
    "HEADLINE_FIELD": "causes",
    "LIMIT_WORDS": "limits",
    "cause_sentences": "words",
    "verdict": "words",
    "one_clone": "words",
    "memory_of": "views",
    "used_parameters": "views",
    "workings": "views",
}
"""Public name -> module of this folder that holds it; loaded when first used."""

__all__ = list(_HOME)

__getattr__ = lazy_names(__name__, _HOME)
