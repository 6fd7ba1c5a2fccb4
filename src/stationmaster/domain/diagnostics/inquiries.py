"""What a station was asked for that takes time to come: logs and customers' data."""

from typing import TypeVar

import msgspec

from stationmaster.domain.diagnostics.customer_information import CustomerReport
from stationmaster.domain.diagnostics.log_upload import LogUpload

Inquiry = TypeVar("Inquiry", bound=LogUpload | CustomerReport)

KEPT = 10
"""Of each kind, the newest: what a station says of older ones is an oddity."""


class Inquiries(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Of one station; oldest first."""

    uploads: tuple[LogUpload, ...] = ()
    reports: tuple[CustomerReport, ...] = ()

    def with_uploads(self, *changed: LogUpload) -> "Inquiries":
        """With these in the place of those with the same keys, or new."""
        return msgspec.structs.replace(self, uploads=_merged(self.uploads, changed))

    def with_report(self, changed: CustomerReport) -> "Inquiries":
        return msgspec.structs.replace(self, reports=_merged(self.reports, (changed,)))


def _merged(known: tuple[Inquiry, ...], changed: tuple[Inquiry, ...]) -> tuple[Inquiry, ...]:
    keys = {each.key for each in changed}
    others = [each for each in known if each.key not in keys]
    return tuple(sorted([*others, *changed], key=lambda each: each.key)[-KEPT:])
