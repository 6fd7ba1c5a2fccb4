"""2.0 payloads in the shape of 2.1, and back: ``lift`` after reading, ``lower`` before writing."""

from stationmaster.ocpp.upgrade.rows import Refused
from stationmaster.ocpp.upgrade.v20 import NATIVE_ONLY, lift, lower

__all__ = ["NATIVE_ONLY", "Refused", "lift", "lower"]
