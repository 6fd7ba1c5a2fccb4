"""C Authorization in 2.x."""

from collections.abc import Mapping
from typing import Any

import msgspec

from stationmaster.dialects.plain import plain_of, struct_of
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, Unsupported, one_call
from stationmaster.dialects.v2.parts import read_info, read_token, write_info, write_token
from stationmaster.dialects.v2.tariffs import read_tariff, write_tariff
from stationmaster.dialects.words import words
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import Authorize, AuthorizeAnswer, Request
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_CERTIFICATE: Mapping[str | None, v21.AuthorizeCertificateStatusEnumType] = words(
    v21.AuthorizeCertificateStatusEnumType
)


def read_authorize(facts: StationFacts, message: wire.AuthorizeRequest) -> Authorize:
    token = read_token(message.id_token)
    if token is None:
        raise Unattributable("idToken")
    return Authorize(
        id_token=token,
        certificate=message.certificate,
        certificate_hashes=tuple(plain_of(message.iso15118_certificate_hash_data)),
    )


def write_authorize_answer(facts: StationFacts, request: Authorize, answer: AuthorizeAnswer) -> v21.AuthorizeResponse:
    return v21.AuthorizeResponse(
        id_token_info=write_info(answer.id_token_info),
        certificate_status=_CERTIFICATE.get(answer.certificate_status),
        tariff=_write_tariff(facts, answer.tariff),
    )


def _write_tariff(facts: StationFacts, tariff: Tariff | None) -> v21.TariffType | None:
    """I08.FR.01, .09. One that 2.1 has no words for is left out: the token counts, and the cost is told centrally."""
    if tariff is None or facts.version != "2.1":
        return None
    try:
        return write_tariff(tariff, dated=False)
    except Unsupported:
        return None


def write_authorize(facts: StationFacts, request: Authorize) -> v21.AuthorizeRequest:
    return v21.AuthorizeRequest(
        id_token=write_token(request.id_token),
        certificate=request.certificate,
        iso15118_certificate_hash_data=tuple(_hash_data(hashes) for hashes in request.certificate_hashes),
    )


def _hash_data(hashes: dict[str, Any]) -> v21.OCSPRequestDataType:
    try:
        return struct_of(hashes, v21.OCSPRequestDataType)
    except msgspec.ValidationError as error:
        raise Unsupported(f"not the hashes of a contract certificate: {error}") from error


def read_authorize_answer(facts: StationFacts, request: Authorize, answer: wire.AuthorizeResponse) -> AuthorizeAnswer:
    tariff, fault = _read_tariff(answer.tariff)
    return AuthorizeAnswer(
        id_token_info=read_info(answer.id_token_info),
        certificate_status=answer.certificate_status,
        tariff=tariff,
        tariff_fault=fault,
    )


def _read_tariff(told: wire.TariffType | None) -> tuple[Tariff | None, str | None]:
    """I08.FR.30: the token counts, whatever its tariff is like."""
    if told is None:
        return None, None
    try:
        return read_tariff(told), None
    except Unattributable as unreadable:
        return None, str(unreadable)


INCOMING: Mapping[str, Incoming] = {"Authorize": Incoming(read_authorize, write_authorize_answer)}
OUTGOING: Mapping[type[Request], Outgoing] = {Authorize: one_call("Authorize", write_authorize, read_authorize_answer)}
