"""C Authorization in 2.x."""

from collections.abc import Mapping
from typing import Any

import msgspec

from stationmaster.dialects.plain import plain_of, struct_of
from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, Unsupported, one_call
from stationmaster.dialects.v2.parts import read_info, read_token, write_info, write_token
from stationmaster.dialects.words import words
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
    )


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
    return AuthorizeAnswer(id_token_info=read_info(answer.id_token_info), certificate_status=answer.certificate_status)


INCOMING: Mapping[str, Incoming] = {"Authorize": Incoming(read_authorize, write_authorize_answer)}
OUTGOING: Mapping[type[Request], Outgoing] = {Authorize: one_call("Authorize", write_authorize, read_authorize_answer)}
