"""A form in a dialog sends once for each time that it is open, however often its button is clicked or Enter pressed."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from nicegui import Client, ui

from stationmaster.ui.api import Problem
from stationmaster.ui.parts.form import FormDialog


@pytest.fixture
async def client() -> Any:
    return Client(ui.page(""), request=None)


@pytest.fixture
def form(client: Client) -> Iterator[FormDialog]:
    visit: Any = None
    with client:
        made = FormDialog(visit, "A question", "Send")
        made.open()
        yield made


async def test_a_second_click_while_it_is_being_sent_sends_nothing(form: FormDialog) -> None:
    sent: list[str] = []
    answered = asyncio.Event()

    async def send() -> None:
        sent.append("once")
        await answered.wait()

    form.on_send(send)
    clicks = [asyncio.create_task(form._sent()) for _ in range(2)]
    await asyncio.sleep(0)
    answered.set()
    await asyncio.gather(*clicks)
    await form._sent()
    assert sent == ["once"]


async def test_enter_sends_once_however_fast_it_comes_again(form: FormDialog) -> None:
    sent: list[str] = []
    form.on_send(lambda: _noted(sent))
    await asyncio.gather(form._entered(), form._entered())
    assert sent == ["sent"]


@pytest.mark.parametrize("cannot", [lambda button: button.disable(), lambda button: button.set_visibility(False)])
async def test_enter_does_nothing_where_the_button_cannot_be_pressed(form: FormDialog, cannot: Any) -> None:
    sent: list[str] = []
    form.on_send(lambda: _noted(sent))
    cannot(form.button)
    await form._entered()
    assert sent == []


async def _noted(sent: list[str]) -> None:
    await asyncio.sleep(0)
    sent.append("sent")


async def test_what_was_refused_can_be_sent_again(form: FormDialog) -> None:
    tries: list[str] = []

    async def send() -> None:
        tries.append("again")
        if len(tries) == 1:
            raise Problem(422, "not so")

    form.on_send(send)
    await form._sent()
    assert form.dialog.value
    await form._sent()
    assert tries == ["again", "again"]
    assert not form.dialog.value
