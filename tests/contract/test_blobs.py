"""What every engine of the Blobs port does."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stationmaster.csms.ports import Blobs
from stationmaster.domain.transfer import BlobFacts, BlobMissing
from stationmaster.storage.blobs import DirectoryBlobs
from stationmaster.storage.memory_blobs import MemoryBlobs


@pytest.fixture(params=["directory", "memory"])
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return MemoryBlobs() if request.param == "memory" else await DirectoryBlobs.open(tmp_path / "files")


async def put(blobs: Blobs, name: str, *portions: bytes) -> BlobFacts:
    writer = await blobs.create(name)
    for portion in portions:
        await writer.write(portion)
    return await writer.commit()


async def all_of(portions: AsyncIterator[bytes]) -> bytes:
    return b"".join([portion async for portion in portions])


async def test_a_blob_is_read_back_as_it_was_written_with_its_length_and_digests(blobs: Blobs) -> None:
    content = bytes(range(256)) * 3000
    facts = await put(blobs, "a-1", content[:1000], content[1000:])

    assert facts == BlobFacts(
        size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest(), md5=hashlib.md5(content).hexdigest()
    )
    assert await blobs.size("a-1") == len(content)
    assert await all_of(blobs.read("a-1")) == content


@pytest.mark.parametrize(("start", "end"), [(0, 3), (2, 5), (3, None), (6, None), (4, 4), (0, 99)])
async def test_a_part_of_a_blob_is_read_by_its_places(blobs: Blobs, start: int, end: int | None) -> None:
    await put(blobs, "a", b"012345")
    assert await all_of(blobs.read("a", start, end)) == b"012345"[start:end]


async def test_nothing_is_there_before_the_commit_and_after_an_abort(blobs: Blobs) -> None:
    writer = await blobs.create("a")
    await writer.write(b"half")
    assert await blobs.sizes() == {}
    await writer.abort()
    assert await blobs.sizes() == {}
    with pytest.raises(BlobMissing):
        await blobs.size("a")
    with pytest.raises(BlobMissing):
        await all_of(blobs.read("a"))


async def test_a_blob_takes_the_place_of_one_with_its_name(blobs: Blobs) -> None:
    await put(blobs, "a", b"old and long")
    await put(blobs, "a", b"new")
    assert await all_of(blobs.read("a")) == b"new"
    assert await blobs.sizes() == {"a": 3}


async def test_a_deleted_blob_is_gone_and_may_be_deleted_again(blobs: Blobs) -> None:
    await put(blobs, "a", b"1")
    await blobs.delete("a")
    await blobs.delete("a")
    assert await blobs.sizes() == {}


@pytest.mark.parametrize("name", ["", "../a", "a/b", "/etc/passwd", "A", ".partial-1", "a.b", "a\0", "-a", "a" * 101])
async def test_a_name_that_could_lead_elsewhere_is_refused(blobs: Blobs, name: str) -> None:
    for use in (blobs.create, blobs.size, blobs.delete):
        with pytest.raises(ValueError, match="not a name"):
            await use(name)
    with pytest.raises(ValueError, match="not a name"):
        await all_of(blobs.read(name))


async def test_what_a_crash_left_half_written_is_cleared_away_at_the_next_start(tmp_path: Path) -> None:
    first = await DirectoryBlobs.open(tmp_path)
    writer = await first.create("a")
    await writer.write(b"half")
    left = len(list(tmp_path.iterdir()))
    second = await DirectoryBlobs.open(tmp_path)

    assert (left, list(tmp_path.iterdir()), await second.sizes()) == (1, [], {})
    await writer.abort()


async def test_the_directory_is_nobody_elses_to_read(tmp_path: Path) -> None:
    await DirectoryBlobs.open(tmp_path / "made")
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o700
