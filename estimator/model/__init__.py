"""One estimate: a design, a process and options resolved once (`build`) and taken through the stages (`chain`).

May import `physics` and `parameters`; knows no page, no interval, no sweep.
Start with `build.resolve`, then `chain.run`; many points at once are `batch.Points`.
"""
