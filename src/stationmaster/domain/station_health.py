"""How well a station gets along with its CSMS, in figures."""

import msgspec


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """``reconnects_*``: how often it came back after having been offline, in the last 24 hours and 7 days;
    ``offline_s`` how long it was offline in those 7 days, seconds. ``worst_alarm``: the lowest severity of those
    that are open."""

    reconnects_day: int
    reconnects_week: int
    offline_s: int
    open_alarms: int
    worst_alarm: int | None
