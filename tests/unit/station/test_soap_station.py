"""A whole station that speaks SOAP, against a CSMS of a few handlers, over HTTP in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from stationmaster.clock.virtual import VirtualClock
from stationmaster.domain.device_model.addresses import GetBaseReport
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import (
    ACKNOWLEDGED,
    Answer,
    Authorize,
    AuthorizeAnswer,
    BootAnswer,
    BootNotification,
    CommandAnswer,
    Heartbeat,
    HeartbeatAnswer,
    IdTokenInfo,
    MeterValues,
    Request,
    RequestStartTransaction,
    Reset,
    StatusNotification,
    TransactionAnswer,
    TransactionEvent,
    UnlockConnector,
)
from stationmaster.ocpp.errors import ErrorKind, OCPPError
from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.envelope import read_request
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import SOAP_VERSIONS, Version
from stationmaster.session.failures import CallRefused
from stationmaster.session.session import Side
from stationmaster.session.soap_calls import Places, SoapCalls, Voice
from stationmaster.session.soap_exchange import answered
from stationmaster.session.soap_session import SoapSession
from stationmaster.session.watch import Unwatched
from stationmaster.simulator.catalogue import ev_model, station_model
from stationmaster.simulator.ev import EV
from stationmaster.simulator.hardware import SimulatedHardware
from stationmaster.station.app import Place, Station
from stationmaster.station.connection.lines import SoapPlace
from stationmaster.station.connection.soap_listener import SoapListener
from stationmaster.storage.station_memory import RamMemory
from stationmaster.transport.memory_http import MemoryHttp
from stationmaster.transport.soap_path import any_path
from stationmaster.transport.soap_server import SoapReply, SoapRequest, SoapRoute

CSMS, POST = "csms.test", "post.test"
CARD = IdToken("04AABBCC", "ISO14443")
ACCEPTED = IdTokenInfo(status="Accepted")


class SmallCsms:
    """Accepts everything, names transactions from 1, remembers what it was told and which messages that took.

    ``script`` goes before, by the kind of request: what it returns is the answer, what it raises the fault.
    """

    def __init__(self, clock: VirtualClock, network: MemoryHttp, version: Version) -> None:
        self.clock = clock
        self.network = network
        self.told: list[Request] = []
        self.actions: list[str] = []
        self.oddities: list[str] = []
        self.script: dict[type[Request], Callable[[Any], Answer]] = {}
        self.named = 0
        kinds = (BootNotification, Heartbeat, Authorize, TransactionEvent, StatusNotification, MeterValues)
        facts = StationFacts(version=str(version), role="csms")
        side = Side(facts=lambda: facts, handlers=dict.fromkeys(kinds, self._answer), clock=clock, watch=self)
        voice = Voice(service=SERVICES[version], sender=Sender.CSMS, identity="S1")
        places = Places(theirs=lambda: f"http://{POST}/", ours=lambda: None)
        self.session = SoapSession(version, side, SoapCalls(voice, places, network.client(), Unwatched()))
        network.serve(CSMS, SoapRoute(self._post))

    async def ask(self, request: Request) -> Answer:
        return await self.session.perform(request)

    def all(self, kind: type[Any]) -> list[Any]:
        return [request for request in self.told if type(request) is kind]

    @property
    def events(self) -> list[tuple[str, Any]]:
        """What it heard of transactions, in order: Started, Updated (by meter values) or Ended, and of when."""
        return [
            (each.event_type, each.timestamp) if isinstance(each, TransactionEvent) else ("Updated", _taken_at(each))
            for each in self.told
            if isinstance(each, TransactionEvent | MeterValues)
        ]

    async def _post(self, posted: SoapRequest) -> SoapReply:
        request = read_request(posted.body, Sender.STATION, charset=posted.charset, http_action=posted.http_action)
        assert request.identity == "S1"
        assert request.addressing.from_address == f"http://{POST}/S1"
        self.actions.append(request.action)
        sent = await answered(self.session, request, self, strict=True)
        return SoapReply(status=sent.status, body=sent.body, headers={"Content-Type": sent.content_type})

    def _answer(self, request: Any) -> Answer:
        self.told.append(request)
        scripted = self.script.get(type(request))
        return self._usual(request) if scripted is None else scripted(request)

    def _usual(self, request: Request) -> Answer:
        if isinstance(request, TransactionEvent):
            self.named += request.event_type == "Started"
            number = str(self.named) if request.event_type == "Started" else None
            return TransactionAnswer(id_token_info=ACCEPTED if request.id_token else None, transaction_id=number)
        usual = {
            BootNotification: BootAnswer(status="Accepted", current_time=self.clock.now(), interval_s=600),
            Heartbeat: HeartbeatAnswer(current_time=self.clock.now()),
            Authorize: AuthorizeAnswer(id_token_info=ACCEPTED),
        }
        return usual.get(type(request), ACKNOWLEDGED)

    # As a Watch ───────────────────────────────────────────────────────────────────────────────────────────────────

    def frame(self, direction: str, data: bytes, action: str | None, message_id: str | None) -> None: ...
    def violations(self, action: str, direction: str, found: object) -> None:
        self.oddities.append(f"{action}: {found}")

    def oddity(self, kind: str, action: str | None, detail: str) -> None:
        self.oddities.append(f"{action}: {kind}")


def _taken_at(request: Request) -> Any:
    assert isinstance(request, MeterValues)
    return request.meter_values[0].timestamp


class Town:
    """A station, and the CSMS that it belongs to."""

    def __init__(self, version: Version) -> None:
        self.clock = VirtualClock()
        self.network = MemoryHttp()
        self.csms = SmallCsms(self.clock, self.network, version)
        self.hardware = SimulatedHardware(station_model("Wallbox 11"), self.clock)
        listener = SoapListener()
        self.network.serve(POST, SoapRoute(self._at_post(listener), place_of=any_path))
        place = SoapPlace(
            csms_url=f"http://{CSMS}/soap",
            client=self.network.client(),
            listener=listener,
            callback_url=f"http://{POST}/S1",
        )
        around = Place(hardware=self.hardware, memory=RamMemory(), clock=self.clock, dial=place)
        self.station = Station("S1", version, around, seed=1)

    def _at_post(self, listener: SoapListener) -> Any:
        async def answer(posted: SoapRequest) -> SoapReply:
            sent = await listener.answer(posted)
            return SoapReply(status=sent.status, body=sent.body, headers={"Content-Type": sent.content_type})

        return answer

    async def charge(self) -> None:
        """A car comes and draws power."""
        self.hardware.plug(1, EV(ev_model("Compact 58"), 0.3))
        self.hardware.present(CARD, 1)
        await self.clock.sleep(5)

    async def leave(self) -> None:
        self.hardware.present(CARD, 1)
        await self.clock.sleep(2)
        self.hardware.unplug(1)
        await self.clock.sleep(2)


@asynccontextmanager
async def town(version: Version) -> AsyncIterator[Town]:
    made = Town(version)
    running = asyncio.create_task(made.station.run())
    await made.clock.sleep(1)
    try:
        yield made
    finally:
        await made.station.cut_power()
        await asyncio.wait((running,))
        assert made.csms.oddities == []


every_version = pytest.mark.parametrize("version", SOAP_VERSIONS)


async def test_a_call_of_the_csms_ends_the_wait_for_the_next_attempt() -> None:
    async with town(Version.V15) as here:
        here.network.refuse(CSMS)
        here.hardware.plug(1, EV(ev_model("Compact 58"), 0.3))
        await here.clock.sleep(1)
        assert not here.station.snapshot().online
        for _ in range(20):
            await here.csms.ask(UnlockConnector(evse=Evse(1)))
        await here.clock.sleep(1)
        here.network.restore(CSMS)
        await here.csms.ask(UnlockConnector(evse=Evse(1)))
        await here.clock.sleep(8)
        assert not here.station.snapshot().online  # whoever calls all the time makes it hurry now and then only
        await here.clock.sleep(2)
        await here.csms.ask(UnlockConnector(evse=Evse(1)))
        await here.clock.sleep(1)
        assert here.station.snapshot().online


@every_version
async def test_it_boots_tells_its_connector_and_keeps_its_heart_beating(version: Version) -> None:
    async with town(version) as here:
        assert here.csms.actions[0] == "BootNotification"
        assert "Available" in [status.status for status in here.csms.all(StatusNotification)]
        await here.clock.sleep(1300)
        assert len(here.csms.all(Heartbeat)) == 2
        snapshot = here.station.snapshot()
        assert (snapshot.online, snapshot.registration, snapshot.connections) == (True, "Accepted", 1)


@every_version
async def test_a_session_is_told_from_its_start_to_its_stop(version: Version) -> None:
    async with town(version) as here:
        await here.charge()
        await here.clock.sleep(600)
        charging = here.station.snapshot().evses[0]
        assert (charging.charging_state, charging.power_w > 5000) == ("Charging", True)
        await here.leave()
        transaction = [a for a in here.csms.actions if a in ("StartTransaction", "MeterValues", "StopTransaction")]
        assert (transaction[0], transaction[-1]) == ("StartTransaction", "StopTransaction")
        assert transaction.count("MeterValues") >= 9
        first, last = here.csms.all(TransactionEvent)[0], here.csms.all(TransactionEvent)[-1]
        assert last.meter_wh - first.meter_wh > 1000
        assert last.transaction_id == "1"
        assert here.station.snapshot().queued == 0


async def test_a_state_is_told_in_the_words_of_its_version() -> None:
    told = {}
    for version in SOAP_VERSIONS:
        async with town(version) as here:
            await here.charge()
            told[version] = here.csms.all(StatusNotification)[-1].charging_state
    assert told == {Version.V12: None, Version.V15: None, Version.V16S: "Charging"}


@every_version
async def test_it_answers_what_the_csms_asks(version: Version) -> None:
    async with town(version) as here:
        assert await here.csms.ask(UnlockConnector(evse=Evse(1, 1))) == CommandAnswer(status="Unlocked")
        here.hardware.plug(1, EV(ev_model("Compact 58"), 0.3))
        evse = None if version is Version.V12 else Evse(1)
        answer = await here.csms.ask(RequestStartTransaction(id_token=CARD, remote_start_id=1, evse=evse))
        assert answer.status == "Accepted"
        await here.clock.sleep(5)
        assert here.csms.events[0][0] == "Started"


@pytest.mark.parametrize("version", [Version.V15, Version.V16S])
async def test_it_tells_no_setting_of_a_websocket(version: Version) -> None:
    async with town(version) as here:
        report = await here.csms.ask(GetBaseReport(report_base="FullInventory", request_id=1))
        names = {data.variable.name for data in report.report}  # type: ignore[attr-defined]
        assert "HeartbeatInterval" in names
        assert "WebSocketPingInterval" not in names
        assert ("CustomDisplayCostAndPrice" in names) == (version is Version.V16S)


@every_version
async def test_what_happens_while_the_csms_is_away_is_told_in_order_when_it_is_back(version: Version) -> None:
    async with town(version) as here:
        await here.charge()
        await here.leave()
        here.csms.told.clear()
        here.network.refuse(CSMS)
        await here.charge()
        await here.clock.sleep(300)
        await here.leave()
        away = here.station.snapshot()
        assert (away.online, away.queued >= 6, here.csms.events) == (False, True, [])
        here.network.restore(CSMS)
        await here.clock.sleep(700)
        assert here.station.snapshot().online
        assert here.station.snapshot().queued == 0
        kinds, stamps = zip(*here.csms.events, strict=True)
        assert (kinds[0], set(kinds[1:-1]), kinds[-1]) == ("Started", {"Updated"}, "Ended")
        assert list(stamps) == sorted(stamps)
        assert here.csms.all(BootNotification) == []


@every_version
async def test_rejected_it_says_nothing_but_its_boot_and_refuses_all_that_is_asked(version: Version) -> None:
    async with town(version) as here:
        await here.station.cut_power()
        here.csms.told.clear()
        here.csms.script[BootNotification] = lambda _: BootAnswer(
            status="Rejected", current_time=here.clock.now(), interval_s=100
        )
        running = asyncio.create_task(here.station.run())
        await here.clock.sleep(250)
        assert [type(request) for request in here.csms.told] == [BootNotification] * 3
        with pytest.raises(CallRefused) as refusal:
            await here.csms.ask(UnlockConnector(evse=Evse(1, 1)))
        assert refusal.value.code == "SecurityError"
        await here.station.cut_power()
        await asyncio.wait((running,))


@every_version
async def test_errata_3_2_a_heartbeat_tells_a_bad_message_from_a_bad_line(version: Version) -> None:
    def failing(_: object) -> Answer:
        raise OCPPError(ErrorKind.INTERNAL, "no")

    async with town(version) as here:
        here.csms.script[TransactionEvent] = failing
        await here.charge()
        refused = here.csms.actions.index("StartTransaction")
        assert here.csms.actions[refused + 1] == "Heartbeat"
        assert here.station.snapshot().online
        await here.clock.sleep(300)
        assert here.csms.actions.count("StartTransaction") == 3  # then it is given up, as the line is well


@every_version
async def test_errata_3_2_no_message_is_given_up_while_not_even_a_heartbeat_is_answered(version: Version) -> None:
    def failing(_: object) -> Answer:
        raise OCPPError(ErrorKind.INTERNAL, "the database is away")

    async with town(version) as here:
        here.csms.script |= {TransactionEvent: failing, Heartbeat: failing}
        await here.charge()
        await here.clock.sleep(600)
        assert here.csms.actions.count("StartTransaction") > 3
        here.csms.script.clear()
        await here.clock.sleep(60)
        assert (here.csms.named, here.csms.events[-1][0]) == (1, "Updated")
        assert here.station.snapshot().queued == 0


async def test_who_does_not_answer_in_time_is_away() -> None:
    async with town(Version.V15) as here:
        here.network.delay(CSMS, back_s=100)
        await here.clock.sleep(700)
        assert not here.station.snapshot().online
        here.network.restore(CSMS)
        await here.clock.sleep(100)
        assert here.station.snapshot().online


async def test_away_from_its_csms_it_still_answers_it() -> None:
    async with town(Version.V15) as here:
        here.network.refuse(CSMS)
        await here.charge()
        assert not here.station.snapshot().online
        assert await here.csms.ask(UnlockConnector(evse=Evse(1, 1))) == CommandAnswer(status="Unlocked")


async def test_while_it_restarts_it_asks_to_be_called_again() -> None:
    async with town(Version.V15) as here:
        assert (await here.csms.ask(Reset(type="Immediate"))).status == "Accepted"
        await here.clock.sleep(3)
        with pytest.raises(CallRefused, match="may be called again"):
            await here.csms.ask(UnlockConnector(evse=Evse(1, 1)))
        await here.clock.sleep(120)
        assert len(here.csms.all(BootNotification)) == 2
        assert (await here.csms.ask(UnlockConnector(evse=Evse(1, 1)))).status == "Unlocked"
