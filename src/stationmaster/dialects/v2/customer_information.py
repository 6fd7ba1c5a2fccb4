"""N09, N10 Customer information in 2.x."""

from collections.abc import Mapping

from stationmaster.dialects.moments import utc
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, Unsupported, one_call
from stationmaster.dialects.v2.parts import read_answer, read_token, write_optional_token, write_status_info
from stationmaster.dialects.words import words
from stationmaster.domain.certificates import CertificateHash
from stationmaster.domain.diagnostics.customer_information import CustomerInformation, NotifyCustomerInformation
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, Acknowledged, CommandAnswer, Request
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_ANSWERS: Mapping[str, v21.CustomerInformationStatusEnumType] = words(v21.CustomerInformationStatusEnumType)
_ALGORITHMS: Mapping[str, v21.HashAlgorithmEnumType] = words(v21.HashAlgorithmEnumType)


def read_request(facts: StationFacts, message: wire.CustomerInformationRequest) -> CustomerInformation:
    if message.request_id is None:
        raise Unattributable("requestId")
    return CustomerInformation(
        request_id=message.request_id,
        report=bool(message.report),
        clear=bool(message.clear),
        id_token=read_token(message.id_token),
        certificate=_read_hash(message.customer_certificate),
        identifier=message.customer_identifier,
    )


def write_request_answer(
    facts: StationFacts, request: CustomerInformation, answer: CommandAnswer
) -> v21.CustomerInformationResponse:
    return v21.CustomerInformationResponse(
        status=_ANSWERS.get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


def write_request(facts: StationFacts, request: CustomerInformation) -> v21.CustomerInformationRequest:
    return v21.CustomerInformationRequest(
        customer_certificate=_write_hash(request.certificate),
        id_token=write_optional_token(request.id_token),
        request_id=request.request_id,
        report=request.report,
        clear=request.clear,
        customer_identifier=request.identifier,
    )


def read_part(facts: StationFacts, message: wire.NotifyCustomerInformationRequest) -> NotifyCustomerInformation:
    return NotifyCustomerInformation(
        request_id=message.request_id,
        seq_no=message.seq_no or 0,
        data=message.data or "",
        generated_at=utc(message.generated_at),
        to_be_continued=bool(message.tbc),
    )


def write_part_answer(
    facts: StationFacts, request: NotifyCustomerInformation, answer: Acknowledged
) -> v21.NotifyCustomerInformationResponse:
    return v21.NotifyCustomerInformationResponse()


def write_part(facts: StationFacts, request: NotifyCustomerInformation) -> v21.NotifyCustomerInformationRequest:
    if request.generated_at is None or request.request_id is None:
        raise Unsupported("a part of a customer's data needs its time and its requestId")
    return v21.NotifyCustomerInformationRequest(
        data=request.data,
        tbc=request.to_be_continued,
        seq_no=request.seq_no,
        generated_at=request.generated_at,
        request_id=request.request_id,
    )


def _read_part_answer(facts: StationFacts, request: NotifyCustomerInformation, answer: object) -> Acknowledged:
    return ACKNOWLEDGED


def _read_hash(found: wire.CertificateHashDataType | None) -> CertificateHash | None:
    if found is None:
        return None
    return CertificateHash(
        found.hash_algorithm or "", found.issuer_name_hash or "", found.issuer_key_hash or "", found.serial_number or ""
    )


def _write_hash(named: CertificateHash | None) -> v21.CertificateHashDataType | None:
    if named is None:
        return None
    algorithm = _ALGORITHMS.get(named.algorithm)
    if algorithm is None:
        raise Unsupported(f"OCPP 2.x has no hash algorithm {named.algorithm}")
    return v21.CertificateHashDataType(
        hash_algorithm=algorithm,
        issuer_name_hash=named.issuer_name_hash,
        issuer_key_hash=named.issuer_key_hash,
        serial_number=named.serial_number,
    )


INCOMING: Mapping[str, Incoming] = {
    "CustomerInformation": Incoming(read_request, write_request_answer),
    "NotifyCustomerInformation": Incoming(read_part, write_part_answer),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    CustomerInformation: one_call("CustomerInformation", write_request, read_answer),
    NotifyCustomerInformation: one_call("NotifyCustomerInformation", write_part, _read_part_answer),
}
