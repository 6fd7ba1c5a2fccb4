"""What many messages of 2.x have in common: EVSEs, tokens, and answers with a reason."""

from collections.abc import Mapping
from typing import Any

from stationmaster.dialects.moments import utc
from stationmaster.dialects.v2.texts import read_text, write_text
from stationmaster.dialects.v2.vocabulary import VOCABULARIES
from stationmaster.dialects.words import clip, words
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import AuthorizationStatus, CommandAnswer, IdTokenInfo
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

DEFAULT_TOKEN_TYPE = "Central"  # noqa: S105
"""The type of a token that has none, as 1.x idTags do: one that a server made or knows (2.0.1 part 2, §3.43)."""

UNSPECIFIED = "Unspecified"
"""The reasonCode beside an explanation that came without one."""

_STATUSES: Mapping[str, AuthorizationStatus] = words(AuthorizationStatus)


def read_evse(evse: wire.EVSEType | None) -> Evse | None:
    return Evse(evse.id, evse.connector_id) if evse is not None and evse.id is not None else None


def write_evse(evse: Evse | None) -> v21.EVSEType | None:
    """EVSE 0 is the station as a whole, which 2.x says by leaving it out."""
    return v21.EVSEType(id=evse.id, connector_id=evse.connector_id) if evse is not None and evse.id else None


def read_token(token: wire.IdTokenType | None) -> IdToken | None:
    if token is None or token.id_token is None:
        return None
    additional = tuple([(more.additional_id_token or "", more.type or "") for more in token.additional_info])
    return IdToken(token.id_token, token.type, additional)


def write_token(token: IdToken) -> v21.IdTokenType:
    return v21.IdTokenType(
        id_token=token.value,
        type=token.type or DEFAULT_TOKEN_TYPE,
        additional_info=tuple(
            [v21.AdditionalInfoType(additional_id_token=value, type=kind) for value, kind in token.additional]
        ),
    )


def write_optional_token(token: IdToken | None) -> v21.IdTokenType | None:
    return write_token(token) if token is not None else None


def read_info(info: wire.IdTokenInfoType | None) -> IdTokenInfo:
    """What the CSMS says of a token; Invalid where it says nothing that can be read."""
    if info is None:
        return IdTokenInfo(status="Invalid")
    return IdTokenInfo(
        status=_STATUSES.get(info.status or "", "Invalid"),
        cache_expiry=utc(info.cache_expiry_date_time),
        group=read_token(info.group_id_token),
        charging_priority=info.charging_priority,
        language=info.language1,
        language2=info.language2,
        evse_ids=info.evse_id,
        personal_message=read_text(info.personal_message),
    )


def write_info(info: IdTokenInfo) -> v21.IdTokenInfoType:
    """A text is written as every version of 2.x can carry it."""
    return v21.IdTokenInfoType(
        status=info.status,
        cache_expiry_date_time=info.cache_expiry,
        charging_priority=info.charging_priority,
        group_id_token=write_optional_token(info.group),
        language1=clip(info.language, 8),
        language2=clip(info.language2, 8),
        evse_id=info.evse_ids,
        personal_message=write_text(VOCABULARIES["2.0.1"], info.personal_message),
    )


def read_answer(facts: StationFacts, request: Any, answer: Any) -> CommandAnswer:
    """The answer to any command; one without a status did not accept anything."""
    reason, info = read_status_info(answer.status_info)
    return CommandAnswer(status=answer.status or "Rejected", reason=reason, info=info)


def read_status_info(info: wire.StatusInfoType | None) -> tuple[str | None, str | None]:
    return (info.reason_code, info.additional_info) if info is not None else (None, None)


def write_status_info(answer: CommandAnswer) -> v21.StatusInfoType | None:
    """The statusInfo; 512 characters of additionalInfo fit every version."""
    if answer.reason is None and answer.info is None:
        return None
    return v21.StatusInfoType(reason_code=(answer.reason or UNSPECIFIED)[:20], additional_info=clip(answer.info, 512))
