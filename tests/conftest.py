"""Shared settings of the tests: hypothesis profiles."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: the fits solve many small systems

from hypothesis import HealthCheck, settings

settings.register_profile("ci", max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile("fuzz", max_examples=5000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
