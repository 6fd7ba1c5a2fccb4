"""O Display messages in every version."""

from datetime import UTC, datetime

import msgspec
import pytest

from stationmaster.dialects.table import Unattributable, Unsupported
from stationmaster.dialects.v1.display_message import OUTGOING as OUTGOING_1
from stationmaster.dialects.v2.display_message import (
    read_clear,
    read_get,
    read_list,
    read_set,
    write_clear,
    write_get,
    write_list,
    write_set,
    write_set_answer,
)
from stationmaster.domain.device_model.addresses import Component
from stationmaster.domain.display_message import (
    ClearDisplayMessage,
    GetDisplayMessages,
    MessageInfo,
    NotifyDisplayMessages,
    SetDisplayMessage,
)
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import CommandAnswer
from stationmaster.domain.texts import Text
from stationmaster.ocpp import codec
from stationmaster.ocpp.version import Version

SECOND_GENERATION = (Version.V20, Version.V201, Version.V21)
AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
PLAIN = MessageInfo(id=0, priority="AlwaysFront", message=Text(content="Hello"))
FULL = MessageInfo(
    id=7,
    priority="InFront",
    message=Text(content="Grüezi", language="de-CH", format="UTF8"),
    state="Charging",
    from_at=AT,
    to_at=AT.replace(hour=13),
    transaction_id="TX-1",
    display=Component(name="Display", instance="left", evse=Evse(1)),
)
NEWEST = msgspec.structs.replace(PLAIN, state="Suspended", extra=(Text(content="Hallo", language="nl"),))


def crossed(version, action, read, write, request):
    """What arrives of a request over the wire of a version."""
    facts = StationFacts(version=str(version))
    raw = codec.write_request(version, action, write(facts, request))
    return read(facts, codec.read_request(version, action, raw).message)


@pytest.mark.parametrize("version", SECOND_GENERATION)
@pytest.mark.parametrize("info", [PLAIN, FULL])
def test_a_message_arrives_as_it_was_set(version, info):
    asked = SetDisplayMessage(info=info)
    assert crossed(version, "SetDisplayMessage", read_set, write_set, asked) == asked


def test_2_1_carries_several_languages_and_more_states():
    asked = SetDisplayMessage(info=NEWEST)
    assert crossed(Version.V21, "SetDisplayMessage", read_set, write_set, asked) == asked


@pytest.mark.parametrize("version", [Version.V20, Version.V201])
@pytest.mark.parametrize(
    "changes",
    [
        {"state": "Discharging"},
        {"extra": (Text(content="x", language="nl"),)},
        {"message": Text(content="x" * 513)},
        {"message": Text(content="https://x", format="QRCODE")},
    ],
)
def test_what_a_version_has_no_words_for_is_refused_whole(version, changes):
    with pytest.raises(Unsupported, match=rf"^OCPP {version} "):
        write_set(StationFacts(version=str(version)), SetDisplayMessage(info=msgspec.structs.replace(PLAIN, **changes)))


@pytest.mark.parametrize("version", SECOND_GENERATION)
@pytest.mark.parametrize(
    "asked",
    [GetDisplayMessages(request_id=3), GetDisplayMessages(request_id=3, ids=(1, 2), priority="InFront", state="Idle")],
)
def test_a_question_arrives_as_it_was_asked(version, asked):
    assert crossed(version, "GetDisplayMessages", read_get, write_get, asked) == asked


@pytest.mark.parametrize("version", SECOND_GENERATION)
def test_a_clearing_arrives(version):
    asked = ClearDisplayMessage(id=3)
    assert crossed(version, "ClearDisplayMessage", read_clear, write_clear, asked) == asked


@pytest.mark.parametrize("version", SECOND_GENERATION)
@pytest.mark.parametrize("more", [True, False])
def test_a_part_of_a_list_arrives(version, more):
    told = NotifyDisplayMessages(request_id=3, messages=(PLAIN, FULL), to_be_continued=more)
    assert crossed(version, "NotifyDisplayMessages", read_list, write_list, told) == told


@pytest.mark.parametrize(
    ("version", "status"),
    [(Version.V20, "Rejected"), (Version.V201, "Rejected"), (Version.V21, "LanguageNotSupported")],
)
def test_a_language_that_is_not_spoken_is_told_in_the_words_of_the_version(version, status):
    written = write_set_answer(
        StationFacts(version=str(version)), SetDisplayMessage(info=PLAIN), CommandAnswer(status="LanguageNotSupported")
    )
    raw = codec.write_response(version, "SetDisplayMessage", written)
    assert msgspec.json.decode(raw) == {"status": status}


@pytest.mark.parametrize("field", ["priority", "state", "message", "id"])
def test_a_message_that_cannot_be_read_is_set_nowhere(field):
    told = {"id": 1, "priority": "InFront", "message": {"format": "UTF8", "content": "x"}}
    told = {key: value for key, value in told.items() if key != field} | (
        {field: "Dreaming"} if field in ("priority", "state") else {}
    )
    message = codec.read_request(Version.V21, "SetDisplayMessage", msgspec.json.encode({"message": told})).message
    with pytest.raises(Unattributable, match=field):
        read_set(StationFacts(version="2.1"), message)


@pytest.mark.parametrize("asked", [SetDisplayMessage(info=PLAIN), GetDisplayMessages(), ClearDisplayMessage(id=1)])
def test_1_x_says_why_it_cannot(asked):
    with pytest.raises(Unsupported, match="no display messages"):
        next(OUTGOING_1[type(asked)](StationFacts(version="1.6"), asked))
