"""The price that a driver is told at a station before anything flows, wherever the cable will be plugged in."""

from datetime import datetime
from typing import Protocol

from stationmaster.csms.cost.billing import audience_of
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.tariff_choice import Audience, Choice, Place
from stationmaster.domain.identity import IdToken
from stationmaster.domain.station import StationState


class Book(Protocol):
    """See ``csms.cost.tariff_book.TariffBook``."""

    def place(self, tenant: str, station_key: int, evse_id: int, connector_id: int | None) -> tuple[Place, object]: ...
    def choose(self, tenant: str, place: Place, audience: Audience, at: datetime) -> Choice: ...
    def tariff(self, tenant: str, key: int | None) -> Tariff | None: ...


class Tokens(Protocol):
    async def find_token(self, tenant: str, id_token: IdToken) -> Token | None: ...


class PriceChoice:
    def __init__(self, book: Book, tokens: Tokens) -> None:
        self._book = book
        self._tokens = tokens

    async def __call__(self, state: StationState, id_token: IdToken, at: datetime) -> Tariff | None:
        """The tariff that holds for a token at all EVSEs of the station that are known; None: there is none, or not
        one for all."""
        audience = audience_of(id_token, await self._tokens.find_token(state.tenant, id_token))
        evse_ids = sorted({evse_id for evse_id, _ in state.connectors if evse_id}) or [0]
        chosen = {self._chosen(state, evse_id, audience, at) for evse_id in evse_ids}
        return self._book.tariff(state.tenant, chosen.pop()) if len(chosen) == 1 else None

    def _chosen(self, state: StationState, evse_id: int, audience: Audience, at: datetime) -> int | None:
        place, _ = self._book.place(state.tenant, state.key, evse_id, None)
        return self._book.choose(state.tenant, place, audience, at).tariff_key
