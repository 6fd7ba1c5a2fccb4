import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Any

import pytest

from stationmaster.clock.virtual import VirtualClock
from stationmaster.csms.blocks.data_transfer import HANDLER_TIMEOUT_S, DataTransferBlock, transfer_hook
from stationmaster.csms.connection.masking import masked
from stationmaster.domain.data_transfer import DataTransfer, DataTransferAnswer, DataTransferRecord, VendorCall
from stationmaster.domain.decision import Decision
from stationmaster.domain.station import Station, StationState

NOW = datetime(2026, 3, 1, tzinfo=UTC)
STATE = StationState(station=Station(key=7, tenant="default", identity="CS-7", created_at=NOW))


def fails(call: VendorCall) -> DataTransferAnswer:
    raise RuntimeError("broken")


async def fails_later(call: VendorCall) -> DataTransferAnswer:
    raise RuntimeError("broken")


async def answers_later(call: VendorCall) -> DataTransferAnswer:
    await asyncio.sleep(1)
    return DataTransferAnswer(status="Accepted", data=[call.station, call.role])


async def never_answers(call: VendorCall) -> DataTransferAnswer:
    await asyncio.sleep(10 * HANDLER_TIMEOUT_S)
    raise AssertionError


VENDORS: Any = {
    "com.acme": {
        "Echo": lambda call: DataTransferAnswer(status="Accepted", data=call.message.data),
        "Later": answers_later,
        "Fails": fails,
        "FailsLater": fails_later,
        "Never": never_answers,
    }
}


async def decided(message_id: str | None, data: Any = None, vendor: str = "com.acme") -> Decision:
    block = DataTransferBlock(VENDORS, VirtualClock(), masked)
    decision = block(STATE, DataTransfer(vendor_id=vendor, message_id=message_id, data=data), NOW)
    return await decision if isinstance(decision, Awaitable) else decision


async def test_the_handler_s_answer_is_given_and_kept_with_the_message() -> None:
    decision = await decided("Echo", {"a": 1})
    assert decision.answer == DataTransferAnswer(status="Accepted", data={"a": 1})
    assert decision.records == (
        DataTransferRecord(
            station_key=7,
            at=NOW,
            direction="in",
            vendor_id="com.acme",
            message_id="Echo",
            status="Accepted",
            data='{"a":1}',
            answer='{"a":1}',
        ),
    )
    (event,) = decision.events
    assert (event.kind, event.data["status"], event.data["data"]) == ("DataTransfer", "Accepted", '{"a":1}')


async def test_a_handler_may_take_its_time_and_knows_who_asks() -> None:
    assert (await decided("Later")).answer == DataTransferAnswer(status="Accepted", data=["CS-7", "csms"])


@pytest.mark.parametrize("message_id", ["Fails", "FailsLater", "Never"])
async def test_a_handler_that_fails_costs_nothing_but_its_own_answer(message_id: str) -> None:
    decision = await decided(message_id, "x")
    assert decision.answer == DataTransferAnswer(status="Rejected", reason="InternalError")
    assert len(decision.records) == 1


async def test_what_nobody_knows_is_kept_too() -> None:
    decision = await decided(None, vendor="org.nobody")
    assert decision.answer == DataTransferAnswer(status="UnknownVendorId")
    assert [record.status for record in decision.records] == ["UnknownVendorId"]  # type: ignore[union-attr]


async def test_the_handler_gets_a_secret_that_the_store_does_not() -> None:
    decision = await decided("Echo", {"password": "hunter2"})
    assert decision.answer == DataTransferAnswer(status="Accepted", data={"password": "hunter2"})
    assert "hunter2" not in repr(decision.records) + repr(decision.events)


def test_an_answer_to_our_own_message_is_kept() -> None:
    after: Any = transfer_hook(masked).after
    request = DataTransfer(vendor_id="com.acme", data="x")
    decision = after(STATE, NOW, request=request, answer=DataTransferAnswer(status="Accepted", data="y"), command=None)
    (record,) = decision.records
    assert (record.direction, record.status, record.data, record.answer) == ("out", "Accepted", '"x"', '"y"')
