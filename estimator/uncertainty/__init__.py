"""How sure: what an estimate assumes, draws of all of it together, intervals of the results and what matters most.

May import `model`; draws are run by the same chain as the estimate itself.
Start with `draws.sample_estimate`.
"""
