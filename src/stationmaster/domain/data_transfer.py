"""P Data transfer: messages whose meaning is a vendor's, and who answers them.

A vendor's messages are a table from messageId to handler. What no table knows is answered as the specification says:
UnknownVendorId, or UnknownMessageId for a vendor that is known (P01.FR.05, P01.FR.06, P02.FR.06, P02.FR.07).
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from stationmaster.domain.messages import CommandAnswer, Request

NO_MESSAGE_ID = ""
"""Where a vendor's table has the handler of messages without a messageId."""
ANY_MESSAGE_ID = "*"
"""Where it has the handler of all messages that it does not list."""


class DataTransfer(Request, frozen=True, kw_only=True, omit_defaults=True):
    """P01, P02. ``data`` is any JSON; 1.x carries text only, so anything else goes there as its JSON text."""

    vendor_id: str
    message_id: str | None = None
    data: Any = None


class DataTransferAnswer(CommandAnswer, frozen=True, kw_only=True, omit_defaults=True):
    """Status: Accepted, Rejected, UnknownMessageId, UnknownVendorId."""

    data: Any = None


class VendorCall(msgspec.Struct, frozen=True, kw_only=True):
    """One message as a vendor's handler gets it. ``role`` is ours: as a CSMS, ``tenant`` and ``station`` (its identity)
    tell who sent it; as a station it came from the CSMS."""

    message: DataTransfer
    role: Literal["csms", "station"]
    at: datetime
    tenant: str = ""
    station: str = ""


VendorHandler = Callable[[VendorCall], DataTransferAnswer | Awaitable[DataTransferAnswer]]
Vendor = Mapping[str, VendorHandler]
Vendors = Mapping[str, Vendor]
"""By vendorId, in whatever case."""

UNKNOWN_VENDOR = DataTransferAnswer(status="UnknownVendorId")
UNKNOWN_MESSAGE = DataTransferAnswer(status="UnknownMessageId")


def handler_of(vendors: Vendors, message: DataTransfer) -> VendorHandler | DataTransferAnswer:
    """Who answers a message, or the answer where nobody knows it. 1.6's ids do not mind case, so none do."""
    vendor = _lookup(vendors, message.vendor_id)
    if vendor is None:
        return UNKNOWN_VENDOR
    found = _lookup(vendor, message.message_id or NO_MESSAGE_ID) or vendor.get(ANY_MESSAGE_ID)
    return found or UNKNOWN_MESSAGE


def _lookup(table: Mapping[str, Any], name: str) -> Any:
    exact = table.get(name)
    if exact is not None:
        return exact
    folded = name.casefold()
    return next((value for key, value in table.items() if key.casefold() == folded), None)


class DataTransferRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange, whichever way it went: ``direction`` is "in" from the station or "out" to it. ``data`` and
    ``answer`` are JSON text, None: there was none."""

    station_key: int
    at: datetime
    direction: Literal["in", "out"]
    vendor_id: str
    message_id: str | None
    status: str
    data: str | None = None
    answer: str | None = None


class StoredTransfer(msgspec.Struct, frozen=True):
    """An exchange with its key, which grows."""

    key: int
    record: DataTransferRecord


class DataTransferFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first."""

    tenant: str
    station_key: int | None = None
    vendor_id: str | None = None
    message_id: str | None = None
    direction: Literal["in", "out"] | None = None


def json_text(data: Any) -> str | None:
    """What is stored of a message's data."""
    return None if data is None else msgspec.json.encode(data).decode()
