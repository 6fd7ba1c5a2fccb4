"""Whatever a station says, it is answered once and rightly, it stays connected, and nothing in the CSMS breaks."""

import asyncio
from functools import cache
from typing import Any

import msgspec
import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from payload_mutations import mutated, replaced
from schema_payloads import Payloads
from tries import tries

import schemas
from stationmaster.dialects import dialect_for
from stationmaster.ocpp.codec import read_native
from stationmaster.ocpp.errors import CODES_BY_FAMILY
from stationmaster.ocpp.messages import Sender, messages
from stationmaster.ocpp.version import JSON_VERSIONS, Version
from stationmaster.ocpp.wire import encode
from stationmaster.testing import WireClient, csms_bench

SCHEMA_FOLDERS = dict(zip(JSON_VERSIONS, schemas.VERSIONS, strict=True))
Call = tuple[str, bytes]


class Listener(WireClient):
    """Keeps the bytes of every answer as they came."""

    def __init__(self, version: Version) -> None:
        super().__init__(version)
        self.answers: dict[str, list[list[msgspec.Raw]]] = {}

    def on_text(self, data: bytes) -> None:
        elements = msgspec.json.decode(data, type=list[msgspec.Raw])
        if bytes(elements[0]) in (b"3", b"4"):
            self.answers.setdefault(msgspec.json.decode(elements[1], type=str), []).append(elements)
        super().on_text(data)


@cache
def payloads(version: Version) -> dict[str, dict[str, Any]]:
    """A full payload of every action that a station may send."""
    native = schemas.load(SCHEMA_FOLDERS[version])
    full: dict[str, dict[str, Any]] = {}
    for action, message in messages(version).items():
        schema = native.get(f"{action}Request") or native.get(action)
        if message.sender is Sender.CSMS or schema is None:
            continue
        case = next(Payloads(schema, schema.get("definitions", {}), deep=True).cases())
        full[action] = msgspec.json.decode(encode(case.payload))
    return full


@st.composite
def calls(draw: st.DrawFn, version: Version, most: int) -> list[Call]:
    known = payloads(version)
    served = [action for action in known if action in dialect_for(version).incoming]
    any_action = st.sampled_from(served) | st.sampled_from(sorted(known))
    actions = draw(st.lists(any_action, min_size=1, max_size=most))
    return [(action, draw(mutated(known[action]))) for action in actions]


def check_answer(version: Version, action: str, answers: list[list[msgspec.Raw]]) -> None:
    assert len(answers) == 1, f"{action} was answered {len(answers)} times"
    kind, _, *rest = answers[0]
    if bytes(kind) == b"3":
        read_native(version, action, bytes(rest[0]), response=True)
        return
    code, description, details = (msgspec.json.decode(element) for element in rest)
    assert code in {code.value for code in CODES_BY_FAMILY[version.family].values()}
    assert code != "InternalError", description
    assert len(description) <= 255
    assert isinstance(details, dict)


def broken(logs: list[Any]) -> list[Any]:
    return [entry for entry in logs if entry["log_level"] in ("error", "critical") or entry.get("exc_info")]


async def converse(version: Version, said: list[Call]) -> None:
    """Send all of it without waiting, as one burst, and look at what comes back."""
    failures: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failures.append(context))
    with structlog.testing.capture_logs() as logs:
        async with csms_bench() as bench:
            client = Listener(version)
            client.connection = await bench.network.connect(
                bench.url("CP-1"), subprotocols=(version.subprotocol,), receiver_factory=lambda _: client
            )
            sent: dict[str, str] = {}
            for number, (action, payload) in enumerate(said):
                if messages(version)[action].send:
                    client.send_bytes(b'[6,"s%d","%b",%b]' % (number, action.encode(), payload))
                    continue
                sent[f"m{number}"] = action
                client.send_bytes(b'[2,"m%d","%b",%b]' % (number, action.encode(), payload))
            answer = await client.call("Heartbeat", message_id="after")
            assert set(answer) == {"currentTime"}
            assert client.answers.keys() == {*sent, "after"}
            for message_id, action in sent.items():
                check_answer(version, action, client.answers[message_id])
            assert not client.closed.done()
    assert broken(logs) == []
    assert failures == []


@pytest.mark.parametrize("version", JSON_VERSIONS, ids=str)
@tries(25, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_payload_is_answered_once_and_rightly(version: Version, data: st.DataObject) -> None:
    asyncio.run(converse(version, data.draw(calls(version, 12))))


@pytest.mark.nightly
@pytest.mark.parametrize("version", JSON_VERSIONS, ids=str)
def test_nightly_every_value_in_every_place_is_answered_once_and_rightly(version: Version) -> None:
    for action, payload in payloads(version).items():
        if action in dialect_for(version).incoming:
            said = [(action, changed) for changed in replaced(payload)]
            for start in range(0, len(said), 50):
                asyncio.run(converse(version, said[start : start + 50]))


@pytest.mark.nightly
@pytest.mark.parametrize("version", JSON_VERSIONS, ids=str)
@settings(max_examples=5000, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_nightly_any_payload_is_answered_once_and_rightly(version: Version, data: st.DataObject) -> None:
    asyncio.run(converse(version, data.draw(calls(version, 40))))
