"""P Data transfer in 2.x, whose data is any JSON."""

from collections.abc import Mapping

from stationmaster.dialects.plain import exact
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, one_call
from stationmaster.dialects.v2.parts import read_status_info, write_status_info
from stationmaster.dialects.words import words
from stationmaster.domain.data_transfer import DataTransfer, DataTransferAnswer
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import Request
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_STATUSES: Mapping[str, v21.DataTransferStatusEnumType] = words(v21.DataTransferStatusEnumType)
_MISSPELT = {"UnknownVendor": "UnknownVendorId", "UnknownMessage": "UnknownMessageId"}


def read_transfer(facts: StationFacts, message: wire.DataTransferRequest) -> DataTransfer:
    if message.vendor_id is None:
        raise Unattributable("vendorId")
    return DataTransfer(vendor_id=message.vendor_id, message_id=message.message_id, data=exact(message.data))


def write_transfer_answer(
    facts: StationFacts, request: DataTransfer, answer: DataTransferAnswer
) -> v21.DataTransferResponse:
    return v21.DataTransferResponse(
        status=_STATUSES.get(answer.status, "Rejected"),
        status_info=write_status_info(answer),
        data=answer.data,
    )


def write_transfer(facts: StationFacts, request: DataTransfer) -> v21.DataTransferRequest:
    return v21.DataTransferRequest(vendor_id=request.vendor_id, message_id=request.message_id, data=request.data)


def read_transfer_answer(
    facts: StationFacts, request: DataTransfer, answer: wire.DataTransferResponse
) -> DataTransferAnswer:
    status = answer.status or "Rejected"
    reason, info = read_status_info(answer.status_info)
    return DataTransferAnswer(status=_MISSPELT.get(status, status), reason=reason, info=info, data=exact(answer.data))


INCOMING: Mapping[str, Incoming] = {"DataTransfer": Incoming(read_transfer, write_transfer_answer)}
OUTGOING: Mapping[type[Request], Outgoing] = {
    DataTransfer: one_call("DataTransfer", write_transfer, read_transfer_answer),
}
