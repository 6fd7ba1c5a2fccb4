"""What the certification cases of a 2.x station have in common: the station, its drivers, and the states they make."""

import asyncio
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from file_bucket import FileBucket
from said import Said, TxEvent
from scripted_csms import Answer, Payload, ScriptedCsms

from stationmaster.clock.virtual import VirtualClock
from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import Version
from stationmaster.simulator.catalogue import ev_model, station_model
from stationmaster.simulator.ev import EV
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Place, Station
from stationmaster.station.connection.lines import ToCsms
from stationmaster.storage.station_memory import RamMemory
from stationmaster.transport.errors import ConnectRefused
from stationmaster.transport.memory_network import MemoryNetwork

CARD, CARD_2, MASTER = "04A1B2C3", "04D4E5F6", "04AA57E2"
SETTLED_S = 5.0
"""Longer than a simulated car takes to follow."""


class StationCase:
    """One station of a model in a version, with its CSMS; booted and idle after `power_up`."""

    def __init__(self, version: Version, model: str) -> None:
        self.version = version
        self.clock = VirtualClock()
        self.csms = self._csms()
        self.hardware = SimulatedHardware(station_model(model), self.clock)
        self.memory = RamMemory()
        self.files = FileBucket(self.clock)
        self._network = MemoryNetwork()
        self._taken = 0
        self._plugged: list[tuple[datetime, int]] = []

    def _csms(self) -> ScriptedCsms:
        return ScriptedCsms(self.version, self.clock, self.script())

    def script(self) -> dict[str, Any]:
        """How T answers unless a case says otherwise; ``infos`` holds its opinion of tokens."""
        self.infos: dict[str, Payload] = {}
        self.tx_infos: dict[str, Payload] = {}

        def event(payload: Payload) -> Answer:
            token = payload.get("idToken", {}).get("idToken")
            return {} if token is None else {"idTokenInfo": self.tx_infos.get(token) or self.info(token)}

        return {
            "BootNotification": lambda _: self.boot_answer("Accepted", 86_400),
            "Heartbeat": lambda _: {"currentTime": self.now()},
            "Authorize": lambda payload: {"idTokenInfo": self.info(payload["idToken"]["idToken"])},
            "TransactionEvent": event,
            **{action: lambda _: {} for action in ("StatusNotification", "NotifyEvent", "MeterValues", "NotifyReport")},
            **{action: lambda _: {} for action in ("SecurityEventNotification", "LogStatusNotification")},
            "NotifyCustomerInformation": lambda _: {},
        }

    def info(self, token: str) -> Payload:
        return self.infos.get(token, {"status": "Accepted"})

    def boot_answer(self, status: str, interval_s: int) -> Payload:
        return {"status": status, "interval": interval_s, "currentTime": self.now()}

    def now(self) -> str:
        return self.clock.now().isoformat().replace("+00:00", "Z")

    # Running ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def power_up(self) -> Said:
        await self._listen()
        self.station = Station("S1", self.version, self._place(), seed=1)
        self._running = asyncio.create_task(self.station.run())
        await self.clock.sleep(1)
        return self.take()

    async def _listen(self) -> None:
        """Let the CSMS be found."""
        await self._network.serve("csms.test", admit=self.csms.admit, connected=self.csms.connected)

    def _place(self) -> Place:
        return Place(hardware=self.hardware, memory=self.memory, clock=self.clock, dial=self._way(), files=self.files)

    def _way(self) -> ToCsms:
        """From the station to the CSMS."""

        async def dial(receive: Any) -> Any:
            try:
                return await self._network.connect(
                    "ws://csms.test/S1", subprotocols=(self.version.subprotocol,), receiver_factory=receive
                )
            except ConnectRefused as refused:
                raise OSError(str(refused)) from refused

        return dial

    async def cut_power(self) -> None:
        await self.station.cut_power()
        await asyncio.wait((self._running,))

    async def power_down(self) -> None:
        """The end of a case: what must always hold is looked at."""
        await self.cut_power()
        assert self.csms.violations == []
        self.check_always()

    def set(self, **variables: str) -> None:
        """Variables by name, ``Component__Variable`` or ``Component__Variable__Instance``."""
        for name, value in variables.items():
            component, variable, *instance = name.split("__")
            suffix = f"[{instance[0]}]" if instance else ""
            self.station.set_variable(f"{component}.{variable}{suffix}", value)

    async def wait(self, seconds: float = SETTLED_S) -> Said:
        await self.clock.sleep(seconds)
        return self.take()

    def take(self) -> Said:
        """What the station said since this was asked last."""
        new = Said(self.csms.heard[self._taken :])
        self._taken = len(self.csms.heard)
        return new

    async def ask(self, action: str, **payload: Any) -> Payload:
        return await self.csms.ask(action, payload)

    async def go_offline(self) -> None:
        self.csms.drop()
        await self.clock.sleep(0.1)

    async def back_online(self) -> Said:
        """Accept again, and wait for longer than any back-off in these cases."""
        self.csms.accept()
        return await self.wait(700)

    @property
    def connectors(self) -> list[tuple[int, int]]:
        return [(evse.id, connector.id) for evse in self.hardware.describe().evses for connector in evse.connectors]

    def all_report(self, status: str, **others: str) -> list[tuple[int, int, str]]:
        """A report of every connector; ``evse_2="Occupied"`` makes an exception."""
        return [(evse, connector, others.get(f"evse_{evse}", status)) for evse, connector in self.connectors]

    # Drivers ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def plug(self, evse: int = 1, connector: int = 1, *, soc: float = 0.5, limit: float = 1.0) -> Said:
        self._plugged.append((self.clock.now(), evse))
        self.hardware.plug(evse, EV(ev_model("Compact 58"), soc, limit), connector)
        return await self.wait()

    async def unplug(self, evse: int = 1) -> Said:
        self.hardware.unplug(evse)
        return await self.wait()

    async def swipe(self, token: str = CARD, evse: int = 1) -> Said:
        self.hardware.present(IdToken(token, "ISO14443"), evse)
        return await self.wait()

    # Reusable states ──────────────────────────────────────────────────────────────────────────────────────────────

    async def pre_session(self, evse: int = 1) -> Said:
        """EVConnectedPreSession, with EVConnected among the start points."""
        said = await self.plug(evse)
        assert said.reports == [(evse, 1, "Occupied")]
        (plugged,) = said.events
        assert plugged.brief == ("Started", "CablePluggedIn", "EVConnected")
        assert plugged.place == (evse, 1)
        return said

    async def charging(self, evse: int = 1, token: str = CARD) -> TxEvent:
        """EnergyTransferStarted, cable first, charged by this token; the last event."""
        await self.pre_session(evse)
        said = await self.swipe(token, evse)
        authorized, charging = said.events
        assert (authorized.kind, authorized.trigger, authorized.token) == ("Updated", "Authorized", token)
        assert charging.brief == ("Updated", "ChargingStateChanged", "Charging")
        assert self.hardware.drawing(evse)
        return charging

    async def remote_start(self, remote_start_id: int = 7, evse: int | None = 1, token: str = CARD) -> Said:
        """Authorized, remotely: what follows the Accepted answer."""
        where = {} if evse is None else {"evseId": evse}
        id_token = {"idToken": token, "type": "ISO14443"}
        answer = await self.ask("RequestStartTransaction", idToken=id_token, remoteStartId=remote_start_id, **where)
        assert answer["status"] == "Accepted"
        said = await self.wait()
        if said.events:
            first = said.events[0]
            assert (first.trigger, first.remote_start_id) == ("RemoteStart", remote_start_id)
            assert first.token == token
        return said

    async def cached(self, token: str = CARD, info: Payload | None = None) -> None:
        """IdTokenCached: one session with the token, or its refusal."""
        if info is not None:
            self.infos[token] = info
        await self.plug()
        await self.swipe(token)
        await self.swipe(token)
        await self.unplug()
        assert self.station.snapshot().queued == 0
        self.take()

    # Always ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def check_always(self) -> None:
        events = sorted(Said(self.csms.heard).events, key=lambda event: event.tx)
        for _, of_one in groupby(events, key=lambda event: event.tx):
            _check_transaction(list(of_one))
        self._check_plugs(Said(self.csms.heard).events)
        hard_wired = Said(self.csms.heard).of("NotifyEvent")
        by_events = any({"HardWiredNotification", "AvailabilityState"} <= _words(call.payload) for call in hard_wired)
        by_statuses = bool(Said(self.csms.heard).of("StatusNotification"))
        assert not (by_statuses if self.version is Version.V21 else by_events)  # each version in its own form

    def _check_plugs(self, events: list[TxEvent]) -> None:
        """E01.FR.16: the first event after a plug names EVSE and connector."""
        for at, evse in self._plugged:
            later = [event for event in events if event.place[0] == evse and event.timestamp >= at.astimezone(UTC)]
            first = min(later, key=lambda event: event.seq_no + event.timestamp.timestamp(), default=None)
            assert first is None or None not in first.place


def _check_transaction(events: list[TxEvent]) -> None:
    by_number = {event.seq_no: event for event in events}
    for event in events:  # whatever is sent again is the same message
        assert _without_offline(event) == _without_offline(by_number[event.seq_no])
    ordered = [by_number[number] for number in sorted(by_number)]
    assert [event.seq_no for event in ordered] == list(range(len(ordered)))
    assert [event.kind for event in ordered[1:-1]] == ["Updated"] * (len(ordered) - 2)
    assert ordered[0].kind == "Started"
    assert ordered[0].state is not None
    assert all((event.reason is not None) <= (event.kind == "Ended") for event in ordered)
    assert all(event.state is not None for event in ordered if event.trigger == "ChargingStateChanged")
    moments = [event.timestamp for event in ordered]
    assert moments == sorted(moments)
    registers = [register for event in ordered for register in _registers(event)]
    assert registers == sorted(registers)  # J02.FR.16


def _words(payload: Payload) -> set[str]:
    """The names and kinds in the events of a NotifyEvent."""
    events = payload["eventData"]
    return {event["variable"]["name"] for event in events} | {event["eventNotificationType"] for event in events}


def _registers(event: TxEvent) -> list[float]:
    return [
        float(sample["value"])
        for value in sorted(event.values, key=lambda value: value["timestamp"])
        for sample in value["sampledValue"]
        if sample.get("measurand", "Energy.Active.Import.Register") == "Energy.Active.Import.Register"
        and "phase" not in sample
        and event.kind != "Ended"
    ]


def _without_offline(event: TxEvent) -> Payload:
    return {name: value for name, value in event.payload.items() if name != "offline"}
