"""I02 What a transaction costs so far, told by the CSMS between two events of the transaction."""

from decimal import Decimal

from stationmaster.domain.messages import Request


class CostUpdated(Request, frozen=True, kw_only=True, omit_defaults=True):
    """``transaction_id`` is the wire's; ``total`` in the tariff's currency, taxes included."""

    transaction_id: str
    total: Decimal
