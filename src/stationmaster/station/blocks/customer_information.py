"""N09, N10 Customer information: what this station knows of a person, told and erased.

It knows tokens: what the CSMS said of them last (the authorization cache), and who was charging. Transactions that the
CSMS has not been told of yet are not erased, as they are its evidence; neither is what a running one needs.
"""

from collections.abc import Iterator, Sequence

import structlog

from stationmaster.domain.diagnostics.customer_information import (
    CustomerInformation,
    NotifyCustomerInformation,
    parts_of,
)
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import Answer, CommandAnswer
from stationmaster.station.blocks.authorization_cache import AuthorizationCache
from stationmaster.station.blocks.known_tokens import KnownTokens
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.ports import Clock, Line, NotTold, Spawn

log = structlog.get_logger(__name__)

CLEARED = "cleared"
_SOURCES = {"list": "local authorization list", "cache": "authorization cache"}


class CustomerData:
    def __init__(
        self,
        known: KnownTokens,
        cache: AuthorizationCache,
        transactions: Transactions,
        line: Line,
        clock: Clock,
        spawn: Spawn,
    ) -> None:
        self._tokens = known
        self._cache = cache
        self._transactions = transactions
        self._line = line
        self._clock = clock
        self._spawn = spawn

    async def ask(self, request: CustomerInformation) -> Answer:
        """N09.FR.02, .07, .09; N10.FR.01, .07."""
        if request.named != 1:
            return CommandAnswer(status="Invalid")
        if not (request.report or request.clear):
            return CommandAnswer(status="Rejected", reason="NoData", info="neither report nor clear")
        known = "\n".join(self._known(request.id_token)) if request.id_token is not None else ""
        if request.clear and request.id_token is not None:
            self._cache.forget(request.id_token)
        # N09.FR.06, N10.FR.03, .04, .06
        self._spawn(self._tell(request.request_id, parts_of(known if request.report else CLEARED)))
        return CommandAnswer(status="Accepted")

    def _known(self, id_token: IdToken) -> Iterator[str]:
        known = self._tokens.get(id_token)
        if known is not None:
            info = known.info
            until = "" if info.cache_expiry is None else f", until {info.cache_expiry.isoformat()}"
            yield f"{_SOURCES[known.source]}: {info.status}{until}"
        for evse_id in self._transactions.evse_ids:
            state = self._transactions.state(evse_id)
            if state.grant is not None and state.grant.id_token.key == id_token.key:
                name = state.transaction.id if state.transaction is not None else "none yet"
                yield f"EVSE {evse_id}: authorized, transaction {name}"

    async def _tell(self, request_id: int, parts: Sequence[str]) -> None:
        """N09.FR.05. A part that is not taken ends it: the CSMS can ask again."""
        generated_at = self._clock.now()
        for number, part in enumerate(parts):
            told = NotifyCustomerInformation(
                request_id=request_id,
                seq_no=number,
                data=part,
                generated_at=generated_at,
                to_be_continued=number < len(parts) - 1,
            )
            try:
                await self._line.perform(told, triggered=True)
            except NotTold as failure:
                log.warning("customer information not taken", failure=str(failure))
                return
