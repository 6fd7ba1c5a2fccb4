"""A04 Security events, as a station tells them."""

from scripted_csms import CallError
from station_case import StationCase

from stationmaster.station.app import Station


def events(case: StationCase) -> list[str]:
    return [call.payload["type"] for call in case.csms.security_events]


async def test_A04_FR_01_a_critical_event_is_told(case: StationCase) -> None:
    assert events(case) == ["StartupOfTheDevice"]
    (told,) = case.csms.security_events
    assert told.payload["techInfo"] == "PowerUp"


async def test_A04_FR_01_a_reset_is_told_beside_the_start_that_follows(case: StationCase) -> None:
    case.csms.security_events.clear()
    await case.ask("Reset", type="Immediate")
    await case.wait(120)
    assert events(case) == ["ResetOrReboot", "StartupOfTheDevice"]


async def test_A04_FR_02_what_happens_offline_is_told_in_order_once_the_line_is_back(case: StationCase) -> None:
    case.csms.security_events.clear()
    await case.go_offline()
    _note(case.station, "TamperDetectionActivated", "door 1")
    _note(case.station, "InvalidMessages", "not critical")
    _note(case.station, "MaintenanceLoginFailed", "twice")
    await case.wait(60)
    assert events(case) == []
    await case.back_online()
    assert events(case) == ["TamperDetectionActivated", "MaintenanceLoginFailed"]


async def test_A04_FR_02_an_event_survives_a_loss_of_power_and_an_error_of_the_csms(case: StationCase) -> None:
    case.csms.security_events.clear()
    await case.go_offline()
    _note(case.station, "TamperDetectionActivated", "door 1")
    await case.cut_power()
    case.csms.accept()
    answers = iter([None, None])
    case.csms.script["SecurityEventNotification"] = lambda _: next(answers, {})
    await case.power_up()
    await case.wait(600)
    told = events(case)
    assert told == ["TamperDetectionActivated"] * 3 + ["StartupOfTheDevice"]


async def test_A04_a_csms_that_does_not_know_the_message_is_not_asked_for_ever(case: StationCase) -> None:
    case.csms.security_events.clear()
    case.csms.script["SecurityEventNotification"] = lambda _: CallError("NotImplemented")
    _note(case.station, "TamperDetectionActivated", "door 1")
    await case.wait(600)
    assert events(case) == ["TamperDetectionActivated"]


async def test_A04_FR_04_every_event_stands_in_the_log_critical_or_not(case: StationCase) -> None:
    _note(case.station, "InvalidMessages", "3 of them")
    await case.cut_power()
    await case.power_up()
    assert case.station._program is not None
    kinds = [line.kind for line in case.station._program.security.lines()]
    assert kinds == ["StartupOfTheDevice", "InvalidMessages", "StartupOfTheDevice"]


def _note(station: Station, kind: str, info: str) -> None:
    assert station._program is not None
    station._program.security.note(kind, info)
