"""What is sold to a driver at an EVSE, by which tariffs, and what it is reckoned from. It survives a loss of power."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

import msgspec

from stationmaster.domain.cost.bill import Inputs
from stationmaster.domain.cost.evidence import Evidence, Point, merged, of_meter_values, told
from stationmaster.domain.cost.local_time import EPOCH, Offset
from stationmaster.domain.cost.pricing import TariffFrom
from stationmaster.domain.cost.tariff import EvseKind, Tariff, without_prices
from stationmaster.domain.cost.tariff_choice import Place
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import TransactionEvent
from stationmaster.domain.metering.values import register_wh
from stationmaster.station.records import LocalTransaction
from stationmaster.station.settings import Settings

Kind = Literal["DefaultTariff", "DriverTariff"]


class Sale(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``tariffs``: none as long as nobody is authorized. ``changed_to`` counts from the next event on (I11.FR.08).
    ``told``: the CSMS knows the newest of them. ``closed``: nothing is sold by a tariff of ours: the driver refused it
    (I07.FR.30), or the CSMS does the sums (I08.FR.33)."""

    transaction_id: str | None = None
    id_token: IdToken | None = None
    kind: Kind = "DefaultTariff"
    tariffs: tuple[TariffFrom, ...] = ()
    changed_to: Tariff | None = None
    told: bool = False
    closed: bool = False
    evidence: Evidence = Evidence()

    @property
    def tariff(self) -> Tariff | None:
        """The one that counts now."""
        return self.tariffs[-1].tariff if self.tariffs else None

    def priced(self, tariff: Tariff, kind: Kind, id_token: IdToken | None) -> "Sale":
        """By this tariff from the start on."""
        return msgspec.structs.replace(self, tariffs=(TariffFrom(tariff),), kind=kind, id_token=id_token)

    def reserved(self, since: datetime | None) -> "Sale":
        """To a driver for whom the place was kept (I12.FR.06)."""
        return msgspec.structs.replace(self, evidence=merged(self.evidence, Evidence(reserved_from=since)))

    def changed(self, at: datetime) -> "Sale":
        """With the tariff that it is to be changed to, from now on; what was used without any has cost nothing."""
        if self.changed_to is None:
            return self
        before = self.tariffs or (TariffFrom(without_prices(self.changed_to)),)
        tariffs = (*before, TariffFrom(self.changed_to, at))
        return msgspec.structs.replace(self, tariffs=tariffs, changed_to=None, told=False, closed=False)

    def heard(self, event: TransactionEvent) -> "Sale":
        """With what an event tells: whoever gets the messages reckons from the same."""
        evidence = merged(self.evidence, told(_as_sent(event)))
        return msgspec.structs.replace(self, transaction_id=event.transaction_id, evidence=evidence)


def begun(transaction: LocalTransaction | None) -> Sale:
    """A sale that begins within a transaction, of which nothing was used yet."""
    if transaction is None:
        return Sale()
    values = () if transaction.begin is None else (transaction.begin,)
    started = Evidence(started_at=transaction.started_at, first_at=transaction.started_at)
    return Sale(transaction_id=transaction.id, evidence=merged(started, of_meter_values(values)))


def inputs(
    sale: Sale,
    place: Place,
    settings: Settings,
    transaction: LocalTransaction | None = None,
    now: tuple[datetime, Decimal] | None = None,
) -> Inputs:
    """What the cost follows from. ``transaction``: with what it has collected for its end. ``now``: with a reading that
    nobody is told of."""
    parts = [sale.evidence]
    if transaction is not None:
        parts.append(of_meter_values(transaction.collected))
    if now is not None:
        parts.append(Evidence(points=(Point(*now),)))
    return Inputs(evidence=merged(*parts), place=place, tariffs=sale.tariffs, offsets=offsets(settings))


def place(evse_id: int, current: EvseKind) -> Place:
    """Its key is the CSMS's matter."""
    return Place(station_key=0, evse_id=evse_id, evse_kind=current)


def offsets(settings: Settings) -> tuple[Offset, ...]:
    """The clock on the wall (I07.FR.17, I12.FR.37), by ClockCtrlr.TimeOffset and its next transition."""
    found = [Offset(EPOCH, _seconds(settings.time_offset))]
    try:
        transition = datetime.fromisoformat(settings.next_time_offset_transition)
    except ValueError:
        return tuple(found)
    if settings.next_time_offset and transition.tzinfo is not None:
        found.append(Offset(transition.astimezone(UTC), _seconds(settings.next_time_offset)))
    return tuple(found)


def _seconds(offset: str) -> int:
    """Of +hh:mm; 0 where nothing is set."""
    difference = datetime.strptime(offset, "%z").utcoffset() if offset else None
    return int((difference or timedelta()).total_seconds())


def _as_sent(event: TransactionEvent) -> TransactionEvent:
    """2.x has no place for meterStart and meterStop beside a register among the values."""
    if event.meter_wh is None or all(register_wh(value.samples) is None for value in event.meter_values):
        return event
    return msgspec.structs.replace(event, meter_wh=None)


def sale_key(evse_id: int) -> str:
    return f"sale.{evse_id}"


def encoded(sale: Sale | None) -> bytes:
    return msgspec.json.encode(sale)


def decoded(value: bytes | None) -> Sale | None:
    return None if value is None else msgspec.json.decode(value, type=Sale | None)
