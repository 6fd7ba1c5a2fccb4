"""The file server spoken to by curl, as shell scripts on stations do."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from stationmaster.domain.transfer import Transfer
from stationmaster.testing import CsmsBench, csms_bench
from stationmaster.transport.file_server import serve_files

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@pytest.fixture
async def bench() -> AsyncIterator[CsmsBench]:
    async with csms_bench() as made:
        server = await serve_files(made.csms.files, "127.0.0.1", 0)
        made.csms.files.addresses["http"] = f"http://127.0.0.1:{server.port}"
        now = made.clock.now()
        transfer = Transfer(
            key=7,
            tenant="default",
            station_key=1,
            purpose="upload",
            opened_at=now,
            expires_at=now + timedelta(hours=1),
            max_bytes=3_000_000,
        )
        image = msgspec.structs.replace(transfer, key=8, purpose="firmware", blob="fw-8")
        await made.storage.journal.store([transfer, image])
        writer = await made.csms.files.blobs.create("fw-8")
        await writer.write(b"image" * 1000)
        await writer.commit()
        yield made
        await server.close()


async def curl(*arguments: str) -> tuple[str, bytes]:
    """The status of the last answer, and its body."""
    process = await asyncio.create_subprocess_exec(
        *("curl", "-sS", "--max-time", "20", "-w", "%{stderr}%{http_code}", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    body, status = await process.communicate()
    return status.decode()[-3:], body


async def stored(bench: CsmsBench) -> tuple[str | None, int]:
    transfer = await bench.storage.reads.transfer(7)
    assert transfer is not None and transfer.file is not None
    return transfer.file.name, transfer.file.size_bytes


@pytest.mark.parametrize("size", [10, 2_000_000])  # curl waits for leave to send what is longer than a megabyte
@pytest.mark.parametrize("way", [("-T",), ("--anyauth", "-T"), ("-X", "POST", "-T")])
async def test_a_file_is_uploaded(bench: CsmsBench, tmp_path: Path, size: int, way: tuple[str, ...]) -> None:
    (tmp_path / "a.log").write_bytes(b"x" * size)
    assert (await curl(*way, str(tmp_path / "a.log"), bench.csms.files.url(7, "upload")))[0] == "201"
    assert await stored(bench) == ("a.log", size)


async def test_a_form_is_uploaded(bench: CsmsBench, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b"line\r\n" * 1000)
    file = f"file=@{tmp_path / 'a.log'}"
    assert (await curl("-F", "note=x", "-F", file, bench.csms.files.url(7, "upload")))[0] == "201"
    assert await stored(bench) == ("a.log", 6000)


async def test_a_file_that_is_too_long_is_refused(bench: CsmsBench, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b"x" * 3_000_001)
    assert (await curl("-T", str(tmp_path / "a.log"), bench.csms.files.url(7, "upload")))[0] == "413"
    assert await bench.csms.files.blobs.sizes() == {"fw-8": 5000}


async def test_an_image_is_fetched_and_a_broken_download_goes_on(bench: CsmsBench, tmp_path: Path) -> None:
    where = bench.csms.files.url(8, "firmware", "image.bin")
    assert await curl(where) == ("200", b"image" * 1000)
    (tmp_path / "image").write_bytes((b"image" * 1000)[:1234])
    assert (await curl("-C", "-", "-o", str(tmp_path / "image"), where))[0] == "206"
    assert (tmp_path / "image").read_bytes() == b"image" * 1000


async def test_wrong_credentials_are_refused(bench: CsmsBench) -> None:
    where = bench.csms.files.url(8, "firmware", "image.bin")
    assert (await curl(where.replace("//t8:", "//t8:x")))[0] == "401"
    assert (await curl(where.replace("//t8:", "//t7:")))[0] == "401"
    assert (await curl(bench.csms.files.url(7, "upload").replace("/up/", "/fw/")))[0] == "403"
