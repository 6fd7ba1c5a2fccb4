"""The layers of a station's display."""

import asyncio
from datetime import timedelta

import pytest

from stationmaster.clock.virtual import VirtualClock
from stationmaster.station.screen import NO_MESSAGES, Layers, Screen


class Display:
    def __init__(self):
        self.clock = VirtualClock()
        self.text = {1: "", 2: ""}
        self.drawn = 0
        self.screen = Screen(self.show, (1, 2), self.clock)
        self.layers = NO_MESSAGES
        self.screen.messages = lambda evse_id: self.layers

    def show(self, evse_id, text):
        self.drawn += 1
        self.text[evse_id] = text

    async def read(self, seconds):
        seen = set()
        for _ in range(seconds):
            await self.clock.sleep(1)
            seen.add(self.text[1])
        return seen


@pytest.fixture
async def display():
    made = Display()
    running = asyncio.create_task(made.screen.run())
    made.screen.status(1, "Available")
    yield made
    running.cancel()


async def test_a_notice_stands_for_a_while_and_gives_way_to_what_was_there(display):
    display.screen.notice(1, "Not known")
    assert display.text[1] == "Not known"
    assert await display.read(9) == {"Not known"}
    await display.clock.sleep(1.5)
    assert display.text[1] == "Available"


async def test_a_notice_for_all_stands_at_every_evse(display):
    display.screen.notice(None, "No battery", 60)
    assert display.text == {1: "No battery", 2: "No battery"}


async def test_what_happens_next_ends_a_notice(display):
    display.screen.notice(1, "Not known")
    display.screen.status(1, "Charging")
    assert display.text[1] == "Charging"


async def test_the_cost_stands_beside_the_status_until_it_is_taken_away(display):
    display.screen.cost(1, "3.42 EUR")
    assert display.text[1] == "Available: 3.42 EUR"
    display.screen.cost(1, None)
    assert display.text[1] == "Available"


async def test_a_message_in_front_of_all_hides_even_a_notice(display):
    display.layers = Layers(always_front="Closed", in_front=("Before",), in_turns=("After",))
    display.screen.refresh()
    display.screen.notice(1, "Not known")
    assert await display.read(20) == {"Closed"}


async def test_messages_in_front_take_turns_and_hide_the_status(display):
    display.layers = Layers(in_front=("One", "Two"), in_turns=("Three",))
    display.screen.refresh()
    assert await display.read(20) == {"One", "Two"}


async def test_other_messages_take_turns_with_the_status(display):
    display.layers = Layers(in_turns=("One", "Two"))
    display.screen.refresh()
    assert await display.read(20) == {"Available", "One", "Two"}


async def test_the_display_follows_when_the_time_of_messages_comes(display):
    at = display.clock.now() + timedelta(seconds=30)
    display.screen.messages = lambda evse_id: (
        Layers(until=at) if display.clock.now() < at else Layers(always_front="Now")
    )
    display.screen.refresh()
    assert await display.read(29) == {"Available"}
    await display.clock.sleep(2)
    assert display.text[1] == "Now"


async def test_what_stands_there_already_is_not_drawn_anew(display):
    drawn = display.drawn
    display.screen.status(1, "Available")
    display.screen.refresh()
    assert display.drawn - drawn <= 1  # the other EVSE's first text


async def test_the_price_takes_turns_with_what_the_evse_has_to_say(display):
    display.screen.price(1, "50 cents")
    assert await display.read(12) == {"Available", "50 cents"}
    display.screen.price(1, None)
    assert await display.read(12) == {"Available"}


async def test_the_price_stands_behind_what_the_csms_has_in_front(display):
    display.screen.price(1, "50 cents")
    display.layers = Layers(in_front=("hello",))
    display.screen.refresh()
    assert await display.read(12) == {"hello"}
