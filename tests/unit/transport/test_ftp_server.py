"""The FTP listener over real sockets, spoken to by the standard library's client, and by hand."""

import asyncio
import ftplib
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from typing import Any, TypeVar

import pytest
from fake_files import IMAGE, FakeFiles

from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.transfer import TransferFailed, TransferRefused
from stationmaster.transport.file_client import FileClient
from stationmaster.transport.ftp_server import FTPHandler, FtpServer, serve_ftp

Result = TypeVar("Result")


class Files(FakeFiles):
    """``p`` opens the upload, ``f`` the image."""

    async def admit(self, username: str, password: str, purpose: Any, address: str) -> Any:
        if password == "f":
            if purpose == "upload":
                raise TransferRefused("wrong_purpose")
            password = "p"
        return await super().admit(username, password, purpose, address)


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
async def server(files: Files) -> AsyncIterator[FtpServer]:
    made = await serve_ftp(files, "127.0.0.1", 0)
    yield made
    await made.close()


async def session(server: FtpServer, talk: Callable[[ftplib.FTP], Result], password: str = "p") -> Result:
    """What a client says, in a thread of its own."""

    def run() -> Result:
        with ftplib.FTP(timeout=5) as ftp:
            ftp.connect("127.0.0.1", server.port)
            ftp.login("u", password)
            return talk(ftp)

    return await asyncio.to_thread(run)


async def test_a_file_is_stored_under_its_name_whatever_the_path(server: FtpServer, files: Files) -> None:
    await session(server, lambda ftp: ftp.storbinary("STOR /up/7/a.log", BytesIO(b"line\r\nline\r\n")))
    assert files.stored == [("a.log", b"line\r\nline\r\n")]


async def test_the_client_s_address_is_told_with_its_credentials(server: FtpServer, files: Files) -> None:
    await session(server, lambda ftp: ftp.nlst())
    assert files.addresses == ["127.0.0.1"]


async def test_a_client_may_go_into_a_directory_first(server: FtpServer, files: Files) -> None:
    def talk(ftp: ftplib.FTP) -> None:
        ftp.cwd("up")
        ftp.cwd("7")
        assert ftp.pwd() == "/up/7"
        assert ftp.nlst() == []
        ftp.storbinary("STOR a.log", BytesIO(b"x"))

    await session(server, talk)
    assert files.stored == [("a.log", b"x")]


async def test_a_client_that_forgets_to_ask_for_binary_breaks_nothing(server: FtpServer, files: Files) -> None:
    def talk(ftp: ftplib.FTP) -> None:
        ftp.sendcmd("TYPE A")
        with ftp.transfercmd("STOR a.gz") as data:
            data.sendall(b"\x1f\x8b\r\n\n\r")
        ftp.voidresp()

    await session(server, talk)
    assert files.stored == [("a.gz", b"\x1f\x8b\r\n\n\r")]


async def test_a_path_leads_nowhere_else(server: FtpServer, files: Files) -> None:
    await session(server, lambda ftp: ftp.storbinary("STOR ../../../../etc/passwd", BytesIO(b"x")))
    assert files.stored == [("passwd", b"x")]


async def test_an_image_is_fetched_whole_or_from_a_place_on(server: FtpServer) -> None:
    def talk(ftp: ftplib.FTP) -> tuple[int | None, bytes, bytes]:
        whole, rest = BytesIO(), BytesIO()
        ftp.retrbinary("RETR image.bin", whole.write)
        ftp.retrbinary("RETR image.bin", rest.write, rest=5000)
        return ftp.size("image.bin"), whole.getvalue(), rest.getvalue()

    assert await session(server, talk, "f") == (len(IMAGE), IMAGE, IMAGE[5000:])


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever guesses wrong is let wait for seconds otherwise."""
    monkeypatch.setattr(FTPHandler, "auth_failed_timeout", 0.01)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("password", ["", "wrong", "x" * 1000])
async def test_wrong_credentials_are_refused(server: FtpServer, password: str) -> None:
    with pytest.raises(ftplib.error_perm, match="530"):
        await session(server, lambda ftp: None, password)


@pytest.mark.parametrize(
    ("password", "command"),
    [
        ("p", "RETR a.log"),
        ("f", "STOR a.log"),
        ("p", "APPE a.log"),
        ("p", "DELE a.log"),
        ("p", "MKD a"),
        ("p", "RNFR a"),
        ("p", "SITE CHMOD 777 a"),
        ("p", "PORT 127,0,0,1,1,1"),
    ],
)
async def test_nothing_else_is_allowed(server: FtpServer, files: Files, password: str, command: str) -> None:
    def talk(ftp: ftplib.FTP) -> None:
        if command[:4] in ("RETR", "STOR"):
            ftp.makepasv()
        with pytest.raises(ftplib.error_perm, match=r"^5"):
            ftp.sendcmd(command)

    await session(server, talk, password)
    assert files.stored == []


async def test_a_file_that_is_too_long_is_refused_on_the_way(server: FtpServer, files: Files) -> None:
    with pytest.raises((ftplib.Error, OSError)):
        await session(server, lambda ftp: ftp.storbinary("STOR a", BytesIO(b"x" * 2_000_000)))
    assert (files.stored, files.aborted) == ([], 1)


async def test_a_file_that_could_not_be_stored_is_not_said_to_be(server: FtpServer, files: Files) -> None:
    files.broken = StorageFailed("disk")
    with pytest.raises(ftplib.error_temp, match="451"):
        await session(server, lambda ftp: ftp.storbinary("STOR a", BytesIO(b"x")))
    assert files.stored == []


async def test_closing_hangs_up(files: Files) -> None:
    server = await serve_ftp(files, "127.0.0.1", 0)
    ftp = ftplib.FTP(timeout=5)
    await asyncio.to_thread(ftp.connect, "127.0.0.1", server.port)
    await server.close()
    with pytest.raises((EOFError, OSError)):
        await asyncio.to_thread(ftp.voidcmd, "NOOP")
    ftp.close()


@pytest.mark.usefixtures("at_once")
async def test_a_station_s_own_client_brings_and_fetches(server: FtpServer, files: Files) -> None:
    where = f"127.0.0.1:{server.port}"
    await FileClient().upload(f"ftp://u:p@{where}/up/7/", "a.log", b"x" * 9000)
    assert files.stored == [("a.log", b"x" * 9000)]
    assert await FileClient().download(f"ftp://u:f@{where}/fw/8/image.bin", max_bytes=10**6) == IMAGE
    with pytest.raises(TransferFailed) as failed:
        await FileClient().upload(f"ftp://u:wrong@{where}/up/7/", "a.log", b"x")
    assert failed.value.kind == "PermissionDenied"
