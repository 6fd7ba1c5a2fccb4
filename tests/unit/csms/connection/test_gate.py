"""Before its registration is accepted a station sends what it was asked for, and nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.csms.connection.gate import LASTS, MAX_SUBJECTS, Triggered, refused
from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.certificates import SignCertificate
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import (
    EventData,
    Heartbeat,
    MeterValues,
    NotifyEvent,
    RegistrationStatus,
    Request,
    StatusNotification,
    TransactionEvent,
    TriggerMessage,
)
from stationmaster.domain.station import Station, StationState
from stationmaster.ocpp.version import Version
from stationmaster.testing import ScriptedStation, WireError, csms_bench

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PENDING = CsmsSettings(default_policy=TenantPolicy(registration="open", first_status="Pending"))


def state(registration: RegistrationStatus = "Pending") -> StationState:
    return StationState(
        station=Station(
            key=1, tenant="default", identity="S1", registration=registration, created_at=NOW, booted_at=NOW
        )
    )


def status(evse_id: int, connector_id: int | None = 1) -> StatusNotification:
    return StatusNotification(evse=Evse(evse_id, connector_id), status="Available")


def notify(*evse_ids: int, variable: str = "AvailabilityState") -> NotifyEvent:
    return NotifyEvent(
        events=tuple(
            EventData(
                event_id=evse_id,
                timestamp=NOW,
                trigger="Delta",
                component="Connector",
                variable=variable,
                actual_value="Available",
                evse=Evse(evse_id, 1),
            )
            for evse_id in evse_ids
        )
    )


def event(transaction_id: str, reason: str = "Trigger") -> TransactionEvent:
    return TransactionEvent(
        event_type="Updated", timestamp=NOW, trigger_reason=reason, transaction_id=transaction_id, seq_no=1
    )


def asked(requested: str, evse: Evse | None = None) -> Triggered:
    triggered = Triggered()
    triggered.expect(TriggerMessage(requested=requested, evse=evse), NOW)
    return triggered


def through(triggered: Triggered, *requests: Request, at: datetime = NOW, **registration: Any) -> list[bool]:
    return [refused(state(**registration), request, triggered, "lenient", at) is None for request in requests]


def values(evse: Evse) -> MeterValues:
    return MeterValues(evse=evse, meter_values=())


def test_F06_FR_11_a_trigger_without_an_evse_takes_one_status_of_every_connector() -> None:
    triggered = asked("StatusNotification")
    reports = [status(0, None), status(1), status(2), status(2, 2)]

    assert through(triggered, *reports) == [True] * 4
    assert through(triggered, *reports) == [False] * 4


def test_F06_FR_02_a_trigger_at_an_evse_takes_its_connectors_only() -> None:
    there = asked("StatusNotification", Evse(2))

    assert through(there, status(1), status(2), status(2, 2)) == [False, True, True]
    assert through(asked("StatusNotification", Evse(2, 2)), status(2, 1), status(2, 2)) == [False, True]


def test_F06_FR_03_an_evse_is_ignored_where_the_message_knows_none() -> None:
    assert through(asked("Heartbeat", Evse(2)), Heartbeat(), Heartbeat()) == [True, False]
    assert through(asked("MeterValues", Evse(2, 1)), values(Evse(1)), values(Evse(2))) == [False, True]


def test_a_status_comes_as_an_event_too_and_once_for_each_connector() -> None:
    triggered = asked("StatusNotification")

    assert through(triggered, notify(1, 2), status(2), notify(3)) == [True, False, True]


def test_other_events_are_not_what_a_status_was_asked_for() -> None:
    assert through(asked("StatusNotification"), notify(1, variable="Power"), notify()) == [False, False]


@pytest.mark.parametrize("trigger", ["SignChargingStationCertificate", "SignCombinedCertificate"])
def test_a_request_for_a_certificate_answers_the_trigger_of_its_use(trigger: str) -> None:
    triggered = Triggered()
    triggered.expect(TriggerMessage(requested=trigger), NOW)
    assert not triggered.takes(SignCertificate(csr="PEM", use="V2G20Certificate"), NOW)
    assert triggered.takes(SignCertificate(csr="PEM"), NOW)
    assert not triggered.takes(SignCertificate(csr="PEM"), NOW)


def test_F06_FR_07_every_transaction_is_told_of_once_but_none_that_was_kept_from_before() -> None:
    triggered = asked("TransactionEvent")

    requests = [event("A", "Authorized"), event("A"), event("B"), event("B")]
    assert through(triggered, *requests) == [False, True, True, False]


def test_what_a_trigger_asked_for_is_not_taken_for_ever() -> None:
    late = NOW + LASTS + timedelta(seconds=1)

    triggered = asked("StatusNotification")
    assert through(triggered, status(1), at=NOW + LASTS) == [True]
    assert through(triggered, status(2), at=late) == [False]


def test_what_a_trigger_asked_for_is_not_taken_without_end() -> None:
    triggered = asked("StatusNotification")

    reports = through(triggered, *(status(evse_id) for evse_id in range(1, MAX_SUBJECTS + 10)))

    assert reports.count(True) == MAX_SUBJECTS


def test_a_trigger_that_the_station_refused_opens_nothing() -> None:
    trigger = TriggerMessage(requested="StatusNotification")
    triggered = Triggered()
    triggered.expect(trigger, NOW)
    triggered.withdraw(trigger)

    assert through(triggered, status(1)) == [False]


def test_B03_FR_07_a_rejected_station_is_not_heard_whatever_it_was_asked_before() -> None:
    assert through(asked("Heartbeat"), Heartbeat(), registration="Rejected") == [False]


_REQUESTS = st.one_of(
    st.just(Heartbeat()),
    st.builds(status, st.integers(0, 3), st.sampled_from([None, 1, 2])),
    st.builds(values, st.builds(Evse, st.integers(0, 3))),
    st.builds(event, st.sampled_from(["A", "B"]), st.sampled_from(["Trigger", "Authorized"])),
    st.builds(notify, st.integers(0, 3)),
)
_NAMES = ["Heartbeat", "StatusNotification", "MeterValues", "TransactionEvent", "LogStatusNotification"]


@given(st.sampled_from(_NAMES), st.lists(_REQUESTS, max_size=20))
def test_B02_FR_09_nothing_comes_through_but_what_was_asked_for_and_nothing_twice(
    requested: str, requests: list[Request]
) -> None:
    outcome = through(asked(requested), *requests)

    taken = [request for request, passed in zip(requests, outcome, strict=True) if passed]
    names = {type(request).__name__.replace("NotifyEvent", "StatusNotification") for request in taken}
    assert names <= {requested}
    assert len(taken) == len(set(taken))


@pytest.mark.parametrize("version", [Version.V16, Version.V201, Version.V21])
async def test_B02_FR_02_a_pending_station_that_was_asked_tells_the_status_of_all_its_connectors(
    version: Version,
) -> None:
    async with csms_bench(PENDING) as bench:
        client = await bench.boot("S1", version)
        client.on("TriggerMessage", {"status": "Accepted"})
        view = bench.view("S1")
        await view.outcome(await view.ask(TriggerMessage(requested="StatusNotification")))

        async def report(connector: int) -> None:
            if version is Version.V16:
                said = {"connectorId": connector, "errorCode": "NoError", "status": "Available"}
                await client.call("StatusNotification", said)
            else:
                await ScriptedStation(client, bench.clock.now).report("Available", (connector, 1))

        for connector in (1, 2, 3):
            await report(connector)
        assert await view.status(3) == "Available"
        with pytest.raises(WireError) as refusal:
            await report(3)
        assert refusal.value.code == "SecurityError"
        with pytest.raises(WireError):
            await client.call("Heartbeat")
