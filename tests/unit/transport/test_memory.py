"""What only the memory transport can do."""

import asyncio
from typing import Any

import pytest

from stationmaster.transport.memory import connection_pair


class Log:
    def __init__(self, connection: Any) -> None:
        self.heard: list[Any] = []

    def on_text(self, data: bytes) -> None:
        self.heard.append(data)

    def on_closed(self, code: int, reason: str) -> None:
        self.heard.append((code, reason))


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize(("lose", "arrives"), [(False, [b"1", b"2"]), (True, [])])
async def test_a_cut_is_seen_by_both_ends_with_or_without_what_is_under_way(lose: bool, arrives: list[bytes]) -> None:
    logs: list[Log] = []

    def receiver(connection: Any) -> Log:
        logs.append(Log(connection))
        return logs[-1]

    left, right = connection_pair(receiver, receiver)
    left.send(b"1")
    left.send(b"2")
    left.cut(lose_in_flight=lose)
    left.send(b"3")
    right.send(b"4")
    right.cut()
    left.close(1000)
    await _settle()
    assert logs[1].heard == [*arrives, (1006, "")]
    assert logs[0].heard == [(1006, "")]


async def test_a_pair_can_be_given_a_sub_protocol() -> None:
    left, right = connection_pair(Log, Log, subprotocol="ocpp2.1")
    assert left.subprotocol == right.subprotocol == "ocpp2.1"
    assert left.remote_address != right.remote_address
