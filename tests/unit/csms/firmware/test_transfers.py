"""The transfer desk over real storage: who is let in, what is kept, what is swept away."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from stationmaster.clock.wall import WallClock
from stationmaster.csms.firmware.transfers import TransferDesk
from stationmaster.csms.settings import FileSettings
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.transfer import Transfer, TransferClosed, TransferRefused
from stationmaster.security.guesses import BURST
from stationmaster.storage.blobs import DirectoryBlobs
from stationmaster.storage.sqlite import SQLiteStorage

PEPPER = b"pepper"
HERE = "192.0.2.1"
SETTINGS = FileSettings(max_upload_bytes=100, quota_bytes=150)


@pytest.fixture
async def storage() -> AsyncIterator[SQLiteStorage]:
    made = await SQLiteStorage.open(":memory:", threaded=False)
    yield made
    await made.close()


@pytest.fixture
async def desk(storage: SQLiteStorage, tmp_path: Path) -> TransferDesk:
    blobs = await DirectoryBlobs.open(tmp_path)
    made = TransferDesk(storage.reads, storage.journal, blobs, WallClock(), SETTINGS, PEPPER)
    made.addresses["http"] = "http://files.test:9001"
    return made


async def opened(storage: SQLiteStorage, key: int = 7, **changes: object) -> Transfer:
    now = WallClock().now()
    transfer = Transfer(
        key=key,
        tenant="default",
        station_key=1,
        purpose="upload",
        opened_at=now,
        expires_at=now + timedelta(hours=1),
        max_bytes=SETTINGS.max_upload_bytes,
    )
    transfer = msgspec.structs.replace(transfer, **changes)
    await storage.journal.store([transfer])
    return transfer


def credentials(desk: TransferDesk, key: int = 7) -> tuple[str, str]:
    username, _, password = desk.url(key, "upload").partition("://")[2].partition("@")[0].partition(":")
    return username, password


async def bring(desk: TransferDesk, transfer: Transfer, content: bytes, name: str | None = "a.log") -> None:
    receiving = await desk.receive(transfer, name)
    await receiving.write(content)
    await receiving.finish()


async def refusal(attempt: object) -> str:
    with pytest.raises(TransferRefused) as refused:
        await attempt  # type: ignore[misc]
    return refused.value.reason


def test_an_address_ends_with_the_name_or_a_slash_and_has_neither_query_nor_fragment(desk: TransferDesk) -> None:
    bare, named = desk.url(7, "upload"), desk.url(7, "firmware", "image.bin")
    assert bare.startswith("http://t7:") and bare.endswith("@files.test:9001/up/7/")
    assert named.endswith("@files.test:9001/fw/7/image.bin")
    assert not set("?#") & set(bare + named)
    assert len(desk.url(2**63 - 1, "upload")) < 512
    with pytest.raises(LookupError):
        desk.url(7, "upload", scheme="ftp")


async def test_a_transfer_is_opened_by_its_own_credentials_for_its_own_purpose_in_its_own_time(
    desk: TransferDesk, storage: SQLiteStorage
) -> None:
    transfer = await opened(storage)
    username, password = credentials(desk)

    assert await desk.admit(username, password, "upload", HERE) == transfer
    assert await refusal(desk.admit(username, password + "x", "upload", HERE)) == "unknown"
    assert await refusal(desk.admit(*credentials(desk, 8), "upload", HERE)) == "unknown"
    assert await refusal(desk.admit(username, password, "firmware", HERE)) == "wrong_purpose"
    await storage.journal.store([TransferClosed(key=7, closed_at=transfer.opened_at)])
    assert await refusal(desk.admit(username, password, "upload", HERE)) == "gone"
    await opened(storage, 8, expires_at=transfer.opened_at - timedelta(seconds=1))
    assert await refusal(desk.admit(*credentials(desk, 8), "upload", HERE)) == "gone"


async def test_wrong_passwords_are_few_from_an_address_and_cost_others_nothing(
    desk: TransferDesk, storage: SQLiteStorage
) -> None:
    transfer = await opened(storage)
    username, password = credentials(desk)
    reasons = [await refusal(desk.admit(username, f"{number}", "upload", HERE)) for number in range(BURST + 5)]
    assert reasons == ["unknown"] * BURST + ["too_many"] * 5
    assert await refusal(desk.admit(username, password, "upload", HERE)) == "too_many"
    assert await desk.admit(username, password, "upload", "192.0.2.2") == transfer


async def test_a_file_is_stored_with_its_name_and_a_later_one_takes_its_place(
    desk: TransferDesk, storage: SQLiteStorage
) -> None:
    transfer = await opened(storage)
    await bring(desk, transfer, b"first", "../x.log")
    await bring(desk, transfer, b"second", "y.log")

    found = await storage.reads.transfer(7)
    assert found is not None and found.file is not None
    assert (found.file.name, found.file.size_bytes) == ("y.log", 6)
    assert await desk.blobs.sizes() == {found.file.blob: 6}
    assert [event.event.kind for event in await storage.outbox.after(0)] == ["FileReceived"] * 2


async def test_a_file_that_is_too_long_is_refused_when_announced_or_when_it_gets_so_long(
    desk: TransferDesk, storage: SQLiteStorage
) -> None:
    transfer = await opened(storage)
    assert await refusal(desk.receive(transfer, None, 101)) == "too_big"
    receiving = await desk.receive(transfer, None, None)
    await receiving.write(b"x" * 100)
    assert await refusal(receiving.write(b"x")) == "too_big"
    await receiving.abort()
    assert await desk.blobs.sizes() == {}


async def test_files_of_all_stations_share_a_quota_with_those_under_way(
    desk: TransferDesk, storage: SQLiteStorage
) -> None:
    first, second = await opened(storage, 7), await opened(storage, 8)
    receiving = await desk.receive(first, None, 100)
    assert await refusal(desk.receive(second, None, 51)) == "full"
    await receiving.abort()
    await bring(desk, first, b"x" * 90)
    assert await refusal(desk.receive(second, None, 61)) == "full"
    await bring(desk, first, b"x" * 10)
    await bring(desk, second, b"x" * 100)


async def test_a_file_whose_row_was_never_written_is_swept_away_and_no_other(
    desk: TransferDesk, storage: SQLiteStorage, tmp_path: Path
) -> None:
    transfer = await opened(storage)
    await bring(desk, transfer, b"kept")
    await (await desk.blobs.create("up-9-1-1")).commit()  # as after a crash between the rename and the commit
    await (await desk.blobs.create("fw-1")).commit()
    receiving = await desk.receive(transfer, None)

    again = TransferDesk(storage.reads, storage.journal, desk.blobs, WallClock(), SETTINGS, PEPPER)
    assert await again.sweep() == 1
    kept = await storage.reads.brought_blobs()
    assert set(await desk.blobs.sizes()) == {*kept, "fw-1"}
    await receiving.abort()


async def test_what_cannot_be_entered_is_not_answered_for_and_is_swept_away(
    desk: TransferDesk, storage: SQLiteStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer = await opened(storage)

    async def fail(*_: object) -> None:
        raise StorageFailed("disk")

    receiving = await desk.receive(transfer, None)
    await receiving.write(b"x")
    monkeypatch.setattr(storage.journal, "store", fail)
    with pytest.raises(StorageFailed):
        await receiving.finish()
    assert await desk.sweep() == 1
    assert await desk.blobs.sizes() == {}
