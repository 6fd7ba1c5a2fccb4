"""Whom a request that is passed on comes from."""

from typing import Any

from stationmaster.api.http.relayed import relayed


async def told(scope: dict[str, Any]) -> dict[str, Any]:
    heard: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        heard.append(scope)

    await relayed(app, "X-Caller")(scope, None, None)
    return heard[0]


async def test_the_address_is_the_one_that_the_header_names_and_the_header_is_gone():
    headers = [(b"accept", b"*/*"), (b"x-caller", b"192.0.2.7")]
    scope = await told({"type": "http", "client": None, "headers": headers, "path": "/"})
    assert scope == {"type": "http", "client": ("192.0.2.7", 0), "headers": [(b"accept", b"*/*")], "path": "/"}


async def test_without_the_header_nobody_is_named():
    assert (await told({"type": "http", "client": None, "headers": []}))["client"] == ("", 0)


async def test_the_server_s_own_words_go_through():
    assert await told({"type": "lifespan"}) == {"type": "lifespan"}
