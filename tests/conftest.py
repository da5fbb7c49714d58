"""Shared settings of the tests: hypothesis profiles."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: the fits solve many small systems

from hypothesis import HealthCheck, settings

COMMON = {"deadline": None, "suppress_health_check": list(HealthCheck)}
settings.register_profile("ci", max_examples=60, derandomize=True, **COMMON)  # the same inputs on every machine
settings.register_profile("fuzz", max_examples=3500, report_multiple_bugs=False, database=None, **COMMON)  # `make fuzz`
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
