"""The network in memory, in virtual time: refused, slow and cut."""

import asyncio

import pytest

from stationmaster.clock.virtual import VirtualClock, run_virtual
from stationmaster.transport.callback_address import Reach
from stationmaster.transport.errors import NoReply, Unreached
from stationmaster.transport.memory_http import MemoryHttp
from stationmaster.transport.soap_server import SoapReply, SoapRequest, SoapRoute

CLOCK = VirtualClock()
HEADERS = {"Content-Type": "application/soap+xml"}


class Place:
    """A network with one server in it, which takes ``takes_s`` to answer."""

    def __init__(self, takes_s: float = 0.0) -> None:
        self.network = MemoryHttp()
        self.heard: list[tuple[float, bytes]] = []
        self.takes_s = takes_s
        self.server = self.network.serve("cs1.test:8080", SoapRoute(self.answer))

    async def answer(self, request: SoapRequest) -> SoapReply:
        self.heard.append((CLOCK.monotonic(), request.body))
        await CLOCK.sleep(self.takes_s)
        return SoapReply(status=200, body=request.body)

    async def post(self, body: bytes = b"<x/>", timeout_s: float = 30.0) -> bytes:
        line = await self.network.client().connect("http://cs1.test:8080/soap")
        return (await line.post(HEADERS, body, timeout_s)).body


def test_a_slow_way_takes_its_time_there_and_back() -> None:
    async def main() -> float:
        place = Place(takes_s=1)
        place.network.delay("cs1.test:8080", there_s=10, back_s=5)
        assert await place.post() == b"<x/>"
        assert place.heard == [(10, b"<x/>")]
        return CLOCK.monotonic()

    assert run_virtual(main()) == pytest.approx(16)


def test_who_does_not_wait_long_enough_gets_no_reply_although_it_is_heard() -> None:
    async def main() -> float:
        place = Place()
        place.network.delay("cs1.test:8080", there_s=20, back_s=20)
        with pytest.raises(NoReply):
            await place.post(timeout_s=30)
        assert len(place.heard) == 1
        with pytest.raises(NoReply):
            await place.post(timeout_s=10)
        await CLOCK.sleep(60)
        assert len(place.heard) == 2
        return CLOCK.monotonic()

    assert run_virtual(main()) == pytest.approx(100)


def test_a_refused_server_is_not_reached_until_it_is_restored() -> None:
    async def main() -> float:
        place = Place()
        line = await place.network.client().connect("http://cs1.test:8080/soap")
        place.network.refuse("cs1.test:8080")
        with pytest.raises(Unreached):
            await place.post()
        with pytest.raises(Unreached):  # reached before, and away when it is to be sent
            await line.post(HEADERS, b"<x/>", 5)
        assert place.heard == []
        place.network.restore("cs1.test:8080")
        assert await place.post() == b"<x/>"
        return 0

    run_virtual(main())


def test_a_cut_loses_the_request_on_its_way_and_the_answer_of_one_that_has_arrived() -> None:
    async def main() -> float:
        place = Place(takes_s=5)
        place.network.delay("cs1.test:8080", there_s=2)
        arrived = asyncio.ensure_future(place.post(b"<arrived/>"))
        await CLOCK.sleep(3)
        on_its_way = asyncio.ensure_future(place.post(b"<on-its-way/>"))
        await CLOCK.sleep(1)
        place.network.cut("cs1.test:8080")
        for each in (arrived, on_its_way):
            with pytest.raises(NoReply):
                await each
        at = CLOCK.monotonic()
        await CLOCK.sleep(60)
        assert place.heard == [(2, b"<arrived/>")]
        assert await place.post() == b"<x/>"
        return at

    assert run_virtual(main()) == pytest.approx(4)


def test_a_cut_where_nothing_is_changes_nothing() -> None:
    async def main() -> float:
        place = Place()
        place.network.cut("cs1.test:8080")
        place.network.cut("nobody.test")
        assert await place.post() == b"<x/>"
        place.network.cut("cs1.test:8080")
        return 0

    run_virtual(main())


def test_what_is_said_of_a_way_before_anybody_listens_holds_then() -> None:
    async def main() -> float:
        place = Place()
        place.network.delay("cs2.test", there_s=7)
        place.network.serve("cs2.test:80", SoapRoute(place.answer))
        line = await place.network.client().connect("http://CS2.test/soap")
        await line.post(HEADERS, b"<x/>", 30)
        return CLOCK.monotonic()

    assert run_virtual(main()) == pytest.approx(7)


def test_a_server_that_starts_again_takes_the_place_of_the_old_one() -> None:
    async def main() -> float:
        place, other = Place(), Place()
        await place.server.close()
        with pytest.raises(Unreached):
            await place.post()
        place.network.serve("cs1.test:8080", SoapRoute(other.answer))
        await place.post()
        assert (len(place.heard), len(other.heard)) == (0, 1)
        return 0

    run_virtual(main())


def test_closing_waits_for_what_is_under_way_but_not_for_ever() -> None:
    async def main() -> float:
        place = Place(takes_s=3600)
        asked = asyncio.ensure_future(place.post(timeout_s=7200))
        await CLOCK.sleep(1)
        await place.server.close()
        with pytest.raises(NoReply):
            await asked
        return CLOCK.monotonic()

    assert run_virtual(main()) == pytest.approx(6)


def test_addresses_are_judged_by_their_text_as_on_sockets() -> None:
    async def main() -> float:
        network = MemoryHttp()
        place = Place()
        network.serve("127.0.0.1:8080", SoapRoute(place.answer))
        with pytest.raises(Unreached):
            await network.client(reach=Reach()).connect("http://127.0.0.1:8080/soap")
        await network.client("192.0.2.1").connect("http://127.0.0.1:8080/soap")
        return 0

    run_virtual(main())


def test_who_is_cancelled_does_not_stop_the_other_side() -> None:
    async def main() -> float:
        place = Place(takes_s=5)
        asked = asyncio.ensure_future(place.post())
        await CLOCK.sleep(1)
        asked.cancel()
        await CLOCK.sleep(10)
        assert (asked.cancelled(), len(place.heard)) == (True, 1)
        return 0

    run_virtual(main())
