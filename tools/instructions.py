"""Count the machine instructions that one message costs the CSMS, whatever else the machine does.

python tools/instructions.py 0             MeterValues of 1.6
python tools/instructions.py 1             TransactionEvent of 2.0.1
python tools/instructions.py 1 --no-log    without the message log

Needs valgrind. The frames are put in where the transport would hand them over, so the network's part is not counted;
the database is on disk as in `serve`.
"""

import argparse
import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from stationmaster.cli.benchmark.scripts import MESSAGES, Timeline
from stationmaster.cli.collector import calm
from stationmaster.ocpp.version import Version
from stationmaster.testing.bench import OPEN, csms_bench
from stationmaster.transport.handshake import UpgradeRequest

STATIONS = 200
ROUNDS = 6
VERSIONS = (Version.V16, Version.V201)


class Wire:
    """A station's end of a connection that is not there: says when it is sent a frame."""

    subprotocol = None
    remote_address = "127.0.0.1"

    def __init__(self) -> None:
        self.answered = asyncio.Event()
        self.last = b""
        self.session: Any = None
        self.script: Any = None

    def send(self, data: bytes) -> None:
        self.last = data
        self.answered.set()

    def close(self, code: int = 1000, reason: str = "") -> None:
        pass


async def measured(which: int, *, log: bool, path: Path) -> None:
    """Run under callgrind: only what stands between the two switches is counted."""
    times = Timeline(datetime.now(UTC))
    script, version = list(MESSAGES.values())[which], VERSIONS[which]
    async with csms_bench(msgspec.structs.replace(OPEN, message_log=log), path=str(path)) as bench:
        wires = [Wire() for _ in range(STATIONS)]
        for number, wire in enumerate(wires):
            request = UpgradeRequest(
                path="/x", tenant="default", identity=f"S{number}", subprotocols=(version.subprotocol,)
            )
            admitted = bench.csms.admit(request)
            wire.session = bench.csms.connected(wire, admitted.context)
            wire.script = script(times)
        await _all(wires, [wire.script.boot(0) for wire in wires])
        await _all(wires, [wire.script.begin(1) for wire in wires])
        for wire in wires:
            wire.script.begun(msgspec.json.decode(wire.last)[2])
        frames = [[wire.script.measured(2 + turn) for wire in wires] for turn in range(ROUNDS + 2)]
        calm()
        for frame in frames[:2]:
            await _all(wires, frame)
        _count("on")
        for frame in frames[2:]:
            await _all(wires, frame)
        if log:
            await bench.csms.message_log.flush()
        _count("off")


async def _all(wires: list[Wire], frames: list[bytes]) -> None:
    """Hand each its frame, and wait until all are answered."""
    for wire, frame in zip(wires, frames, strict=True):
        wire.answered.clear()
        wire.session.on_text(frame)
    for wire in wires:
        await wire.answered.wait()


def _count(state: str) -> None:
    subprocess.run(["callgrind_control", "-i", state, str(os.getpid())], stdout=subprocess.DEVNULL, check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("message", type=int, choices=(0, 1), help="0: MeterValues of 1.6, 1: TransactionEvent of 2.0.1")
    parser.add_argument("--no-log", action="store_true", help="with the message log off")
    parser.add_argument("--within", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.within is not None:
        uvloop.run(measured(arguments.message, log=not arguments.no_log, path=arguments.within))
        return 0
    if shutil.which("valgrind") is None:
        print("valgrind is not installed", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder) / "profile"
        command = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={profile}"]
        command += [sys.executable, __file__, str(arguments.message), *(["--no-log"] if arguments.no_log else [])]
        subprocess.run([*command, "--within", f"{folder}/bench.db"], check=True, stderr=subprocess.DEVNULL)
        total = sum(int(found) for found in re.findall(r"^totals: (\d+)", profile.read_text(), re.MULTILINE))
    print(f"{total / (STATIONS * ROUNDS):,.0f} instructions a message")
    return 0


if __name__ == "__main__":
    sys.exit(main())
