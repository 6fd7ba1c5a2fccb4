"""P Data transfer in 1.6, whose data is text: whatever else there is goes as its JSON text.

Messages about prices and costs are read as what they mean, not as a vendor's: see ``cost_messages``.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, one_call
from stationmaster.dialects.v1.cost_messages import read_message, read_report
from stationmaster.dialects.words import words
from stationmaster.domain.cost.telling import CAPABILITY
from stationmaster.domain.data_transfer import DataTransfer, DataTransferAnswer
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import CommandAnswer, Request
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

_STATUSES: Mapping[str, v16.DataTransferStatus] = words(v16.DataTransferStatus)
_MISSPELT = {"UnknownVendor": "UnknownVendorId", "UnknownMessage": "UnknownMessageId"}


def read_transfer(facts: StationFacts, message: wire.DataTransferRequest) -> Request:
    if message.vendor_id is None:
        raise Unattributable("vendorId")
    transfer = DataTransfer(vendor_id=message.vendor_id, message_id=message.message_id, data=message.data)
    if facts.role == "csms":
        return read_report(transfer) or transfer
    return (read_message(transfer) if CAPABILITY in facts.capabilities else None) or transfer


def write_transfer_answer(facts: StationFacts, request: Request, answer: CommandAnswer) -> v16.DataTransferResponse:
    """Without data where the vendor is unknown (1.6 §4.3)."""
    told = answer.data if isinstance(answer, DataTransferAnswer) else None
    data = None if answer.status == "UnknownVendorId" else _text(told)
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
