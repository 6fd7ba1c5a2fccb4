"""Variables of 2.x and configuration keys of 1.6 in the words of one table."""

from datetime import UTC
from typing import Any

import pytest

from stationmaster.ui.pages.stations.configuration import answers, values

BOUNDS = [
    ({"data_type": "integer", "unit": "s", "min_limit": 10, "max_limit": 600.0}, "integer, s, 10 to 600"),
    ({"data_type": "decimal", "max_limit": 0.5}, "decimal, at most 0.5"),
    ({"data_type": "decimal", "min_limit": 0}, "decimal, at least 0"),
    ({"data_type": "string", "max_limit": 20}, "string, at most 20 characters"),
    ({"data_type": "SequenceList", "max_elements": 3}, "SequenceList, at most 3 elements, separated by commas"),
    ({"data_type": "MemberList", "choices": ("a", "b")}, "MemberList"),
    ({}, ""),
]


def variable(**changes: Any) -> dict[str, Any]:
    """As the API tells one."""
    told: dict[str, Any] = {
        "component": "EVSE",
        "instance": None,
        "evse_id": 1,
        "connector_id": None,
        "variable": "Power",
        "variable_instance": None,
        "attributes": [attribute("Actual", "11", "ReadOnly")],
        "characteristics": {"data_type": "decimal", "unit": "kW", "values_list": None},
        "source": "report",
        "told_at": "2030-01-01T12:00:00Z",
    }
    return {**told, **changes}


def attribute(kind: str, value: str | None, mutability: str) -> dict[str, Any]:
    return {"type": kind, "value": value, "mutability": mutability, "persistent": True, "constant": False}


def key(**changes: Any) -> dict[str, Any]:
    told = {"key": "HeartbeatInterval", "value": "300", "readonly": False, "data_type": "integer", "unit": "s"}
    return {**told, "counterpart": None, "source": "get", "told_at": "2030-01-01T12:00:00Z", **changes}


@pytest.mark.parametrize(("told", "shown"), BOUNDS)
def test_bounds_are_said_as_far_as_the_station_told_them(told: dict[str, Any], shown: str) -> None:
    assert values.bounds(values.Setting(name="x", address={}, value=None, mutability="ReadWrite", **told)) == shown


def test_a_variable_is_addressed_as_commands_take_it() -> None:
    item = variable(instance="left", variable_instance="L1", attributes=[attribute("Target", "7", "ReadWrite")])
    (setting,) = values.settings_of(item)
    assert setting.name == "EVSE[left]@1.Power[L1], Target"
    assert setting.address == {
        "component": "EVSE",
        "instance": "left",
        "evse_id": 1,
        "variable": "Power",
        "variable_instance": "L1",
        "attribute": "Target",
    }
    assert setting.is_writable


def test_a_key_of_1_6_is_addressed_by_its_name() -> None:
    (setting,) = values.settings_of(key(readonly=True))
    assert setting.address == {"component": "ConfigurationKey", "variable": "HeartbeatInterval"}
    assert not setting.is_writable


def test_every_attribute_is_a_value_of_its_own() -> None:
    both = [attribute("Actual", "11", "ReadOnly"), attribute("MaxSet", None, "ReadWrite")]
    assert [setting.is_writable for setting in values.settings_of(variable(attributes=both))] == [False, True]
    assert values.values_in_words(variable(attributes=both)) == "Actual 11 · MaxSet –"


@pytest.mark.parametrize(
    ("attributes", "shown"),
    [
        ([attribute("Actual", "11", "ReadWrite")], "11 kW"),
        ([attribute("Actual", None, "ReadWrite")], "–"),
        ([attribute("Actual", None, "WriteOnly")], "written only"),
        ([], "–"),
    ],
)
def test_values_have_their_unit_and_secrets_say_that_they_are_some(
    attributes: list[dict[str, Any]], shown: str
) -> None:
    assert values.values_in_words(variable(attributes=attributes)) == shown


def test_items_are_told_apart_by_their_whole_address() -> None:
    keys = {
        values.item_key(item)
        for item in (
            variable(),
            variable(evse_id=2),
            variable(connector_id=1),
            variable(instance="x"),
            variable(variable_instance="x"),
            key(),
        )
    }
    assert len(keys) == 6


def test_columns_make_text_of_what_is_told() -> None:
    row = {column.name: column.cell(variable()) for column in values.variable_columns(UTC)}
    assert row == {
        "variable": "Power",
        "component": "EVSE, EVSE 1",
        "value": "11 kW",
        "takes": "decimal, kW",
        "mutability": "read only",
        "told": "reported 2030-01-01 12:00:00",
    }
    of_key = {column.name: column.cell(key()) for column in values.key_columns(UTC)}
    assert (of_key["key"], of_key["value"], of_key["mutability"]) == ("HeartbeatInterval", "300 s", "can be set")


@pytest.mark.parametrize(
    ("result", "shown"),
    [
        ({"status": "Accepted", "value": "5"}, "= 5"),
        ({"status": "Accepted"}, ""),
        ({"status": "Rejected", "reason": "OutOfRange", "info": "not below 20"}, "OutOfRange · not below 20"),
    ],
)
def test_an_answer_is_said_with_its_reason(result: dict[str, Any], shown: str) -> None:
    assert answers.in_words(result) == shown
