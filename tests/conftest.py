"""What holds for all tests: how much Hypothesis tries, and what the collector of garbage looks at."""

import gc
from typing import Any

from hypothesis import settings

# No deadline: how long one example takes says more of the machine than of us.
settings.register_profile("everyday", deadline=None, max_examples=100)
settings.register_profile("nightly", deadline=None, max_examples=2000)
settings.load_profile("everyday")


def pytest_collection_finish() -> None:
    """What there is by now (modules, types, tests) stays to the end: it need not be looked at again and again."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One plain line about what needs a browser, where there is none."""
    skipped = terminalreporter.stats.get("skipped", ())
    left_out = [report for report in skipped if report.nodeid.startswith("tests/browser/")]
    if left_out:
        terminalreporter.write_line(
            f"Left out: {len(left_out)} tests of the web pages, as there is no Chromium here. Install one "
            "(Debian: apt-get install chromium), or name one in STATIONMASTER_BROWSER."
        )
