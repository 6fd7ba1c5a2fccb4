"""What holds for all tests: how much Hypothesis tries, what is measured, and what the collector of garbage looks at."""

import gc
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import is_hypothesis_test, settings

# No deadline: how long one example takes says more of the machine than of us.
settings.register_profile("everyday", deadline=None, max_examples=100)
settings.register_profile("nightly", deadline=None, max_examples=2000)
settings.load_profile("everyday")

_SHARED = str(Path(__file__).resolve().parent / "shared")
"""What tests of several folders import."""
if _SHARED not in sys.path:
    sys.path.append(_SHARED)

_UNMEASURED = ("tests/conformance/", "tests/interop/", "tests/acceptance/test_hostile_")


def pytest_configure() -> None:
    """While some thousand modules are loaded the collector finds nothing: it begins when all tests are there."""
    gc.disable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Coverage is told by tests that somebody chose for the code that they are about. Measuring Hypothesis's hundreds
    of examples, all cases of the specification and of foreign programs, or attacks would double what they take."""
    for item in items:
        if is_hypothesis_test(getattr(item, "obj", None)) or item.nodeid.startswith(_UNMEASURED):
            item.add_marker(pytest.mark.no_cover)


def pytest_collection_finish() -> None:
    """What there is by now (modules, types, tests) stays to the end: it need not be looked at again and again.

    What comes is looked at seldom: a test makes and forgets some ten thousand objects, most of which go by themselves.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


@pytest.fixture(scope="module")
def only_what_comes_is_collected() -> None:
    """For tests that each look at their end for tasks left behind (those warn when they are collected): what all tests
    before have made takes a quarter of a second to walk through, so that is done once."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One plain line about what needs something that is not here."""
    skipped = terminalreporter.stats.get("skipped", ())
    pages = sum(report.nodeid.startswith("tests/browser/") for report in skipped)
    if pages:
        terminalreporter.write_line(
            f"Left out: {pages} tests of the web pages, as there is no Chromium here. Install one "
            "(Debian: apt-get install chromium), or name one in STATIONMASTER_BROWSER."
        )
    originals = sum("OCPP_SPEC" in str(report.longrepr) for report in skipped)
    if originals:
        terminalreporter.write_line(
            f"Left out: {originals} tests by OCA's own WSDLs. They run where OCPP_SPEC names a folder that has them."
        )
