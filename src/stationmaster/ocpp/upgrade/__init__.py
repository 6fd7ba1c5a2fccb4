"""Older messages of 2.x in the shape of 2.1, and back.

2.0.1: types that are ``readable_as`` those of 2.1. 2.0: ``lift`` after reading, ``lower`` before writing.
"""

from stationmaster.ocpp.upgrade.rows import Refused
from stationmaster.ocpp.upgrade.v20 import NATIVE_ONLY, lift, lower
from stationmaster.ocpp.upgrade.v201 import readable_as

__all__ = ["NATIVE_ONLY", "Refused", "lift", "lower", "readable_as"]
