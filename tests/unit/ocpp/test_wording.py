"""A decoder's complaints in words for people."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta

from stationmaster.ocpp.wording import in_words


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        ("abcd", Annotated[str, Meta(max_length=3)], "at most 3 characters"),
        ("", Annotated[str, Meta(min_length=1)], "it must not be empty"),
        ([], Annotated[list[int], Meta(min_length=1)], "it must not be empty"),
        ([1, 2], Annotated[list[int], Meta(max_length=1)], "at most 1 item"),
        (5, Annotated[int, Meta(ge=10)], "a whole number of at least 10"),
        (5.5, Annotated[float, Meta(le=1.5)], "a number of at most 1.5"),
        (5, str, "a text is needed, not a whole number"),
        ("x", int | None, "a whole number or null is needed, not a text"),
        (1, bool, "true or false is needed, not a whole number"),
        ("soon", datetime, "no time as RFC 3339 has it, 2030-01-31T12:00:00Z"),
        ("2030-01-01T00:00:00", Annotated[datetime, Meta(tz=True)], "a time needs its zone, such as Z"),
    ],
)
def test_a_complaint_is_said_plainly(value: Any, kind: Any, said: str) -> None:
    with pytest.raises(msgspec.ValidationError) as error:
        msgspec.convert(value, kind)
    assert in_words(str(error.value)) == said


def test_what_is_not_known_is_said_as_it_is() -> None:
    assert in_words("2.0 has no such field") == "2.0 has no such field"
