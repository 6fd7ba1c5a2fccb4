"""What is said in passing: after the answer, the newest of its kind, and never at the price of a message."""

import asyncio
from typing import Any, cast

from stationmaster.csms.background import Background
from stationmaster.csms.cost.notices import Notices
from stationmaster.domain.messages import Request, RequestStopTransaction
from stationmaster.domain.station import StationState
from stationmaster.session.failures import CallTimedOut
from stationmaster.session.lane import Lane


def numbered(number: int) -> RequestStopTransaction:
    """One of several requests that can be told apart."""
    return RequestStopTransaction(transaction_id=str(number))


class FakeSession:
    def __init__(self) -> None:
        self.said: list[int] = []
        self.go_on = asyncio.Event()
        self.fails = False

    async def perform(self, request: RequestStopTransaction, *, priority: int) -> None:
        assert priority < 0
        self.said.append(int(request.transaction_id))
        await self.go_on.wait()
        if self.fails:
            raise CallTimedOut("no answer")


class FakeDesk:
    def __init__(self) -> None:
        self.key = 1
        self.lane = Lane()
        self.state = cast("StationState", "the state")
        self.session: Any = FakeSession()


def notices(desk: FakeDesk) -> Notices:
    made = Notices(Background())
    made.directory = cast("Any", {desk.key: desk})
    return made


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_it_is_made_once_the_message_under_way_has_left_the_lane() -> None:
    desk, order = FakeDesk(), []
    said = notices(desk)

    async def make(state: StationState) -> Request:
        order.append(state)
        return numbered(1)

    desk.lane.enter(lambda: said.after_answer(1, "cost", make))  # a message is being handled
    await settle()
    assert order == []
    desk.lane.leave()
    await settle()
    assert (order, desk.session.said) == (["the state"], [1])


async def test_of_those_that_wait_only_the_newest_is_said() -> None:
    desk = FakeDesk()
    said = notices(desk)
    for number in (1, 2, 3):
        said.tell(cast("Any", desk), "cost", numbered(number))
        await settle()
    desk.session.go_on.set()
    await settle()
    assert desk.session.said == [1, 3]


async def test_other_slots_do_not_wait_for_each_other() -> None:
    desk = FakeDesk()
    said = notices(desk)
    for slot, number in (("cost 1", 1), ("cost 2", 2)):
        said.tell(cast("Any", desk), slot, numbered(number))
    await settle()
    assert desk.session.said == [1, 2]


async def test_a_failure_is_not_repeated_and_the_next_one_is_said() -> None:
    desk = FakeDesk()
    desk.session.fails = True
    desk.session.go_on.set()
    said = notices(desk)
    for number in (1, 2):
        said.tell(cast("Any", desk), "cost", numbered(number))
        await settle()
    assert desk.session.said == [1, 2]


async def test_to_a_station_that_is_away_or_unknown_nothing_is_said() -> None:
    desk = FakeDesk()
    said = notices(desk)
    desk.session = None
    said.tell(cast("Any", desk), "cost", numbered(1))

    async def make(state: StationState) -> Request | None:
        raise AssertionError("nobody is there")

    said.after_answer(99, "cost", make)
    await settle()


async def test_what_cannot_be_made_stops_neither_the_lane_nor_the_next_one() -> None:
    desk = FakeDesk()
    said = notices(desk)

    async def broken(state: StationState) -> Request | None:
        raise ArithmeticError("a bug")

    async def nothing(state: StationState) -> Request | None:
        return None

    async def heartbeat(state: StationState) -> Request | None:
        return numbered(4)

    for make in (broken, nothing, heartbeat):
        said.after_answer(1, "cost", make)
    await settle()
    await settle()
    assert desk.lane.idle
    assert desk.session.said == [4]
