"""What holds for all tests: how much Hypothesis tries, what is measured, and what the collector of garbage looks at."""

import gc
from typing import Any

import pytest
from hypothesis import is_hypothesis_test, settings

# No deadline: how long one example takes says more of the machine than of us.
settings.register_profile("everyday", deadline=None, max_examples=100)
settings.register_profile("nightly", deadline=None, max_examples=2000)
settings.load_profile("everyday")

_UNMEASURED = ("tests/conformance/", "tests/interop/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Coverage is told by tests that somebody chose for the code that they are about. Measuring Hypothesis's hundreds
    of examples, or all cases of the specification and of foreign programs, would double what they take."""
    for item in items:
        if is_hypothesis_test(getattr(item, "obj", None)) or item.nodeid.startswith(_UNMEASURED):
            item.add_marker(pytest.mark.no_cover)


def pytest_collection_finish() -> None:
    """What there is by now (modules, types, tests) stays to the end: it need not be looked at again and again."""
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
