"""What the words of 1.6 become in OCPP 1.5 and 1.2, which have fewer."""

from collections.abc import Iterable, Mapping
from itertools import groupby

from stationmaster.ocpp.version import Version

BEFORE_1_6 = (Version.V12, Version.V15)

_15: Mapping[str, str | None] = {
    **dict.fromkeys(("Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"), "Occupied"),
    **dict.fromkeys(("LocalListConflict", "OverVoltage", "InternalError"), "OtherError"),
    **dict.fromkeys(("Uploading", "Downloading", "Installing", "Idle"), None),
}
_12 = {**_15, **dict.fromkeys(("GroundFailure", "OtherError", "OverVoltage", "InternalError"), "PowerSwitchFailure")}
WORDS: Mapping[Version, Mapping[str, str | None]] = {Version.V15: _15, Version.V12: _12}
"""None: not told at all. What is not listed is the same."""


def in_words(version: Version, of_1_6: Iterable[str], after: str | None = None) -> list[str]:
    """The same in a version's words. What says again what was said before is not told; ``after``: what that was."""
    known = WORDS.get(version, {})
    told = [known.get(word, word) for word in (*([] if after is None else [after]), *of_1_6)]
    different = [word for word, _ in groupby(word for word in told if word is not None)]
    return different if after is None else different[1:]
