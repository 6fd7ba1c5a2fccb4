"""A tariff's price told to stations: by which commands, and what became of them."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from stationmaster.domain.command import CommandState


class StationTold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``commands``: the keys of those by which it is told. ``unsupported``: why it cannot be, in words for an
    operator."""

    station_key: int
    commands: tuple[int, ...] = ()
    unsupported: str | None = None


class PricePublished(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a tariff, told to stations at one time."""

    key: int
    tenant: str
    tariff: str
    version: int
    at: datetime
    published_by: str
    stations: tuple[StationTold, ...]


class PublicationProgress(msgspec.Struct, frozen=True, kw_only=True):
    """``states``: of the commands that are still kept, by key. ``partial``: how many of them the station took a part
    of only."""

    published: PricePublished
    states: Mapping[int, CommandState]
    partial: int = 0
