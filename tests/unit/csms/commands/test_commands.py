"""Every way in which a command can end."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from stationmaster.clock.wall import WallClock
from stationmaster.csms import app
from stationmaster.csms.commands.hooks import CommandHook, Objection
from stationmaster.csms.commands.kinds import RawCall
from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.command import Command, advance
from stationmaster.domain.decision import Decision
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import RequestStartTransaction, RequestStopTransaction, Reset, TriggerMessage
from stationmaster.domain.station import StationState
from stationmaster.ocpp.version import Version
from stationmaster.testing import (
    CsmsBench,
    ScriptedStation,
    StationView,
    VirtualClock,
    WireError,
    csms_bench,
    run_virtual,
)
from stationmaster.testing.script import moment

Boots = Callable[[str], Awaitable[tuple[ScriptedStation, StationView]]]
RESET = Reset(type="OnIdle")
START = RequestStartTransaction(id_token=IdToken("T1", "ISO14443"), remote_start_id=0, evse=Evse(1))


async def _states(bench: CsmsBench, view: StationView, command: Command) -> list[str]:
    """Every state that was told of, in order."""
    return [event.data["state"] for event in await view.told("CommandChanged") if event.data["command"] == command.key]


async def test_a_command_is_told_of_at_every_step(bench: CsmsBench, boots: Boots) -> None:
    station, view = await boots("S1")
    station.answer("Reset", {"status": "Accepted"})

    command = await view.outcome(await view.ask(RESET))
    assert command.sent_at is not None and command.answered_at is not None
    await station.boot("RemoteReset")

    assert await _states(bench, view, command) == ["queued", "sent", "accepted", "effect_seen"]


async def test_an_effect_that_comes_before_the_answer_is_seen(bench: CsmsBench, boots: Boots) -> None:
    station, view = await boots("S1")
    station.answer("Reset", lambda request: None)
    command = await view.ask(RESET)
    await station.asked("Reset")
    (call,) = [frame for frame in station.client.frames if frame[0] == 2]

    await station.boot("RemoteReset")
    station.client.send_frame([3, call[1], {"status": "Accepted"}])
    await station.say("Heartbeat")

    done = await view.command(command)
    assert (done.state, done.status) == ("effect_seen", "Accepted")
    assert done.effect_at is not None and done.answered_at is not None
    assert done.effect_at <= done.answered_at


async def test_an_effect_after_a_rejection_is_not_the_commands(boots: Boots) -> None:
    station, view = await boots("S1")
    station.answer("Reset", {"status": "Rejected"})
    command = await view.outcome(await view.ask(RESET))

    await station.boot("PowerUp")

    assert (await view.command(command)).state == "rejected"


async def test_a_CALLERROR_is_a_failure_with_its_reason(boots: Boots) -> None:
    _, view = await boots("S1")  # nothing said: the client answers NotSupported

    done = await view.outcome(await view.ask(RESET))

    assert (done.state, done.status) == ("failed", None)
    assert "NotSupported" in (done.detail or "")


@pytest.mark.parametrize("answer", [{}, {"status": "Perhaps"}, {"status": 7}])
async def test_an_answer_that_agrees_to_nothing_is_a_rejection(boots: Boots, answer: dict[str, Any]) -> None:
    station, view = await boots("S1")
    station.answer("Reset", answer)

    done = await view.outcome(await view.ask(RESET))

    assert done.state == "rejected"
    await station.say("Heartbeat")
    assert [oddity.action for oddity in await view.oddities("schema_violation")] == ["Reset"]


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        ({"status": "Rejected"}, None),
        ({}, "the answer breaks the schema: $.status: Object missing required field `status`"),
        ({"status": "Perhaps"}, "the answer breaks the schema: $.status: Invalid enum value 'Perhaps'"),
    ],
)
async def test_a_rejection_is_told_from_an_answer_that_breaks_the_schema(
    boots: Boots, answer: dict[str, Any], detail: str | None
) -> None:
    station, view = await boots("S1")
    station.answer("Reset", answer)

    assert (await view.outcome(await view.ask(RESET))).detail == detail


@pytest.mark.parametrize("answer", [[], "yes", 5])
async def test_an_answer_that_is_no_object_does_not_leave_the_command_open(boots: Boots, answer: Any) -> None:
    station, view = await boots("S1")
    station.answer("Reset", lambda request: None)
    raw = RawCall(action="Reset", payload={"type": "OnIdle"})
    command = await view.ask(raw)
    await station.asked("Reset")
    (call,) = [frame for frame in station.client.frames if frame[0] == 2]

    station.client.send_frame([3, call[1], answer])

    assert (await view.outcome(command, 2.0)).state in ("failed", "timed_out")


async def test_a_connection_that_breaks_before_the_answer_leaves_it_unknown(boots: Boots) -> None:
    station, view = await boots("S1")
    station.answer("Reset", lambda request: None)
    command = await view.ask(RESET)
    await station.asked("Reset")

    station.client.connection.cut()

    assert (await view.outcome(command)).state == "unknown"


async def test_an_unknown_command_may_still_be_seen_to_take_effect(bench: CsmsBench, boots: Boots) -> None:
    station, view = await boots("S1")
    station.answer("Reset", lambda request: None)
    command = await view.ask(RESET)
    await station.asked("Reset")
    station.client.connection.cut()
    await view.outcome(command)

    await boots("S1")

    assert (await view.command(command)).state == "effect_seen"


async def test_a_command_is_sent_once_also_when_it_comes_just_as_the_station_connects(bench: CsmsBench) -> None:
    await bench.boot("S1", Version.V201)
    view = bench.view("S1")
    station = await bench.dial("S1", Version.V201)  # the older connection is replaced
    station.on("Reset", {"status": "Accepted"})

    done = await view.outcome(await view.ask(RESET))

    assert done.state == "accepted"
    await station.call("Heartbeat")
    assert [action for action, _ in station.received._queue] == ["Reset"]  # type: ignore[attr-defined]


async def test_what_a_version_cannot_carry_is_unsupported_and_not_sent(bench: CsmsBench) -> None:
    client = await bench.boot("S16", Version.V16)
    view = bench.view("S16")

    done = await view.outcome(await view.ask(Reset(type="OnIdle", evse_id=1)))

    assert done.state == "unsupported"
    assert client.received.empty()


async def test_a_rejected_start_is_linked_to_no_transaction(boots: Boots) -> None:
    station, view = await boots("S1")
    station.answer("RequestStartTransaction", {"status": "Rejected"})

    done = await view.outcome(await view.ask(START))

    assert (done.state, done.transaction_key) == ("rejected", None)


async def test_an_open_transaction_that_refuses_the_token_is_still_the_effect(bench: CsmsBench, boots: Boots) -> None:
    first, _ = await boots("S1")
    await first.transaction().started("Authorized", token="T1")
    station, view = await boots("S2")
    station.answer("RequestStartTransaction", {"status": "Accepted"})
    command = await view.ask(START)
    asked = await station.asked("RequestStartTransaction")
    await view.outcome(command)

    said = await station.transaction().started("RemoteStart", token="T1", remoteStartId=asked["remoteStartId"])

    assert said["idTokenInfo"]["status"] == "ConcurrentTx"
    done = await view.command(command)
    assert (done.state, done.transaction_key) == ("effect_seen", (await view.transaction()).key)


async def test_the_same_token_stopping_another_transaction_is_not_the_effect_of_a_start(boots: Boots) -> None:
    station, view = await boots("S1")
    running = station.transaction()
    await running.started("Authorized", token="T1", evse=(1, 1))
    station.answer("RequestStartTransaction", {"status": "Accepted"})
    command = await view.outcome(await view.ask(START))

    await running.updated("StopAuthorized", token="T1")

    assert (await view.command(command)).state == "accepted"


async def test_a_transaction_that_just_goes_on_is_not_the_effect_of_a_stop(boots: Boots) -> None:
    station, view = await boots("S1")
    tx = station.transaction()
    await tx.started("Authorized", token="T1")
    station.answer("RequestStopTransaction", {"status": "Accepted"})
    command = await view.outcome(await view.ask(RequestStopTransaction(transaction_id=tx.id)))

    await tx.updated("MeterValuePeriodic")

    assert (await view.command(command)).state == "accepted"


async def test_a_trigger_that_was_rejected_opens_no_door_to_a_pending_station() -> None:
    waiting = CsmsSettings(default_policy=TenantPolicy(registration="open", first_status="Pending"))
    async with csms_bench(waiting) as bench:
        client = await bench.boot("S1", Version.V201)
        client.on("TriggerMessage", {"status": "Rejected"})
        view = bench.view("S1")
        await view.outcome(await view.ask(TriggerMessage(requested="Heartbeat")))

        with pytest.raises(WireError) as refused:
            await client.call("Heartbeat")

        assert refused.value.code == "SecurityError"


# Raw calls


async def test_a_raw_call_is_sent_as_it_is_and_its_effect_is_seen(boots: Boots) -> None:
    station, view = await boots("S1")
    station.answer("Reset", {"status": "Accepted", "statusInfo": {"reasonCode": "Fine"}})
    payload = {"type": "OnIdle", "customData": {"vendorId": "x", "more": 1}}

    command = await view.ask(RawCall(action="Reset", payload=payload))

    assert await station.asked("Reset") == payload
    done = await view.outcome(command)
    assert done.answer == {"status": "Accepted", "statusInfo": {"reasonCode": "Fine"}}
    await station.boot("RemoteReset")
    assert (await view.command(command)).state == "effect_seen"


async def test_a_raw_call_is_vetoed_like_the_command_that_it_means() -> None:
    waiting = CsmsSettings(default_policy=TenantPolicy(registration="open", first_status="Pending"))
    async with csms_bench(waiting) as bench:
        client = await bench.boot("S1", Version.V201)
        view = bench.view("S1")
        start = {"remoteStartId": 1, "idToken": {"idToken": "T1", "type": "ISO14443"}}

        done = await view.outcome(await view.ask(RawCall(action="RequestStartTransaction", payload=start)))

        assert (done.state, done.sent_at) == ("failed", None)
        assert client.received.empty()


@pytest.mark.parametrize("payload", [{}, {"type": 5}, {"type": "OnIdle", "evseId": "x"}, {"type": None}])
async def test_a_raw_call_that_breaks_the_schema_is_the_integrators_own(
    bench: CsmsBench, boots: Boots, payload: dict[str, Any]
) -> None:
    station, view = await boots("S1")
    station.answer("Reset", {"status": "Rejected"})

    done = await view.outcome(await view.ask(RawCall(action="Reset", payload=payload)))

    assert done.state == "rejected"
    station.client.violations.clear()  # it was wanted


# Time


def _in_virtual_time(test: Callable[[CsmsBench], Awaitable[None]]) -> None:
    async def run() -> None:
        async with csms_bench(clock=VirtualClock()) as bench:
            await bench.add_token("T1", "ISO14443")
            await test(bench)

    run_virtual(run())


def test_silence_is_a_time_out_and_a_late_answer_changes_nothing() -> None:
    async def test(bench: CsmsBench) -> None:
        client = await bench.boot("S1", Version.V201)
        view = bench.view("S1")
        client.on("Reset", lambda request: None)

        done = await view.outcome(await view.ask(RESET), 60.0)

        assert done.state == "timed_out"
        assert done.sent_at is not None and done.answered_at is not None
        assert (done.answered_at - done.sent_at).total_seconds() == 30
        (call,) = [frame for frame in client.frames if frame[0] == 2]
        client.send_frame([3, call[1], {"status": "Rejected"}])
        await client.call("Heartbeat")
        assert (await view.command(done)).state == "timed_out"
        assert [oddity.kind for oddity in await view.oddities()]

    _in_virtual_time(test)


def test_a_time_out_may_still_be_seen_to_take_effect() -> None:
    async def test(bench: CsmsBench) -> None:
        client = await bench.boot("S1", Version.V201)
        view = bench.view("S1")
        client.on("Reset", lambda request: None)
        done = await view.outcome(await view.ask(RESET), 60.0)

        await ScriptedStation(client, bench.clock.now).boot("RemoteReset")

        assert (await view.command(done)).state == "effect_seen"

    _in_virtual_time(test)


def test_an_effect_hours_later_is_not_the_commands() -> None:
    async def test(bench: CsmsBench) -> None:
        client = await bench.boot("S1", Version.V201)
        view = bench.view("S1")
        client.on("Reset", {"status": "Accepted"})
        done = await view.outcome(await view.ask(RESET))

        await bench.clock.sleep(2 * 3600)
        await ScriptedStation(client, bench.clock.now).boot("PowerUp")

        late = await view.command(done)
        assert (late.state, late.detail, late.effect_at) == ("no_effect", "no effect was seen in its time", None)

    _in_virtual_time(test)


def test_a_command_waits_for_a_station_that_is_away() -> None:
    async def test(bench: CsmsBench) -> None:
        client = await bench.boot("S1", Version.V201)
        client.connection.cut()
        await bench.clock.sleep(1)
        view = bench.view("S1")
        command = await view.ask(RESET)
        assert (await view.command(command)).state == "queued"
        await bench.clock.sleep(50)

        again = await bench.dial("S1", Version.V201)
        again.on("Reset", {"status": "Accepted"})

        assert await again.expect("Reset") == {"type": "OnIdle"}
        assert (await view.outcome(command)).state == "accepted"

    _in_virtual_time(test)


def test_a_station_that_stays_away_times_the_command_out_and_never_gets_it() -> None:
    async def test(bench: CsmsBench) -> None:
        client = await bench.boot("S1", Version.V201)
        client.connection.cut()
        await bench.clock.sleep(1)
        view = bench.view("S1")
        command = await view.ask(RESET, lifetime_s=120)

        done = await view.outcome(command, 300)

        assert (done.state, done.sent_at) == ("timed_out", None)
        assert 120 <= (bench.clock.now() - command.created_at).total_seconds() < 130
        again = await bench.dial("S1", Version.V201)
        await again.call("Heartbeat")
        assert again.received.empty()

    _in_virtual_time(test)


async def test_after_a_restart_a_command_that_was_sent_is_unknown_and_not_repeated(tmp_path: Any) -> None:
    path = str(tmp_path / "csms.db")
    async with csms_bench(path=path) as bench:
        client = await bench.boot("S1", Version.V201)
        view = bench.view("S1")
        client.on("Reset", lambda request: None)
        command = await view.ask(RESET)
        await client.expect("Reset")

    async with csms_bench(path=path) as bench:
        view = bench.view("S1")
        again = await bench.dial("S1", Version.V201)
        await again.call("Heartbeat")

        assert (await view.outcome(command, 2.0)).state == "unknown"
        assert again.received.empty()


async def test_after_a_restart_a_command_that_was_queued_is_sent(tmp_path: Any) -> None:
    path = str(tmp_path / "csms.db")
    async with csms_bench(path=path) as bench:
        client = await bench.boot("S1", Version.V201)
        view = bench.view("S1")
        client.connection.cut()
        await client.closed
        await bench.csms.directory.get(view.key).lane.drained()  # type: ignore[union-attr]
        command = await view.ask(RESET)
        assert command.state == "queued"

    async with csms_bench(path=path) as bench:
        again = await bench.dial("S1", Version.V201)
        again.on("Reset", {"status": "Accepted"})

        assert (await bench.view("S1").outcome(command, 2.0)).state == "accepted"


class _Ahead(WallClock):
    """Two hours later than it is."""

    def now(self) -> datetime:
        return super().now() + timedelta(hours=2)


async def test_after_a_restart_a_start_that_was_sent_is_known_by_its_transaction(tmp_path: Any) -> None:
    path = str(tmp_path / "csms.db")
    async with csms_bench(path=path) as bench:
        await bench.add_token("T1", "ISO14443")
        client = await bench.boot("S1", Version.V201)
        client.on("RequestStartTransaction", lambda request: None)
        command = await bench.view("S1").ask(START)
        asked = await client.expect("RequestStartTransaction")

    async with csms_bench(path=path) as bench:
        again = ScriptedStation(await bench.dial("S1", Version.V201), bench.clock.now)
        view = bench.view("S1")
        await again.transaction().started("RemoteStart", token="T1", remoteStartId=asked["remoteStartId"])

        done = await view.command(command)
        assert (done.state, done.transaction_key) == ("effect_seen", (await view.transaction()).key)
        assert (await _states(bench, view, command))[-2:] == ["unknown", "effect_seen"]
        assert again.client.received.empty()


async def test_after_a_restart_a_start_of_1_6_is_known_by_its_token(tmp_path: Any) -> None:
    path = str(tmp_path / "csms.db")
    async with csms_bench(path=path) as bench:
        client = await bench.boot("S16", Version.V16)
        client.on("RemoteStartTransaction", {"status": "Accepted"})
        view = bench.view("S16")
        command = await view.outcome(await view.ask(START))

    async with csms_bench(path=path) as bench:
        again = await bench.dial("S16", Version.V16)
        view = bench.view("S16")
        await again.call("StartTransaction", _start_of_1_6(bench, idTag="T2"))
        assert (await view.command(command)).state == "accepted"

        answer = await again.call("StartTransaction", _start_of_1_6(bench, idTag="T1"))

        done = await view.command(command)
        started = await view.transaction(str(answer["transactionId"]))
        assert (done.state, done.transaction_key) == ("effect_seen", started.key)


def _start_of_1_6(bench: CsmsBench, **more: Any) -> dict[str, Any]:
    return {"connectorId": 1, "meterStart": 0, "timestamp": moment(bench.clock.now()), **more}


@pytest.mark.parametrize("request_", [RESET, RawCall(action="Reset", payload={"type": "OnIdle"})])
async def test_after_a_restart_the_first_message_may_be_the_effect(tmp_path: Any, request_: Reset | RawCall) -> None:
    path = str(tmp_path / "csms.db")
    async with csms_bench(path=path) as bench:
        client = await bench.boot("S1", Version.V201)
        client.on("Reset", {"status": "Accepted"})
        view = bench.view("S1")
        command = await view.outcome(await view.ask(request_))
        assert command.state == "accepted"

    async with csms_bench(path=path) as bench:
        await bench.boot("S1", Version.V201)

        assert (await bench.view("S1").command(command)).state == "effect_seen"


async def test_after_a_restart_an_effect_hours_later_is_not_the_commands(tmp_path: Any) -> None:
    path = str(tmp_path / "csms.db")
    async with csms_bench(path=path) as bench:
        client = await bench.boot("S1", Version.V201)
        client.on("Reset", lambda request: None)
        command = await bench.view("S1").ask(RESET)
        await client.expect("Reset")

    async with csms_bench(path=path, clock=_Ahead()) as bench:
        await bench.boot("S1", Version.V201)

        assert (await bench.view("S1").command(command)).state == "unknown"


async def test_a_command_that_was_never_sent_takes_no_effect_after_a_restart(tmp_path: Any) -> None:
    path = str(tmp_path / "csms.db")
    async with csms_bench(path=path) as bench:
        client = await bench.boot("S1", Version.V201)
        client.connection.cut()
        await client.closed
        view = bench.view("S1")
        await bench.csms.directory.get(view.key).lane.drained()  # type: ignore[union-attr]
        command = await view.outcome(await view.ask(RESET, lifetime_s=0.01), 2.0)
        assert command.state == "timed_out"

    async with csms_bench(path=path) as bench:
        await bench.boot("S1", Version.V201)

        assert (await bench.view("S1").command(command)).state == "timed_out"


async def test_an_effect_that_another_node_saw_is_not_seen_again(bench: CsmsBench, boots: Boots) -> None:
    station, view = await boots("S1")
    station.answer("Reset", {"status": "Accepted"})
    command = await view.outcome(await view.ask(RESET))
    elsewhere = advance(command, "effect_seen", effect_at=bench.clock.now())
    await bench.storage.journal.store([elsewhere])

    await boots("S1")

    assert await view.command(command) == elsewhere


async def test_a_command_that_another_release_stored_keeps_nobody_out(tmp_path: Any) -> None:
    path = str(tmp_path / "csms.db")
    async with csms_bench(path=path) as bench:
        client = await bench.boot("S1", Version.V201)
        client.on("Reset", {"status": "Accepted"})
        view = bench.view("S1")
        known = await view.outcome(await view.ask(RESET))
        strange = msgspec.structs.replace(known, key=bench.storage.keys.take(), kind="Teleport")
        broken = msgspec.structs.replace(known, key=bench.storage.keys.take(), request={"type": 7})
        await bench.storage.journal.store([strange, broken])

    async with csms_bench(path=path) as bench:
        await bench.boot("S1", Version.V201)
        view = bench.view("S1")

        states = [(await view.command(command)).state for command in (known, strange, broken)]
        assert states == ["effect_seen", "accepted", "accepted"]


def test_an_admitted_station_is_asked_to_boot_when_it_connects() -> None:
    async def test(bench: CsmsBench) -> None:
        client = await bench.boot("S1", Version.V201)
        client.on("TriggerMessage", {"status": "Accepted"})
        await bench.csms.stations.change(bench.station("S1"), registration="Pending")
        await bench.csms.stations.change(bench.station("S1"), registration="Accepted")

        assert await client.expect("TriggerMessage") == {"requestedMessage": "BootNotification"}

    _in_virtual_time(test)


async def test_a_trigger_of_what_a_version_has_not_is_unsupported(boots: Boots) -> None:
    _, view = await boots("S1")

    done = await view.outcome(await view.ask(TriggerMessage(requested="DisplayMessage")))

    assert done.state == "unsupported"


async def test_what_speaks_against_a_command_in_the_stations_lane_stops_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def in_the_way(state: StationState, at: datetime, *, request: Reset, command: Command) -> Decision:
        raise Objection("it would wake the neighbours")

    monkeypatch.setattr(app, "hooks", lambda *_: {Reset: CommandHook(before=in_the_way)})
    async with csms_bench() as bench:
        station = ScriptedStation(await bench.boot("S1", Version.V201), bench.clock.now)
        view = bench.view("S1")
        command = await view.outcome(await view.ask(RESET))
        await station.say("Heartbeat")

        assert (command.state, command.detail) == ("failed", "it would wake the neighbours")
        assert command.sent_at is None
        assert not [frame for frame in station.client.frames if frame[0] == 2]
        assert await _states(bench, view, command) == ["queued", "failed"]
