"""C Authorization: whether a token may charge, asked of the CSMS or decided here (C01, C02, C05, C10, C13-C15)."""

from collections.abc import Callable

from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import Authorize, AuthorizeAnswer, IdTokenInfo
from stationmaster.station.blocks.authorization_cache import AuthorizationCache
from stationmaster.station.blocks.known_tokens import Known, KnownTokens
from stationmaster.station.ports import Line, NotTold, Offline
from stationmaster.station.settings import Configuration

ACCEPTED = IdTokenInfo(status="Accepted")
UNKNOWN = IdTokenInfo(status="Unknown")
_NEVER_ASKED = frozenset({"NoAuthorization", "Central"})  # C02, C05.FR.01


class Authorization:
    def __init__(self, line: Line, known: KnownTokens, cache: AuthorizationCache, configuration: Configuration) -> None:
        self._line = line
        self._known = known
        self._cache = cache
        self._configuration = configuration
        self.taken: Callable[[IdToken, AuthorizeAnswer], IdTokenInfo] = lambda _, answer: answer.id_token_info
        """What the station makes of an answer of the CSMS's: one whose tariff it cannot use may not do (I08.FR.31)."""

    async def authorize(self, id_token: IdToken) -> IdTokenInfo:
        """The verdict on a token; whatever goes wrong on the way counts as being offline or as Unknown."""
        settings = self._configuration.now
        if not settings.auth_enabled or id_token.type in _NEVER_ASKED:
            return ACCEPTED
        known = self._known.get(id_token)
        if known is not None and self._is_final(known):
            return self._relied_upon(id_token, known)
        if not self._line.online:
            return self._offline(id_token, known)
        if settings.disable_remote_authorization:  # C01.FR.05
            return self._relied_upon(id_token, known) if known is not None and known.accepted else UNKNOWN
        try:
            answer = await self._line.perform(Authorize(id_token=id_token))
        except Offline:
            return self._offline(id_token, known)
        except NotTold:
            return UNKNOWN
        assert isinstance(answer, AuthorizeAnswer)
        self._cache.put(id_token, answer.id_token_info)
        return self.taken(id_token, answer)

    def _is_final(self, known: Known) -> bool:
        """Whether the CSMS need not be asked, though it could be: C10.FR.03, C12.FR.05, C14.FR.01-.03."""
        settings = self._configuration.now
        if known.accepted:
            return settings.local_pre_authorize
        if known.expired:
            return False
        if known.source == "list":
            return settings.local_list_disable_post_authorize
        return settings.auth_cache_disable_post_authorize and settings.local_pre_authorize

    def _relied_upon(self, id_token: IdToken, known: Known) -> IdTokenInfo:
        if known.accepted:
            self._known.used(id_token)
        return known.verdict

    def _offline(self, id_token: IdToken, known: Known | None) -> IdTokenInfo:
        """C13, C15: what is known counts; what is not may be let in, if so configured."""
        settings = self._configuration.now
        if known is not None:
            # 1.6 §3.5.4: known and not accepted is refused even where unknown tokens are let in.
            allowed = not known.accepted or settings.local_authorize_offline
            return self._relied_upon(id_token, known) if allowed else UNKNOWN
        return ACCEPTED if settings.offline_tx_for_unknown_id_enabled else UNKNOWN  # C15.FR.08
