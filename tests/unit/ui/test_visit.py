"""One opened page: the way to signing in and back, what a role is offered."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from stationmaster.ui.api import Problem
from stationmaster.ui.live import Topic
from stationmaster.ui.sign_in import local_path
from stationmaster.ui.visit import Visit, Who, sign_in_path


@pytest.mark.parametrize("path", ["/alarms", "/stations?text=a%26b&site=Old%20town", "/stations/17"])
def test_the_way_to_sign_in_leads_back_to_the_page(path: str) -> None:
    told = urlsplit(sign_in_path(path))
    assert told.path == "/sign-in"
    assert parse_qs(told.query) == {"next": [path]}
    assert local_path(path) == path


def test_the_way_back_to_the_overview_needs_no_words() -> None:
    assert sign_in_path("/") == "/sign-in"


@pytest.mark.parametrize("path", ["", "stations", "//x", "/\\x", "http://x", "/a b", "/a\r\nb", "/\x00"])
def test_what_is_no_path_of_ours_leads_to_the_overview(path: str) -> None:
    assert local_path(path) == "/"


class Feeds:
    def __init__(self) -> None:
        self.watched: list[tuple[str, str, Topic, Any]] = []
        self.stopped = 0

    def watch(self, tenant: str, role: str, topic: Topic, watcher: Any) -> Any:
        self.watched.append((tenant, role, topic, watcher))
        return self._stop

    def _stop(self) -> None:
        self.stopped += 1


class Client:
    """A page's, as far as a Visit needs it."""

    def __init__(self) -> None:
        self.is_deleted = False
        self.at_the_end: list[Any] = []

    def on_delete(self, deed: Any) -> None:
        self.at_the_end.append(deed)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None: ...


@pytest.fixture
def visit() -> Visit:
    house: Any = SimpleNamespace(feeds=Feeds())
    who = Who(name="ada", role="operator", tenant="north")
    client: Any = Client()
    api: Any = object()
    return Visit(house=house, api=api, who=who, zone=None, theme="auto", client=client, path="/")  # type: ignore[arg-type]


def test_a_watch_is_of_the_person_s_tenant_and_role_and_ends_with_the_page(visit: Visit) -> None:
    shown: list[Any] = []
    visit.watch("/stations", shown.append, query={"text": "a", "site": None, "name": ""}, kinds=("B", "A"))
    feeds, client = _feeds(visit), _client(visit)
    ((tenant, role, topic, watcher),) = feeds.watched
    assert (tenant, role) == ("north", "operator")
    assert topic.query == (("text", "a"),)
    assert topic.kinds == {"A", "B"}
    watcher.show({"items": []})
    client.is_deleted = True
    watcher.show({"items": ["too late"]})
    assert shown == [{"items": []}]
    for deed in client.at_the_end:
        deed()
    assert feeds.stopped == 1


def test_two_who_ask_the_same_in_another_order_share_a_feed(visit: Visit) -> None:
    visit.watch("/stations", print, query={"a": 1, "b": 2})
    visit.watch("/stations", print, query={"b": 2, "a": 1})
    one, other = (topic for _, _, topic, _ in _feeds(visit).watched)
    assert one == other


def test_a_role_is_offered_what_it_may(visit: Visit) -> None:
    assert visit.may("operator")
    assert not visit.may("administrator")


def _feeds(visit: Visit) -> Feeds:
    feeds: Any = visit.house.feeds
    return feeds  # type: ignore[no-any-return]


def _client(visit: Visit) -> Client:
    client: Any = visit.client
    return client  # type: ignore[no-any-return]


def test_a_page_that_asks_again_and_again_keeps_nothing_of_what_it_asked_before(visit: Visit) -> None:
    visit.watch("/stations", print)
    for number in range(5):
        visit.watch("/stations", print, query={"page": number})()
    assert len(visit._stops) == 1
    assert _feeds(visit).stopped == 5


def test_a_page_whose_session_has_ended_is_told_nothing_any_more(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("stationmaster.ui.visit.signed_out", said.append)
    _client(visit).id = "page 1"
    visit.watch("/stations", print)
    visit.attend()
    *_, (_, audience, topic, watcher) = _feeds(visit).watched
    assert topic.path == "/session"
    assert audience != visit.who.role
    watcher.failed(Problem(503, "It could not be read."))
    assert _feeds(visit).stopped == 0
    watcher.failed(Problem(401, "This needs a session."))
    assert _feeds(visit).stopped == 2
    assert said == ["/"]
