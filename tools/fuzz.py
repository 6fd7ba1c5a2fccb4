"""Coverage-guided fuzzing of everything that reads what strangers send: frames, envelopes, payloads, dialects.

    python tools/fuzz.py [seconds]

Needs ``atheris``, which is no dependency of the project: without it this says so and ends with status 0. What must
never happen is an exception other than those that the readers promise; atheris then ends with the input that did it.
"""

import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

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
    from stationmaster.ocpp.sender import Sender
    from stationmaster.ocpp.soap import writing
    from stationmaster.ocpp.soap.answers import BadAnswer, read_answer
    from stationmaster.ocpp.soap.envelope import Refused
    from stationmaster.ocpp.soap.envelope import read_request as read_envelope
    from stationmaster.ocpp.soap.payload import to_element, to_payload
    from stationmaster.ocpp.soap.tables import SERVICES
    from stationmaster.ocpp.version import JSON_VERSIONS, SOAP_VERSIONS, Version
    from stationmaster.ocpp.wire import encode

SECONDS = 300
LONGEST_BYTES = 4096
ROLES: dict[Sender, Literal["csms", "station"]] = {Sender.STATION: "csms", Sender.CSMS: "station"}
"""Who reads what this side sends."""


def read(version: Version, action: str, payload: bytes, role: Literal["csms", "station"] = "csms") -> None:
    """Payload to domain request, as a session would."""
    if action not in messages(version):
        return
    with suppress(SchemaViolation):
        read_native(version, action, payload)
    row = dialect_for(version).incoming.get(action)
    with suppress(Unreadable, Unattributable):
        message = read_request(version, action, payload).message
        if row is not None:
            row.read(StationFacts(version=version, role=role), message)


def one_input(data: bytes) -> None:
    """Any bytes, taken as a text message by every version, and as what was posted to either side."""
    if data.lstrip()[:1] == b"<":
        one_document(data)
    for version in JSON_VERSIONS:
        Peer(version).receive(data, 0.0)
    try:
        frame = decode(data)
    except BadFrame:
        return
    if isinstance(frame, Call | Send):
        for version in JSON_VERSIONS:
            read(version, frame.action, bytes(frame.payload))


def one_document(data: bytes) -> None:
    """A request, or the answer to one of ours, and the fault that answers what is refused."""
    for sender, role in ROLES.items():
        try:
            request = read_envelope(data, sender)
        except Refused as refused:
            writing.write_refusal(refused.reply, refused.fault, "urn:uuid:1")
            continue
        payload = to_payload(request.service, request.action, False, request.body)
        read(request.service.version, request.action, payload, role)
    for version in SOAP_VERSIONS:
        with suppress(BadAnswer):
            read_answer(data, SERVICES[version], "Heartbeat", message_id="urn:uuid:1")


def seeds(folder: Path) -> None:
    """A call of every action with the names of its members, to start from."""
    for version, service in SERVICES.items():
        for action, operation in service.operations.items():
            for sender in Sender.STATION, Sender.CSMS:
                if operation.sender not in (sender, Sender.BOTH):
                    continue
                payload = encode({each.name: [{}] if each.many else "1" for each in operation.request.fields})
                body = to_element(service, action, False, payload, service.namespace(sender))
                headers = writing.request_headers(action, "urn:uuid:1", "http://csms.test/soap")
                document = writing.write_request(service, body, "CP-1", headers)
                (folder / f"{version}-{action}-{sender}").write_bytes(document)
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
