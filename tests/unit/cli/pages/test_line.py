"""The line between a node and the process of its pages."""

import asyncio
import socket

import pytest
import uvloop

from stationmaster.cli.pages import line as lines
from stationmaster.cli.pages.line import Setup, Subject, Told, Up, line_of_node, line_of_pages
from stationmaster.ui.ports import Change

SETUP = Setup(
    listeners=(3, 4),
    api="/run/api.sock",
    log_level="info",
    log_format="json",
    log_id_tokens="mask",
    pages_priority="low",
)


@pytest.fixture
async def ends():
    ours, theirs = socket.socketpair()
    node, pages = await line_of_node(ours), await line_of_pages(theirs)
    yield node, pages
    node.end()
    pages.end()


async def test_each_side_hears_what_the_other_says_in_order(ends):
    node, pages = ends
    told = Told((Change("default", "AlarmChanged", 1), Change("default", "TokenChanged")))
    node.say(SETUP)
    node.say(told)
    heard = pages.heard()
    assert [await anext(heard), await anext(heard)] == [SETUP, told]
    pages.say(Up())
    pages.say(Subject("AlarmChanged", 7, wanted=False))
    answered = node.heard()
    assert [await anext(answered), await anext(answered)] == [Up(), Subject("AlarmChanged", 7, wanted=False)]


async def test_it_ends_for_both_when_one_ends_it(ends):
    node, pages = ends
    node.end()
    assert [said async for said in pages.heard()] == []
    pages.end()
    assert [said async for said in node.heard()] == []


async def test_what_the_other_side_does_not_take_is_dropped_and_never_waited_for(ends, monkeypatch):
    node, pages = ends
    monkeypatch.setattr(lines, "MAX_UNHEARD_BYTES", 100_000)
    told = Told(tuple(Change("default", "AlarmChanged", key) for key in range(100)))
    for _ in range(1000):
        node.say(told)
    node.end()
    heard = sum([1 async for _ in pages.heard()])
    assert 10 < heard < 900


@pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_saying_something_after_the_end_is_no_error(loop_factory):
    async def say() -> list[object]:
        ours, theirs = socket.socketpair()
        node, pages = await line_of_node(ours), await line_of_pages(theirs)
        pages.end()
        for _ in range(10):
            node.say(Told(()))
            pages.say(Up())
            await asyncio.sleep(0)
        heard = [said async for said in node.heard()]
        node.say(Told(()))
        node.end()
        node.say(Told(()))
        return heard

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        assert runner.run(say()) == []
