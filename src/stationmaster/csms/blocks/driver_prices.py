"""I01, I08: a driver's price in the answer to Authorize, for stations of 2.x that can do something with it. In words
where the station shows texts; as a tariff where it reckons by itself (2.1)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

import msgspec
import structlog

from stationmaster.csms.blocks import Block
from stationmaster.csms.blocks.cost import reads_prices, text_of
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.decision import Decision, whichever_way
from stationmaster.domain.device_model.variables import SHOWS_COSTS, SHOWS_TARIFFS
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import Authorize, AuthorizeAnswer, Request
from stationmaster.domain.station import StationState

log = structlog.get_logger(__name__)

Chosen = Callable[[StationState, IdToken, datetime], Awaitable[Tariff | None]]


class Billing(Protocol):
    def bills(self, tenant: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class TellsDriver:
    """Around the block that judges tokens."""

    block: Block
    billing: Billing
    chosen: Chosen

    async def __call__(self, state: StationState, request: Authorize, at: datetime) -> Decision:
        found = self.block(state, request, at)
        decision = found if isinstance(found, Decision) else await found
        reads, reckons = reads_prices(state) and state.abilities.carries_costs, reckons_locally(state)
        if not (reads or reckons) or not self.billing.bills(state.tenant) or not _accepts(decision):
            return decision
        try:
            tariff = await self.chosen(state, request.id_token, at)
        except Exception:  # a price that cannot be told keeps nobody from charging
            log.exception("no price could be chosen", station=state.key)
            return decision
        if tariff is None:
            return decision
        return whichever_way(decision, partial(_with_price, tariff, reads, reckons))


def with_driver_prices(
    blocks: Mapping[type[Request], Block], billing: Billing, chosen: Chosen
) -> dict[type[Request], Block]:
    """The blocks, with what a driver is told before anything flows."""
    return {**blocks, Authorize: TellsDriver(blocks[Authorize], billing, chosen)}


def reckons_locally(state: StationState) -> bool:
    """Whether the station says that it reckons with tariffs by itself."""
    enabled = state.learned.get(SHOWS_TARIFFS) == "yes" and state.learned.get(SHOWS_COSTS) != "no"
    return enabled and state.abilities.reckons_costs


def _accepts(decision: Decision) -> bool:
    answer = decision.answer
    return isinstance(answer, AuthorizeAnswer) and answer.id_token_info.status == "Accepted"


def _with_price(tariff: Tariff, reads: bool, reckons: bool, decision: Decision) -> Decision:
    answer = decision.answer
    if not isinstance(answer, AuthorizeAnswer) or answer.id_token_info.status != "Accepted":
        return decision
    if reads and answer.id_token_info.personal_message is None:
        text = text_of(tariff, answer.id_token_info.language)
        info = msgspec.structs.replace(answer.id_token_info, personal_message=text)
        answer = msgspec.structs.replace(answer, id_token_info=info)
    if reckons:
        answer = msgspec.structs.replace(answer, tariff=tariff)
    return msgspec.structs.replace(decision, answer=answer)
