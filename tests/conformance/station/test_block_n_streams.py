"""N11-N15 Periodic event streams (2.1), at a station. There are no certification cases."""

from itertools import pairwise
from typing import Any

import pytest
from said import Said
from scripted_csms import Payload
from station_case import StationCase

from stationmaster.ocpp.version import Version

pytestmark = pytest.mark.parametrize("version", [Version.V21], ids=["2.1"])
POWER: Payload = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}


@pytest.fixture(autouse=True)
def streams_are_taken(case: StationCase) -> None:
    case.csms.script["OpenPeriodicEventStream"] = lambda _: {"status": "Accepted"}
    case.csms.script["ClosePeriodicEventStream"] = lambda _: {}


def periodic(value: float = 5, stream: Payload | None = None, **more: Any) -> Payload:
    streamed = {} if stream is None else {"periodicEventStream": stream}
    return {**POWER, "type": "Periodic", "value": value, "severity": 8, **streamed, **more}


async def attempt(case: StationCase, monitor: Payload) -> Payload:
    (result,) = (await case.ask("SetVariableMonitoring", setMonitoringData=[monitor]))["setMonitoringResult"]
    return dict(result)


async def placed(case: StationCase, monitor: Payload) -> int:
    result = await attempt(case, monitor)
    assert result["status"] == "Accepted"
    return int(result["id"])


async def streaming(case: StationCase, **params: int) -> tuple[int, int]:
    """A monitor and its stream, which is open."""
    monitor = await placed(case, periodic(stream=params))
    (opened,) = (await case.wait(1)).payloads("OpenPeriodicEventStream")
    assert opened["constantStreamData"]["variableMonitoringId"] == monitor
    return monitor, opened["constantStreamData"]["id"]


def sent(said: Said) -> list[Payload]:
    return said.payloads("NotifyPeriodicEventStream")


async def clear(case: StationCase, monitor: int) -> None:
    answer = await case.ask("ClearVariableMonitoring", id=[monitor])
    assert answer["clearMonitoringResult"][0]["status"] == "Accepted"


async def test_N11_FR_01_and_02_after_the_answer_a_stream_is_opened_with_what_was_asked_for(case: StationCase) -> None:
    monitor = await placed(case, periodic(stream={"interval": 10, "values": 4}))
    said = await case.wait(1)
    assert said.order == ["SetVariableMonitoring!", "OpenPeriodicEventStream"]
    (opened,) = said.payloads("OpenPeriodicEventStream")
    stream = opened["constantStreamData"]
    assert (stream["variableMonitoringId"], stream["params"]) == (monitor, {"interval": 10, "values": 4})


async def test_N11_FR_07_what_is_refused_is_told_by_events(case: StationCase) -> None:
    case.csms.script["OpenPeriodicEventStream"] = lambda _: {"status": "Rejected"}
    monitor = await placed(case, periodic(stream={"interval": 10}))
    said = await case.wait(21)
    events = [event for told in said.payloads("NotifyEvent") for event in told["eventData"]]
    assert [event["variableMonitoringId"] for event in events] == [monitor] * 4
    assert sent(said) == []
    assert len(said.payloads("OpenPeriodicEventStream")) == 1


async def test_N11_FR_09_a_stream_without_an_end_of_its_messages_is_refused(case: StationCase) -> None:
    assert (await attempt(case, periodic(stream={})))["status"] == "Rejected"
    assert (await attempt(case, periodic(stream={"values": 2}, type="UpperThreshold")))["status"] == "Rejected"


async def test_N12_FR_01_the_streams_that_are_open_are_told(case: StationCase) -> None:
    assert await case.ask("GetPeriodicEventStream") == {}
    monitor, stream = await streaming(case, values=3)
    (told,) = (await case.ask("GetPeriodicEventStream"))["constantStreamData"]
    assert told == {"id": stream, "variableMonitoringId": monitor, "params": {"values": 3}}


async def test_N13_FR_01_and_03_and_05_a_cleared_monitor_ends_its_stream_after_what_is_left(case: StationCase) -> None:
    monitor, stream = await streaming(case, values=100)
    await case.wait(11)
    await clear(case, monitor)
    said = await case.wait(30)
    assert said.order == ["ClearVariableMonitoring!", "NotifyPeriodicEventStream", "ClosePeriodicEventStream"]
    assert (len(sent(said)[0]["data"]), said.payloads("ClosePeriodicEventStream")) == (2, [{"id": stream}])


async def test_N13_FR_04_and_06_a_monitor_that_is_set_without_a_stream_tells_by_events(case: StationCase) -> None:
    monitor, stream = await streaming(case, values=1)
    assert await placed(case, periodic(id=monitor)) == monitor
    said = await case.wait(6)
    assert said.payloads("ClosePeriodicEventStream") == [{"id": stream}]
    assert [told["eventData"][0]["trigger"] for told in said.payloads("NotifyEvent")] == ["Periodic"]


async def test_N14_FR_02_and_03_a_stream_is_adjusted_and_one_that_is_not_there_is_not(case: StationCase) -> None:
    _, stream = await streaming(case, values=100)
    adjusted = await case.ask("AdjustPeriodicEventStream", id=stream, params={"values": 2})
    assert adjusted == {"status": "Accepted"}
    assert [len(message["data"]) for message in sent(await case.wait(21))] == [2, 2]
    unknown = await case.ask("AdjustPeriodicEventStream", id=stream + 1, params={"values": 2})
    assert unknown["status"] == "Rejected"


async def test_N15_FR_01_and_06_and_09_every_interval_with_times_from_the_first_value(case: StationCase) -> None:
    _, stream = await streaming(case, interval=20)
    said = await case.wait(61)
    first, *_ = messages = sent(said)
    assert {message["id"] for message in messages} == {stream}
    assert [each["t"] for each in first["data"]] == [0, 5, 10]
    assert {message["pending"] for message in messages} == {0}
    moments = [call.at for call in said.of("NotifyPeriodicEventStream")]
    assert {round(later - earlier) for earlier, later in pairwise(moments)} == {20}
    assert said.payloads("NotifyEvent") == []


async def test_N15_FR_04_and_07_and_08_so_many_values_at_a_time_and_what_waits_is_told(case: StationCase) -> None:
    await streaming(case, interval=3600, values=2)
    await case.wait(16)
    await case.go_offline()
    await case.clock.sleep(21)
    said = await case.back_online()
    assert all(len(message["data"]) <= 2 for message in sent(said))
    assert max(message["pending"] for message in sent(said)) > 0


async def test_N07_FR_13_after_a_reboot_the_stream_is_opened_again(case: StationCase) -> None:
    monitor, stream = await streaming(case, values=2)
    await case.ask("AdjustPeriodicEventStream", id=stream, params={"values": 3})
    await case.ask("Reset", type="Immediate")
    said = await case.wait(120)
    (opened,) = said.payloads("OpenPeriodicEventStream")
    data = opened["constantStreamData"]
    assert (data["variableMonitoringId"], data["params"]) == (monitor, {"values": 3})
    assert said.order.index("BootNotification") < said.order.index("OpenPeriodicEventStream")
