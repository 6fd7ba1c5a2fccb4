"""What is kept in mind of a transaction's cost, and forgotten with its end."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any, cast

import pytest

from stationmaster.csms.blocks.cost import RunningCosts, TellsCost, Told
from stationmaster.csms.cost.accruals import Accruals
from stationmaster.csms.cost.billing import Draft
from stationmaster.domain.cost.bill import Inputs
from stationmaster.domain.cost.billing import content
from stationmaster.domain.cost.billing_records import BookContent
from stationmaster.domain.cost.evidence import Evidence, Point
from stationmaster.domain.cost.pricing import TariffFrom
from stationmaster.domain.cost.tariff import Component, Price, Tariff
from stationmaster.domain.cost.tariff_choice import Place
from stationmaster.domain.decision import Decision
from stationmaster.domain.messages import TransactionAnswer, TransactionEvent
from stationmaster.domain.station import Station, StationState
from stationmaster.domain.transactions.transaction import Transaction

T0 = datetime(2026, 3, 10, 9, tzinfo=UTC)
KEY = 7


class Priced:
    """A tenant with one tariff, and one transaction, of which readings are stored."""

    def __init__(self) -> None:
        energy = Component((Price(D("0.50")),))
        tariff = Tariff(key=1, tenant="t", name="n", version=1, valid_from=T0, currency="EUR", energy=energy)
        then = T0 + timedelta(minutes=1)
        points = (Point(T0, D(0), "begin"), Point(then, D(100)))
        evidence = Evidence(started_at=T0, first_at=T0, last_at=then, points=points)
        place = Place(station_key=1, evse_id=1)
        self.inputs = Inputs(evidence=evidence, place=place, tariffs=(TariffFrom(tariff),))
        self.book = BookContent()

    def bills(self, tenant: str) -> bool:
        return True

    def content(self, tenant: str) -> BookContent:
        return self.book

    async def so_far(self, transaction_key: int, records: Any = (), until: datetime | None = None) -> Draft:
        return Draft(cast(Any, None), self.inputs, content(self.inputs, closed=False, until=until))


def ended(state: StationState, event: TransactionEvent, at: datetime) -> Decision:
    return Decision(answer=TransactionAnswer(transaction_id=event.transaction_id))


@pytest.mark.parametrize("late", [timedelta(), timedelta(hours=1)])
async def test_in_1_6_a_transaction_that_ends_is_forgotten_however_late_its_end_is_told(late: timedelta) -> None:
    billing, costs = Priced(), RunningCosts()
    accruals = Accruals(billing)
    await accruals.so_far("t", KEY)
    costs.note(KEY, Told(T0, D(1), 1, told_at=T0))
    assert len(accruals) == 1
    transaction = Transaction(
        key=KEY, tenant="t", station_key=1, wire_id="7", first_event_at=T0, received_at=T0, started_at=T0
    )
    station = Station(key=1, tenant="t", identity="S1", created_at=T0, version="1.6")
    state = StationState(station=station).with_transaction(transaction)
    assert not state.abilities.carries_costs
    end = TransactionEvent(
        event_type="Ended", timestamp=T0, trigger_reason="StopAuthorized", seq_no=1, transaction_id="7"
    )

    TellsCost(ended, billing, cast(Any, None), accruals, costs)(state, end, T0 + late)

    assert (len(accruals), costs.of(KEY)) == (0, None)
