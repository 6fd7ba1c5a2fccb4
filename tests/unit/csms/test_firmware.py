"""What the block decides of statuses, answers and boots."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from stationmaster.csms.blocks.firmware import (
    SECURITY_EXTENSION,
    after_update,
    before_update,
    concludes_updates,
    firmware_status,
    is_status_awaited,
)
from stationmaster.csms.blocks.publishing import before_publish, publish_status
from stationmaster.csms.firmware.hooks import firmware_hooks
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.firmware.campaign import Member
from stationmaster.domain.firmware.updates import (
    CampaignPlace,
    Firmware,
    FirmwareStatusNotification,
    FirmwareStatusRecord,
    FirmwareUpdate,
    ImageRef,
    PublishFirmware,
    PublishFirmwareStatusNotification,
    UpdateFirmware,
    UpdateFirmwareAnswer,
)
from stationmaster.domain.messages import BootNotification, Heartbeat, StationInfo
from stationmaster.domain.records import Learned, Oddity
from stationmaster.domain.station import Station, StationState
from stationmaster.domain.transfer import Transfer, TransferClosed

AT = datetime(2030, 1, 1, tzinfo=UTC)
IMAGE = ImageRef(key=3, blob="fw-3", file_name="f.bin", version="2.0")
STATE = StationState(
    station=Station(key=1, tenant="t", identity="S", created_at=AT, info=StationInfo(firmware_version="1.0"))
)


def asked(key: int = 7, **more: Any) -> UpdateFirmware:
    return UpdateFirmware(firmware=Firmware(retrieve_at=AT), request_id=key, image=IMAGE, **more)


def command(request: Any, key: int = 7) -> Command:
    return Command(
        key=key, station_key=1, tenant="t", kind=type(request).__name__, request={}, created_at=AT, expires_at=AT
    )


def begun(state: StationState = STATE, key: int = 7, status: str = "Accepted", **answer: Any) -> StationState:
    request = asked(key)
    before = before_update(state, AT, request=request, command=command(request, key)).state or state
    told = UpdateFirmwareAnswer(status=status, **answer)
    after = after_update(before, AT, request=request, answer=told, command=command(request, key))
    assert after is not None
    return after.state or before


def told(state: StationState, status: Any, request_id: int | None = 7, **more: Any) -> Decision:
    return firmware_status(state, FirmwareStatusNotification(status=status, request_id=request_id, **more), AT)


def of(decision: Decision, kind: type[Any]) -> list[Any]:
    return [record for record in decision.records if isinstance(record, kind)]


def test_an_image_can_be_fetched_before_the_station_hears_of_it() -> None:
    decision = before_update(STATE, AT, request=asked(), command=command(asked()))
    (transfer,) = of(decision, Transfer)
    assert (transfer.key, transfer.purpose, transfer.blob) == (7, "firmware", "fw-3")
    assert transfer.is_open(AT + timedelta(days=6))
    (update,) = of(decision, FirmwareUpdate)
    assert (update.state, update.from_version, update.version) == ("requested", "1.0", "2.0")


def test_what_is_over_cannot_be_fetched_any_more_but_after_a_failed_download() -> None:
    assert of(told(begun(), "DownloadFailed"), TransferClosed) == []
    assert of(told(begun(), "InvalidSignature"), TransferClosed) == [TransferClosed(key=7, closed_at=AT)]


def test_every_status_is_kept_as_evidence_whatever_it_is_about() -> None:
    for decision in (told(begun(), "Downloading"), told(begun(), "Installed", 99), told(STATE, "Idle", None)):
        assert len(of(decision, FirmwareStatusRecord)) == 1
        assert len(decision.events) <= 1
    assert [odd.kind for odd in of(told(begun(), "Installed", 99), Oddity)] == ["firmware_unknown_request"]
    assert [odd.kind for odd in of(told(begun(), "SignatureVerified"), Oddity)] == ["firmware_order"]
    assert of(told(STATE, "Idle", None), Oddity) == []


def test_a_signed_status_of_16_shows_the_extension_once() -> None:
    decision = told(begun(), "Downloading", extended=True)
    assert [record.name for record in of(decision, Learned)] == [SECURITY_EXTENSION]
    assert decision.state is not None
    assert of(told(decision.state, "Downloaded", extended=True), Learned) == []


def test_a_newer_update_that_cancels_takes_the_place_of_the_older() -> None:
    state = begun(begun(key=7), key=8, status="AcceptedCanceled")
    assert [update.state for update in state.updates] == ["superseded", "accepted"]
    state = begun(begun(key=7), key=8, status="Rejected")
    assert [update.state for update in state.updates] == ["accepted", "rejected"]


def test_a_plain_update_of_16_replaces_the_one_before_as_its_statuses_have_no_id() -> None:
    state = begun(begun(key=7), key=8, signed=False)
    assert [update.state for update in state.updates] == ["superseded", "accepted"]
    assert state.learned[SECURITY_EXTENSION] == "no"


def test_a_boot_shows_what_runs() -> None:
    boot = concludes_updates(lambda state, request, at: Decision())
    state = told(begun(), "Installed").state
    assert state is not None
    shown = boot(state, BootNotification(station=StationInfo(firmware_version="2.0")), AT)
    (update,) = of(shown, FirmwareUpdate)
    assert update.is_proven
    assert boot(STATE, BootNotification(station=StationInfo()), AT) == Decision()


def test_a_pending_station_may_tell_of_what_it_was_asked() -> None:
    status = FirmwareStatusNotification(status="Downloading", request_id=7)
    assert is_status_awaited(begun(), status)
    assert not is_status_awaited(begun(), msgspec.structs.replace(status, request_id=8))
    assert not is_status_awaited(STATE, status)
    assert not is_status_awaited(begun(), Heartbeat())


class Files:
    """Knows an address only while it listens."""

    def __init__(self, *schemes: str) -> None:
        self.addresses = {scheme: f"{scheme}://files.test" for scheme in schemes}

    def url(self, transfer_key: int, purpose: str, name: str = "", *, preferred: str | None = None) -> str:
        return f"http://u:p@files.test/{purpose}/{transfer_key}/{name}"


def test_the_address_is_made_when_the_request_is_sent() -> None:
    hook = firmware_hooks(Files("http"))[UpdateFirmware]
    assert hook.complete is not None
    completed = hook.complete(STATE, asked(), command(asked()))
    assert isinstance(completed, UpdateFirmware)
    assert completed.firmware.location == "http://u:p@files.test/firmware/7/f.bin"
    elsewhere = asked(), UpdateFirmware(firmware=Firmware(location="http://maker.test/f", retrieve_at=AT))
    assert hook.complete(STATE, elsewhere[1], command(asked())) is elsewhere[1]


def test_nothing_is_asked_for_that_could_not_be_fetched() -> None:
    assert firmware_hooks(Files())[UpdateFirmware].objects(STATE, asked()) is not None
    assert firmware_hooks(Files("http"))[UpdateFirmware].objects(STATE, asked()) is None


def test_an_update_is_stored_with_its_command_and_its_place_in_a_campaign() -> None:
    hook = firmware_hooks(Files("http"))[UpdateFirmware]
    assert hook.opens is not None
    (update,) = hook.opens(asked(), command(asked()))
    assert isinstance(update, FirmwareUpdate)
    assert update.state == "queued"
    place = CampaignPlace(key=5, place=2, wave=1, attempts=1)
    update, member = hook.opens(asked(campaign=place), command(asked()))
    assert isinstance(member, Member)
    assert (member.state, member.attempts, member.update_key, member.place) == ("under_way", 2, 7, 2)


def test_a_publication_without_an_id_is_the_newest_that_is_open() -> None:
    request = PublishFirmware(checksum="c", request_id=7, image=IMAGE)
    state = before_publish(STATE, AT, request=request, command=command(request)).state
    assert state is not None
    decision = publish_status(state, PublishFirmwareStatusNotification(status="Downloading"), AT)
    assert decision.state is not None
    assert decision.state.publications[0].state == "under_way"
    unknown = publish_status(state, PublishFirmwareStatusNotification(status="Published", request_id=9), AT)
    assert [odd.kind for odd in of(unknown, Oddity)] == ["firmware_unknown_request"]
    assert publish_status(STATE, PublishFirmwareStatusNotification(status="Idle"), AT) == Decision()
