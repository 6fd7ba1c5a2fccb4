"""What becomes of the tariffs that come with the verdict on a token (I08)."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from stationmaster.domain.cost.tariff import Component, Price, Tariff
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import AuthorizeAnswer, EventData, IdTokenInfo
from stationmaster.station.blocks.authorization_cache import AuthorizationCache
from stationmaster.station.blocks.driver_tariffs import DriverTariffs, Offer
from stationmaster.station.cost.cost_problem import CostProblem
from stationmaster.station.settings import Configuration, Settings
from stationmaster.storage.station_memory import RamMemory

CARD = IdToken("04A1B2C3", "ISO14443")
ACCEPTED = IdTokenInfo(status="Accepted")
T0 = datetime(2026, 5, 1, tzinfo=UTC)
TARIFF = Tariff(
    key=0,
    tenant="",
    name="mine",
    version=1,
    valid_from=T0,
    currency="EUR",
    energy=Component((Price(Decimal("0.2")),)),
)


class Standing:
    """A clock."""

    def now(self) -> datetime:
        return T0

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError


class Events:
    def __init__(self) -> None:
        self.told: list[EventData] = []

    def next_id(self) -> int:
        return len(self.told) + 1

    def add(self, event: EventData) -> None:
        self.told.append(event)


class World:
    def __init__(self, memory: RamMemory, **settings: object) -> None:
        self.clock, self.events, self.memory = Standing(), Events(), memory
        chosen = msgspec.structs.replace(Settings(), **settings)
        self.configuration = Configuration(memory, chosen)
        self.cache = AuthorizationCache(memory, self.clock, self.configuration)
        self.problem = CostProblem(memory, self.clock, lambda: self.events)
        self.drivers = DriverTariffs(memory, self.cache, self.configuration, self.problem)

    def take(self, tariff: Tariff | None, fault: str | None = None, info: IdTokenInfo = ACCEPTED) -> IdTokenInfo:
        self.cache.put(CARD, info)
        return self.drivers.take(CARD, AuthorizeAnswer(id_token_info=info, tariff=tariff, tariff_fault=fault))


def offered(world: World) -> str | None:
    offer = world.drivers.of(CARD)
    return None if offer is None or offer.tariff is None else offer.tariff.name


def test_it_is_offered_as_long_as_the_cached_token_counts_also_after_a_restart() -> None:
    memory = RamMemory()
    world = World(memory)
    assert world.take(TARIFF) == ACCEPTED
    world.drivers.sold(CARD)
    assert offered(world) == "mine"
    again = World(memory)
    assert offered(again) == "mine"
    again.cache.clear()
    assert offered(again) is None


def test_nothing_is_left_of_a_token_that_is_cleared_from_the_cache() -> None:
    world = World(RamMemory())
    world.cache.on_gone = world.drivers.prune
    world.take(TARIFF)
    world.drivers.sold(CARD)
    world.cache.forget(CARD)
    assert world.memory.get("driver_tariffs") == b"{}"


def test_without_a_cache_it_is_offered_until_it_is_sold() -> None:
    world = World(RamMemory(), auth_cache_enabled=False)
    world.take(TARIFF)
    assert offered(world) == "mine"
    world.drivers.sold(CARD)
    assert offered(world) is None


def test_a_verdict_without_a_tariff_takes_the_one_before_away() -> None:
    world = World(RamMemory())
    world.take(TARIFF)
    world.take(None)
    assert offered(world) is None


def test_one_that_comes_with_a_refusal_is_not_looked_at() -> None:
    world = World(RamMemory())
    blocked = IdTokenInfo(status="Blocked")
    assert world.take(TARIFF, info=blocked) == blocked
    assert offered(world) is None


def test_a_token_whose_tariff_is_taken_away_counts_no_longer_as_told_of() -> None:
    world = World(RamMemory(), auth_cache_enabled=False)
    world.take(TARIFF)
    world.take(None)
    assert world.drivers._fresh == set()


def test_what_is_told_and_never_sold_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stationmaster.station.blocks.driver_tariffs.CAPACITY", 3)
    world = World(RamMemory(), auth_cache_enabled=False)
    tokens = [IdToken(f"T{number}", "ISO14443") for number in range(9)]
    for token in tokens:
        world.drivers.take(token, AuthorizeAnswer(id_token_info=ACCEPTED, tariff=TARIFF))
    assert [token.value for token in tokens if world.drivers.of(token) is not None] == ["T6", "T7", "T8"]
    assert len(world.drivers._fresh) == 3


def test_where_tariffs_are_switched_off_none_is_kept() -> None:
    world = World(RamMemory(), tariff_enabled=False)
    assert world.take(TARIFF) == ACCEPTED
    assert world.memory.get("driver_tariffs") is None


@pytest.mark.parametrize(
    ("handling", "status", "offer"),
    [
        ("Deauthorize", "Invalid", None),
        ("UseDefaultTariff", "Accepted", None),
        ("CentralCost", "Accepted", Offer()),
    ],
)
@pytest.mark.parametrize("bad", [(msgspec.structs.replace(TARIFF, currency="x"), None), (None, "tariff: priceKwh")])
def test_one_that_cannot_be_used_is_told_of_and_handled_as_is_wanted(
    handling: str, status: str, offer: Offer | None, bad: tuple[Tariff | None, str | None]
) -> None:
    world = World(RamMemory(), handle_failed_tariff=handling)
    assert world.take(*bad).status == status
    assert world.drivers.of(CARD) == offer
    (event,) = world.events.told
    assert (event.component, event.variable, event.actual_value) == ("TariffCostCtrlr", "Problem", "true")
    assert event.tech_code == "InvalidValue"


def test_a_problem_is_told_once_and_that_it_is_solved_too() -> None:
    world = World(RamMemory())
    for fault in ("a", "b"):
        world.take(None, fault)
    for _ in range(2):
        world.take(TARIFF)
    assert [event.actual_value for event in world.events.told] == ["true", "false"]
    assert not world.problem.is_there


def test_a_problem_outlives_a_restart() -> None:
    memory = RamMemory()
    World(memory).take(None, "a")
    assert World(memory).problem.is_there
