"""What holds for all tests: how much Hypothesis tries, and what the collector of garbage looks at."""

import gc

from hypothesis import settings

# No deadline: how long one example takes says more of the machine than of us.
settings.register_profile("everyday", deadline=None, max_examples=100)
settings.register_profile("nightly", deadline=None, max_examples=2000)
settings.load_profile("everyday")


def pytest_collection_finish() -> None:
    """What there is by now (modules, types, tests) stays to the end: it need not be looked at again and again."""
    gc.collect()
    gc.freeze()
