"""What operators ask of the displays of all stations, and what they get."""

from collections.abc import Mapping

import msgspec

from stationmaster.domain.display_message import KnownMessage


class DisplayFilter(msgspec.Struct, frozen=True, kw_only=True):
    """``text`` is looked for in the messages. Stations by identity, only those that show something."""

    tenant: str
    station_key: int | None = None
    text: str | None = None


class StationDisplay(msgspec.Struct, frozen=True, kw_only=True):
    """The messages of a station by id. ``under_way``: keys of its open transactions, by their ids on the wire."""

    station_key: int
    identity: str
    messages: tuple[KnownMessage, ...]
    under_way: Mapping[str, int]
