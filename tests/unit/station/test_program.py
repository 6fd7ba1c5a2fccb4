"""The station's program: what is begun while it ends."""

import asyncio

import pytest


async def test_whoever_wants_something_of_a_program_that_ends_just_now_ends_with_it(bench):
    async with bench() as station:
        program, begun = station.program, []

        async def more() -> None:
            begun.append(True)

        station._running.cancel()
        await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            program.spawn(more())
    assert begun == []
