from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.firmware.updates import (
    ENDS,
    FAILURES,
    NEXT,
    PATIENCE,
    Firmware,
    FirmwareStatus,
    FirmwareStatusNotification,
    FirmwareUpdate,
    ImageRef,
    Publication,
    PublishFirmwareStatusNotification,
    UpdateFirmware,
    UpdateFirmwareAnswer,
    about,
    answered,
    booted,
    ended,
    heard,
    opened,
    overdue,
    publication_heard,
    requested,
)

AT = datetime(2030, 1, 1, tzinfo=UTC)
WORDS = get_args(FirmwareStatus)


def update(version: str | None = "2.0", from_version: str | None = "1.0", **fields: Any) -> FirmwareUpdate:
    """One that the station has accepted."""
    image = None if version is None else ImageRef(key=3, blob="b", file_name="f", version=version)
    request = UpdateFirmware(firmware=Firmware(retrieve_at=AT), request_id=7, image=image)
    made = opened(request, key=7, tenant="t", station_key=1, at=AT, from_version=from_version)
    accepted = answered(requested(made, AT), UpdateFirmwareAnswer(status="Accepted"), AT)
    return msgspec.structs.replace(accepted, **fields)


def told(update: FirmwareUpdate, *words: Any) -> tuple[FirmwareUpdate, list[bool]]:
    order = []
    for word in words:
        update, in_order = heard(update, FirmwareStatusNotification(status=word, request_id=7), AT)
        order.append(in_order)
    return update, order


def test_every_status_has_a_row_and_every_end_has_no_successor_but_a_second_download() -> None:
    assert set(NEXT) == {*WORDS, "accepted"}
    assert {word for word in ENDS if NEXT[word]} == {"DownloadFailed"}
    assert all(after in NEXT for row in NEXT.values() for after in row)


def test_every_status_can_be_reached() -> None:
    reached, new = {"accepted"}, {"accepted"}
    while new:
        new = {after for word in new for after in NEXT[word]} - reached  # type: ignore[index]
        reached |= new
    assert reached == set(NEXT) - {"Idle"}


def test_a_success_is_proven_by_the_boot_that_shows_the_version() -> None:
    now, order = told(update(), "Downloading", "Downloaded", "SignatureVerified", "Installing", "Installed")
    assert all(order)
    assert (now.state, now.is_proven, now.is_open) == ("installed", False, True)
    now = booted(now, "2.0", AT)
    assert (now.is_proven, now.is_open, now.ended_at) == (True, False, AT)


def test_the_boot_may_come_before_the_word() -> None:
    now, _ = told(update(), "Downloading", "Downloaded", "Installing", "InstallRebooting")
    now = booted(now, "2.0", AT)
    assert (now.state, now.is_open) == ("under_way", True)
    now, _ = told(now, "Installed")
    assert (now.is_proven, now.is_open) == (True, False)


def test_the_boot_alone_is_enough_after_a_while() -> None:
    now = booted(told(update(), "Downloading")[0], "2.0", AT)
    assert overdue(now, AT + timedelta(minutes=14)) is None
    late = overdue(now, AT + timedelta(minutes=16))
    assert late is not None
    assert late.is_proven


def test_a_station_that_needs_no_reboot_is_believed_after_a_while() -> None:
    now, _ = told(update(), "Downloading", "Downloaded", "Installing", "Installed")
    assert overdue(now, AT + timedelta(minutes=29)) is None
    late = overdue(now, AT + timedelta(minutes=30))
    assert late is not None
    assert (late.state, late.is_open, late.is_proven) == ("installed", False, False)
    assert "2.0" in (late.detail or "")


def test_a_boot_proves_nothing_where_the_version_was_there_before() -> None:
    again = update(from_version="2.0")
    assert booted(again, "2.0", AT) is again


def test_a_boot_with_the_old_version_after_installed_is_a_fall_back() -> None:
    now = booted(told(update(), "Installed")[0], "1.0", AT)
    assert (now.state, now.is_open) == ("wrong_version", False)


def test_without_a_version_to_look_for_the_word_is_enough() -> None:
    now, _ = told(update(version=None), "Downloading", "Downloaded", "Installing", "Installed")
    assert (now.is_proven, now.is_open) == (True, False)


@pytest.mark.parametrize("failure", sorted(FAILURES))
def test_a_failure_ends_it_and_only_a_download_may_be_tried_again(failure: str) -> None:
    now, _ = told(update(), failure)
    assert (now.state, now.detail, now.is_open) == ("failed", failure, False)
    again, _ = told(now, "Downloading")
    assert (again.state == "under_way") == (failure == "DownloadFailed")


def test_what_was_cancelled_may_be_told_to_have_failed() -> None:
    now, order = told(ended(update(), "superseded", AT), "DownloadFailed", "Installing")
    assert (now.state, order) == ("superseded", [True, False])


def test_what_seemed_silent_may_speak_again() -> None:
    silent = overdue(update(), AT + PATIENCE)
    assert silent is not None
    assert silent.state == "silent"
    assert told(silent, "Downloading")[0].state == "under_way"
    assert overdue(update(), AT + PATIENCE - timedelta(seconds=1)) is None


def test_news_put_the_silence_off() -> None:
    late = AT + timedelta(hours=20)
    now, _ = heard(update(), FirmwareStatusNotification(status="Downloading", request_id=7), late)
    assert overdue(now, AT + timedelta(hours=30)) is None


def test_an_answer_after_the_first_status_does_not_set_it_back() -> None:
    started, _ = told(msgspec.structs.replace(update(), state="requested"), "Downloading")
    assert answered(started, UpdateFirmwareAnswer(status="Accepted"), AT).state == "under_way"


def test_a_status_without_an_id_is_about_the_newest_that_is_open() -> None:
    old, new = update(key=1, request_id=1), update(key=2, request_id=2)
    assert about((old, new), None) is new
    assert about((old, ended(new, "failed", AT)), None) is old
    assert about((old, new), 1) is old
    assert about((old, new), 9) is None
    assert about((), None) is None


@given(words=st.lists(st.sampled_from(WORDS), max_size=12), boots=st.lists(st.sampled_from(["1.0", "2.0"]), max_size=2))
def test_whatever_is_told_an_update_has_one_truth(words: list[Any], boots: list[str]) -> None:
    """Never refused, never open and ended at once, its id never another, and Idle never a stage."""
    now = update()
    for word in words:
        before = now
        now, in_order = heard(now, FirmwareStatusNotification(status=word, request_id=7), AT)
        assert now.request_id == 7
        assert now.status != "Idle"
        if now is not before:
            assert in_order == (word in NEXT[before.status or "accepted"])
        assert not (now.is_open and now.ended_at is not None)
    for version in boots:
        now = booted(now, version, AT)
    assert now.state != "installed" or now.status == "Installed"


@given(data=st.data())
def test_every_walk_through_the_table_is_in_order(data: st.DataObject) -> None:
    now, word = update(), "accepted"
    for _ in range(10):
        following = sorted(NEXT[word])  # type: ignore[index]
        if not following or now.state == "failed":
            break
        word = data.draw(st.sampled_from(following))
        now, in_order = heard(now, FirmwareStatusNotification(status=word, request_id=7), AT)  # type: ignore[arg-type]
        assert in_order
        assert now.status == word


def test_a_publication_ends_with_its_places_or_with_its_failure() -> None:
    made = Publication(key=1, tenant="t", station_key=1, request_id=1, checksum="c", created_at=AT, updated_at=AT)
    done = publication_heard(made, PublishFirmwareStatusNotification(status="Published", locations=("http://a",)), AT)
    assert (done.state, done.locations) == ("published", ("http://a",))
    failed = publication_heard(made, PublishFirmwareStatusNotification(status="InvalidChecksum"), AT)
    assert failed.state == "failed"
    assert publication_heard(made, PublishFirmwareStatusNotification(status="Idle"), AT) is made
