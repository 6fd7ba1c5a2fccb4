"""What an operator wants to know first: how the whole fleet does, by site, by station and over time."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal, get_args

import msgspec

from stationmaster.domain.messages import ConnectorStatus
from stationmaster.domain.standing import Standing

SLOT_S = 300
"""Of the power that is kept over time."""
MAX_SITES = 500
"""In one overview: those with the most stations."""
UseSortedBy = Literal["uptime", "utilisation"]
USE_SORTED_BY: tuple[UseSortedBy, ...] = get_args(UseSortedBy)


class MoneyOfDay(msgspec.Struct, frozen=True, kw_only=True):
    """What bills come to of sessions that ended on a day. ``held``: of those that somebody has to look at first."""

    currency: str
    issued: Decimal
    held: Decimal


class Use(msgspec.Struct, frozen=True):
    """Shares of time, from 0 to 1; None: nothing is known yet.

    ``utilisation``: with a transaction under way. ``uptime``: connected. Both from the first connection on. Time
    in which the CSMS itself was down counts for nobody's uptime: it is neither looked at nor held against a station.
    """

    utilisation: float | None = None
    uptime: float | None = None


class SiteOverview(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` None: stations that stand at no site."""

    name: str | None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    address: str | None = None
    states: Mapping[Standing, int] = {}
    power_w: int = 0
    energy_wh: int = 0


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """``day_from`` is when the day began, where the tenant is. ``energy_wh`` is what was charged since, running
    transactions included. ``total`` stations, ``online`` of them are connected. ``alarms``: those that are open, by
    severity, 0 the worst; ``unseen`` of them nobody has acknowledged."""

    at: datetime
    day_from: datetime
    total: int
    online: int
    states: Mapping[Standing, int]
    connectors: Mapping[ConnectorStatus, int]
    power_w: int
    energy_wh: int
    money: tuple[MoneyOfDay, ...]
    begun: int
    over: int
    running: int
    alarms: Mapping[int, int]
    unseen: int
    sites: tuple[SiteOverview, ...]
    sites_left_out: int


class StationUse(msgspec.Struct, frozen=True, kw_only=True):
    key: int
    identity: str
    name: str | None
    site: str | None
    state: Standing
    use: Use


class StationUsePage(msgspec.Struct, frozen=True):
    """All pages are as of the moment of the first, ``at``."""

    items: tuple[StationUse, ...]
    at: datetime
    next_cursor: str | None = None


class UseOrder(msgspec.Struct, frozen=True):
    """The least first; ``descending``: the greatest. Those of which nothing is known come last."""

    by: UseSortedBy = "uptime"
    descending: bool = False

    @property
    def name(self) -> str:
        return f"-{self.by}" if self.descending else self.by


class PowerSample(msgspec.Struct, frozen=True, kw_only=True):
    """The power at a site at one moment, for the slot that begins ``at``. ``site`` None: stations that stand at none;
    of every tenant there is always that one."""

    tenant: str
    site: str | None
    at: datetime
    taken_at: datetime
    power_w: int


class Downtime(msgspec.Struct, frozen=True):
    """When no CSMS was there."""

    from_at: datetime
    to_at: datetime


class SitePower(msgspec.Struct, frozen=True):
    """The mean power in W of each slot; None: the CSMS was not there. ``name`` None: at no site; ``others``: of all
    sites that are not told one by one."""

    name: str | None
    power_w: tuple[int | None, ...]
    others: bool = False


class PowerHistory(msgspec.Struct, frozen=True, kw_only=True):
    """``from_at`` is the begin of the first slot of ``slot_s`` seconds."""

    from_at: datetime
    slot_s: int
    sites: tuple[SitePower, ...]


class MapPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One station, or several that stand close together: then nobody's ``key`` and identity. ``site`` is what all of
    them share, ``state`` the worst of their ``states``."""

    latitude: float
    longitude: float
    state: Standing
    stations: int
    states: Mapping[Standing, int]
    key: int | None = None
    identity: str | None = None
    name: str | None = None
    site: str | None = None


class MapArea(msgspec.Struct, frozen=True):
    """In degrees."""

    south: float
    west: float
    north: float
    east: float


class StationMap(msgspec.Struct, frozen=True, kw_only=True):
    """``area`` None: no station has coordinates. ``stations`` are shown in it; ``without`` have no coordinates."""

    points: tuple[MapPoint, ...]
    area: MapArea | None
    stations: int
    without: int
