"""A whole station against a CSMS of a few handlers, over the memory network, in the wire's words."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from stationmaster.clock.virtual import VirtualClock
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
    NotifyEvent,
    RequestStopTransaction,
    Reset,
    StatusNotification,
    TransactionAnswer,
    TransactionEvent,
    TriggerMessage,
)
from stationmaster.ocpp.version import Version
from stationmaster.session.session import Session, Side
from stationmaster.simulator.catalogue import ev_model, station_model
from stationmaster.simulator.ev import EV
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Place, Station
from stationmaster.storage.station_memory import FileMemory, RamMemory
from stationmaster.transport.handshake import Admission
from stationmaster.transport.memory import MemoryConnection
from stationmaster.transport.memory_network import MemoryNetwork

VERSIONS = [Version.V16, Version.V20, Version.V201, Version.V21]


class SmallCsms:
    """Accepts everything, names 1.6 transactions from 1, remembers what it was told."""

    def __init__(self, clock, version):
        self.clock, self.version = clock, version
        self.told = []
        self.session = None
        self.named = 0
        self.side = Side(
            facts=lambda: StationFacts(version=str(version)),
            clock=clock,
            handlers={
                BootNotification: self.boot,
                Heartbeat: self.heartbeat,
                Authorize: self.authorize,
                TransactionEvent: self.transaction,
                StatusNotification: self.note,
                NotifyEvent: self.note,
                MeterValues: self.note,
            },
        )

    async def note(self, request):
        self.told.append(request)
        return ACKNOWLEDGED

    async def boot(self, request):
        self.told.append(request)
        return BootAnswer(status="Accepted", current_time=self.clock.now(), interval_s=600)

    async def heartbeat(self, request):
        return HeartbeatAnswer(current_time=self.clock.now())

    async def authorize(self, request):
        self.told.append(request)
        return AuthorizeAnswer(id_token_info=IdTokenInfo(status="Accepted"))

    async def transaction(self, event):
        self.told.append(event)
        if event.event_type == "Started" and self.version is Version.V16:
            self.named += 1
            return TransactionAnswer(id_token_info=IdTokenInfo(status="Accepted"), transaction_id=str(self.named))
        return TransactionAnswer(id_token_info=IdTokenInfo(status="Accepted") if event.id_token else None)

    def connected(self, connection, context):
        self.session = Session(connection, self.version, self.side)
        return self.session

    def all(self, kind):
        return [request for request in self.told if type(request) is kind]


@asynccontextmanager
async def town(version, model="Wallbox 11", memory=None):
    clock, network = VirtualClock(), MemoryNetwork()
    csms = SmallCsms(clock, version)
    await network.serve(
        "csms.test",
        admit=lambda request: Admission(subprotocol=version.subprotocol, context=None),
        connected=csms.connected,
    )

    async def dial(receive):
        return await network.connect(
            "ws://csms.test/ocpp/S1", subprotocols=(version.subprotocol,), receiver_factory=receive
        )

    hardware = SimulatedHardware(station_model(model), clock)
    place = Place(hardware=hardware, memory=memory or RamMemory(), clock=clock, dial=dial)
    station = Station("S1", version, place, seed=1)
    task = asyncio.create_task(station.run())
    await clock.sleep(1)
    try:
        yield station, hardware, csms, clock
    finally:
        await station.cut_power() if not task.done() else None
        await asyncio.wait((task,))


def car(soc=0.5):
    return EV(ev_model("Compact 58"), soc)


@pytest.mark.parametrize("version", VERSIONS)
async def test_station_boots_and_reports_every_connector(version):
    async with town(version, "Street post 2x22") as (station, _, csms, _clock):
        assert type(csms.told[0]) is BootNotification
        reported = {status.evse.id for status in csms.all(StatusNotification) if status.status == "Available"}
        events = {data.evse.id for event in csms.all(NotifyEvent) for data in event.events}
        assert {1, 2} <= reported | events
        snapshot = station.snapshot()
        assert snapshot.online and snapshot.registration == "Accepted"


@pytest.mark.parametrize("version", VERSIONS)
async def test_charging_session_reaches_the_csms_in_every_version(version, card):
    async with town(version) as (station, hardware, csms, clock):
        hardware.plug(1, car())
        hardware.present(card, 1)
        await clock.sleep(3600)
        charging = station.snapshot().evses[0]
        assert charging.charging_state == "Charging" and charging.power_w > 10_000
        hardware.present(card, 1)
        await clock.sleep(1)
        hardware.unplug(1)
        await clock.sleep(1)
        events = csms.all(TransactionEvent)
        assert events[0].event_type == "Started" and events[-1].event_type == "Ended"
        if version is Version.V16:
            assert events[-1].transaction_id == "1"
            assert events[-1].meter_wh - events[0].meter_wh == pytest.approx(11_000, rel=0.05)
        assert station.snapshot().queued == 0
        assert station.snapshot().transactions_ended == 1


@pytest.mark.parametrize("version", [Version.V16, Version.V201])
async def test_csms_stops_a_transaction_by_the_id_it_knows(version, card):
    async with town(version) as (_station, hardware, csms, clock):
        hardware.plug(1, car())
        hardware.present(card, 1)
        await clock.sleep(30)
        known = "1" if version is Version.V16 else csms.all(TransactionEvent)[0].transaction_id
        answer = await csms.session.perform(RequestStopTransaction(transaction_id=known))
        await clock.sleep(1)
        assert answer.status == "Accepted"
        assert csms.all(TransactionEvent)[-1].stopped_reason == "Remote"
        assert not hardware.energized(1)


@pytest.mark.parametrize("version", [Version.V16, Version.V201])
async def test_F06_FR_04_answer_goes_before_what_it_promises(version):
    async with town(version) as (_station, _hardware, csms, clock):
        csms.told.clear()
        answered = asyncio.ensure_future(csms.session.perform(TriggerMessage(requested="StatusNotification")))
        while not answered.done():
            assert csms.told == []
            await asyncio.sleep(0)
        await clock.sleep(1)
        assert answered.result().status == "Accepted"
        assert csms.told != []


@pytest.mark.parametrize("version", VERSIONS)
async def test_reset_ends_what_runs_and_boots_again(version, card):
    async with town(version) as (station, hardware, csms, clock):
        hardware.plug(1, car())
        hardware.present(card, 1)
        await clock.sleep(30)
        csms.told.clear()
        answer = await csms.session.perform(Reset(type="Immediate"))
        await clock.sleep(60)
        assert answer.status == "Accepted"
        kinds = [type(request) for request in csms.told]
        assert kinds.index(TransactionEvent) < kinds.index(BootNotification)
        assert csms.all(TransactionEvent)[0].stopped_reason == "ImmediateReset"
        assert station.snapshot().boots == 2


@pytest.fixture(params=["ram", "file"])
def memory(request, tmp_path):
    engine = RamMemory() if request.param == "ram" else FileMemory(tmp_path / "station.db")
    yield engine
    if isinstance(engine, FileMemory):
        engine.close()


async def test_transaction_is_continued_over_a_power_cut_by_a_new_object(card, memory):
    async with town(Version.V16, memory=memory) as (station, hardware, csms, clock):
        hardware.plug(1, car())
        hardware.present(card, 1)
        await clock.sleep(30)
        await station.cut_power()
    async with town(Version.V16, memory=memory) as (_station, _hardware, csms, clock):
        await clock.sleep(5)
        (ended,) = csms.all(TransactionEvent)
        assert (ended.event_type, ended.transaction_id, ended.stopped_reason) == ("Ended", "1", "PowerLoss")


async def test_stop_sends_what_waits_and_hangs_up(card):
    async with town(Version.V201) as (station, hardware, csms, clock):
        hardware.plug(1, car())
        await station.stop()
        await clock.sleep(0.1)
        assert not csms.session.is_open
        assert [event.event_type for event in csms.all(TransactionEvent)] == ["Started"]
        assert not station.snapshot().running


async def test_stop_during_a_reboot_leaves_it_switched_off(card):
    async with town(Version.V201) as (station, _hardware, csms, clock):
        await csms.session.perform(Reset(type="Immediate"))
        await clock.sleep(5)
        await station.stop()
        await clock.sleep(60)
        assert station.snapshot().boots == 1 and not station.snapshot().running


async def test_variables_are_changed_by_their_names_and_kept():
    memory = RamMemory()
    async with town(Version.V201, memory=memory) as (station, _hardware, _csms, _clock):
        station.set_variable("SampledDataCtrlr.TxUpdatedInterval", "15")
        with pytest.raises(KeyError):
            station.set_variable("SampledDataCtrlr.Nonsense", "15")
    async with town(Version.V201, memory=memory) as (station, _hardware, _csms, _clock):
        assert station.variable("SampledDataCtrlr.TxUpdatedInterval") == "15"


@pytest.mark.parametrize(("retries", "restarts"), [(0, 0), (1, 0), (2, 1)])
async def test_ResetRetries_says_how_often_hardware_that_does_not_restart_is_told_to_again(retries, restarts):
    async with town(Version.V201) as (station, hardware, csms, clock):
        station.set_variable("OCPPCommCtrlr.ResetRetries", str(retries))
        hardware.fail_reboots(2)

        await csms.session.perform(Reset(type="Immediate"))
        await clock.sleep(120)

        assert hardware.reboots == restarts
        assert len(csms.all(BootNotification)) == 2  # its program began anew all the same


async def test_the_line_is_watched_by_WebSocketPingInterval_from_its_first_moment_and_whenever_it_changes(monkeypatch):
    asked = []
    monkeypatch.setattr(MemoryConnection, "ping_every", lambda _, interval_s: asked.append(interval_s))
    async with town(Version.V201) as (station, *_):
        station.set_variable("OCPPCommCtrlr.WebSocketPingInterval", "17")
        station.set_variable("OCPPCommCtrlr.HeartbeatInterval", "300")
        station.set_variable("OCPPCommCtrlr.WebSocketPingInterval", "0")

    assert asked == [60, 17, 0]
