"""Where a station is called that speaks SOAP: in words, and changed by an operator."""

from datetime import UTC
from types import SimpleNamespace
from typing import Any

import pytest
from nicegui import Client, ui

from stationmaster.ui.api import Problem
from stationmaster.ui.pages.stations import callback
from stationmaster.ui.pages.stations.callback import NOTHING, CallbackPanel, callback_facts, is_called
from stationmaster.ui.parts.form import FormDialog

TOLD = {
    "told": "http://10.0.0.7:8080/",
    "told_at": "2026-05-04T11:00:00Z",
    "override": None,
    "in_use": "http://10.0.0.7:8080/",
    "reachable": "untried",
    "unreachable_since": None,
    "reason": None,
}
UNREACHABLE = {"reachable": "no", "unreachable_since": "2026-05-04T12:00:00Z", "reason": "connection refused"}
STATION: dict[str, Any] = {"key": 7, "version": "1.5", "callback": TOLD}


class StandIn:
    """The API, as far as the panel asks it: it takes an override, or finds it wrong."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.finds: Problem | None = None

    async def patch(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((path, body))
        if self.finds is not None:
            raise self.finds
        override = body["callback_override"]
        return {"station": STATION | {"callback": TOLD | {"override": override, "in_use": override or TOLD["told"]}}}


@pytest.fixture
async def client() -> Any:
    return Client(ui.page(""), request=None)


@pytest.fixture
def api() -> StandIn:
    return StandIn()


@pytest.fixture
def visit(api: StandIn, monkeypatch: pytest.MonkeyPatch) -> Any:
    watched: list[tuple[str, Any]] = []
    who = SimpleNamespace(role="operator")
    watch = lambda path, show, **_: watched.append((path, show))  # noqa: E731
    monkeypatch.setattr(callback, "FormDialog", Opened)
    return SimpleNamespace(api=api, zone=UTC, who=who, watched=watched, watch=watch)


def texts(client: Client) -> list[str]:
    return [element.text for element in client.elements.values() if isinstance(element, ui.label)]


def button(client: Client, title: str) -> ui.button:
    [found] = [each for each in client.elements.values() if isinstance(each, ui.button) and each.text == title]
    return found


def address(client: Client) -> ui.input:
    [found] = [each for each in client.elements.values() if isinstance(each, ui.input)]
    return found


class Opened(FormDialog):
    """The form that was opened last."""

    last: "Opened"

    def open(self, *, once: bool = False) -> None:
        Opened.last = self
        super().open(once=once)


async def save(client: Client, panel: CallbackPanel, typed: str) -> None:
    panel._change()
    address(client).value = typed
    await Opened.last._sent()


def test_what_the_station_says_and_whether_it_was_reached_there() -> None:
    said = callback_facts(TOLD, UTC)
    assert said["It says"] == "http://10.0.0.7:8080/, since 2026-05-04 11:00:00"
    assert said["We say"] == "–"
    assert said["It is called at"] == "http://10.0.0.7:8080/"
    assert said["Reached there"] == "not tried yet"
    assert callback_facts(TOLD | {"reachable": "yes"}, UTC)["Reached there"] == "yes"
    assert (
        callback_facts(TOLD | UNREACHABLE, UTC)["Reached there"] == "not since 2026-05-04 12:00:00: connection refused"
    )


def test_a_station_that_nobody_can_call_says_what_becomes_of_commands() -> None:
    said = callback_facts(NOTHING, UTC)
    assert said["It says"] == "–"
    assert "commands wait" in str(said["It is called at"])


@pytest.mark.parametrize(
    ("version", "callback", "shown"),
    [("1.5", TOLD, True), ("1.6", None, False), ("2.1", None, False), (None, None, True)],
)
def test_only_a_station_that_speaks_soap_or_may_yet_is_called(version: Any, callback: Any, shown: bool) -> None:
    assert is_called({"version": version, "callback": callback}) is shown


async def test_the_panel_follows_the_station(client: Client, visit: Any) -> None:
    with client:
        panel = CallbackPanel(visit, STATION)
        [(path, show)] = visit.watched
        assert path == "/stations/7"
        show(STATION | {"callback": TOLD | UNREACHABLE})
        assert "not since 2026-05-04 12:00:00: connection refused" in texts(client)
        show(STATION | {"version": "1.6", "callback": None})
        assert not panel._card.visible


async def test_an_operator_s_address_goes_before_the_station_s(client: Client, visit: Any, api: StandIn) -> None:
    with client:
        panel = CallbackPanel(visit, STATION)
        await save(client, panel, " http://10.8.0.17/ocpp ")
        assert api.asked == [("/stations/7", {"callback_override": "http://10.8.0.17/ocpp"})]
        assert texts(client).count("http://10.8.0.17/ocpp") == 2  # what we say, and where it is called


async def test_no_address_is_no_word_of_ours(client: Client, visit: Any, api: StandIn) -> None:
    with client:
        panel = CallbackPanel(visit, STATION | {"callback": TOLD | {"override": "http://10.8.0.17/"}})
        await save(client, panel, "")
        assert api.asked == [("/stations/7", {"callback_override": None})]


async def test_what_is_wrong_with_an_address_is_said_where_it_was_typed(
    client: Client, visit: Any, api: StandIn
) -> None:
    with client:
        api.finds = Problem(422, "Invalid.", (("body.callback_override", "this machine itself is not called"),))
        panel = CallbackPanel(visit, STATION)
        await save(client, panel, "http://127.0.0.1/")
        assert address(client).error == "this machine itself is not called"


async def test_a_viewer_may_look_and_not_change(client: Client, visit: Any) -> None:
    with client:
        visit.who.role = "viewer"
        CallbackPanel(visit, STATION)
        assert not button(client, "Change").enabled
