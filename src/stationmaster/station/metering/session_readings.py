"""The meter values at the two ends of a transaction, and what a meter that signs has to do with it."""

from datetime import datetime

from stationmaster.domain.metering.values import MeterValue
from stationmaster.station.metering.readings import reading
from stationmaster.station.metering.signed_values import unsigned
from stationmaster.station.ports import Hardware
from stationmaster.station.records import LocalTransaction
from stationmaster.station.settings import Configuration, TxPoint


class SessionReadings:
    """Of all EVSEs of a station."""

    def __init__(self, hardware: Hardware, configuration: Configuration) -> None:
        self._hardware = hardware
        self._configuration = configuration
        self._signing = frozenset(evse.id for evse in hardware.describe().evses if evse.signs_readings)

    def can_sign(self, evse_id: int) -> bool:
        """Whether the meter there signs its register."""
        return evse_id in self._signing

    def signs(self, evse_id: int) -> bool:
        """Whether it can, and is to."""
        return self.can_sign(evse_id) and self._configuration.now.sampled_sign_readings

    def at_begin(self, evse_id: int, now: datetime) -> MeterValue | None:
        """E01.FR.09."""
        measurands = self._configuration.now.tx_started_measurands
        return reading(self._hardware, evse_id, measurands, "Transaction.Begin", now, sign=self.signs(evse_id))

    def told_at_begin(self, transaction: LocalTransaction) -> tuple[MeterValue, ...]:
        """What the Started event carries."""
        if transaction.begin is None:
            return ()
        signed = self._configuration.now.sampled_sign_started_readings
        return (transaction.begin if signed else unsigned(transaction.begin),)

    def told_at_end(self, evse_id: int, transaction: LocalTransaction, now: datetime) -> tuple[MeterValue, ...]:
        """E06.FR.11: what was collected, between the readings at the begin and at the end."""
        measurands = self._configuration.now.tx_ended_measurands
        end = reading(self._hardware, evse_id, measurands, "Transaction.End", now, sign=self.signs(evse_id))
        if end is None:
            return transaction.collected
        begin = () if transaction.begin is None else (transaction.begin,)
        return (*begin, *transaction.collected, end)

    def attainable(self, evse_id: int, wanted: tuple[TxPoint, ...]) -> tuple[TxPoint, ...]:
        """Where no meter signs, what it would sign stands for the signature: no energy flows without a transaction."""
        if self.signs(evse_id):
            return wanted
        return tuple("PowerPathClosed" if point == "DataSigned" else point for point in wanted)
