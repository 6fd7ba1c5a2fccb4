"""N11-N15 Periodic event streams (2.1): the values of a monitor without the words around them, and without answers."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from stationmaster.domain.messages import Answer, Request


class StreamParams(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message is sent every ``interval_s``, and as soon as there are ``values`` (and never with more); None or 0: not
    by that (N15.FR.06-.08)."""

    interval_s: int | None = None
    values: int | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing would ever be sent (N11.FR.09)."""
        return not self.interval_s and not self.values


class EventStream(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``id`` is the station's; ``monitoring_id`` names the monitor whose values it carries."""

    id: int
    monitoring_id: int
    params: StreamParams = StreamParams()


class OpenPeriodicEventStream(Request, frozen=True, kw_only=True, omit_defaults=True):
    """N11. Status: Accepted, Rejected."""

    stream: EventStream


class ClosePeriodicEventStream(Request, frozen=True, kw_only=True, omit_defaults=True):
    """N13."""

    id: int


class GetPeriodicEventStream(Request, frozen=True, kw_only=True, omit_defaults=True):
    """N12."""


class EventStreamList(Answer, frozen=True, kw_only=True, omit_defaults=True):
    streams: tuple[EventStream, ...] = ()


class AdjustPeriodicEventStream(Request, frozen=True, kw_only=True, omit_defaults=True):
    """N14. Status: Accepted, Rejected."""

    id: int
    params: StreamParams


class NotifyPeriodicEventStream(Request, frozen=True, kw_only=True, omit_defaults=True):
    """N15; a SEND, which nobody answers. ``values``: seconds after ``base_time``, and the value. ``pending``: how many
    more there were when it was sent."""

    id: int
    base_time: datetime
    values: tuple[tuple[Decimal, str], ...]
    pending: int = 0


class KnownStream(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stream as the CSMS knows it. ``monitoring_id`` None: values came of a stream that nobody had opened.

    ``pending`` is what the last message said, ``growing`` in how many messages in a row it grew.
    """

    station_key: int
    id: int
    monitoring_id: int | None
    params: StreamParams
    opened_at: datetime
    last_at: datetime | None = None
    pending: int = 0
    growing: int = 0


class StreamClosed(msgspec.Struct, frozen=True, kw_only=True):
    """The stream is gone; its values stay."""

    station_key: int
    id: int


class StreamValue(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``at`` is the station's time of the value."""

    station_key: int
    stream_id: int
    monitoring_id: int | None
    at: datetime
    received_at: datetime
    value: str


class StoredStreamValue(msgspec.Struct, frozen=True):
    key: int
    value: StreamValue


class StreamValueFilter(msgspec.Struct, frozen=True, kw_only=True):
    """``from_at`` <= at < ``to_at``. In the order of arrival."""

    tenant: str
    station_key: int
    stream_id: int
    from_at: datetime | None = None
    to_at: datetime | None = None


Streams = Mapping[int, KnownStream]


def moment_of(base_time: datetime, offset_s: Decimal) -> datetime | None:
    """When a value was taken (N15.FR.09); None for an offset that leads out of the calendar."""
    try:
        return base_time + timedelta(seconds=float(offset_s))
    except (OverflowError, ValueError):
        return None
