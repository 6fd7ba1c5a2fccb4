"""The drivers of a simulated week: each comes now and then, to any station, and charges in the way of their card."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from math import log
from random import Random

from week_cards import Card
from week_street import HOUR, Post

from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import RequestStartTransaction, RequestStopTransaction, UnlockConnector
from stationmaster.domain.reservation.reservations import CancelReservation, ReserveNow
from stationmaster.domain.transactions.limits import TransactionLimit
from stationmaster.simulator.catalogue import EV_MODELS
from stationmaster.simulator.ev import EV
from stationmaster.station.display import OUT_OF_ORDER, RESERVED
from stationmaster.testing import CsmsBench

GAP_S, STAY_S = 10 * HOUR, 2.5 * HOUR
"""The mean time between a driver's visits, and the median of how long they stay."""
LOOK_EVERY_S = 300.0
RESERVED_S = 1200.0
LIMITS = (
    TransactionLimit(max_energy_wh=Decimal(6000)),
    TransactionLimit(max_time_s=2400),
    TransactionLimit(max_soc_pct=70),
    TransactionLimit(max_cost=Decimal("3.50")),
)


class Phone:
    """The operator's app."""

    def __init__(self, bench: CsmsBench) -> None:
        self._bench = bench

    async def start(self, post: Post, place: Evse, token: IdToken, limit: TransactionLimit | None) -> None:
        await post.view.ask(RequestStartTransaction(id_token=token, remote_start_id=0, evse=place, limit=limit))

    async def stop(self, post: Post, evse_id: int) -> None:
        desk = self._bench.csms.directory.get(post.view.key)
        assert desk is not None
        for transaction in desk.state.open.values():
            if post.evse_of(transaction.evse) == evse_id:
                await post.view.ask(RequestStopTransaction(transaction_id=transaction.wire_id))
                return

    async def unlock(self, post: Post, place: Evse) -> None:
        await post.view.ask(UnlockConnector(evse=Evse(place.id, 1)))

    async def reserve(self, post: Post, place: Evse, token: IdToken, number: int) -> None:
        until = self._bench.clock.now() + timedelta(seconds=2 * RESERVED_S)
        await post.view.ask(ReserveNow(id_token=token, expires_at=until, evse=place, reservation_id=number))

    async def cancel(self, post: Post, number: int) -> None:
        await post.view.ask(CancelReservation(reservation_id=number))


class Driver:
    """Of one card. ``counts``: see ``drivers``."""

    def __init__(
        self, bench: CsmsBench, posts: list[Post], card: Card, random: Random, counts: Mapping[str, Counter[str]]
    ) -> None:
        self._clock = bench.clock
        self._phone = Phone(bench)
        self._posts = [post for post in posts if post.is_free is (card.how == "free")]
        self._card = card
        self._random = random
        self._counts = counts

    async def live(self, until_s: float) -> None:
        """Come and go; nobody comes after that."""
        while self._posts:
            gap_s = self._random.expovariate(1 / GAP_S)
            if self._clock.monotonic() + gap_s >= until_s:
                return
            await self._clock.sleep(gap_s)
            await self._come(self._random.choice(self._posts))

    async def _come(self, post: Post) -> None:
        if self._card.how == "nothing but stops":
            post.hardware.present(self._card.id_token, self._random.choice(post.evse_ids))
            return
        model = self._random.choice(EV_MODELS)
        place = post.place_for(model, self._random)
        if place is None:
            return
        evse_id, connector_id = place
        number = await self._reserve(post, post.wire_place(*place)) if self._random.random() < 0.15 else None
        shown = post.hardware.display(evse_id)
        is_for_others = number is None and shown.startswith((RESERVED, OUT_OF_ORDER))
        if is_for_others and self._random.random() < 0.7:
            return
        if evse_id in post.taken or post.hardware.plugged(evse_id) is not None:
            return
        post.taken.add(evse_id)
        try:
            await self._visit(post, evse_id, connector_id, EV(model, self._random.uniform(0.05, 0.6)))
        finally:
            post.taken.discard(evse_id)

    async def _reserve(self, post: Post, place: Evse) -> int:
        number = self._random.randrange(1, 2**31)
        await self._phone.reserve(post, place, self._card.id_token, number)
        await self._clock.sleep(self._random.uniform(0, 1.5 * RESERVED_S))
        if self._random.random() < 0.2:
            await self._phone.cancel(post, number)
        return number

    async def _visit(self, post: Post, evse_id: int, connector_id: int, car: EV) -> None:
        kind, before_wh = self._card.kind, car.battery.energy_wh
        self._counts["visits"][kind] += 1
        acts: list[Callable[[], Awaitable[None]]] = [
            lambda: self._plug(post, evse_id, connector_id, car),
            lambda: self._ask_for_energy(post, evse_id, connector_id),
        ]
        for act in acts if self._random.random() < 0.6 else reversed(acts):
            await act()
            await self._clock.sleep(self._random.lognormvariate(log(15), 0.8))
        await self._wait(post, evse_id, car)
        await self._leave(post, evse_id)
        self._counts["charged"][kind] += car.battery.energy_wh > before_wh

    async def _plug(self, post: Post, evse_id: int, connector_id: int, car: EV) -> None:
        if post.hardware.plugged(evse_id) is None:
            post.hardware.plug(evse_id, car, connector_id)

    async def _ask_for_energy(self, post: Post, evse_id: int, connector_id: int) -> None:
        token = self._card.id_token
        limit = self._random.choice(LIMITS) if self._random.random() < 0.3 else None
        if self._card.how == "app":
            await self._phone.start(post, post.wire_place(evse_id, connector_id), token, limit)
        elif self._card.how == "card":
            post.hardware.present(token, evse_id)
        if limit is not None and self._card.how == "card":
            await self._clock.sleep(20)
            post.hardware.ask_limit(evse_id, limit)

    async def _wait(self, post: Post, evse_id: int, car: EV) -> None:
        """Until they have to go; a card is shown again where nothing has happened for a while."""
        leaves = self._clock.monotonic() + min(self._random.lognormvariate(log(STAY_S), 0.9), 10 * HOUR)
        full_is_enough = self._random.random() < 0.5
        while (left_s := leaves - self._clock.monotonic()) > 0:
            await self._clock.sleep(min(left_s, LOOK_EVERY_S))
            if full_is_enough and not car.wants_energy:
                return
            if self._card.how == "card" and not post.hardware.energized(evse_id) and self._random.random() < 0.3:
                post.hardware.present(self._card.id_token, evse_id)

    async def _leave(self, post: Post, evse_id: int) -> None:
        stop = self._random.choice((self._stop_by_card, self._stop_by_app, self._stop_otherwise, None))
        if stop is not None:
            await stop(post, evse_id)
            await self._clock.sleep(self._random.uniform(1, 60))
        hardware = post.hardware
        if hardware.plugged(evse_id) is not None:
            hardware.unplug(evse_id)
        if hardware.locked(evse_id):
            hardware.present(self._card.id_token, evse_id)  # nobody leaves without the cable
        hardware.leave(evse_id)

    async def _stop_by_card(self, post: Post, evse_id: int) -> None:
        cards = [card for card in (self._card.id_token, self._card.colleague) if card is not None]
        post.hardware.present(self._random.choice(cards), evse_id)

    async def _stop_by_app(self, post: Post, evse_id: int) -> None:
        await self._phone.stop(post, evse_id)

    async def _stop_otherwise(self, post: Post, evse_id: int) -> None:
        how = self._random.randrange(3)
        if how == 0:
            post.hardware.press_stop(evse_id)
        elif how == 1:
            post.hardware.stop_by_car(evse_id)
        else:
            await self._phone.unlock(post, post.wire_place(evse_id))


def drivers(
    bench: CsmsBench, posts: list[Post], cards: list[Card], seed: int
) -> tuple[list[Driver], dict[str, Counter[str]]]:
    """One for each card; by kind of card, how often one came (``visits``) and how often a car was ``charged``."""
    counts: dict[str, Counter[str]] = {"visits": Counter(), "charged": Counter()}
    made = [Driver(bench, posts, card, Random(f"driver:{seed}:{number}"), counts) for number, card in enumerate(cards)]
    return made, counts


async def all_of(drivers: list[Driver], until_s: float) -> None:
    """Until the last has left."""
    async with asyncio.TaskGroup() as group:
        for driver in drivers:
            group.create_task(driver.live(until_s))
