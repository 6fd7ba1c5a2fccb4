"""P Data transfer, as a station: vendors' handlers answer the CSMS, and a vendor's message goes to it."""

from typing import Any

import structlog

from stationmaster.clock.timeouts import within
from stationmaster.domain.data_transfer import DataTransfer, DataTransferAnswer, VendorCall, Vendors, handler_of
from stationmaster.domain.messages import Answer
from stationmaster.station.ports import Clock, Line

log = structlog.get_logger(__name__)

HANDLER_TIMEOUT_S = 10.0
_FAILED = DataTransferAnswer(status="Rejected", reason="InternalError")


class VendorMessages:
    """Answers with what the vendors' handlers say; a message of our own is answered by the CSMS."""

    def __init__(self, vendors: Vendors, line: Line, clock: Clock) -> None:
        self._vendors = vendors
        self._line = line
        self._clock = clock

    async def answer(self, request: DataTransfer) -> Answer:
        """P01.FR.05, .06: UnknownVendorId and UnknownMessageId where there is no handler."""
        found = handler_of(self._vendors, request)
        if isinstance(found, DataTransferAnswer):
            return found
        call = VendorCall(message=request, role="station", at=self._clock.now())
        try:
            answer = found(call)
            if isinstance(answer, DataTransferAnswer):
                return answer
            return await within(self._clock, HANDLER_TIMEOUT_S, answer)
        except Exception:  # somebody else's code: it must not end the station
            log.exception("data transfer handler failed", vendor=request.vendor_id)
            return _FAILED

    async def send(self, vendor_id: str, message_id: str | None = None, data: Any = None) -> DataTransferAnswer:
        """P02. Raises NotTold."""
        answer = await self._line.perform(DataTransfer(vendor_id=vendor_id, message_id=message_id, data=data))
        assert isinstance(answer, DataTransferAnswer)
        return answer
