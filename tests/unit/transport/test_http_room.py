"""How much is served, and how much kept, at once."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from stationmaster.transport.http_messages import Refused
from stationmaster.transport.http_room import Bodies, Places


class Sender:
    """Somebody who sends a body in portions, read by ``bodies``."""

    def __init__(self, bodies: Bodies) -> None:
        self._portions: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.read = asyncio.ensure_future(bodies.read(self._arrive()))

    async def _arrive(self) -> AsyncIterator[bytes]:
        while (portion := await self._portions.get()) is not None:
            yield portion

    async def send(self, *portions: bytes | None) -> None:
        for portion in portions:
            self._portions.put_nowait(portion)
        for _ in range(5):
            await asyncio.sleep(0)

    async def refused(self) -> bool:
        await asyncio.wait((self.read,), timeout=0.5)
        return self.read.done() and isinstance(self.read.exception(), Refused)

    async def stop(self) -> None:
        self.read.cancel()
        await asyncio.gather(self.read, return_exceptions=True)


def test_who_comes_when_all_places_are_taken_is_told_to_come_again() -> None:
    places = Places(2)
    with places.one(), places.one():
        with pytest.raises(Refused) as refused, places.one():
            pass
        assert (refused.value.status, dict(refused.value.headers)) == (503, {b"retry-after": b"5"})
    with places.one(), places.one():
        pass


async def test_a_body_is_put_together_of_what_comes() -> None:
    sender = Sender(Bodies(4))
    await sender.send(b"ab", b"cd", None)
    assert await sender.read == b"abcd"


async def test_where_memory_runs_out_the_oldest_body_gives_way_to_the_newest() -> None:
    bodies = Bodies(10)
    stuck = [Sender(bodies) for _ in range(3)]
    for sender in stuck:
        await sender.send(b"xxx")
    newest = Sender(bodies)
    await newest.send(b"yy", None)
    assert await newest.read == b"yy"
    assert [await sender.refused() for sender in stuck[:1]] == [True]
    assert [sender.read.done() for sender in stuck[1:]] == [False, False]
    for sender in stuck:
        await sender.stop()


async def test_what_gave_way_is_counted_no_more_however_much_it_still_sends() -> None:
    bodies = Bodies(10)
    for _ in range(20):
        first, second = Sender(bodies), Sender(bodies)
        await first.send(b"x" * 6)
        await second.send(b"x" * 6, b"x" * 3)
        await first.send(b"x" * 9)
        assert await first.refused()
        await second.send(b"x", None)
        assert len(await second.read) == 10


async def test_a_body_too_long_for_all_the_memory_is_refused() -> None:
    sender = Sender(Bodies(10))
    await sender.send(b"x" * 11)
    assert await sender.refused()


async def test_what_breaks_off_leaves_its_memory_to_others() -> None:
    bodies = Bodies(10)
    for _ in range(5):
        sender = Sender(bodies)
        await sender.send(b"x" * 9)
        await sender.stop()
    last = Sender(bodies)
    await last.send(b"x" * 10, None)
    assert len(await last.read) == 10


async def test_a_time_limit_of_the_reader_itself_stays_its_own() -> None:
    async def late() -> AsyncIterator[bytes]:
        yield b"x"
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await Bodies().read(late())
