"""C18-C25 Ad hoc payments (2.1): what a payment terminal settled, VAT numbers for the receipt, web pages that take
money."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from stationmaster.domain.messages import Answer, Request

SettlementStatus = Literal["Settled", "Canceled", "Rejected", "Failed"]
DIRECT_PAYMENT = "DirectPayment"
"""The type of a token that stands for a payment; its value is the payment provider's reference."""


class NotifySettlement(Request, frozen=True, kw_only=True, omit_defaults=True):
    """C19-C22. ``psp_ref``: the payment provider's reference. ``transaction_id`` is the wire's; a payment that was
    cancelled may have none. ``vat_company``: an address in 2.1's own shape."""

    psp_ref: str
    status: str
    amount: Decimal
    at: datetime | None = None
    transaction_id: str | None = None
    info: str | None = None
    receipt_id: str | None = None
    receipt_url: str | None = None
    vat_number: str | None = None
    vat_company: dict[str, Any] | None = None


class SettlementAnswer(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """Where the driver finds the receipt, where the CSMS gives one (C21.FR.03)."""

    receipt_url: str | None = None
    receipt_id: str | None = None


class VatNumberValidation(Request, frozen=True, kw_only=True, omit_defaults=True):
    """C18.FR.08."""

    vat_number: str
    evse_id: int | None = None


class VatAnswer(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """C18.FR.09, .10: the question's own EVSE again. ``company``: an address in 2.1's own shape."""

    vat_number: str
    status: Literal["Accepted", "Rejected"]
    evse_id: int | None = None
    company: dict[str, Any] | None = None
    reason: str | None = None
    info: str | None = None


class Company(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Whose VAT number it is: an address in 2.1's own shape."""

    name: Annotated[str, Meta(min_length=1, max_length=50)]
    address1: Annotated[str, Meta(min_length=1, max_length=100)]
    address2: Annotated[str, Meta(max_length=100)] | None = None
    city: Annotated[str, Meta(min_length=1, max_length=100)]
    postal_code: Annotated[str, Meta(max_length=20)] | None = None
    country: Annotated[str, Meta(min_length=1, max_length=50)]


class VatWord(msgspec.Struct, frozen=True, kw_only=True):
    """What another system says of a VAT number. ``by_policy``: it is silent, and the word is ours."""

    valid: bool
    company: Company | None = None
    by_policy: bool = False


class NotifyWebPaymentStarted(Request, frozen=True, kw_only=True, omit_defaults=True):
    """C25.FR.21: somebody is paying on a web page. Nothing is to be expected of it any more after ``timeout_s``; with 0
    it has come to nothing."""

    evse_id: int
    timeout_s: int


class Settlement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a station told of one payment, once for each status and time. ``at`` is the station's time, or of receipt
    where it gave none. ``receipt_url``: the station's own, or the one that it was given."""

    key: int
    tenant: str
    station_key: int
    transaction_key: int | None
    psp_ref: str
    status: SettlementStatus
    amount: Decimal
    at: datetime
    received_at: datetime
    info: str | None = None
    receipt_id: str | None = None
    receipt_url: str | None = None
    vat_number: str | None = None
    vat_company: dict[str, Any] | None = None


class SettlementSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A settlement beside the current bill of its transaction, as far as there is one."""

    settlement: Settlement
    bill_key: int | None = None
    bill_total: Decimal | None = None
    currency: str | None = None

    @property
    def difference(self) -> Decimal | None:
        """By how much more was settled than the bill comes to; None where nothing is to be compared."""
        if self.bill_total is None or self.settlement.status != "Settled":
            return None
        return self.settlement.amount - self.bill_total


class VatCheck(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A VAT number that a station asked about. ``transaction_key``: of the one at its EVSE then. ``judged_by``: its
    form alone, another system, or our policy as that one was silent."""

    key: int
    tenant: str
    station_key: int
    at: datetime
    vat_number: str
    accepted: bool
    evse_id: int | None = None
    transaction_key: int | None = None
    judged_by: Literal["form", "outside", "policy"] = "form"
    company: dict[str, Any] | None = None


class SettlementFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first."""

    tenant: str
    station_key: int | None = None
    transaction_key: int | None = None
    status: SettlementStatus | None = None
    psp_ref: str | None = None


class VatCheckFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first."""

    tenant: str
    station_key: int | None = None
