"""What every bus promises, run over each engine."""

import asyncio
from typing import Any

import pytest

from stationmaster.bus.memory import MemoryBus

CAPACITY = 10


@pytest.fixture(params=[MemoryBus], ids=["memory"])
def bus(request: pytest.FixtureRequest) -> Any:
    return request.param(capacity=CAPACITY)


async def _next(subscription: Any) -> Any:
    async with asyncio.timeout(5):
        return await anext(subscription)


async def _upper(body: bytes) -> bytes:
    return body.upper()


async def test_everyone_who_listens_hears_it_in_order(bus: Any) -> None:
    listeners = [bus.subscribe("station.1.event") for _ in range(3)]
    for number in range(5):
        await bus.publish("station.1.event", b"%d" % number)
    for listener in listeners:
        heard = [await _next(listener) for _ in range(5)]
        assert [message.body for message in heard] == [b"0", b"1", b"2", b"3", b"4"]
        assert {(message.subject, message.lost) for message in heard} == {("station.1.event", 0)}


async def test_one_can_wait_for_what_is_published_later(bus: Any) -> None:
    listener = bus.subscribe("a.b")
    waiting = asyncio.ensure_future(_next(listener))
    await asyncio.sleep(0)
    await bus.publish("a.b", b"x")
    assert (await waiting).body == b"x"


async def test_listening_begins_with_the_subscription_not_with_the_first_look(bus: Any) -> None:
    await bus.publish("a.b", b"before")
    listener = bus.subscribe("a.b")
    await bus.publish("a.b", b"after")
    assert (await _next(listener)).body == b"after"


@pytest.mark.parametrize(
    ("pattern", "heard"),
    [
        ("a.b", ["a.b"]),
        ("a.*", ["a.b", "a.c"]),
        ("*.b", ["a.b"]),
        ("a.>", ["a.b", "a.c", "a.b.c"]),
        ("a.*.c", ["a.b.c"]),
        ("*.*", ["a.b", "a.c"]),
        (">", ["a", "a.b", "a.c", "a.b.c", "end"]),
        ("*", ["a", "end"]),
    ],
)
async def test_wildcards_stand_for_one_word_or_for_the_rest(bus: Any, pattern: str, heard: list[str]) -> None:
    listener = bus.subscribe(pattern)
    end = bus.subscribe("end")
    for subject in ("a", "a.b", "a.c", "a.b.c", "end"):
        await bus.publish(subject, b"")
    await _next(end)
    assert [(await _next(listener)).subject for _ in heard] == heard
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await anext(listener)


@pytest.mark.parametrize("subject", ["", ".", "a.", ".a", "a..b", "a b", "a.*", "a.>", "ä", "a\n", "x" * 256])
async def test_nothing_is_published_on_what_is_no_subject(bus: Any, subject: str) -> None:
    with pytest.raises(ValueError, match="not a subject"):
        await bus.publish(subject, b"")
    with pytest.raises(ValueError, match="not a subject"):
        await bus.request(subject, b"", 1)


@pytest.mark.parametrize("pattern", ["", "a.>.b", "a*", "a.b>", "a..*", "CS/1"])
async def test_nobody_listens_on_what_is_no_pattern(bus: Any, pattern: str) -> None:
    with pytest.raises(ValueError, match="not a subject"):
        bus.subscribe(pattern)
    with pytest.raises(ValueError, match="not a subject"):
        await bus.serve(pattern, _upper)


async def test_a_slow_listener_loses_the_oldest_and_is_told_how_many(bus: Any) -> None:
    slow, quick = bus.subscribe("a"), bus.subscribe("a")
    for number in range(CAPACITY + 3):
        await bus.publish("a", b"%d" % number)
        assert (await _next(quick)).lost == 0
    heard = [await _next(slow) for _ in range(CAPACITY)]
    assert [message.body for message in heard] == [b"%d" % number for number in range(3, CAPACITY + 3)]
    assert [message.lost for message in heard] == [3] + [0] * (CAPACITY - 1)
    assert slow.lost_total == 3


async def test_a_closed_subscription_ends_after_what_it_has_and_gets_no_more(bus: Any) -> None:
    listener = bus.subscribe("a")
    await bus.publish("a", b"1")
    await listener.aclose()
    await bus.publish("a", b"2")
    assert [message.body async for message in listener] == [b"1"]


async def test_closing_a_subscription_wakes_who_waits_for_it(bus: Any) -> None:
    listener = bus.subscribe("a")
    waiting = asyncio.ensure_future(anext(listener, None))
    await asyncio.sleep(0)
    await listener.aclose()
    assert await asyncio.wait_for(waiting, 5) is None


async def test_a_request_is_answered_by_who_serves_it(bus: Any) -> None:
    stop = await bus.serve("station.1.command", _upper)
    assert await bus.request("station.1.command", b"hello", 5) == b"HELLO"
    stop()
    with pytest.raises(LookupError):
        await bus.request("station.1.command", b"hello", 5)


async def test_a_service_may_have_a_wildcard(bus: Any) -> None:
    await bus.serve("station.*.command", _upper)
    assert await bus.request("station.77.command", b"a", 5) == b"A"


async def test_a_request_that_nobody_serves_fails_at_once(bus: Any) -> None:
    bus.subscribe("station.1.command")
    with pytest.raises(LookupError):
        async with asyncio.timeout(1):
            await bus.request("station.1.command", b"", 1000)


async def test_a_request_that_is_answered_too_late_times_out_and_is_still_carried_out(bus: Any) -> None:
    finished = asyncio.Event()
    go = asyncio.Event()

    async def slow(body: bytes) -> bytes:
        await go.wait()
        finished.set()
        return b""

    await bus.serve("a", slow)
    with pytest.raises(TimeoutError):
        await bus.request("a", b"", 0.02)
    go.set()
    await asyncio.wait_for(finished.wait(), 5)


async def test_a_handler_that_fails_fails_the_request_and_serves_on(bus: Any) -> None:
    async def picky(body: bytes) -> bytes:
        if not body:
            raise KeyError("nothing")
        return body

    await bus.serve("a", picky)
    with pytest.raises(RuntimeError):
        await bus.request("a", b"", 5)
    assert await bus.request("a", b"x", 5) == b"x"


async def test_one_of_several_servers_answers_and_stopping_one_leaves_the_other(bus: Any) -> None:
    calls = []

    async def count(body: bytes) -> bytes:
        calls.append(body)
        return b"ok"

    stop = await bus.serve("a", count)
    await bus.serve("a", count)
    await bus.request("a", b"", 5)
    assert len(calls) == 1
    stop()
    assert await bus.request("a", b"", 5) == b"ok"


async def test_a_handler_may_request_in_turn(bus: Any) -> None:
    async def outer(body: bytes) -> bytes:
        return await bus.request("inner", body, 5) + b"!"  # type: ignore[no-any-return]

    await bus.serve("inner", _upper)
    await bus.serve("outer", outer)
    assert await bus.request("outer", b"a", 5) == b"A!"
