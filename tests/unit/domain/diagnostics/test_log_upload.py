from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.command import Command
from stationmaster.domain.diagnostics.log_upload import (
    FINAL,
    PATIENCE,
    TRANSITIONS,
    WITHOUT_A_WORD,
    GetLogAnswer,
    LogStatus,
    LogStatusNotification,
    LogUpload,
    UnexpectedStatus,
    UploadState,
    addressed,
    answered,
    heard,
    standing,
)
from stationmaster.domain.transfer import ReceivedFile

NOW = datetime(2030, 1, 1, tzinfo=UTC)
WORDS = get_args(LogStatus)


def upload(state: UploadState = "requested", key: int = 1, **changes: Any) -> LogUpload:
    made = LogUpload(
        key=key,
        tenant="t",
        station_key=1,
        request_id=key + 100,
        log_type="SecurityLog",
        created_at=NOW,
        state=state,
    )
    return msgspec.structs.replace(made, **changes)


def say(status: str, **more: Any) -> LogStatusNotification:
    return LogStatusNotification(status=status, **more)


def command(state: str, detail: str | None = None) -> Command:
    made = Command(key=1, station_key=1, tenant="t", kind="GetLog", request={}, created_at=NOW, expires_at=NOW)
    return msgspec.structs.replace(made, state=state, detail=detail)


FILE = ReceivedFile(blob="up-1", name="a", size_bytes=1, sha256="00", received_at=NOW)


@given(st.lists(st.sampled_from([*WORDS, "Vendors own"]), max_size=20))
def test_whatever_a_station_tells_only_listed_transitions_happen_and_a_final_word_stays(told: list[str]) -> None:
    now = upload()
    for status in told:
        try:
            after = heard(now, say(status), NOW)
        except UnexpectedStatus:
            continue
        assert after.state == now.state or after.state in TRANSITIONS[now.state]
        assert now.state not in ("uploaded", "canceled") or after.state == now.state
        now = after


@pytest.mark.parametrize("status", ["UploadFailure", "BadMessage", "PermissionDenied", "NotSupportedOperation"])
def test_a_failed_upload_may_go_on_with_another_attempt(status: str) -> None:
    failed = heard(upload("uploading"), say(status, reason="Why", info="so"), NOW)
    assert (failed.state, failed.status, failed.detail) == ("failed", status, "Why: so")
    assert heard(failed, say("Uploading"), NOW).state == "uploading"


def test_idle_says_nothing_of_an_upload() -> None:
    assert heard(upload("accepted"), say("Idle"), NOW).state == "accepted"


def test_an_answer_does_not_undo_what_came_before_it() -> None:
    late = answered(heard(upload(), say("Uploading"), NOW), GetLogAnswer(status="Accepted", filename="a"), NOW)
    assert (late.state, late.filename) == ("uploading", "a")
    assert answered(upload(), GetLogAnswer(status="Rejected", info="none"), NOW).state == "rejected"
    assert answered(upload(), GetLogAnswer(status="AcceptedCanceled"), NOW).state == "accepted"


def test_a_status_is_of_the_upload_with_its_id_or_else_of_the_newest_under_way() -> None:
    uploads = (upload("uploading", 1), upload("accepted", 2), upload("uploaded", 3))
    assert addressed(uploads, say("Uploaded", request_id=101)) is uploads[0]
    assert addressed(uploads, say("Uploaded")) is uploads[1]
    assert addressed(uploads, say("Uploaded", request_id=9)) is None
    assert addressed(uploads[2:], say("Uploaded")) is None


@pytest.mark.parametrize(
    ("state", "stands"), [("failed", "failed"), ("timed_out", "failed"), ("unsupported", "unsupported")]
)
def test_an_upload_whose_command_failed_has_failed_for_the_same_reason(state: str, stands: str) -> None:
    assert standing(upload("queued"), command(state, "why"), None, NOW) == (stands, "why")
    assert standing(upload("uploading"), command(state, "why"), None, NOW) == ("uploading", None)


def test_a_file_that_came_without_a_word_counts_after_a_while() -> None:
    almost, enough = NOW + WITHOUT_A_WORD - timedelta(seconds=1), NOW + WITHOUT_A_WORD
    assert standing(upload("accepted"), None, FILE, almost)[0] == "accepted"
    assert standing(upload("accepted"), None, FILE, enough)[0] == "uploaded"
    assert standing(upload("failed"), None, FILE, enough)[0] == "failed"


def test_an_upload_of_which_nothing_is_heard_for_long_is_silent() -> None:
    later = NOW + PATIENCE
    assert standing(upload("accepted", heard_at=NOW), None, None, later)[0] == "silent"
    assert standing(upload("accepted", heard_at=later), None, None, later)[0] == "accepted"
    assert standing(upload("queued"), None, None, later)[0] == "queued"
    for state in FINAL:
        assert standing(upload(state), None, None, later)[0] == state
