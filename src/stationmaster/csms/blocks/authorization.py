"""C Authorization: what the CSMS says of a token."""

from dataclasses import dataclass
from datetime import datetime

from stationmaster.csms.ports import Tokens
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.authorization import Token, judge
from stationmaster.domain.decision import Decision
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import Authorize, AuthorizeAnswer, IdTokenInfo
from stationmaster.domain.station import StationState


@dataclass(frozen=True, slots=True)
class Judgement:
    """Looks a token up and judges it."""

    tokens: Tokens
    settings: CsmsSettings

    async def __call__(self, tenant: str, id_token: IdToken, at: datetime) -> tuple[IdTokenInfo, Token | None]:
        if id_token.type == "NoAuthorization":  # C02: the operator decides whether charging is free for all
            accepted = self.settings.policy(tenant).accept_no_authorization
            return IdTokenInfo(status="Accepted" if accepted else "Invalid"), None
        token = await self.tokens.find_token(tenant, id_token)
        return judge(token, at), token


@dataclass(frozen=True, slots=True)
class AuthorizeBlock:
    """C01, C09."""

    judgement: Judgement

    async def __call__(self, state: StationState, request: Authorize, at: datetime) -> Decision:
        info, _ = await self.judgement(state.tenant, request.id_token, at)
        return Decision(answer=AuthorizeAnswer(id_token_info=info))
