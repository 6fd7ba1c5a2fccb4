"""The door that the API and the pages stand behind, and signing in through it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest
import pytest_asyncio

from stationmaster.clock.wall import WallClock
from stationmaster.ui.api import Doorway
from stationmaster.ui.app import Front, bounded, most_bytes
from stationmaster.ui.ports import Change

pytestmark = pytest.mark.asyncio(loop_scope="module")

COOKIE = "stationmaster_session"


class Api:
    """Stands in for the REST API: one person, one password."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = (await receive()).get("body", b"")
        self.asked.append((scope["method"], scope["path"]))
        self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        status, headers, answer = self._answer(scope, body)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": msgspec.json.encode(answer)})

    def _answer(self, scope: Any, body: bytes) -> tuple[int, list[tuple[bytes, bytes]], Any]:
        shown = self.headers[-1].get("authorization", "")
        if scope["path"] != "/api/v1/session":
            return 200, [], {"items": [], "next_cursor": None}
        if scope["method"] == "POST":
            if msgspec.json.decode(body)["password"] != "right":
                return 401, [], {"title": "Unauthorized", "detail": "The name or the password is wrong <b>&."}
            return 200, [(b"set-cookie", f"{COOKIE}=s3cret; HttpOnly; Path=/; SameSite=strict".encode())], {}
        if shown != "Bearer s3cret":
            return 401, [], {"title": "Unauthorized"}
        return 200, [], {"name": "ada", "role": "viewer", "tenant": "default"}


class NoChanges:
    async def follow(self, kind: str, station_key: int | None) -> AsyncIterator[Change]:
        changes: tuple[Change, ...] = ()
        for change in changes:
            yield change


@asynccontextmanager
async def serving(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """As a server does it: the lifespan around all requests."""
    front = Front(api, Doorway(httpx.ASGITransport(api)), NoChanges(), WallClock(), "1.2.3")
    said: asyncio.Queue[Any] = asyncio.Queue()
    heard: asyncio.Queue[Any] = asyncio.Queue()
    living = asyncio.create_task(front({"type": "lifespan"}, said.get, heard.put))
    said.put_nowait({"type": "lifespan.startup"})
    assert (await heard.get())["type"] == "lifespan.startup.complete"
    async with _client(front) as client:
        yield client
    said.put_nowait({"type": "lifespan.shutdown"})
    await living
    assert (await heard.get())["type"] == "lifespan.shutdown.complete"


@pytest.fixture(scope="module")
def the_api() -> Api:
    return Api()


@pytest.fixture
def api(the_api: Api) -> Api:
    the_api.asked.clear()
    the_api.headers.clear()
    return the_api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(the_api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """A node's start looks at all objects that there are, so the tests share one."""
    async with serving(the_api) as client:
        yield client


@pytest.fixture
def browser(served: httpx.AsyncClient, api: Api) -> httpx.AsyncClient:
    """Without cookies."""
    served.cookies.clear()
    return served


def _client(front: Front) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=front, client=("192.0.2.7", 1))
    return httpx.AsyncClient(transport=transport, base_url="http://here")


@pytest.mark.parametrize("path", ["/api/v1/stations", "/api/", "/metrics"])
async def test_what_is_the_api_s_goes_to_the_api(browser: httpx.AsyncClient, api: Api, path: str) -> None:
    assert (await browser.get(path)).status_code == 200
    assert api.asked == [("GET", path)]


@pytest.mark.parametrize("path", ["/sign-in", "/apiary", "/api", "/nowhere", "/"])
async def test_everything_else_goes_to_the_pages(browser: httpx.AsyncClient, api: Api, path: str) -> None:
    await browser.get(path)
    assert ("GET", path) not in api.asked


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/sign-out"])
async def test_pages_come_with_the_headers_that_keep_others_out(browser: httpx.AsyncClient, path: str) -> None:
    headers = (await browser.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert "http:" not in policy
    assert "https:" not in policy


async def test_the_pages_of_the_framework_itself_are_not_there(browser: httpx.AsyncClient) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert (await browser.get(path)).status_code == 404


async def test_a_stranger_is_led_to_sign_in_and_from_there_back(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/alarms?open=true")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Falarms%3Fopen%3Dtrue"


async def test_signing_in_gives_the_browser_the_api_s_cookie_and_leads_on(browser: httpx.AsyncClient) -> None:
    given = {"name": "ada", "password": "right", "next": "/alarms"}
    answer = await browser.post("/sign-in", data=given)
    assert (answer.status_code, answer.headers["location"]) == (303, "/alarms")
    assert answer.headers["set-cookie"] == f"{COOKIE}=s3cret; HttpOnly; Path=/; SameSite=strict"


async def test_a_wrong_password_leads_back_with_the_name_but_not_the_password(browser: httpx.AsyncClient) -> None:
    given = {"name": 'a"da', "password": "wrong&secret", "tenant": "north", "next": "/alarms"}
    answer = await browser.post("/sign-in", data=given)
    told = urlsplit(answer.headers["location"])
    assert (answer.status_code, told.path) == (303, "/sign-in")
    asked = parse_qs(told.query)
    assert (asked["name"], asked["tenant"], asked["next"]) == (['a"da'], ["north"], ["/alarms"])
    assert "secret" not in answer.headers["location"]
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\/evil",
        "/\t/evil.example",
        "/\n/x",
        "javascript:1",
    ],
)
async def test_signing_in_leads_nobody_elsewhere(browser: httpx.AsyncClient, onward: str) -> None:
    given = {"name": "ada", "password": "right", "next": onward}
    assert (await browser.post("/sign-in", data=given)).headers["location"] == "/"


@pytest.mark.parametrize("field", ["name", "next", "tenant", "problem"])
async def test_what_a_link_brings_along_is_text_on_the_sign_in_page(browser: httpx.AsyncClient, field: str) -> None:
    page = await browser.get("/sign-in", params={field: '/"><script>alert(1)</script>{0.__class__}'})
    assert page.status_code == 200
    assert "<script>alert(1)" not in page.text
    assert '"><script' not in page.text


async def test_the_api_is_told_where_the_browser_was_sent_from_and_by_which_scheme(
    browser: httpx.AsyncClient, api: Api
) -> None:
    told = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    await browser.post("/sign-in", data={"name": "ada", "password": "right"}, headers=told)
    heard = api.headers[-1]
    assert (heard["origin"], heard["sec-fetch-site"], heard["host"]) == ("https://evil.example", "cross-site", "here")
    assert heard["x-forwarded-proto"] == "http"


async def test_signing_out_ends_the_session_and_takes_the_cookie_back(browser: httpx.AsyncClient, api: Api) -> None:
    browser.cookies.set(COOKIE, "s3cret")
    answer = await browser.get("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert api.asked == [("DELETE", "/api/v1/session")]
    assert f'{COOKIE}=""' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]


async def test_a_link_from_elsewhere_which_comes_without_the_cookie_signs_nobody_out(
    browser: httpx.AsyncClient, api: Api
) -> None:
    answer = await browser.get("/sign-out")
    assert answer.headers["location"] == "/sign-in"
    assert "set-cookie" not in answer.headers
    assert api.asked == []


async def test_signing_out_of_a_session_that_has_ended_is_no_problem(browser: httpx.AsyncClient) -> None:
    browser.cookies.set(COOKIE, "old")
    assert (await browser.get("/sign-out")).headers["location"] == "/sign-in"


async def test_several_nodes_live_in_one_process_each_with_its_own_api() -> None:
    one, other = Api(), Api()
    async with serving(one) as here:
        async with serving(other) as elsewhere:
            await elsewhere.get("/alarms")
        await here.get("/alarms")
    assert one.asked == other.asked == [("GET", "/api/v1/session")]


async def test_a_form_that_is_too_long_is_not_read_to_its_end() -> None:
    parts = iter([{"type": "http.request", "body": b"x" * 60, "more_body": True}] * 3)

    async def receive() -> Any:
        return next(parts)

    heard = bounded(receive, 100)
    assert [(await heard())["type"] for _ in range(2)] == ["http.request", "http.disconnect"]


async def test_only_uploads_may_be_long() -> None:
    assert most_bytes("/_nicegui/client/1/upload/2") > 100 * most_bytes("/sign-in")
