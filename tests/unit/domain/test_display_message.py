"""What a driver reads of display messages."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from stationmaster.domain.display_message import MessageInfo, Supported, in_language, refusal, standing
from stationmaster.domain.texts import Text

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLAIN = MessageInfo(id=1, priority="InFront", message=Text(content="Hello", language="en"))
MANY = msgspec.structs.replace(
    PLAIN,
    extra=tuple(Text(content=tag, language=tag) for tag in ("de-DE", "de-CH", "nl")),
)
TAKES = Supported(formats=("UTF8",), states=("Idle",), languages=("en", "de", "nl"))


@pytest.mark.parametrize(
    ("language", "text"),
    [("de-CH", "de-CH"), ("DE-at", "de-DE"), ("nl", "nl"), ("nl-BE", "nl"), ("fi", "Hello"), (None, "Hello")],
)
def test_a_driver_reads_the_nearest_language_or_english(language, text):
    assert in_language(MANY, language).content == text


def test_without_english_the_first_text_is_read():
    french = msgspec.structs.replace(PLAIN, message=Text(content="Bonjour", language="fr"))
    assert in_language(french, "fi").content == "Bonjour"


@pytest.mark.parametrize(
    ("changes", "how"),
    [
        ({}, "shown"),
        ({"from_at": AT}, "shown"),
        ({"from_at": AT + HOUR}, "waiting"),
        ({"to_at": AT}, "over"),
        ({"to_at": AT + HOUR}, "shown"),
        ({"transaction_id": "here"}, "shown"),
        ({"transaction_id": "gone"}, "over"),
        ({"transaction_id": "gone", "from_at": AT + HOUR}, "over"),
    ],
)
def test_how_it_stands_with_a_message(changes, how):
    assert standing(msgspec.structs.replace(PLAIN, **changes), AT, {"here"}) == how


@pytest.mark.parametrize(
    ("changes", "supported", "status"),
    [
        ({}, {}, None),
        ({}, {"priorities": ("NormalCycle",)}, "NotSupportedPriority"),
        ({"state": "Faulted"}, {}, "NotSupportedState"),
        ({"message": Text(content="x", format="HTML")}, {}, "NotSupportedMessageFormat"),
        ({"message": Text(content="x", language="fi")}, {}, "LanguageNotSupported"),
        ({"message": Text(content="x", language="de-AT")}, {}, None),
        ({"message": Text(content="x", language="fi")}, {"languages": None}, None),
        ({"extra": (Text(content="x", language="nl"),)}, {"languages": None}, "Rejected"),
        ({"extra": (Text(content="x", language="nl", format="URI"),)}, {}, "NotSupportedMessageFormat"),
    ],
)
def test_what_a_display_does_not_take_is_refused(changes, supported, status):
    refused = refusal(msgspec.structs.replace(PLAIN, **changes), msgspec.structs.replace(TAKES, **supported))
    assert (None if refused is None else refused.status) == status
