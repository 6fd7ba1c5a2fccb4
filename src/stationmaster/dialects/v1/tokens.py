"""idTag and IdTagInfo: 1.x has no token types, twenty characters and five statuses."""

from collections.abc import Mapping

from stationmaster.dialects.moments import utc
from stationmaster.dialects.table import Unsupported
from stationmaster.dialects.words import words
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import AuthorizationStatus, IdTokenInfo
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

MAX_ID_TAG_CHARS = 20

_STATUSES: Mapping[str, v16.AuthorizationStatus] = words(v16.AuthorizationStatus)
_STATUS_1X: Mapping[AuthorizationStatus, v16.AuthorizationStatus] = {
    "Accepted": "Accepted",
    "Blocked": "Blocked",
    "ConcurrentTx": "ConcurrentTx",
    "Expired": "Expired",
    "Invalid": "Invalid",
    "NoCredit": "Invalid",
    "NotAllowedTypeEVSE": "Invalid",
    "NotAtThisLocation": "Invalid",
    "NotAtThisTime": "Invalid",
    "Unknown": "Invalid",
}


def read_token(id_tag: str | None) -> IdToken | None:
    """The token behind an idTag."""
    return IdToken(id_tag) if id_tag is not None else None


def write_token(token: IdToken | None) -> str:
    """The idTag of a token; raises ``Unsupported`` where there is none, or none that 1.x could carry."""
    id_tag = write_optional_token(token)
    if id_tag is None:
        raise Unsupported(f"OCPP 1.x needs an idTag of 1 to {MAX_ID_TAG_CHARS} characters here")
    return id_tag


def write_optional_token(token: IdToken | None) -> str | None:
    """The idTag of a token; None where there is none, or none that 1.x could carry."""
    return token.value if token is not None and 0 < len(token.value) <= MAX_ID_TAG_CHARS else None


def write_start_token(facts: StationFacts, token: IdToken | None) -> str:
    """The idTag that a transaction starts with; raises as :func:`write_token`.

    1.6 has no word for charging without a token (2.x's type NoAuthorization), and StartTransaction.req must have an
    idTag (§6.45): stations of the field that are free for all send a fixed one which they are configured with, and the
    CSMS takes it for a token as any other.
    """
    if token is not None and token.type == "NoAuthorization" and facts.free_vend_id_tag is not None:
        return facts.free_vend_id_tag
    return write_token(token)


def read_info(info: wire.IdTagInfo | None) -> IdTokenInfo:
    """What the CSMS says of an idTag; Invalid where it says nothing that can be read."""
    if info is None:
        return IdTokenInfo(status="Invalid")
    return IdTokenInfo(
        status=_STATUSES.get(info.status or "", "Invalid"),
        cache_expiry=utc(info.expiry_date),
        group=read_token(info.parent_id_tag),
    )


def write_info(info: IdTokenInfo | None) -> v16.IdTagInfo:
    """The idTagInfo of an answer; Invalid where nothing was said of the token."""
    if info is None:
        return v16.IdTagInfo(status="Invalid")
    return v16.IdTagInfo(
        status=_STATUS_1X[info.status],
        expiry_date=info.cache_expiry,
        parent_id_tag=write_optional_token(info.group),
    )
