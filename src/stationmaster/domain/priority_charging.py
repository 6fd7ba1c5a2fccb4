"""K21, K22 Priority charging (2.1): a transaction that is charged by the profile for those in a hurry."""

from datetime import datetime

import msgspec

from stationmaster.domain.messages import Request


class UsePriorityCharging(Request, frozen=True, kw_only=True, omit_defaults=True):
    """K21. ``transaction_id`` is the wire's."""

    transaction_id: str
    activate: bool


class NotifyPriorityCharging(Request, frozen=True, kw_only=True, omit_defaults=True):
    """K21.FR.05, .08, K22.FR.03, .05: it took effect, or is over. ``transaction_id`` is the wire's."""

    transaction_id: str
    activated: bool


class PriorityCharging(msgspec.Struct, frozen=True, kw_only=True):
    """What a station told last of a transaction."""

    tenant: str
    station_key: int
    transaction_key: int
    activated: bool
    told_at: datetime
