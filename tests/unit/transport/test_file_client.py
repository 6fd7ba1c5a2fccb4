"""A station's client for files, against a server that says what it is told to."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator

import pytest

from stationmaster.domain.transfer import TransferFailed
from stationmaster.transport.file_client import FileClient, address_of, named


class Http:
    """Answers every request with ``says``, then hangs up; ``heard`` is what came."""

    def __init__(self) -> None:
        self.says = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
        self.heard = b""
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
        self.heard = head + await reader.readexactly(length)
        writer.write(self.says)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    made = Http()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


async def test_a_file_is_put_with_its_name_and_the_credentials_of_the_address(http: Http) -> None:
    await FileClient().upload(f"http://t7:p%40ss@127.0.0.1:{http.port}/up/7/", "a b.log", b"content")
    head, _, body = http.heard.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"PUT /up/7/a%20b.log HTTP/1.1"
    given = next(line for line in lines if line.startswith(b"Authorization: Basic "))
    assert b64decode(given[21:]) == b"t7:p@ss"
    assert body == b"content"
    assert b"p%40ss" not in http.heard


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("301 Moved", "RedirectNotAllowed"),
        ("307 Elsewhere", "RedirectNotAllowed"),
        ("400 Bad", "BadMessage"),
        ("401 Who", "PermissionDenied"),
        ("403 No", "PermissionDenied"),
        ("405 Not so", "NotSupportedOperation"),
        ("413 Long", "BadMessage"),
        ("500 Broken", "Failed"),
    ],
)
async def test_N01_FR_10_and_FR_30_a_refusal_is_told_by_its_kind_and_no_redirect_followed(
    http: Http, status: str, kind: str
) -> None:
    http.says = f"HTTP/1.1 {status}\r\nLocation: http://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n".encode()
    with pytest.raises(TransferFailed) as failed:
        await FileClient().upload(f"http://127.0.0.1:{http.port}/up/7/", "a", b"x")
    assert failed.value.kind == kind


@pytest.mark.parametrize("bringing", [True, False], ids=["upload", "download"])
async def test_after_a_refusal_it_hangs_up_also_while_the_failure_is_kept(bringing: bool) -> None:
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.0 401 Who\r\n\r\n")
        await reader.read()  # to the end: the client closes
        gone.set()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        where = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        client = FileClient()
        with pytest.raises(TransferFailed) as failed:
            await (client.upload(where, "a", b"x") if bringing else client.download(where, max_bytes=1))
        async with asyncio.timeout(2):
            await gone.wait()
    assert failed.value.kind == "PermissionDenied"


async def test_a_file_is_fetched_whole_or_not_at_all(http: Http) -> None:
    http.says = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345"
    where = f"http://127.0.0.1:{http.port}/fw/8/image"
    assert await FileClient().download(where, max_bytes=5) == b"12345"
    with pytest.raises(TransferFailed, match="longer than 4"):
        await FileClient().download(where, max_bytes=4)
    http.says = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n12345"
    with pytest.raises(TransferFailed) as failed:
        await FileClient().download(where, max_bytes=9)
    assert failed.value.kind == "Failed"


async def test_what_does_not_answer_has_failed(http: Http) -> None:
    http.says = b"nonsense"
    for where in (f"http://127.0.0.1:{http.port}/", "http://127.0.0.1:1/"):
        with pytest.raises(TransferFailed) as failed:
            await FileClient().upload(where, "a", b"x")
        assert failed.value.kind == "Failed"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("sftp://h/x", "NotSupportedOperation"),
        ("file:///etc/passwd", "NotSupportedOperation"),
        ("", "NotSupportedOperation"),
        ("http://", "BadMessage"),
        ("http://h:99999/", "BadMessage"),
        ("http://h/a\r\nX: y", "BadMessage"),
    ],
)
def test_what_is_no_address_is_not_tried(url: str, kind: str) -> None:
    with pytest.raises(TransferFailed) as failed:
        address_of(url)
    assert failed.value.kind == kind


def test_N01_FR_21_and_FR_29_the_name_is_added_after_a_slash_alone() -> None:
    assert named("http://h/up/7/", "ä.log") == "http://h/up/7/%C3%A4.log"
    assert named("http://h/up/7/b", "a.log") == "http://h/up/7/b"


def test_an_address_does_not_show_its_password() -> None:
    assert "secret" not in repr(address_of("http://u:secret@h/"))
