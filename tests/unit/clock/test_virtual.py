"""Time that jumps."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from time import perf_counter

import pytest

from stationmaster.clock.virtual import EPOCH, VirtualClock, run_virtual
from stationmaster.clock.virtual_loop import Deadlock, VirtualTimeLoop

WEEK_S = 7 * 24 * 3600


def test_a_week_of_waiting_takes_no_time() -> None:
    clock = VirtualClock(datetime(2031, 5, 1, tzinfo=UTC))

    async def main() -> tuple[datetime, float]:
        await clock.sleep(WEEK_S)
        return clock.now(), clock.monotonic()

    started = perf_counter()
    assert run_virtual(main()) == (datetime(2031, 5, 8, tzinfo=UTC), WEEK_S)
    assert perf_counter() - started < 1


def test_sleepers_wake_in_the_order_of_their_times() -> None:
    clock = VirtualClock()
    woken: list[tuple[str, timedelta]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.now() - EPOCH))

    async def main() -> None:
        await asyncio.gather(sleeper("c", 30), sleeper("a", 0.5), sleeper("b", 7))

    run_virtual(main())
    assert woken == [
        ("a", timedelta(seconds=0.5)),
        ("b", timedelta(seconds=7)),
        ("c", timedelta(seconds=30)),
    ]


def test_time_stands_still_while_there_is_work() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        loop.call_later(1, lambda: None)
        for _ in range(1000):
            await asyncio.sleep(0)
        return loop.time()

    assert run_virtual(main()) == 0


def test_time_goes_on_where_floats_are_coarse() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(1e9)
        for _ in range(100):
            await asyncio.sleep(1e-9)
            await asyncio.sleep(0.1)
        return loop.time()

    assert run_virtual(main()) == pytest.approx(1e9 + 10)


def test_waiting_for_ever_is_an_error_that_names_who_waits() -> None:
    async def main() -> None:
        asyncio.current_task().set_name("the-forgetful")
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Deadlock, match="the-forgetful"):
        run_virtual(main())


def test_a_deadlock_still_lets_tasks_clean_up() -> None:
    cleaned: list[str] = []

    async def main() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append("main")

    with pytest.raises(Deadlock):
        run_virtual(main())
    assert cleaned == ["main"]


def test_timeouts_of_asyncio_run_on_virtual_time() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await loop.create_future()
        return loop.time()

    assert run_virtual(main()) == 3600


def test_blocking_calls_run_in_place() -> None:
    def fail() -> None:
        raise ValueError("from the thread that is none")

    async def main() -> float:
        assert await asyncio.to_thread(lambda: 42) == 42
        with pytest.raises(ValueError, match="is none"):
            await asyncio.to_thread(fail)
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) == 0


def test_real_io_is_waited_for_where_nothing_else_can_happen() -> None:
    async def main() -> bytes:
        left, right = socket.socketpair()
        with left, right:
            left.setblocking(False)
            right.send(b"x")
            return await asyncio.get_running_loop().sock_recv(left, 1)

    assert run_virtual(main()) == b"x"


def test_a_virtual_clock_outside_its_loop_is_a_mistake() -> None:
    async def main() -> None:
        VirtualClock().now()

    with pytest.raises(RuntimeError, match="VirtualTimeLoop"):
        asyncio.run(main())


def test_a_naive_start_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="aware"):
        VirtualClock(datetime(2030, 1, 1))


def test_a_loop_starts_at_zero() -> None:
    loop = VirtualTimeLoop()
    assert loop.time() == 0
    loop.close()
