"""Fits of parameters to foundry statements and shipped chips (params/silicon), written to params/fit.

May import `model`, `physics` and `parameters`; nothing of an estimate reads it.
Start with `fits.FITS`, or the command ``calibrate``.
"""
