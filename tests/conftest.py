"""For all tests: `make test` draws the same hypothesis examples every time; a person may explore new ones."""

import os

from hypothesis import settings

settings.register_profile("gate", derandomize=True, deadline=None, database=None)
# HYPOTHESIS_PROFILE=explore: new examples each run, and many more of them.
settings.register_profile("explore", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))
