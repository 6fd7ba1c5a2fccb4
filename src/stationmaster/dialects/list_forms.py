"""What a version's local list can hold: how long a token may be, and of which types."""

from collections.abc import Mapping

from stationmaster.dialects.v1.tokens import MAX_ID_TAG_CHARS
from stationmaster.domain.local_list.list_making import ListForm

_CLOSED = frozenset({"Central", "eMAID", "ISO14443", "ISO15693", "KeyCode", "Local", "NoAuthorization"})
_FIRST = ListForm(longest=MAX_ID_TAG_CHARS, typed=False, limits_evses=False)
FORMS: Mapping[str, ListForm] = {
    "1.5": _FIRST,
    "1.6S": _FIRST,
    "1.6": _FIRST,
    "2.0": ListForm(longest=36, types=_CLOSED, limits_evses=False),
    "2.0.1": ListForm(longest=36, types=_CLOSED | {"MacAddress"}),
    "2.1": ListForm(longest=255),
}
"""By the wire's version; 1.2 has no local lists."""
