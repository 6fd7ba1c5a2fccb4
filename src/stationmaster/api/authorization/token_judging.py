"""What would be said of a token, and why."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Router, post
from litestar.params import JSONBody
from msgspec import Meta

from stationmaster.api.authorization.tokens import TokenType, Value
from stationmaster.api.http.parameters import MAX_INT32, MAX_INT64
from stationmaster.api.http.problems import conflict, not_found
from stationmaster.api.http.services import ApiRequest
from stationmaster.domain.authorization.verdict import Purpose, Question, Verdict
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import AuthorizationStatus
from stationmaster.domain.station import StationState
from stationmaster.domain.transactions.limits import TransactionLimit


class JudgedToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    value: Value
    type: TokenType | None = None


class TokenQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``station``: our key of it; without one, rules about places do not count. ``ask_outside``: also ask the outside
    system, as it is asked where a station waits."""

    id_token: JudgedToken
    station: Annotated[int, Meta(ge=1, le=MAX_INT64)] | None = None
    evse_id: Annotated[int, Meta(ge=1, le=MAX_INT32)] | None = None
    purpose: Purpose = "authorize"
    ask_outside: bool = False


class JudgedLimitResource(msgspec.Struct, frozen=True, kw_only=True):
    """Amounts as text."""

    max_cost: str | None
    max_energy_wh: str | None
    max_time_s: int | None
    max_soc_pct: int | None


class JudgementResource(msgspec.Struct, frozen=True, kw_only=True):
    """``reason``: why it is not accepted. ``cache_expiry``: how long a station may keep the answer. ``depends_on``:
    what would still be looked at when a transaction is written."""

    status: AuthorizationStatus
    reason: str | None
    source: str
    token: int | None
    group: str | None
    cache_expiry: datetime | None
    evse_ids: tuple[int, ...]
    limit: JudgedLimitResource | None
    depends_on: tuple[str, ...]


@post("/judge", summary="What would be said of a token", status_code=200)
async def judge_token(request: ApiRequest, data: JSONBody[TokenQuestion]) -> JudgementResource:
    """Nothing is stored, and no PIN counts as a guess."""
    state = None if data.station is None else await _state(request, data.station)
    question = Question(
        tenant=request.tenant,
        station_key=data.station,
        id_token=IdToken(data.id_token.value, data.id_token.type),
        purpose=data.purpose,
        at=request.services.clock.now(),
        evse=None if data.evse_id is None else Evse(data.evse_id),
        transaction_key=0 if data.purpose == "start" else None,
    )
    judging = request.services.judgement.consider(state, question, ask_outside=data.ask_outside)
    return _resource(await judging)


async def check_accepted(request: ApiRequest, station_key: int, id_token: IdToken) -> None:
    """Raises a ProblemError of 409 where a token is not accepted at a station."""
    question = Question(
        tenant=request.tenant,
        station_key=station_key,
        id_token=id_token,
        purpose="authorize",
        at=request.services.clock.now(),
    )
    verdict = await request.services.judgement.consider(await request.queries.load(station_key), question)
    if verdict.info.status != "Accepted":
        words = f"The token is not accepted: {verdict.info.status}, {verdict.reason}."
        raise conflict("token-not-accepted", words)


async def _state(request: ApiRequest, station_key: int) -> StationState:
    station = await request.queries.station(request.tenant, station_key)
    state = None if station is None else await request.queries.load(station_key)
    if state is None:
        raise not_found("station")
    return state


def _resource(verdict: Verdict) -> JudgementResource:
    info = verdict.info
    return JudgementResource(
        status=info.status,
        reason=verdict.reason,
        source=verdict.source,
        token=None if verdict.token is None else verdict.token.key,
        group=None if info.group is None else info.group.value,
        cache_expiry=info.cache_expiry,
        evse_ids=info.evse_ids,
        limit=None if verdict.limit is None else _limit(verdict.limit),
        depends_on=tuple(f"{check.status} if {check.reason}" for check in verdict.checks),
    )


def _limit(limit: TransactionLimit) -> JudgedLimitResource:
    return JudgedLimitResource(
        max_cost=_text(limit.max_cost),
        max_energy_wh=_text(limit.max_energy_wh),
        max_time_s=limit.max_time_s,
        max_soc_pct=limit.max_soc_pct,
    )


def _text(amount: Any) -> str | None:
    return None if amount is None else f"{amount:f}"


token_judging_router = Router("/tokens", route_handlers=[judge_token], tags=["Tokens"])
