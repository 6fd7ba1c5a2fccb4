"""What becomes of commands that were agreed to: how one sees that they took effect, or that they will not."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from stationmaster.csms.commands.kinds import RawCall
from stationmaster.domain.authorization.clear_cache import ClearCache
from stationmaster.domain.certificates import GetInstalledCertificateIds
from stationmaster.domain.device_model.addresses import GetBaseReport, GetReport
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import ChangeAvailability, Request, RequestStartTransaction, Reset, TriggerMessage
from stationmaster.domain.monitoring.monitors import GetMonitoringReport
from stationmaster.ocpp.version import Version
from stationmaster.security.certificates import new_request
from stationmaster.testing import CsmsBench, ScriptedStation, StationView, VirtualClock, csms_bench, run_virtual

Boots = Callable[[str], Awaitable[tuple[ScriptedStation, StationView]]]
ACCEPTED = {"status": "Accepted"}
START = RequestStartTransaction(id_token=IdToken("BAD", "ISO14443"), remote_start_id=0, evse=Evse(1))
BAD = {"idToken": {"idToken": "bad", "type": "ISO14443"}}
TOLD = "the station asked about the token and was told Unknown"


async def test_a_report_that_comes_with_the_answer_is_the_effect(bench: CsmsBench) -> None:
    client = await bench.boot("S16", Version.V16)
    view = bench.view("S16")
    client.on("GetConfiguration", {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "9"}]})

    done = await view.outcome(await view.ask(GetBaseReport(report_base="FullInventory")))

    assert (done.state, done.status, done.effect_at) == ("effect_seen", "Accepted", done.answered_at)


@pytest.mark.parametrize(
    ("action", "request_"),
    [
        ("GetBaseReport", GetBaseReport(report_base="FullInventory")),
        ("GetReport", GetReport(criteria=("Problem",))),
        ("GetMonitoringReport", GetMonitoringReport()),
    ],
)
async def test_a_report_of_nothing_is_no_refusal_and_there_is_nothing_to_wait_for(
    boots: Boots, action: str, request_: Request
) -> None:
    station, view = await boots("S1")
    station.answer(action, {"status": "EmptyResultSet"})

    done = await view.outcome(await view.ask(request_))

    assert (done.state, done.status) == ("effect_seen", "EmptyResultSet")


async def test_a_station_without_certificates_has_answered(boots: Boots) -> None:
    station, view = await boots("S1")
    station.answer("GetInstalledCertificateIds", {"status": "NotFound"})

    done = await view.outcome(await view.ask(GetInstalledCertificateIds()))

    assert (done.state, done.status) == ("accepted", "NotFound")


@pytest.mark.parametrize("trigger", ["SignChargingStationCertificate", "SignCombinedCertificate"])
async def test_a_triggered_request_for_a_certificate_is_seen(boots: Boots, trigger: str) -> None:
    station, view = await boots("S1")
    station.answer("TriggerMessage", ACCEPTED)
    command = await view.outcome(await view.ask(TriggerMessage(requested=trigger)))
    csr, _ = new_request("S1", "Acme")

    await station.say("SignCertificate", {"csr": csr})

    assert (await view.command(command)).state == "effect_seen"


async def test_a_start_whose_token_is_refused_says_that_nothing_comes_of_it(boots: Boots) -> None:
    station, view = await boots("S1")
    station.answer("RequestStartTransaction", ACCEPTED)
    command = await view.outcome(await view.ask(START))

    await station.say("Authorize", BAD)

    done = await view.command(command)
    assert (done.state, done.status, done.detail) == ("no_effect", "Accepted", TOLD)
    assert done.answered_at == command.answered_at


async def test_a_token_that_is_refused_before_the_answer_is_remembered(boots: Boots) -> None:
    station, view = await boots("S1")
    station.answer("RequestStartTransaction", lambda request: None)
    command = await view.ask(START)
    await station.asked("RequestStartTransaction")
    (call,) = [frame for frame in station.client.frames if frame[0] == 2]
    await station.say("Authorize", BAD)

    station.client.send_frame([3, call[1], ACCEPTED])

    done = await view.outcome(command)
    assert (done.state, done.detail) == ("no_effect", TOLD)


async def test_a_station_that_starts_all_the_same_is_believed(boots: Boots) -> None:
    station, view = await boots("S1")
    station.answer("RequestStartTransaction", ACCEPTED)
    command = await view.ask(START)
    asked = await station.asked("RequestStartTransaction")
    await view.outcome(command)
    await station.say("Authorize", BAD)

    await station.transaction().started("RemoteStart", token="BAD", remoteStartId=asked["remoteStartId"])

    done = await view.command(command)
    assert (done.state, done.transaction_key) == ("effect_seen", (await view.transaction()).key)
    assert done.detail == "the transaction has begun, but its token is refused: Unknown"


async def test_another_token_that_is_refused_says_nothing_of_a_start(boots: Boots) -> None:
    station, view = await boots("S1")
    station.answer("RequestStartTransaction", ACCEPTED)
    command = await view.outcome(await view.ask(START))

    await station.say("Authorize", {"idToken": {"idToken": "OTHER", "type": "ISO14443"}})

    assert (await view.command(command)).state == "accepted"


async def test_a_station_that_is_as_it_is_wanted_has_nothing_more_to_show(boots: Boots) -> None:
    station, view = await boots("S1")
    station.answer("ChangeAvailability", ACCEPTED)
    await station.report("Available")

    same = await view.outcome(await view.ask(ChangeAvailability(operative=True, evse=Evse(1))))
    other = await view.outcome(await view.ask(ChangeAvailability(operative=False)))

    assert (same.state, other.state) == ("effect_seen", "accepted")


def _in_virtual_time(test: Callable[[CsmsBench], Awaitable[None]]) -> None:
    async def run() -> None:
        async with csms_bench(clock=VirtualClock()) as bench:
            await test(bench)

    run_virtual(run())


@pytest.mark.parametrize(
    ("request_", "answer", "hours", "state"),
    [
        (Reset(type="OnIdle"), ACCEPTED, 0.9, "accepted"),
        (Reset(type="OnIdle"), ACCEPTED, 1.1, "no_effect"),
        (Reset(type="OnIdle"), {"status": "Scheduled"}, 23, "accepted"),
        (Reset(type="OnIdle"), {"status": "Scheduled"}, 24.1, "no_effect"),
        (Reset(type="OnIdle"), {"status": "Rejected"}, 24, "rejected"),
        (RawCall(action="Reset", payload={"type": "OnIdle"}), ACCEPTED, 1.1, "no_effect"),
        (RawCall(action="ClearCache", payload={}), ACCEPTED, 24, "accepted"),
        (TriggerMessage(requested="CustomTrigger", custom="x"), ACCEPTED, 24, "accepted"),
    ],
)
def test_only_what_should_have_shown_itself_by_then_is_given_up(
    request_: Request, answer: dict[str, Any], hours: float, state: str
) -> None:
    async def test(bench: CsmsBench) -> None:
        client = await bench.boot("S1", Version.V21)
        view = bench.view("S1")
        action = request_.action if isinstance(request_, RawCall) else type(request_).__name__
        client.on(action, answer)
        done = await view.outcome(await view.ask(request_))

        await bench.clock.sleep(hours * 3600)

        assert (await view.command(done)).state == state

    _in_virtual_time(test)


def test_a_command_of_which_nothing_is_to_be_seen_is_not_looked_at_again_and_again() -> None:
    async def test(bench: CsmsBench) -> None:
        client = await bench.boot("S1", Version.V201)
        client.on("ClearCache", ACCEPTED)
        done = await bench.view("S1").outcome(await bench.view("S1").ask(ClearCache()))
        looked, load = [], bench.storage.reads.load_command

        async def load_command(key: int) -> Any:
            looked.append(key)
            return await load(key)

        bench.storage.reads.load_command = load_command  # type: ignore[method-assign]
        await bench.clock.sleep(12 * 3600)
        assert (await bench.view("S1").command(done)).state == "accepted"
        assert len(looked) < 100

    _in_virtual_time(test)


def test_what_was_agreed_to_before_a_restart_is_given_up_too(tmp_path: Any) -> None:
    path = str(tmp_path / "csms.db")

    async def run() -> None:
        clock = VirtualClock()
        async with csms_bench(path=path, clock=clock) as bench:
            client = await bench.boot("S1", Version.V201)
            view = bench.view("S1")
            client.on("Reset", ACCEPTED)
            done = await view.outcome(await view.ask(Reset(type="OnIdle")))
        await clock.sleep(72 * 3600)
        async with csms_bench(path=path, clock=clock) as bench:
            view = bench.view("S1")
            assert (await view.command(done)).state == "accepted"
            await clock.sleep(120)
            assert (await view.command(done)).state == "no_effect"

    run_virtual(run())
