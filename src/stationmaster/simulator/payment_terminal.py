"""A payment terminal in simulation: fulfils ``station.ports.PaymentTerminal``."""

from decimal import Decimal

from stationmaster.domain.payment.payments import SettlementStatus
from stationmaster.station.ports import PaymentListener, Receipt


class SimulatedTerminal:
    """``outcome`` is what becomes of the next settlement, ``increases`` whether more may be reserved; ``reserved``,
    ``settled`` and ``released`` are by reference."""

    def __init__(self, serial_number: str) -> None:
        self._serial = serial_number
        self.outcome: SettlementStatus = "Settled"
        self.increases = True
        self.reserved: dict[str, Decimal] = {}
        self.settled: dict[str, Decimal] = {}
        self.released: list[str] = []
        self._amount = Decimal(0)
        self._listener: PaymentListener | None = None
        self._cards = 0

    def attach_payments(self, listener: PaymentListener | None) -> None:
        self._listener = listener

    def reserve(self, amount: Decimal) -> None:
        self._amount = amount

    def increase(self, psp_ref: str, amount: Decimal) -> None:
        if self.increases:
            self.reserved[psp_ref] += amount
        if self._listener is not None:
            self._listener.on_increased(psp_ref, granted=self.increases)

    def settle(self, psp_ref: str, amount: Decimal) -> None:
        receipt = Receipt()
        if self.outcome == "Settled":
            self.settled[psp_ref] = amount
            receipt = Receipt(id=f"R-{psp_ref}"[:50], url=f"https://receipts.invalid/{psp_ref}")
        if self._listener is not None:
            self._listener.on_settled(psp_ref, self.outcome, amount, receipt)

    def release(self, psp_ref: str) -> None:
        self.released.append(psp_ref)

    # What people do ───────────────────────────────────────────────────────────────────────────────────────────────

    def pay(self, evse_id: int) -> str:
        """Hold a bank card to the terminal, which its bank accepts: the payment's reference."""
        self._cards += 1
        psp_ref = f"{self._serial}-{self._cards:04}"
        self.reserved[psp_ref] = self._amount
        details = {
            "PspRef": psp_ref,
            "PaymentBrand": "Visa",
            "PaymentRecognition": "Debit",
            "CardLast4Digits": f"{self._cards:04}",
        }
        if self._listener is not None:
            self._listener.on_payment(psp_ref, evse_id, details)
        return psp_ref

    async def enter_vat_number(self, vat_number: str, evse_id: int) -> bool:
        """For the receipt; whether it was taken."""
        return self._listener is not None and await self._listener.check_vat(vat_number, evse_id)
