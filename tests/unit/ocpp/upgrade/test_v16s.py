"""1.6 in SOAP and 1.6 in JSON."""

import pytest

from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.upgrade import TABLES, lift, lower
from stationmaster.ocpp.version import Version


@pytest.mark.parametrize(("action", "member"), [("MeterValues", "meterValue"), ("StopTransaction", "transactionData")])
def test_the_misspelt_unit_is_never_sent(action: str, member: str) -> None:
    tree = {member: [{"sampledValue": [{"value": "20", "unit": "Celcius"}, {"value": "20", "unit": "K"}]}]}
    lowered = lower(Version.V16S, action, False, tree)
    assert [each["unit"] for each in lowered[member][0]["sampledValue"]] == ["Celsius", "K"]


def test_nothing_is_lifted() -> None:
    assert TABLES[Version.V16S].differs_in_writing_only
    assert lift(Version.V16S, "MeterValues", False, {"meterValue": []}) == {"meterValue": []}


def test_only_messages_with_meter_values_are_lowered() -> None:
    table = TABLES[Version.V16S]
    assert [action for action in messages(Version.V16S) if table.lowers(action, False)] == [
        "MeterValues",
        "StopTransaction",
    ]
    assert not any(table.lowers(action, True) for action in messages(Version.V16S))
