"""P Data transfer: a vendor's message is answered by the vendor's handler; what went either way is kept."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import structlog

from stationmaster.clock.timeouts import within
from stationmaster.csms.commands.hooks import CommandHook
from stationmaster.csms.ports import Clock
from stationmaster.domain.command import Command
from stationmaster.domain.data_transfer import (
    DataTransfer,
    DataTransferAnswer,
    DataTransferRecord,
    VendorCall,
    Vendors,
    handler_of,
    json_text,
)
from stationmaster.domain.decision import Decision
from stationmaster.domain.records import Event
from stationmaster.domain.station import StationState

log = structlog.get_logger(__name__)

HANDLER_TIMEOUT_S = 10.0
"""A station's other messages wait as long as its vendor's handler takes."""
_FAILED = DataTransferAnswer(status="Rejected", reason="InternalError")

Mask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class DataTransferBlock:
    """P02. ``mask`` takes secrets out of what is stored and told; the handler gets the message whole."""

    vendors: Vendors
    clock: Clock
    mask: Mask

    def __call__(self, state: StationState, request: DataTransfer, at: datetime) -> Decision | Awaitable[Decision]:
        found = handler_of(self.vendors, request)
        if isinstance(found, DataTransferAnswer):
            return self._decided(state, request, found, at)
        station = state.station.identity
        call = VendorCall(message=request, role="csms", station=station, at=at, tenant=state.tenant)
        try:
            answer = found(call)
        except Exception:  # somebody else's code: it must not cost the station its answer
            log.exception("data transfer handler failed", vendor=request.vendor_id, station=state.key)
            answer = _FAILED
        if isinstance(answer, DataTransferAnswer):
            return self._decided(state, request, answer, at)
        return self._decided_later(state, request, answer, at)

    async def _decided_later(
        self, state: StationState, request: DataTransfer, answer: Awaitable[DataTransferAnswer], at: datetime
    ) -> Decision:
        try:
            told = await within(self.clock, HANDLER_TIMEOUT_S, answer)
        except Exception:  # as above; a handler that takes too long has failed, too
            log.exception("data transfer handler failed", vendor=request.vendor_id, station=state.key)
            told = _FAILED
        return self._decided(state, request, told, at)

    def _decided(
        self, state: StationState, request: DataTransfer, answer: DataTransferAnswer, at: datetime
    ) -> Decision:
        record, event = exchanged(state, request, answer, at, "in", self.mask)
        return Decision(answer=answer, records=(record,), events=(event,))


def transfer_hook(mask: Mask) -> CommandHook:
    """P01: what a station answered to a message of ours."""

    def after(
        state: StationState, at: datetime, *, request: DataTransfer, answer: DataTransferAnswer, command: Command
    ) -> Decision:
        record, event = exchanged(state, request, answer, at, "out", mask)
        return Decision(records=(record,), events=(event,))

    return CommandHook(after=after)


def exchanged(
    state: StationState,
    request: DataTransfer,
    answer: DataTransferAnswer,
    at: datetime,
    direction: Literal["in", "out"],
    mask: Mask,
) -> tuple[DataTransferRecord, Event]:
    """What is kept of an exchange, and what is told of it."""
    data, told = json_text(request.data), json_text(answer.data)
    record = DataTransferRecord(
        station_key=state.key,
        at=at,
        direction=direction,
        vendor_id=request.vendor_id,
        message_id=request.message_id,
        status=answer.status,
        data=None if data is None else mask(data),
        answer=None if told is None else mask(told),
    )
    summary = {
        "direction": record.direction,
        "vendor_id": record.vendor_id,
        "message_id": record.message_id,
        "status": record.status,
        "data": record.data,
        "answer": record.answer,
    }
    event = Event(kind="DataTransfer", tenant=state.tenant, station_key=state.key, at=at, data=summary)
    return record, event
