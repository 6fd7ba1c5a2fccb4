"""What a car needs and can do, as it told the station over ISO 15118 (2.x part 2, K15-K20; R02, R03).

The needs keep the wire's own shape of 2.1 (ChargingNeedsType), as they are told, kept and shown whole; what is gone by
is read from them.
"""

from datetime import datetime
from typing import Any

import msgspec

from stationmaster.domain.der.nameplate import supported_modes
from stationmaster.domain.messages import CommandAnswer, Request

MAX_EVSE_ID = 10_000
"""What a station tells of EVSEs beyond is not kept."""


class NotifyEVChargingNeeds(Request, frozen=True, kw_only=True, omit_defaults=True):
    """``timestamp``: when the car told it, where that was a while ago (K15.FR.20)."""

    evse_id: int
    needs: dict[str, Any]
    max_schedule_tuples: int | None = None
    timestamp: datetime | None = None


class ChargingNeedsAnswer(CommandAnswer, frozen=True, kw_only=True, omit_defaults=True):
    """Accepted and Processing promise a charging profile; NoChargingProfile: do not wait for one; Rejected: not with
    this energy transfer."""


class KnownNeeds(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The newest needs told of an EVSE. ``transaction_key``: the one that ran there then."""

    station_key: int
    evse_id: int
    needs: dict[str, Any]
    received_at: datetime
    told_at: datetime | None = None
    transaction_key: int | None = None
    max_schedule_tuples: int | None = None

    @property
    def energy_transfer(self) -> str | None:
        """What is asked for: AC_three_phase, DC_BPT, AC_BPT_DER, ..."""
        asked = self.needs.get("requestedEnergyTransfer")
        return asked if isinstance(asked, str) else None

    @property
    def der_modes(self) -> tuple[str, ...]:
        """The DER controls that the car's own inverter executes (R02.FR.01)."""
        return supported_modes(self.needs)
