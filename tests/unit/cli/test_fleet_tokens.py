import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import msgspec
import pytest

from stationmaster.cli import fleet_tokens
from stationmaster.cli.errors import CommandFailed
from stationmaster.cli.fleet_tokens import ApiAccess, register_tokens
from stationmaster.simulator.driver import TokenPool
from stationmaster.simulator.fleet import fleet_tokens as cards

KEY = "sm_secret"


class Api:
    """Takes what is posted to it; ``status`` and ``body`` are its answer."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, list[dict[str, Any]]]] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.body = b"{}"
        self.url = ""

    @contextmanager
    def serving(self) -> Iterator["Api"]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                api.asked.append((self.path, self.headers["Authorization"], msgspec.json.decode(body)))
                self.send_response(api.status)
                for name, value in api.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(api.body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_port}"
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            yield self
            server.shutdown()
            thread.join()


@pytest.fixture
def api() -> Iterator[Api]:
    with Api().serving() as serving:
        yield serving


def register(url: str, pool: TokenPool) -> None:
    asyncio.run(register_tokens(ApiAccess(url=url, key=KEY), pool))


def test_known_cards_are_accepted_and_blocked_ones_blocked(api: Api) -> None:
    pool = cards(seed=1, count=40)
    register(api.url + "/", pool)
    ((path, authorization, tokens),) = api.asked
    assert (path, authorization) == ("/api/v1/tokens/import", f"Bearer {KEY}")
    by_status = {status: [t["value"] for t in tokens if t["status"] == status] for status in ("Accepted", "Blocked")}
    assert by_status == {"Accepted": list(pool.known), "Blocked": list(pool.blocked)}


def test_many_cards_go_in_portions(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet_tokens, "PORTION", 16)
    register(api.url, cards(seed=1, count=40))
    assert [len(tokens) for _, _, tokens in api.asked] == [16, 16, 8]


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (403, b'{"detail": "This needs the role operator."}', "This needs the role operator."),
        (502, b"<html>", "HTTP 502"),
        (302, b"", "HTTP 302"),
    ],
)
def test_a_refusal_is_told_in_the_apis_words_and_never_the_key(api: Api, status: int, body: bytes, reason: str) -> None:
    api.status, api.body, api.headers = status, body, {"Location": f"{api.url}/elsewhere"}
    with pytest.raises(CommandFailed) as failed:
        register(api.url, cards(seed=1, count=2))
    assert str(failed.value).endswith(reason)
    assert KEY not in str(failed.value)
    assert len(api.asked) == 1


def test_an_api_that_is_not_there_is_told_of() -> None:
    with Api().serving() as gone:
        url = gone.url
    with pytest.raises(CommandFailed, match=r"cannot be reached: .*refused"):
        register(url, cards(seed=1, count=2))


def test_a_key_does_not_show_where_its_holder_is_printed() -> None:
    assert KEY not in repr(ApiAccess(url="http://x", key=KEY))
