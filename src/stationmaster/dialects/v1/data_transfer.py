"""P Data transfer in 1.6, whose data is text: whatever else there is goes as its JSON text."""

from collections.abc import Mapping
from typing import Any

import msgspec

from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, one_call
from stationmaster.dialects.words import words
from stationmaster.domain.data_transfer import DataTransfer, DataTransferAnswer
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import Request
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

_STATUSES: Mapping[str, v16.DataTransferStatus] = words(v16.DataTransferStatus)
_MISSPELT = {"UnknownVendor": "UnknownVendorId", "UnknownMessage": "UnknownMessageId"}


def read_transfer(facts: StationFacts, message: wire.DataTransferRequest) -> DataTransfer:
    if message.vendor_id is None:
        raise Unattributable("vendorId")
    return DataTransfer(vendor_id=message.vendor_id, message_id=message.message_id, data=message.data)


def write_transfer_answer(
    facts: StationFacts, request: DataTransfer, answer: DataTransferAnswer
) -> v16.DataTransferResponse:
    """Without data where the vendor is unknown (1.6 §4.3)."""
    data = None if answer.status == "UnknownVendorId" else _text(answer.data)
    return v16.DataTransferResponse(status=_STATUSES.get(answer.status, "Rejected"), data=data)


def write_transfer(facts: StationFacts, request: DataTransfer) -> v16.DataTransferRequest:
    return v16.DataTransferRequest(vendor_id=request.vendor_id, message_id=request.message_id, data=_text(request.data))


def read_transfer_answer(
    facts: StationFacts, request: DataTransfer, answer: wire.DataTransferResponse
) -> DataTransferAnswer:
    status = answer.status or "Rejected"
    return DataTransferAnswer(status=_MISSPELT.get(status, status), data=answer.data)


def _text(data: Any) -> str | None:
    return data if data is None or isinstance(data, str) else msgspec.json.encode(data).decode()


INCOMING: Mapping[str, Incoming] = {"DataTransfer": Incoming(read_transfer, write_transfer_answer)}
OUTGOING: Mapping[type[Request], Outgoing] = {
    DataTransfer: one_call("DataTransfer", write_transfer, read_transfer_answer),
}
