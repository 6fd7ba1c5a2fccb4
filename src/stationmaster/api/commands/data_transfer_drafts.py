"""Data transfer as a client writes it."""

from typing import Annotated, Any

from msgspec import Meta

from stationmaster.api.commands.draft import Draft
from stationmaster.domain.data_transfer import DataTransfer
from stationmaster.domain.messages import Request

VendorId = Annotated[str, Meta(min_length=1, max_length=255, examples=["com.example"])]
MessageId = Annotated[str, Meta(min_length=1, max_length=50)]


class DataTransferCommand(Draft, frozen=True, kw_only=True, tag="DataTransfer"):
    """P01. ``data`` is any JSON; a station of 1.x gets anything but text as its JSON text."""

    vendor_id: VendorId
    message_id: MessageId | None = None
    data: Any = None

    def request(self) -> Request:
        return DataTransfer(vendor_id=self.vendor_id, message_id=self.message_id, data=self.data)
