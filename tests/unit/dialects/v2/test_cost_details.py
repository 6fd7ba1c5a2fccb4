"""The cost that a station of 2.1 reckons goes over the wire and comes back as the same."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from stationmaster.dialects.plain import plain_of, struct_of
from stationmaster.dialects.v2.authorization import read_authorize_answer
from stationmaster.dialects.v2.cost_details import read_cost_details, write_cost_details
from stationmaster.domain.cost.cost_details import CostDetails, CostDimension, CostPeriod, CostPrice
from stationmaster.domain.cost.tariff import TaxRate
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import Authorize
from stationmaster.ocpp.v21 import lenient as wire

VAT = (TaxRate("VAT", Decimal(19), 1),)
DETAILS = CostDetails(
    currency="EUR",
    total=CostPrice(excl=Decimal("4.20"), incl=Decimal("5.00")),
    type_of_cost="MaxCost",
    parts={
        "fixed": CostPrice(excl=Decimal(1), incl=Decimal("1.19"), taxes=VAT),
        "energy": CostPrice(excl=Decimal("3.20"), incl=Decimal("3.81"), taxes=VAT),
        "reservation_time": CostPrice(incl=Decimal(0)),
    },
    energy_wh=Decimal("8000.5"),
    charging_s=3600,
    idle_s=60,
    reservation_s=900,
    periods=(
        CostPeriod(
            from_at=datetime(2026, 5, 1, tzinfo=UTC),
            tariff_id="a.1",
            dimensions=(CostDimension("Energy", Decimal("8000.5")), CostDimension("IdleTime", Decimal(60))),
        ),
        CostPeriod(from_at=datetime(2026, 5, 1, 1, tzinfo=UTC)),
    ),
    failed=True,
    failure="half of it",
)


def over(details: CostDetails) -> CostDetails | None:
    return read_cost_details(struct_of(plain_of(write_cost_details(details)), wire.CostDetailsType))


def test_all_of_it_arrives() -> None:
    assert over(DETAILS) == DETAILS
    least = CostDetails(currency="EUR", total=CostPrice(excl=Decimal(0)))
    assert over(least) == least


def test_nothing_stays_nothing() -> None:
    assert write_cost_details(None) is None
    assert read_cost_details(None) is None


def test_a_failure_is_cut_to_what_its_field_holds() -> None:
    written = write_cost_details(CostDetails(currency="EUR", total=CostPrice(), failed=True, failure="x" * 900))
    assert written is not None
    assert written.failure_reason == "x" * 500


def test_without_a_currency_no_amount_means_anything() -> None:
    assert read_cost_details(wire.CostDetailsType(total_cost=wire.TotalCostType())) is None


def test_what_a_station_leaves_out_is_nothing() -> None:
    told: dict[str, Any] = {"totalCost": {"currency": "EUR"}, "chargingPeriods": [{"dimensions": [{"type": "Energy"}]}]}
    read = read_cost_details(struct_of(told, wire.CostDetailsType))
    assert read is not None
    assert (read.total, read.energy_wh, read.periods[0].dimensions) == (CostPrice(), 0, ())


def test_I08_FR_30_a_tariff_that_cannot_be_read_costs_no_verdict() -> None:
    facts, request = StationFacts(version="2.1", role="station"), Authorize(id_token=IdToken("A", "ISO14443"))
    answer = wire.AuthorizeResponse(
        id_token_info=wire.IdTokenInfoType(status="Accepted"), tariff=wire.TariffType(tariff_id="a")
    )
    read = read_authorize_answer(facts, request, answer)
    assert (read.id_token_info.status, read.tariff) == ("Accepted", None)
    assert read.tariff_fault
