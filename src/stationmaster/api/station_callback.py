"""Where a station that speaks SOAP is called."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from stationmaster.domain.station import Station
from stationmaster.ocpp.version import SOAP_VERSIONS

Override = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=1000,
        pattern=r"^https?://[!-~]+\Z",
        description="Call the station here, whatever it says itself.",
        examples=["http://10.8.0.17:8080/ocpp"],
    ),
]


class CallbackResource(msgspec.Struct, frozen=True, kw_only=True):
    """``told``: the address that the station names in its messages, since ``told_at``; ``override``: an operator's,
    which goes before it. ``in_use`` null: nobody knows where to call it. ``reachable``: what the last calls showed."""

    told: str | None
    told_at: datetime | None
    override: str | None
    in_use: str | None
    reachable: Literal["yes", "no", "untried"]
    unreachable_since: datetime | None
    reason: str | None


def callback_resource(station: Station) -> CallbackResource | None:
    """None for a station that keeps a line, or was never here, unless an operator has a word for it already."""
    override = station.callback_override
    if station.version not in SOAP_VERSIONS and (override is None or station.version is not None):
        return None
    known = station.callback
    return CallbackResource(
        told=known.told,
        told_at=known.told_at,
        override=override,
        in_use=known.told if override is None else override,
        reachable=_REACHABLE[known.reachable],
        unreachable_since=known.unreachable_since,
        reason=known.reason,
    )


_REACHABLE: dict[bool | None, Literal["yes", "no", "untried"]] = {None: "untried", True: "yes", False: "no"}
