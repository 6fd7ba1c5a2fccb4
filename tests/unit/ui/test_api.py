"""The API as one person sees it: with their own session, its refusals in words."""

from typing import Any

import httpx
import msgspec
import pytest

from stationmaster.ui.api import CALLER, Api, Doorway, Problem, problem_of


class Recorded:
    """An ASGI application that answers as it is told, and keeps what it was asked."""

    def __init__(self, status: int = 200, body: Any = None, **headers: str) -> None:
        self.status, self.headers = status, headers
        self.content = b"" if body is None else body if isinstance(body, bytes) else msgspec.json.encode(body)
        self.asked: list[dict[str, Any]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.asked.append(
            {
                "method": scope["method"],
                "path": scope["path"],
                "query": dict(httpx.QueryParams(scope["query_string"].decode())),
                "headers": {name.decode(): value.decode() for name, value in scope["headers"]},
                "body": body,
            }
        )
        headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.content})


def api(app: Recorded, token: str = "secret") -> Api:
    return Api(Doorway(httpx.ASGITransport(app, raise_app_exceptions=False)), token, "192.0.2.7")


async def test_it_asks_with_the_person_s_session_from_the_person_s_address() -> None:
    app = Recorded(body={"items": []})
    assert await api(app).get("/stations") == {"items": []}
    (asked,) = app.asked
    assert (asked["method"], asked["path"]) == ("GET", "/api/v1/stations")
    assert asked["headers"][CALLER] == "192.0.2.7"
    assert asked["headers"]["authorization"] == "Bearer secret"


async def test_a_stranger_shows_nothing() -> None:
    app = Recorded(body={})
    await api(app, "").get("/session")
    assert "authorization" not in app.asked[0]["headers"]


async def test_the_secret_shows_in_no_repr() -> None:
    assert "secret" not in repr(api(Recorded()))


async def test_empty_filters_are_left_out_and_truth_is_spelled_as_json_does() -> None:
    app = Recorded(body={})
    await api(app).get("/stations", {"text": "", "site": None, "connected": True, "count": False, "limit": 25})
    assert app.asked[0]["query"] == {"connected": "true", "count": "false", "limit": "25"}


@pytest.mark.parametrize("method", ["post", "put", "patch"])
async def test_a_body_goes_as_json(method: str) -> None:
    app = Recorded(status=201, body={"key": 1})
    assert await getattr(api(app), method)("/tokens", {"value": "A"}) == {"key": 1}
    (asked,) = app.asked
    assert asked["method"] == method.upper()
    assert msgspec.json.decode(asked["body"]) == {"value": "A"}
    assert asked["headers"]["content-type"] == "application/json"


async def test_an_answer_without_content_is_nothing() -> None:
    assert await api(Recorded(status=204)).delete("/tokens/1") is None


async def test_a_file_goes_as_it_is() -> None:
    app = Recorded(status=204)
    await api(app).upload("/firmware-images/1/content", b"\x00\x01", "application/x-firmware")
    assert app.asked[0]["body"] == b"\x00\x01"
    assert app.asked[0]["headers"]["content-type"] == "application/x-firmware"


async def test_text_is_not_decoded() -> None:
    assert await api(Recorded(body=b"a,b\n")).text("/transactions") == "a,b\n"


async def test_a_refusal_says_which_field_and_why() -> None:
    errors = [{"path": "body.energy.prices[0].amount", "detail": "must be a number"}]
    app = Recorded(422, {"title": "Unprocessable", "detail": "The request is not valid.", "errors": errors})
    with pytest.raises(Problem) as refused:
        await api(app).post("/tariffs", {})
    assert refused.value.errors == (("body.energy.prices[0].amount", "must be a number"),)
    assert refused.value.in_words() == "energy.prices[0].amount: must be a number"


async def test_a_refusal_without_fields_is_its_own_words() -> None:
    with pytest.raises(Problem, match="over: used") as refused:
        await api(Recorded(409, {"title": "Conflict", "detail": "The reservation is over: used."})).post("/x")
    assert refused.value.in_words() == "The reservation is over: used."
    assert not refused.value.is_signed_out


async def test_an_api_that_cannot_be_reached_is_a_problem_like_any_other() -> None:
    nowhere = httpx.AsyncHTTPTransport(uds="/nowhere.sock")
    with pytest.raises(Problem, match="The CSMS does not answer just now") as refused:
        await Api(Doorway(nowhere), "secret", "").get("/stations")
    assert refused.value.status == 503


async def test_the_browser_s_own_headers_go_along_where_they_are_asked_for() -> None:
    app = Recorded(403, {"title": "Forbidden"})
    answer = await api(app, "").answer("POST", "/session", {}, {"origin": "https://evil.example", "host": "here"})
    assert answer.status_code == 403
    told = app.asked[0]["headers"]
    assert (told["origin"], told["host"]) == ("https://evil.example", "here")


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"", "The request failed with status 502."),
        (b"<html>", "The request failed with status 502."),
        (b"[1]", "The request failed with status 502."),
        (b'{"detail": "No"}', "No"),
        (b'{"title": "Bad Gateway"}', "Bad Gateway"),
        (b'{"title": "Bad", "errors": [{"path": 1}]}', "The request failed with status 502."),
        (b'{"title": "Bad", "errors": null}', "The request failed with status 502."),
    ],
)
def test_whatever_answers_is_told_in_words(content: bytes, detail: str) -> None:
    assert problem_of(httpx.Response(502, content=content)).detail == detail


@pytest.mark.parametrize(("told", "wait"), [("30", 30), ("soon", None), ("", None)])
def test_how_long_to_wait_is_told_if_it_is_a_number(told: str, wait: int | None) -> None:
    problem = problem_of(httpx.Response(429, headers={"retry-after": told}, json={"title": "Too many"}))
    assert problem.retry_after_s == wait


def test_only_401_means_signed_out() -> None:
    assert Problem(401, "").is_signed_out
    assert not Problem(403, "").is_signed_out
