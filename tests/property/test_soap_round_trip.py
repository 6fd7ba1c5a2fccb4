"""A payload of 1.5 or 1.2 lifted to the shape of 1.6 and lowered again is the same, outside the tables below."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from round_trip import ANYTHING, Losses, changes, is_listed
from soap_strategies import MESSAGES, payloads
from tries import tries

from stationmaster.ocpp.codec import (
    CannotCarry,
    NothingToTell,
    read_native,
    read_request,
    read_response,
    write_request,
    write_response,
)
from stationmaster.ocpp.upgrade.v12 import LONGEST_ID_TAG
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.wire import decode_plain, encode

_KEY = {"HeartbeatInterval": "HeartBeatInterval"}
LOST: dict[Version, Losses] = {
    Version.V12: {"ChangeConfigurationRequest": {"$.key": _KEY}},
    Version.V15: {
        "ChangeConfigurationRequest": {"$.key": _KEY},
        "GetConfigurationRequest": {"$.key": _KEY},
        "GetConfigurationResponse": {"$.configurationKey.key": _KEY, "$.unknownKey": _KEY},
        "SendLocalListRequest": {"$.hash": ANYTHING},
        "SendLocalListResponse": {"$.hash": ANYTHING, "$.status": {"HashError": "Failed"}},
    },
    Version.V16S: {},
}
"""1.6 knows one spelling of the key, and no hashes."""
MAX = 20
TOO_LONG = {(Version.V12, "RemoteStartTransaction"): LONGEST_ID_TAG}
"""What a station shows may be longer than what it is sure to take."""


def same_in_xml(value: Any) -> Any:
    """Without empty lists, and with the transaction data of 1.5 in one piece: how it was spread is lost."""
    if isinstance(value, list):
        return [same_in_xml(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {name: same_in_xml(item) for name, item in value.items()}
    spread = found.get("transactionData", [])
    if any("values" in each for each in spread) or spread == [{}] * len(spread):
        values = [item for each in spread for item in each.get("values", [])]
        found["transactionData"] = [{"values": values}] if values else []
    return {name: item for name, item in found.items() if item != []}


@pytest.mark.parametrize(("version", "action", "is_response"), MESSAGES)
@tries(15)
@given(data=st.data())
def test_lowering_a_lifted_payload_gives_the_payload_back(
    version: Version, action: str, is_response: bool, data: st.DataObject
) -> None:
    payload = data.draw(payloads(version, action, is_response))
    raw = encode(payload)
    read_native(version, action, raw, is_response)
    if len(payload.get("idTag", "")) > TOO_LONG.get((version, action), MAX):
        with pytest.raises(CannotCarry, match="idTag"):
            write_request(version, action, read_request(version, action, raw).message)
        return
    reading = (read_response if is_response else read_request)(version, action, raw)
    assert reading.violations == ()
    try:
        back = (write_response if is_response else write_request)(version, action, reading.message)
    except NothingToTell:
        assert action == "MeterValues" and not payload.get("values")
        return
    name = f"{action}{'Response' if is_response else 'Request'}"
    found = list(changes(same_in_xml(payload), same_in_xml(decode_plain(back))))
    for path, before, after in found:
        assert is_listed(LOST[version], name, path, before, after), f"{path}: {before!r} became {after!r}"
