"""A station of 2.1 and the CSMS reckon the same session from the same messages: the bill agrees to the cent."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from bill_strategies import BERLIN, sessions, tariffs
from hypothesis import given, settings
from hypothesis import strategies as st

from stationmaster.dialects.v2.tariff_commands import read_set, write_set
from stationmaster.dialects.v2.transactions import read_event, write_event
from stationmaster.domain.cost.bill import Inputs
from stationmaster.domain.cost.billing import content
from stationmaster.domain.cost.cost_details import CostDetails
from stationmaster.domain.cost.evidence import Evidence, merged, told
from stationmaster.domain.cost.local_cost import ended_cost
from stationmaster.domain.cost.local_time import EPOCH
from stationmaster.domain.cost.pricing import TariffFrom
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.tariff_choice import Place, in_force
from stationmaster.domain.cost.tariff_commands import SetDefaultTariff
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import TransactionEvent
from stationmaster.domain.metering.values import ENERGY_REGISTER, MeterValue, Sample
from stationmaster.ocpp import codec
from stationmaster.ocpp.version import Version
from stationmaster.station.cost.sales import Sale, inputs
from stationmaster.station.settings import Settings

FACTS = StationFacts(version="2.1", role="station")
CONTEXTS = {"begin": "Transaction.Begin", "sample": "Sample.Periodic", "end": "Transaction.End"}
PARTS = ("fixed", "energy", "charging_time", "idle_time")


@st.composite
def sayable(draw: st.DrawFn) -> Tariff:
    """Of those that 2.1 has words for."""
    plain: dict[str, Any] = {"suspended_evse": "paused", "before_charging": "free", "rounding": "half_up"}
    return msgspec.structs.replace(draw(tariffs()), includes_tax=False, **plain)


def events(session: Evidence, tariff_ids: dict[datetime, str]) -> Iterator[TransactionEvent]:
    """The session's messages in order. A tariff is told in the first one from its moment on."""
    registers = {point.at: point for point in session.points}
    states = {state.at: state.state for state in session.states}
    moments, waiting = sorted({*registers, *states}), sorted(tariff_ids.items())
    for number, at in enumerate(moments):
        ready = [name for since, name in waiting if since <= at]
        waiting = waiting[len(ready) :]
        point = registers.get(at)
        sample = () if point is None else (Sample(str(point.wh), ENERGY_REGISTER, CONTEXTS[point.mark], unit="Wh"),)
        yield TransactionEvent(
            event_type="Started" if at == session.started_at else "Ended" if at == session.ended_at else "Updated",
            timestamp=at,
            trigger_reason="MeterValuePeriodic",
            transaction_id="TX",
            seq_no=number,
            evse=Evse(1, 1),
            charging_state=states.get(at),
            stopped_reason="Local" if at == session.ended_at else None,
            meter_values=(MeterValue(at, sample),) if sample else (),
            tariff_id=ready[-1] if ready else None,
        )


def heard(event: TransactionEvent) -> TransactionEvent:
    """As the other end of a line of 2.1 reads it."""
    raw = codec.write_request(Version.V21, "TransactionEvent", write_event(FACTS, event))
    reading = codec.read_request(Version.V21, "TransactionEvent", raw)
    assert reading.violations == ()
    return read_event(FACTS, reading.message)


def installed(tariff: Tariff) -> Tariff:
    """As a station reads it."""
    message = write_set(FACTS, SetDefaultTariff(evse_id=0, tariff=tariff))
    reading = codec.read_request(
        Version.V21, "SetDefaultTariff", codec.write_request(Version.V21, "SetDefaultTariff", message)
    )
    assert reading.violations == ()
    return read_set(FACTS, reading.message).tariff


def reckoned_by_station(
    session: Evidence, sold: list[tuple[datetime, Tariff]]
) -> tuple[list[TransactionEvent], CostDetails]:
    """What the station says, and what it comes to by its own sum."""
    sale = Sale(
        tariffs=tuple(TariffFrom(installed(each), at if place else None) for place, (at, each) in enumerate(sold))
    )
    said = list(events(session, {at: each.wire_id for at, each in sold}))
    for event in said:
        sale = sale.heard(event)
    offsets = {"time_offset": "+01:00", "next_time_offset": "+02:00"}
    clock = Settings(next_time_offset_transition=BERLIN[1].from_at.isoformat(), **offsets)
    if session.started_at is not None and session.started_at > BERLIN[1].from_at:
        offsets = {"time_offset": "+02:00", "next_time_offset": "+01:00"}
        clock = Settings(next_time_offset_transition=BERLIN[2].from_at.isoformat(), **offsets)
    cost = ended_cost(inputs(sale, Place(station_key=0, evse_id=1), clock))
    return [*said[:-1], msgspec.structs.replace(said[-1], cost=cost)], cost


def check(session: Evidence, sold: list[tuple[datetime, Tariff]]) -> None:
    said, cost = reckoned_by_station(session, sold)
    evidence = merged(Evidence(authorized=True), *(told(heard(event)) for event in said))
    used, unknown = in_force(sold[0][1], evidence.tariffs, {each.wire_id: each for _, each in sold})
    place = Place(station_key=1, evse_id=1, zone="Europe/Berlin")
    bill = content(Inputs(evidence=evidence, place=place, tariffs=used, offsets=BERLIN))

    assert unknown == ()
    assert evidence.station_cost is not None
    assert (cost.currency, cost.type_of_cost) == (bill.currency, bill.type_of_cost)
    assert (cost.total.excl, cost.total.incl) == (bill.net, bill.total)
    assert (evidence.station_cost.excl, evidence.station_cost.incl) == (bill.net, bill.total)
    assert "station_cost_differs" not in bill.flags
    assert (cost.energy_wh, cost.charging_s, cost.idle_s) == (bill.energy_wh, bill.charging_s, bill.idle_s)
    check_sums(cost)


def check_sums(cost: CostDetails) -> None:
    """I12.FR.17: the parts are the total; the periods are the usage."""
    for side in ("excl", "incl"):
        assert sum((getattr(part, side) for part in cost.parts.values()), Decimal(0)) == getattr(cost.total, side)
    energy = [each.volume for period in cost.periods for each in period.dimensions if each.kind == "Energy"]
    assert abs(sum(energy, Decimal(0)) - cost.energy_wh) <= len(energy) * Decimal("0.001")
    begins = [period.from_at for period in cost.periods]
    assert begins == sorted(set(begins))


@settings(max_examples=50)
@given(sessions(with_states=True), sayable())
def test_the_stations_sum_is_the_bill_to_the_cent(session: Evidence, tariff: Tariff) -> None:
    assert session.started_at is not None
    check(session, [(session.started_at, tariff)])


@settings(max_examples=25)
@given(sessions(with_states=True), sayable(), sayable(), st.data())
def test_so_it_is_where_the_tariff_is_changed_on_the_way(
    session: Evidence, first: Tariff, second: Tariff, data: st.DataObject
) -> None:
    assert session.started_at is not None
    moments = sorted({point.at for point in session.points[1:]})
    second = msgspec.structs.replace(second, key=2, currency=first.currency)
    check(session, [(session.started_at, first), (data.draw(st.sampled_from(moments)), second)])


@settings(max_examples=25)
@given(sayable())
def test_a_tariff_arrives_at_a_station_as_the_same_prices(tariff: Tariff) -> None:
    read = installed(tariff)
    assert read.name == tariff.wire_id
    assert read.valid_from == tariff.valid_from != EPOCH
    assert [getattr(read, name) for name in PARTS] == [getattr(tariff, name) for name in PARTS]
