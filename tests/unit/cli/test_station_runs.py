"""Two runs of `stationmaster station` on one memory, in virtual time and over the memory network."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from stationmaster.cli import station_run
from stationmaster.cli.station_run import StationOptions, run_station
from stationmaster.clock.virtual import VirtualClock, run_virtual
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import (
    ACKNOWLEDGED,
    Authorize,
    AuthorizeAnswer,
    BootAnswer,
    BootNotification,
    Heartbeat,
    HeartbeatAnswer,
    IdTokenInfo,
    MeterValues,
    StatusNotification,
    TransactionAnswer,
    TransactionEvent,
)
from stationmaster.domain.metering.values import register_wh
from stationmaster.ocpp.version import Version
from stationmaster.session.session import Session, Side
from stationmaster.station.connection.network import wired
from stationmaster.station.ports import Connection, Dial, Receiver
from stationmaster.transport.handshake import Admission
from stationmaster.transport.memory_network import MemoryNetwork

DAY_S = 86_400.0
EVENING_S = 18 * 3600.0
"""By then people have come home, and charge."""


class Csms:
    """Accepts everything and remembers the transaction events."""

    def __init__(self) -> None:
        self.events: list[TransactionEvent] = []

    async def answer(self, request: Any) -> Any:
        now = VirtualClock().now()
        accepted = IdTokenInfo(status="Accepted")
        if isinstance(request, TransactionEvent):
            self.events.append(request)
            return TransactionAnswer(id_token_info=accepted if request.id_token else None)
        answers: dict[type, Any] = {
            BootNotification: BootAnswer(status="Accepted", current_time=now, interval_s=600),
            Heartbeat: HeartbeatAnswer(current_time=now),
            Authorize: AuthorizeAnswer(id_token_info=accepted),
        }
        return answers.get(type(request), ACKNOWLEDGED)

    def session(self, connection: Connection, _: object) -> Session:
        kinds = (BootNotification, Heartbeat, Authorize, TransactionEvent, StatusNotification, MeterValues)
        side = Side(
            facts=lambda: StationFacts(version="2.0.1"),
            clock=VirtualClock(),
            handlers=dict.fromkeys(kinds, self.answer),
        )
        return Session(connection, Version.V201, side)

    async def served(self) -> Dial:
        """A line to it."""
        network, subprotocol = MemoryNetwork(), Version.V201.subprotocol
        await network.serve(
            "csms.test", admit=lambda _: Admission(subprotocol=subprotocol, context=None), connected=self.session
        )

        async def dial(receive: Callable[[Connection], Receiver]) -> Connection:
            return await network.connect(
                "ws://csms.test/ocpp/CP-1", subprotocols=(subprotocol,), receiver_factory=receive
            )

        return dial


async def no_line(_: Callable[[Connection], Receiver]) -> Connection:
    raise ConnectionError("refused")


def run_for(seconds: float, csms: Csms | None, memory: Path, *, drivers: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """One run of the command, from its start to Ctrl-C."""
    options = StationOptions(
        url="ws://csms.test/ocpp",
        identity="CP-1",
        version=Version.V201,
        password=None,
        evses=1,
        current="AC",
        phases=3,
        seed=1,
        speed=1,
        drivers=drivers,
        memory=memory,
    )

    def tell(_at: datetime, _text: str) -> None:
        """Nobody reads it."""

    async def run() -> None:
        dial = no_line if csms is None else await csms.served()
        monkeypatch.setattr(station_run, "websocket_network", lambda *_: wired(dial))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(run_station(options, tell), seconds)

    run_virtual(run())


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The file; nobody looks more than once in five minutes, which is enough here."""
    monkeypatch.setattr(station_run, "ScaledClock", lambda _: VirtualClock())
    monkeypatch.setattr(station_run, "WallClock", VirtualClock)
    monkeypatch.setattr(station_run, "PERIOD_S", 300.0)
    return tmp_path / "CP-1.db"


def test_what_happened_offline_is_delivered_by_the_next_run(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_for(DAY_S, None, memory, drivers=True, monkeypatch=monkeypatch)
    csms = Csms()
    run_for(300, csms, memory, drivers=False, monkeypatch=monkeypatch)
    assert (csms.events[0].event_type, csms.events[0].offline) == ("Started", True)
    again = Csms()
    run_for(300, again, memory, drivers=False, monkeypatch=monkeypatch)
    assert not again.events


def test_the_energy_register_never_runs_backwards_from_run_to_run(
    memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    csms = Csms()
    for _ in range(3):
        run_for(EVENING_S, csms, memory, drivers=True, monkeypatch=monkeypatch)
    last_values = [
        event.meter_values[-1] for event in csms.events if event.meter_values
    ]  # an Ended tells its begin too
    shown = [reading for value in last_values if (reading := register_wh(value.samples)) is not None]
    assert len(shown) > 10 and shown[-1] > 1000
    assert shown == sorted(shown)
    assert {event.transaction_id for event in csms.events if event.event_type == "Started"} >= {
        event.transaction_id for event in csms.events
    }
