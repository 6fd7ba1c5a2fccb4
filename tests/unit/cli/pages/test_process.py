"""The process of the pages as the node sees it: started, kept up, ended."""

import asyncio
import sys
from contextlib import asynccontextmanager

import pytest
import structlog

from stationmaster.bus.memory import MemoryBus
from stationmaster.cli.pages import process as processes
from stationmaster.cli.pages.line import Setup
from stationmaster.cli.pages.process import PagesDown, PagesProcess
from stationmaster.clock.wall import WallClock

SETUP = Setup(
    listeners=(), api="/nowhere.sock", log_level="error", log_format="json", log_id_tokens="mask", pages_priority="low"
)
UP = """
import socket, sys, time
line = socket.socket(fileno=int(sys.argv[1])).makefile("rw")
assert '"Setup"' in line.readline()
print('{"type":"Up"}', file=line, flush=True)
"""
UNTIL_THE_LINE_ENDS = (
    UP
    + """
print('{"type":"Subject","kind":"AlarmChanged"}', file=line, flush=True)
line.read()
"""
)
WITHOUT_END = UP + "time.sleep(60)"


@asynccontextmanager
async def pages(script: str, bus: MemoryBus | None = None):
    made = PagesProcess(SETUP, bus or MemoryBus(), WallClock(), (sys.executable, "-S", "-c", script))
    try:
        yield made
    finally:
        await made.close()


async def until(holds) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


async def test_it_is_up_when_it_says_so_and_is_told_what_it_wants_to_hear_of():
    bus = MemoryBus()
    async with pages(UNTIL_THE_LINE_ENDS, bus) as process:
        await process.start()
        await until(lambda: bus.is_heard("events.AlarmChanged.1"))
    assert not bus.is_heard("events.AlarmChanged.1")


async def test_one_that_ends_before_it_was_up_is_said_to_be_down():
    async with pages("raise SystemExit(3)") as process:
        with pytest.raises(PagesDown, match="status 3"):
            await process.start()


async def test_one_that_never_comes_up_is_said_to_be_down(monkeypatch):
    monkeypatch.setattr(processes, "START_TIMEOUT_S", 0.2)
    monkeypatch.setattr(processes, "STOP_TIMEOUT_S", 0.1)
    async with pages("import time; time.sleep(60)") as process:
        with pytest.raises(PagesDown, match=r"did not come up within 0\.2 s; to do without them: --no-pages"):
            await process.start()


async def test_one_that_ends_by_itself_is_told_of_and_started_again(monkeypatch):
    monkeypatch.setattr(processes, "PAUSES_S", (0.01, 0.02))
    with structlog.testing.capture_logs() as logged:
        async with pages(UP + "raise SystemExit(9)") as process:
            await process.start()
            await until(lambda: len(logged) >= 3)
    assert [(line["status"], line["pause_s"]) for line in logged[:3]] == [(9, 0.01), (9, 0.02), (9, 0.02)]


async def test_one_that_does_not_end_when_asked_is_ended(monkeypatch):
    monkeypatch.setattr(processes, "STOP_TIMEOUT_S", 0.1)
    with structlog.testing.capture_logs() as logged:
        async with pages(WITHOUT_END) as process:
            await process.start()
    assert [line["event"] for line in logged] == ["pages did not end by themselves"]


async def test_it_can_be_closed_before_it_was_started():
    async with pages(UP):
        pass


async def test_it_is_not_waited_for_while_it_is_to_be_started_again(monkeypatch):
    monkeypatch.setattr(processes, "PAUSES_S", (60.0,))
    with structlog.testing.capture_logs() as logged:
        async with pages(UP + "raise SystemExit(9)") as process:
            await process.start()
            await until(lambda: logged)
            async with asyncio.timeout(10):
                await process.close()


async def test_one_that_cannot_even_be_started_is_tried_again(monkeypatch):
    monkeypatch.setattr(processes, "PAUSES_S", (0.01,))
    with structlog.testing.capture_logs() as logged:
        async with pages(UP + "raise SystemExit(9)") as process:
            await process.start()
            process._command = ("/no/such/interpreter",)
            await until(lambda: sum(line["event"] == "pages could not be run" for line in logged) >= 2)


async def test_one_that_talks_nonsense_is_started_again(monkeypatch):
    monkeypatch.setattr(processes, "PAUSES_S", (0.01,))
    with structlog.testing.capture_logs() as logged:
        async with pages(UP + 'print("hello?", file=line, flush=True)\nline.read()') as process:
            await process.start()
            await until(lambda: sum("again" in line["event"] for line in logged) >= 2)
