"""N11-N15 Periodic event streams (2.1), at a CSMS. There are no certification cases."""

from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
from csms_case import Case

from stationmaster.csms import subjects
from stationmaster.domain.device_model.addresses import Component, Variable
from stationmaster.domain.identity import Evse
from stationmaster.domain.monitoring.event_streams import (
    AdjustPeriodicEventStream,
    GetPeriodicEventStream,
    KnownStream,
    StreamParams,
    StreamValueFilter,
)
from stationmaster.domain.monitoring.monitors import MonitorSetting, SetVariableMonitoring
from stationmaster.domain.queries import CommittedEvent
from stationmaster.ocpp.version import Version
from stationmaster.testing import CsmsBench
from stationmaster.testing.script import moment
from stationmaster.testing.wire import Payload

MONITOR, STREAM = 70, 4
EVSE, POWER = Component(name="EVSE", evse=Evse(1)), Variable(name="Power")
BOTH = StreamParams(interval_s=60, values=10)


@pytest.fixture
async def case(bench: CsmsBench) -> Case:
    case = await Case.connect(bench, Version.V21, "NotifyEvent")
    await case.booted()
    return case


def setting(stream: StreamParams | None = BOTH, kind: str = "Periodic") -> SetVariableMonitoring:
    monitor = MonitorSetting(component=EVSE, variable=POWER, type=kind, value=Decimal(5), severity=6, stream=stream)
    return SetVariableMonitoring(monitors=(monitor,))


async def monitored(case: Case) -> Payload:
    """What the station was asked for; the monitor is set."""
    place = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}
    result = {**place, "type": "Periodic", "severity": 6, "status": "Accepted", "id": MONITOR}
    asked, command = await case.commanded(setting(), "SetVariableMonitoring", setMonitoringResult=[result])
    assert command.state == "accepted"
    return asked


async def opening(case: Case, **params: int) -> str:
    data = {"id": STREAM, "variableMonitoringId": MONITOR, "params": params}
    return str((await case.station.say("OpenPeriodicEventStream", {"constantStreamData": data}))["status"])


async def streams(case: Case) -> list[KnownStream]:
    return list(await case.bench.storage.reads.event_streams("default", case.view.key))


async def values(case: Case) -> list[tuple[int | None, str]]:
    asked = StreamValueFilter(tenant="default", station_key=case.view.key, stream_id=STREAM)
    found = (await case.bench.storage.reads.stream_values(asked)).items
    return [(each.value.monitoring_id, each.value.value) for each in found]


async def send(case: Case, *told: str, pending: int = 0) -> None:
    """A SEND, and a call whose answer shows that it was dealt with."""
    data = [{"t": place, "v": value} for place, value in enumerate(told)]
    body = {"id": STREAM, "pending": pending, "basetime": moment(case.station.now()), "data": data}
    case.station.client.send_frame([6, f"s-{len(case.station.client.frames)}", "NotifyPeriodicEventStream", body])
    await case.station.say("Heartbeat")


async def test_N11_FR_01_the_station_is_asked_for_a_stream_of_the_monitor(case: Case) -> None:
    asked = await monitored(case)
    assert asked["setMonitoringData"][0]["periodicEventStream"] == {"interval": 60, "values": 10}
    (known,) = await case.view.monitors()
    assert (known.id, known.stream) == (MONITOR, BOTH)


async def test_N11_FR_04_06_08_and_N15_FR_03_values_are_those_of_the_monitor(case: Case) -> None:
    await monitored(case)
    assert await opening(case, interval=60) == "Accepted"
    heard = case.bench.bus.subscribe(subjects.event("StreamValues", case.view.key))
    await send(case, "11000.5", "10999")
    assert await values(case) == [(MONITOR, "11000.5"), (MONITOR, "10999")]
    told = msgspec.json.decode((await anext(heard)).body, type=CommittedEvent).event.data
    await heard.aclose()
    words = ("monitoring_id", "trigger", "notification_type", "severity", "component", "variable")
    assert [told[word] for word in words] == [MONITOR, "Periodic", "CustomMonitor", 6, "EVSE", "Power"]


async def test_N11_FR_05_a_stream_that_never_sends_is_refused(case: Case) -> None:
    assert await opening(case) == "Rejected"
    assert await streams(case) == []


@pytest.mark.parametrize("request_", [setting(StreamParams()), setting(kind="UpperThreshold")])
async def test_N11_FR_09_a_stream_is_asked_for_with_what_it_needs(case: Case, request_: SetVariableMonitoring) -> None:
    done = await case.view.outcome(await case.view.ask(request_))
    assert (done.state, await case.view.monitors()) == ("failed", [])


async def test_N12_FR_01_streams_that_the_station_does_not_have_are_gone(case: Case) -> None:
    await opening(case, values=2)
    await case.commanded(GetPeriodicEventStream(), "GetPeriodicEventStream")
    assert await streams(case) == []


async def test_N13_FR_02_a_stream_that_is_closed_is_used_no_more(case: Case) -> None:
    await opening(case, values=2)
    assert await case.station.say("ClosePeriodicEventStream", {"id": STREAM}) == {}
    assert await streams(case) == []


async def test_N14_FR_01_and_02_a_stream_is_adjusted_and_its_monitor_with_it(case: Case) -> None:
    await monitored(case)
    await opening(case, interval=60)
    less = StreamParams(values=3)
    asked, _ = await case.commanded(AdjustPeriodicEventStream(id=STREAM, params=less), "AdjustPeriodicEventStream")
    assert asked == {"id": STREAM, "params": {"values": 3}}
    assert [stream.params for stream in await streams(case)] == [less]
    assert [monitor.stream for monitor in await case.view.monitors()] == [less]


async def test_N14_FR_03_a_stream_that_is_not_adjusted_stays_as_it_is(case: Case) -> None:
    await opening(case, interval=60)
    less = AdjustPeriodicEventStream(id=STREAM, params=StreamParams(values=3))
    _, command = await case.commanded(less, "AdjustPeriodicEventStream", "Rejected")
    assert (command.state, [stream.params.interval_s for stream in await streams(case)]) == ("rejected", [60])


async def test_N15_FR_05_a_stream_that_lags_is_an_oddity(case: Case) -> None:
    await opening(case, values=1)
    for pending in (5, 9, 14):
        await send(case, "1", pending=pending)
    (known,) = await streams(case)
    assert (known.pending, known.growing) == (14, 3)
    assert known.last_at is not None
    assert case.station.now() - known.last_at < timedelta(minutes=1)
