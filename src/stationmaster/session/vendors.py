"""The vendors' tables that are installed beside this package, as entry points.

The group is ``stationmaster.data_transfer``, an entry point's name is the vendorId, its object a
``domain.data_transfer.Vendor``.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import structlog

from stationmaster.domain.data_transfer import Vendor, Vendors

log = structlog.get_logger(__name__)

GROUP = "stationmaster.data_transfer"


@cache
def installed_vendors() -> Vendors:
    """What is installed, looked up once."""
    return load(entry_points(group=GROUP))


def load(found: Iterable[EntryPoint]) -> Vendors:
    """The tables behind entry points. One that cannot be used is logged and left out, as the stations of all other
    vendors still have to be served; its vendorId is unknown then."""
    vendors: dict[str, Vendor] = {}
    for entry in found:
        try:
            vendors[entry.name] = _checked(entry.load())
        except Exception as error:  # a plug-in may raise anything while it is imported
            log.error(
                "data transfer handlers not loaded", vendor=entry.name, entry_point=entry.value, reason=str(error)
            )
    return vendors


def _checked(table: Any) -> Vendor:
    if not isinstance(table, Mapping):
        raise TypeError("it is no mapping from messageId to handler")
    wrong = [name for name, handler in table.items() if not isinstance(name, str) or not callable(handler)]
    if wrong:
        raise TypeError(f"it has no handler for {wrong[0]!r}")
    return table
