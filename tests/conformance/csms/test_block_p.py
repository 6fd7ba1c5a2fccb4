"""P Data transfer."""

import pytest
from csms_case import Case

from stationmaster.domain.data_transfer import DataTransfer
from stationmaster.testing.wire import Payload

CUSTOM = {"vendorId": "com.acme", "note": "anything"}


async def test_TC_P_02_CSMS_a_message_of_a_vendor_it_does_not_know(case: Case) -> None:
    answer = await case.station.say("DataTransfer", {"vendorId": "org.nobody", "messageId": "M", "data": {"a": 1}})
    assert answer["status"] == "UnknownVendorId"  # P02.FR.06
    assert "data" not in answer
    (told,) = await case.view.told("DataTransfer")
    assert (told.data["vendor_id"], told.data["data"]) == ("org.nobody", '{"a":1}')


async def test_TC_P_03_CSMS_custom_data_is_tolerated(newer_case: Case) -> None:
    say, tx = newer_case.station.say, newer_case.station.transaction()
    event = tx.payload("Started", "CablePluggedIn", evse=(1, 1)) | {"customData": CUSTOM}
    assert await say("TransactionEvent", event) == {}
    assert (await say("Heartbeat", {"customData": CUSTOM}))["currentTime"]
    assert await newer_case.view.oddities() == []


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({"status": "Accepted", "data": {"b": 2}}, "accepted"),
        ({"status": "Rejected"}, "rejected"),
        ({"status": "UnknownMessageId"}, "rejected"),
        ({"status": "UnknownVendorId"}, "rejected"),
    ],
)
async def test_P01_FR_07_the_vendor_s_answer_is_told_as_it_is(case: Case, answer: Payload, state: str) -> None:
    case.station.answer("DataTransfer", answer)
    command = await case.view.ask(DataTransfer(vendor_id="com.acme", message_id="Ping", data={"a": 1}))
    asked = await case.station.asked("DataTransfer")
    assert asked == {"vendorId": "com.acme", "messageId": "Ping", "data": {"a": 1}}
    done = await case.view.outcome(command)
    assert (done.state, done.status) == (state, answer["status"])
    assert done.answer is not None and done.answer.get("data") == answer.get("data")


async def test_a_station_that_has_no_data_transfer_leaves_a_failed_command(case: Case) -> None:
    done = await case.view.outcome(await case.view.ask(DataTransfer(vendor_id="com.acme")))
    assert (done.state, done.answer) == ("failed", None)
    assert "NotSupported" in (done.detail or "")
