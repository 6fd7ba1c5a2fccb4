"""C Authorization: whether a token may charge, asked of the CSMS or decided here (C01, C02, C05, C10, C13, C15)."""

from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import Authorize, AuthorizeAnswer, IdTokenInfo
from stationmaster.station.blocks.authorization_cache import AuthorizationCache
from stationmaster.station.ports import Line, NotTold, Offline
from stationmaster.station.settings import Configuration

ACCEPTED = IdTokenInfo(status="Accepted")
UNKNOWN = IdTokenInfo(status="Unknown")
_NEVER_ASKED = frozenset({"NoAuthorization", "Central"})  # C02, C05.FR.01


class Authorization:
    def __init__(self, line: Line, cache: AuthorizationCache, configuration: Configuration) -> None:
        self._line = line
        self.cache = cache
        self._configuration = configuration

    async def authorize(self, id_token: IdToken) -> IdTokenInfo:
        """The verdict on a token; whatever goes wrong on the way counts as being offline or as Unknown."""
        settings = self._configuration.now
        if not settings.auth_enabled or id_token.type in _NEVER_ASKED:
            return ACCEPTED
        known = self.cache.get(id_token)
        final = known is not None and (known.status == "Accepted" or settings.auth_cache_disable_post_authorize)
        if known is not None and final and settings.local_pre_authorize:  # C10.FR.03, C12.FR.05
            return known
        if not self._line.online:
            return self._offline(known)
        if settings.disable_remote_authorization:  # C01.FR.05
            return known if known is not None and known.status == "Accepted" else UNKNOWN
        try:
            answer = await self._line.perform(Authorize(id_token=id_token))
        except Offline:
            return self._offline(known)
        except NotTold:
            return UNKNOWN
        assert isinstance(answer, AuthorizeAnswer)
        self.cache.put(id_token, answer.id_token_info)
        return answer.id_token_info

    def _offline(self, known: IdTokenInfo | None) -> IdTokenInfo:
        """C13, C15: what is known counts; what is not may be let in, if so configured."""
        settings = self._configuration.now
        if known is not None:
            # 1.6 §3.5.4: known and not accepted is refused even where unknown tokens are let in.
            return known if known.status != "Accepted" or settings.local_authorize_offline else UNKNOWN
        return ACCEPTED if settings.offline_tx_for_unknown_id_enabled else UNKNOWN  # C15.FR.08
