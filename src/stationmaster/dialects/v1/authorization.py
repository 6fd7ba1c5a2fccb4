"""C Authorization in 1.6."""

from collections.abc import Mapping

from stationmaster.dialects.table import Incoming, Outgoing, Unattributable, Unsupported, one_call
from stationmaster.dialects.v1.tokens import read_info, read_token, write_info, write_token
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import Authorize, AuthorizeAnswer, Request
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire


def read_authorize(facts: StationFacts, message: wire.AuthorizeRequest) -> Authorize:
    token = read_token(message.id_tag)
    if token is None:
        raise Unattributable("idTag")
    return Authorize(id_token=token)


def write_authorize_answer(facts: StationFacts, request: Authorize, answer: AuthorizeAnswer) -> v16.AuthorizeResponse:
    return v16.AuthorizeResponse(id_tag_info=write_info(answer.id_token_info))


def write_authorize(facts: StationFacts, request: Authorize) -> v16.AuthorizeRequest:
    """A contract certificate must be verified (C07), so it is not left out in silence."""
    if request.certificate is not None or request.certificate_hashes:
        raise Unsupported("OCPP 1.x cannot authorize contract certificates")
    return v16.AuthorizeRequest(id_tag=write_token(request.id_token))


def read_authorize_answer(facts: StationFacts, request: Authorize, answer: wire.AuthorizeResponse) -> AuthorizeAnswer:
    return AuthorizeAnswer(id_token_info=read_info(answer.id_tag_info))


INCOMING: Mapping[str, Incoming] = {"Authorize": Incoming(read_authorize, write_authorize_answer)}
OUTGOING: Mapping[type[Request], Outgoing] = {Authorize: one_call("Authorize", write_authorize, read_authorize_answer)}
