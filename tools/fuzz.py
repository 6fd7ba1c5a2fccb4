"""Coverage-guided fuzzing of everything that reads what a station sends: frames, payloads, dialects.

    python tools/fuzz.py [seconds]

Needs ``atheris``, which is no dependency of the project: without it this says so and ends with status 0. What must
never happen is an exception other than those that the readers promise; atheris then ends with the input that did it.
"""

import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

if find_spec("atheris") is None:
    print("SKIPPED: tools/fuzz.py needs atheris (pip install atheris)", file=sys.stderr)
    sys.exit(0)

import atheris

with atheris.instrument_imports(include=["stationmaster"]):
    from stationmaster.dialects import dialect_for
    from stationmaster.dialects.table import Unattributable
    from stationmaster.domain.facts import StationFacts
    from stationmaster.ocpp.codec import SchemaViolation, read_native, read_request
    from stationmaster.ocpp.frames import BadFrame, Call, Send, decode
    from stationmaster.ocpp.messages import messages
    from stationmaster.ocpp.peer import Peer
    from stationmaster.ocpp.salvage import Unreadable
    from stationmaster.ocpp.version import JSON_VERSIONS, Version
    from stationmaster.ocpp.wire import encode

SECONDS = 300
LONGEST_BYTES = 4096


def read(version: Version, action: str, payload: bytes) -> None:
    """Payload to domain request, as a session would."""
    if action not in messages(version):
        return
    with suppress(SchemaViolation):
        read_native(version, action, payload)
    row = dialect_for(version).incoming.get(action)
    with suppress(Unreadable, Unattributable):
        message = read_request(version, action, payload).message
        if row is not None:
            row.read(StationFacts(version=version, role="csms"), message)


def one_input(data: bytes) -> None:
    """Any bytes, taken as a text message by every version."""
    for version in JSON_VERSIONS:
        Peer(version).receive(data, 0.0)
    try:
        frame = decode(data)
    except BadFrame:
        return
    if isinstance(frame, Call | Send):
        for version in JSON_VERSIONS:
            read(version, frame.action, bytes(frame.payload))


def seeds(folder: Path) -> None:
    """A call of every action with the names of its members, to start from."""
    for version in JSON_VERSIONS:
        for action, message in messages(version).items():
            members = dict.fromkeys(message.request.__struct_encode_fields__)
            (folder / f"{version}-{action}").write_bytes(encode([2, "1", action, members]))


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    with TemporaryDirectory() as corpus:
        seeds(Path(corpus))
        options = [sys.argv[0], corpus, f"-max_total_time={seconds}", f"-max_len={LONGEST_BYTES}", "-timeout=5"]
        atheris.Setup(options, one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
