"""The file server over real sockets, spoken to by hand: no client library stands between a test and the bytes."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest
import raw_http
from fake_files import IMAGE, FakeFiles
from raw_http import Answer, Client, hang_up

from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.transfer import TransferRefused
from stationmaster.transport.file_server import FileServer, serve_files
from stationmaster.transport.http_messages import RequestHead
from stationmaster.transport.http_server import Route
from stationmaster.transport.http_wire import HttpLimits, HttpWire

LIMITS = HttpLimits(max_connections=8, head_s=0.4, idle_s=0.4, request_s=2.0, drain_bytes=2000, drain_s=0.4)


@pytest.fixture
def files() -> FakeFiles:
    return FakeFiles()


@pytest.fixture
async def server(files: FakeFiles) -> AsyncIterator[FileServer]:
    made = await serve_files(files, "127.0.0.1", 0, limits=LIMITS)
    yield made
    await made.close()


@pytest.fixture(autouse=True)
async def _hung_up() -> AsyncIterator[None]:
    yield
    await hang_up()


async def connect(server: FileServer) -> Client:
    return await raw_http.connect(server.port)


def head(method: str, path: str, *lines: str, user: str | None = "u:p") -> bytes:
    fields = [f"{method} {path} HTTP/1.1", "Host: x", *lines]
    if user is not None:
        fields.append(f"Authorization: Basic {b64encode(user.encode()).decode()}")
    return ("\r\n".join(fields) + "\r\n\r\n").encode()


async def ask(server: FileServer, request: bytes, *, empty: bool = False) -> Answer:
    client = await connect(server)
    client.send(request)
    answer = await client.answer(head=empty)
    client.writer.close()
    assert not 300 <= answer.status < 400  # N01.FR.26
    return answer


def put(path: str, content: bytes, *lines: str, method: str = "PUT", user: str | None = "u:p") -> bytes:
    return head(method, path, f"Content-Length: {len(content)}", *lines, user=user) + content


# Bringing a file ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", ["PUT", "POST"])
async def test_n01_fr_18_a_file_may_be_put_or_posted(server: FileServer, files: FakeFiles, method: str) -> None:
    answer = await ask(server, put("/up/7/a.log", b"content", method=method))
    assert (answer.status, files.stored) == (201, [("a.log", b"content")])


async def test_a_file_may_come_in_chunks_of_unknown_number(server: FileServer, files: FakeFiles) -> None:
    request = head("PUT", "/up/7/", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    assert (await ask(server, request)).status == 201
    assert files.stored == [(None, b"abcde")]


async def test_n01_fr_19_the_name_of_a_posted_file_stands_in_its_disposition(
    server: FileServer, files: FakeFiles
) -> None:
    disposition = 'Content-Disposition: attachment; filename="x y.gz"'
    await ask(server, put("/up/7/", b"1", disposition, method="POST"))
    assert files.stored == [("x y.gz", b"1")]


async def test_the_first_file_of_a_posted_form_is_taken(server: FileServer, files: FakeFiles) -> None:
    form = (
        b'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.log"\r\n\r\nline 1\r\nline 2\r\n'
        b'--b\r\nContent-Disposition: form-data; name="g"; filename="b.log"\r\n\r\nother\r\n--b--\r\n'
    )
    form_type = "Content-Type: multipart/form-data; boundary=b"
    assert (await ask(server, put("/up/7/", form, form_type, method="POST"))).status == 201
    assert files.stored == [("a.log", b"line 1\r\nline 2")]


@pytest.mark.parametrize(
    "form",
    [
        b"no form at all",
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\ncut',
        b'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n--b--\r\n',
        b"",
    ],
)
async def test_a_form_that_is_broken_or_has_no_file_is_refused_and_nothing_kept(
    server: FileServer, files: FakeFiles, form: bytes
) -> None:
    form_type = "Content-Type: multipart/form-data; boundary=b"
    answer = await ask(server, put("/up/7/", form, form_type, method="POST"))
    assert (answer.status, files.stored, files.aborted) == (400, [], 1)
    answer = await ask(server, put("/up/7/", form, "Content-Type: multipart/form-data", method="POST"))
    assert answer.status == 400


async def test_n01_fr_22_a_client_that_asks_first_is_told_to_go_on_or_refused_without_sending_anything(
    server: FileServer, files: FakeFiles
) -> None:
    client = await connect(server)
    client.send(head("PUT", "/up/7/", "Content-Length: 4", "Expect: 100-continue"))
    assert (await client.answer()).status == 100
    client.send(b"body")
    assert (await client.answer()).status == 201

    refused = await ask(server, head("PUT", "/up/7/", "Content-Length: 99999", "Expect: 100-continue"))
    assert (refused.status, refused.headers["connection"]) == (413, "close")
    assert files.stored == [(None, b"body")]


async def test_a_client_that_waits_to_be_asked_is_challenged_and_may_try_again_on_the_same_connection(
    server: FileServer, files: FakeFiles
) -> None:
    client = await connect(server)
    client.send(put("/up/7/", b"x" * 1000, user=None))
    answer = await client.answer()
    assert (answer.status, answer.headers["www-authenticate"].partition(" ")[0]) == (401, "Basic")
    client.send(put("/up/7/", b"y" * 1000))
    assert (await client.answer()).status == 201
    assert files.stored == [(None, b"y" * 1000)]


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (put("/up/7/", b"x", user="u:wrong"), 401),
        (put("/up/7/", b"x", user="nobody:p"), 401),
        (head("PUT", "/up/7/", "Authorization: Bearer x", "Content-Length: 0", user=None), 400),
        (put("/up/8/", b"x"), 403),  # another's address
        (put("/fw/8/image", b"x"), 405),
        (head("GET", "/up/7/"), 405),
        (head("DELETE", "/up/7/"), 405),
        (put("/up/7/../../etc/passwd", b"x"), 404),
        (put("/", b"x", user=None), 404),
        (head("PUT", "/up/7/"), 411),
        (put("/up/7/", b"x" * 10_001), 413),
        (put("/up/7/", b"x", "Content-Range: bytes 5-5/9"), 400),
        (b"nonsense\r\n\r\n", 400),
        (b"PUT /up/7/ HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 200_000 + b"\r\n\r\n", 431),
    ],
)
async def test_what_is_not_allowed_is_refused_and_nothing_is_kept(
    server: FileServer, files: FakeFiles, request_bytes: bytes, status: int
) -> None:
    assert (await ask(server, request_bytes)).status == status
    assert files.stored == []


async def test_a_file_that_turns_out_too_long_is_refused_on_the_way(server: FileServer, files: FakeFiles) -> None:
    client = await connect(server)
    client.send(head("PUT", "/up/7/", "Transfer-Encoding: chunked"))
    for _ in range(11):
        client.send(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
    answer = await client.answer()
    assert (answer.status, files.stored, files.aborted) == (413, [], 1)


@pytest.mark.parametrize(
    ("reason", "status"), [("gone", 410), ("full", 507), ("wrong_purpose", 403), ("too_big", 413), ("missing", 404)]
)
async def test_a_refusal_has_its_own_status(server: FileServer, files: FakeFiles, reason: Any, status: int) -> None:
    files.refuses = TransferRefused(reason)
    assert (await ask(server, put("/up/7/", b"x"))).status == status


@pytest.mark.parametrize(("error", "status"), [(StorageFailed("disk"), 503), (OSError(28, "full"), 507)])
async def test_a_file_that_could_not_be_stored_is_not_said_to_be(
    server: FileServer, files: FakeFiles, error: Exception, status: int
) -> None:
    files.broken = error
    assert (await ask(server, put("/up/7/", b"x"))).status == status


async def test_a_client_that_hangs_up_halfway_leaves_nothing(server: FileServer, files: FakeFiles) -> None:
    client = await connect(server)
    client.send(head("PUT", "/up/7/", "Content-Length: 100") + b"half")
    await client.writer.drain()
    client.writer.close()
    async with asyncio.timeout(5):
        while not files.aborted:
            await asyncio.sleep(0.01)
    assert files.stored == []


# Fetching a file ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_image_is_fetched_whole_or_in_part(server: FileServer) -> None:
    whole = await ask(server, head("GET", "/fw/8/image.bin"))
    part = await ask(server, head("GET", "/fw/8/image.bin", "Range: bytes=100-2999"))
    rest = await ask(server, head("GET", "/fw/8/image.bin", "Range: bytes=3000-", f"If-Range: {whole.headers['etag']}"))

    assert (whole.status, whole.body, whole.headers["accept-ranges"]) == (200, IMAGE, "bytes")
    assert (part.status, part.body) == (206, IMAGE[100:3000])
    assert part.headers["content-range"] == f"bytes 100-2999/{len(IMAGE)}"
    assert (rest.status, rest.body) == (206, IMAGE[3000:])
    assert whole.headers["x-content-type-options"] == "nosniff"


async def test_a_part_of_another_image_is_not_mixed_in(server: FileServer) -> None:
    answer = await ask(server, head("GET", "/fw/8/image.bin", "Range: bytes=100-", 'If-Range: "other"'))
    assert (answer.status, answer.body) == (200, IMAGE)


async def test_the_length_can_be_asked_alone(server: FileServer) -> None:
    answer = await ask(server, head("HEAD", "/fw/8/image.bin"), empty=True)
    assert (answer.status, answer.headers["content-length"]) == (200, str(len(IMAGE)))


async def test_a_range_beyond_the_end_is_refused(server: FileServer) -> None:
    answer = await ask(server, head("GET", "/fw/8/image.bin", "Range: bytes=999999-"))
    assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{len(IMAGE)}")


async def test_several_requests_go_over_one_connection(server: FileServer) -> None:
    client = await connect(server)
    for _ in range(3):
        client.send(head("GET", "/fw/8/image.bin", "Range: bytes=0-9"))
        assert (await client.answer()).body == IMAGE[:10]


# Bounds ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("start", [b"", b"PUT /up/7/ HTT", head("PUT", "/up/7/", "Content-Length: 9") + b"ab"])
async def test_a_client_that_stops_sending_is_hung_up_on(server: FileServer, files: FakeFiles, start: bytes) -> None:
    client = await connect(server)
    client.send(start)
    assert b"HTTP/1.1 201" not in await client.rest()
    assert files.stored == []


async def test_a_head_that_drips_in_is_cut_off_although_something_always_comes(server: FileServer) -> None:
    client = await connect(server)
    started = asyncio.get_running_loop().time()
    ended = asyncio.ensure_future(client.rest())
    while not ended.done():
        client.send(b"X")
        await asyncio.sleep(0.05)
    assert asyncio.get_running_loop().time() - started < 4 * LIMITS.head_s


async def test_a_body_that_drips_in_is_cut_off_when_its_request_takes_too_long(
    server: FileServer, files: FakeFiles
) -> None:
    client = await connect(server)
    client.send(head("PUT", "/up/7/", "Content-Length: 10000"))
    ended = asyncio.ensure_future(client.rest())
    while not ended.done():
        client.send(b"x")
        await asyncio.sleep(0.05)
    assert (files.stored, files.aborted) == ([], 1)


async def test_more_clients_than_allowed_are_hung_up_on_until_others_leave(server: FileServer) -> None:
    clients = [await connect(server) for _ in range(LIMITS.max_connections)]
    await asyncio.sleep(0.05)
    late = await connect(server)
    assert await late.rest() == b""
    for client in clients:
        client.writer.close()
    await asyncio.sleep(0.05)
    assert (await ask(server, put("/up/7/", b"x"))).status == 201


async def test_closing_hangs_up_on_everyone(files: FakeFiles) -> None:
    server = await serve_files(files, "127.0.0.1", 0)
    client = await connect(server)
    client.send(head("PUT", "/up/7/", "Content-Length: 100") + b"half")
    await asyncio.sleep(0.05)
    await server.close()
    assert await client.rest() == b""
    assert (files.stored, files.aborted) == ([], 1)


async def test_other_routes_stand_on_the_same_listener_with_bounds_of_their_own(files: FakeFiles) -> None:
    async def hello(wire: HttpWire, head: RequestHead) -> None:
        await wire.answer(200, (), b"hello")

    route = Route(prefixes=("/hello",), serve=hello, request_s=1, max_body_bytes=3)
    server = await serve_files(files, "127.0.0.1", 0, routes=(route,))
    try:
        assert (await ask(server, put("/hello", b"abc"))).body == b"hello"
        assert (await ask(server, put("/hello", b"abcd"))).status == 413
        assert (await ask(server, put("/up/7/", b"abcd"))).status == 201
    finally:
        await server.close()


async def test_who_showed_too_many_wrong_passwords_is_told_to_wait(server: FileServer, files: FakeFiles) -> None:
    files.refuses = TransferRefused("too_many")
    answer = await ask(server, put("/up/7/", b"x"))
    assert (answer.status, int(answer.headers["retry-after"]) > 0) == (429, True)
    assert files.addresses == ["127.0.0.1"]
