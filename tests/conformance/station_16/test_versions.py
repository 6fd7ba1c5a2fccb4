"""The table of what does not apply to which version says nothing of tests that are not there."""

import ast
from itertools import chain
from pathlib import Path

from charge_point_versions import LEFT_OUT, NEEDS, WAYS, versions_of

from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.version import Version

_TESTS = {
    path.stem: [
        node.name
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    for path in Path(__file__).parent.glob("test_*.py")
}


def test_every_row_is_about_tests_that_are_there() -> None:
    named = {*chain(*NEEDS.values()), *chain(*(row.tests for row in LEFT_OUT))}
    assert named <= {*_TESTS, *chain(*_TESTS.values())}
    assert NEEDS.keys() <= messages(Version.V16).keys()


def test_every_test_runs_somewhere_and_no_file_only_in_JSON_but_what_is_in_no_SOAP() -> None:
    ran = {module: {way for test in tests for way in versions_of(module, test)} for module, tests in _TESTS.items()}
    assert all(versions_of(module, test) for module, tests in _TESTS.items() for test in tests)
    assert {module for module, ways in ran.items() if ways == {Version.V16}} == {"test_certificates"}
    assert {module for module, ways in ran.items() if ways != {*WAYS}} == {
        *("test_certificates", "test_configuration", "test_data_transfer", "test_local_list", "test_prices"),
        "test_reservation",
    }
