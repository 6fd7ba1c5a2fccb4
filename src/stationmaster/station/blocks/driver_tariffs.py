"""I08 Tariffs of drivers' own, as the CSMS sends them with its verdict on a token.

They are kept as long as the authorization cache knows the token (I08.FR.05), or until they are sold, where there is
none. One that the station cannot reckon with is told of, and treated as HandleFailedTariff has it.
"""

import msgspec

from stationmaster.domain.cost.local_time import EPOCH
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import AuthorizeAnswer, IdTokenInfo
from stationmaster.station.blocks.authorization_cache import CAPACITY, AuthorizationCache
from stationmaster.station.cost.cost_problem import CostProblem
from stationmaster.station.cost.tariff_terms import objection
from stationmaster.station.ports import Memory
from stationmaster.station.settings import Configuration

_KEY = "driver_tariffs"


class Offer(msgspec.Struct, frozen=True, omit_defaults=True):
    """Without a tariff the CSMS is to do the sums (I08.FR.33)."""

    tariff: Tariff | None = None


class DriverTariffs:
    def __init__(
        self, memory: Memory, cache: AuthorizationCache, configuration: Configuration, problem: CostProblem
    ) -> None:
        self._memory = memory
        self._cache = cache
        self._configuration = configuration
        self._problem = problem
        kept = memory.get(_KEY)
        self._offers: dict[str, Offer] = {} if kept is None else msgspec.json.decode(kept, type=dict[str, Offer])
        self._fresh: set[str] = set()
        """Told since the start, and not sold yet: they count whether or not the cache knows the token."""

    def take(self, id_token: IdToken, answer: AuthorizeAnswer) -> IdTokenInfo:
        """The verdict on the token, as the tariff leaves it."""
        info = answer.id_token_info
        if not self._configuration.now.tariff_enabled or info.status != "Accepted":
            return info
        self._put(id_token, None)
        if answer.tariff is None and answer.tariff_fault is None:
            return info
        tariff = (
            None if answer.tariff is None else msgspec.structs.replace(answer.tariff, valid_from=EPOCH)
        )  # I08.FR.10
        against = None if tariff is None else objection(tariff, self._configuration.now)
        if tariff is not None and against is None:
            self._put(id_token, Offer(tariff))
            self._problem.solved()  # I08.FR.35
            return info
        code, why = ("InvalidValue", answer.tariff_fault or "") if against is None else (against.reason, against.info)
        self._problem.appeared(code, f"tariff of a driver: {why}"[:500])  # I08.FR.30
        return self._despite(id_token, info)

    def of(self, id_token: IdToken) -> Offer | None:
        """What is offered to the driver who charges with a token."""
        known = id_token.key in self._fresh or self._cache.find(id_token) is not None
        return self._offers.get(id_token.key) if known and self._configuration.now.tariff_enabled else None

    def sold(self, id_token: IdToken) -> None:
        """A transaction has taken it over, or never began; it stays only with the cached token (I08.FR.06)."""
        self._fresh.discard(id_token.key)
        if self._cache.find(id_token) is None:
            self._put(id_token, None)

    def prune(self) -> None:
        """The cache knows tokens no more, as the CSMS had it clear them (C11, N10)."""
        kept = {key: offer for key, offer in self._offers.items() if key in self._cache.keys or key in self._fresh}
        if kept != self._offers:
            self._offers = kept
            self._memory.put(_KEY, msgspec.json.encode(kept))

    def _despite(self, id_token: IdToken, info: IdTokenInfo) -> IdTokenInfo:
        """I08.FR.31-.33."""
        handling = self._configuration.now.handle_failed_tariff
        if handling == "Deauthorize":
            return msgspec.structs.replace(info, status="Invalid")
        if handling == "CentralCost":
            self._put(id_token, Offer())
        return info

    def _put(self, id_token: IdToken, offer: Offer | None) -> None:
        before = self._offers.pop(id_token.key, None)
        if offer is None:
            self._fresh.discard(id_token.key)
        else:
            self._offers[id_token.key] = offer
            self._fresh.add(id_token.key)
            while len(self._offers) > CAPACITY:
                oldest = next(iter(self._offers))
                del self._offers[oldest]
                self._fresh.discard(oldest)
        if offer != before:
            self._memory.put(_KEY, msgspec.json.encode(self._offers))
