"""The bare end of a line says what it is told to, and holds the other side to the rules."""

import asyncio
from typing import Any

import msgspec
import pytest

from stationmaster.ocpp.version import Version
from stationmaster.testing import BrokenRules, WireClient, WireError


class _Line:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    def send(self, data: bytes) -> None:
        self.sent.append(msgspec.json.decode(data))


@pytest.fixture
async def client() -> WireClient:
    client = WireClient(Version.V201)
    client.connection = _Line()
    return client


def _hears(client: WireClient, frame: Any) -> None:
    client.on_text(msgspec.json.encode(frame))


HEARTBEAT = {"currentTime": "2030-01-01T00:00:00Z"}


async def test_a_call_returns_its_answer(client: WireClient) -> None:
    answer = client.start_call("Heartbeat", message_id="1")

    _hears(client, [3, "1", HEARTBEAT])

    assert await answer == HEARTBEAT
    assert client.connection.sent == [[2, "1", "Heartbeat", {}]]
    client.check()


async def test_an_answer_that_breaks_the_schema_is_raised_at_its_call_and_stays_noted(client: WireClient) -> None:
    answer = client.start_call("Heartbeat", message_id="1")

    _hears(client, [3, "1", {"currentTime": "today"}])

    with pytest.raises(BrokenRules, match="HeartbeatResponse"):
        await answer
    with pytest.raises(BrokenRules, match="currentTime"):
        client.check()


async def test_a_CALLERROR_is_raised_with_its_code(client: WireClient) -> None:
    answer = client.start_call("Heartbeat", message_id="1")

    _hears(client, [4, "1", "SecurityError", "why", {"a": 1}])

    with pytest.raises(WireError) as refused:
        await answer
    assert (refused.value.code, refused.value.description, refused.value.details) == ("SecurityError", "why", {"a": 1})
    client.check()


@pytest.mark.parametrize(
    ("frame", "complaint"),
    [
        ([3, "nobody", {}], "no open call"),
        ([4, "nobody", "Oops", "", {}], "Oops"),
        ([4, "nobody", "FormationViolation", "", {}], "2.0.1 does not have"),
        ([5, "nobody", "GenericError", "", {}], "kind 5"),
        ([2, "1", "Reset", {"type": "Hard"}], "ResetRequest"),
        ([2, "1", "BootNotification", {}], "does not send"),
        ([2, "1", "RemoteStartTransaction", {"idTag": "x"}], "does not send"),
        ([2, "x" * 37, "Reset", {"type": "OnIdle"}], "37 characters"),
    ],
)
async def test_what_the_version_does_not_allow_is_noted(client: WireClient, frame: Any, complaint: str) -> None:
    _hears(client, frame)

    with pytest.raises(BrokenRules, match=complaint):
        client.check()


async def test_what_breaks_the_rules_is_raised_where_a_call_is_expected(client: WireClient) -> None:
    _hears(client, [2, "1", "Reset", {"type": "Hard"}])

    with pytest.raises(BrokenRules):
        await client.expect("Reset")


async def test_a_call_is_answered_as_it_was_told_and_else_refused(client: WireClient) -> None:
    client.on("Reset", lambda request: {"status": "Accepted" if request["type"] == "OnIdle" else "Rejected"})

    _hears(client, [2, "1", "Reset", {"type": "OnIdle"}])
    _hears(client, [2, "2", "ClearCache", {}])

    assert client.connection.sent == [[3, "1", {"status": "Accepted"}], [4, "2", "NotSupported", "", {}]]
    assert await client.expect("ClearCache") == {}


async def test_a_closed_line_ends_the_calls_that_wait(client: WireClient) -> None:
    answer = client.start_call("Heartbeat")

    client.on_closed(1006, "")

    with pytest.raises(ConnectionError):
        await answer
    assert await asyncio.wait_for(client.closed, 1) == (1006, "")
