"""A process that is killed after a file was renamed and before its row was written: nothing is answered for, and
nothing is left behind."""

import asyncio
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from stationmaster.clock.wall import WallClock
from stationmaster.csms.firmware.transfers import TransferDesk
from stationmaster.csms.settings import FileSettings
from stationmaster.domain.transfer import Transfer
from stationmaster.storage.blobs import DirectoryBlobs
from stationmaster.storage.sqlite import SQLiteStorage

VICTIM = """
import asyncio, os, signal, sys
from pathlib import Path
from test_kill_upload import opened

async def main(folder, dies):
    storage, desk = await opened(Path(folder))
    transfer = await storage.reads.transfer(7)
    receiving = await desk.receive(transfer, "a.log")
    await receiving.write(b"content")
    if dies == "before the row":
        async def store(*_):
            os.kill(os.getpid(), signal.SIGKILL)
        storage.journal.store = store
    await receiving.finish()
    print("answered", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main(*sys.argv[1:]))
"""


async def opened(folder: Path) -> tuple[SQLiteStorage, TransferDesk]:
    storage = await SQLiteStorage.open(str(folder / "s.db"))
    blobs = await DirectoryBlobs.open(folder / "files")
    return storage, TransferDesk(storage.reads, storage.journal, blobs, WallClock(), FileSettings(), b"pepper")


@pytest.mark.parametrize(("dies", "answered"), [("before the row", False), ("after the row", True)])
async def test_what_was_answered_for_is_there_and_the_rest_is_swept_away(
    tmp_path: Path, dies: str, answered: bool
) -> None:
    storage, _ = await opened(tmp_path)
    now = WallClock().now()
    transfer = Transfer(
        key=7,
        tenant="default",
        station_key=1,
        purpose="upload",
        opened_at=now,
        expires_at=now + timedelta(hours=1),
        max_bytes=100,
    )
    await storage.journal.store([transfer])
    await storage.close()

    victim = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", VICTIM, str(tmp_path), dies),
        cwd=Path(__file__).parent,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await victim.communicate()
    left = len(list((tmp_path / "files").iterdir()))

    storage, desk = await opened(tmp_path)
    try:
        found = await storage.reads.transfer(7)
        assert (victim.returncode, b"answered" in said, left) == (-signal.SIGKILL, answered, 1)
        assert found is not None and (found.file is not None) is answered
        assert await desk.sweep() == (0 if answered else 1)
        assert len(await desk.blobs.sizes()) == answered
    finally:
        await storage.close()
