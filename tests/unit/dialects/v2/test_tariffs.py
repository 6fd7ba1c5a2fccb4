"""A tariff goes over the wire and comes back as the same prices."""

from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest

from stationmaster.dialects.plain import plain_of, struct_of
from stationmaster.dialects.table import Unattributable, Unsupported
from stationmaster.dialects.v2.tariffs import read_tariff, write_tariff
from stationmaster.domain.cost.tariff import Bound, Component, Conditions, Price, Tariff, TaxRate, Text
from stationmaster.ocpp.v21 import lenient as wire

VAT = (TaxRate("VAT", Decimal(19), 1),)
TARIFF = Tariff(
    key=7,
    tenant="default",
    name="night",
    version=3,
    valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    currency="EUR",
    energy=Component(
        (
            Price(Decimal("0.10"), Conditions(from_time="22:00", to_time="06:00", days=("Monday",))),
            Price(Decimal("0.20"), Conditions(min_energy_wh=Decimal(5000), to_date=date(2027, 1, 1))),
            Price(Decimal("0.30")),
        ),
        VAT,
    ),
    idle_time=Component((Price(Decimal("0.05"), Conditions(min_idle_time_s=900)),)),
    fixed=Component((Price(Decimal(1), Conditions(payment_brand="Card", evse_kind="DC")),)),
    minimum=Bound(excl=Decimal(2), taxes=VAT),
    texts=(Text("de", "nachts"),),
)


def over(tariff: Tariff) -> Tariff:
    return read_tariff(struct_of(plain_of(write_tariff(tariff)), wire.TariffType))


def test_prices_conditions_taxes_and_bounds_arrive_whole() -> None:
    read = over(TARIFF)
    assert read == msgspec.structs.replace(TARIFF, key=0, tenant="", name="night.7", version=1)


@pytest.mark.parametrize(
    "changes",
    [
        {"includes_tax": True},
        {"suspended_evse": "idle"},
        {"before_charging": "idle"},
        {"after_stop": "idle"},
        {"rounding": "half_even"},
        {"free_without_energy": False},
        {"boundary": "bracket_start"},
        {"energy": Component((Price(Decimal(1)),), step=1000)},
        {"fixed": Component((Price(Decimal(1), Conditions(min_energy_wh=Decimal(1))),))},
    ],
)
def test_what_2_1_has_no_words_for_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(Unsupported, match=r"OCPP 2\.1 has no tariffs"):
        write_tariff(msgspec.structs.replace(TARIFF, **changes))


def test_a_tariff_without_an_id_cannot_be_taken() -> None:
    with pytest.raises(Unattributable):
        read_tariff(wire.TariffType(currency="EUR"))
