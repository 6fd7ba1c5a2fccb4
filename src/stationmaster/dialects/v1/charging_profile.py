"""A charging profile of 2.x as one of 1.6, and back.

1.6 has one schedule to a profile, plain limits in steps of 0.1, and three kinds. Limits are rounded down, as a limit
that is too high may cost a fuse; what else 1.6 cannot say is refused, as leaving it out would charge another way than
was asked.
"""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import msgspec

from stationmaster.dialects.plain import exact, plain_of, struct_of
from stationmaster.dialects.table import Unsupported
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

Plain = dict[str, Any]

_STEP = Decimal("0.1")
_QUANTIZABLE = Decimal(10) ** 12
_PROFILE = {
    "id": "chargingProfileId",
    **{
        name: name
        for name in (
            *("transactionId", "stackLevel", "chargingProfilePurpose", "chargingProfileKind"),
            *("recurrencyKind", "validFrom", "validTo"),
        )
    },
}
_SCHEDULE = {name: name for name in ("duration", "startSchedule", "chargingRateUnit", "minChargingRate")}
_PERIOD = {name: name for name in ("startPeriod", "limit", "numberPhases")}
_DROPPED = frozenset({"customData"})
_PURPOSES = {"ChargingStationMaxProfile": "ChargePointMaxProfile"}
_PURPOSES_2X = {name_1x: name_2x for name_2x, name_1x in _PURPOSES.items()}


def lower_profile(profile: Mapping[str, Any]) -> v16.ChargingProfile:
    """The 1.6 profile; raises ``Unsupported`` with what 1.6 cannot carry."""
    plain = exact(dict(profile))
    schedules = plain.pop("chargingSchedule", None)
    if not isinstance(schedules, list) or len(schedules) != 1:
        raise Unsupported("an OCPP 1.6 charging profile has exactly one chargingSchedule")
    lowered = _renamed(plain, _PROFILE)
    purpose = lowered.get("chargingProfilePurpose")
    lowered["chargingProfilePurpose"] = _PURPOSES.get(str(purpose), purpose)
    lowered["chargingSchedule"] = _lower_schedule(schedules[0])
    if str(lowered.get("transactionId", "")).isdecimal():
        lowered["transactionId"] = int(lowered["transactionId"])
    try:
        return struct_of(lowered, v16.ChargingProfile)
    except msgspec.ValidationError as error:
        raise Unsupported(f"not a charging profile of OCPP 1.6: {error}") from error


def lift_profile(profile: wire.ChargingProfile) -> Plain:
    """The profile in the shape of 2.x. Its schedule gets the profile's id, as 1.6 gives it none."""
    plain: Plain = plain_of(profile)
    schedule = plain.pop("chargingSchedule", {})
    lifted = {name: plain[name_1x] for name, name_1x in _PROFILE.items() if name_1x in plain}
    if "transactionId" in lifted:
        lifted["transactionId"] = str(lifted["transactionId"])
    purpose = lifted.get("chargingProfilePurpose")
    if purpose is not None:
        lifted["chargingProfilePurpose"] = _PURPOSES_2X.get(purpose, purpose)
    return {**lifted, "chargingSchedule": [{"id": lifted.get("id", 0), **schedule}]}


def _lower_schedule(schedule: Any) -> Plain:
    plain = dict(schedule) if isinstance(schedule, dict) else {}
    plain.pop("id", None)
    periods = plain.pop("chargingSchedulePeriod", None)
    lowered = _renamed(plain, _SCHEDULE)
    if "minChargingRate" in lowered:
        lowered["minChargingRate"] = _tenths(lowered["minChargingRate"])
    if isinstance(periods, list):
        lowered["chargingSchedulePeriod"] = [_lower_period(period) for period in periods]
    return lowered


def _lower_period(period: Any) -> Plain:
    lowered = _renamed(period if isinstance(period, dict) else {}, _PERIOD)
    return {**lowered, "limit": _tenths(lowered.get("limit"))}


def _renamed(plain: Mapping[str, Any], names: Mapping[str, str]) -> Plain:
    unknown = sorted(set(plain) - set(names) - _DROPPED)
    if unknown:
        raise Unsupported(f"OCPP 1.6 charging profiles have no {', '.join(unknown)}")
    return {names[name]: value for name, value in plain.items() if name in names}


def _tenths(value: Any) -> Any:
    if not isinstance(value, int | Decimal):
        return value
    number = Decimal(value)
    return number.quantize(_STEP, ROUND_FLOOR) if abs(number) < _QUANTIZABLE else number
