"""Commands about the tariffs that a station of 2.1 reckons with by itself, as a client writes them."""

from typing import Annotated

from msgspec import Meta

from stationmaster.api.commands.draft import Draft
from stationmaster.api.http.parameters import MAX_INT64
from stationmaster.domain.cost.tariff_commands import ClearTariffs, GetTariffs
from stationmaster.domain.messages import Request

TariffName = Annotated[str, Meta(min_length=1, max_length=100, description="Of a tariff of yours; its newest version.")]
AnyEvse = Annotated[int, Meta(ge=0, le=2**31 - 1)]
WireTariffId = Annotated[str, Meta(min_length=1, max_length=60)]


class SetDefaultTariffCommand(Draft, frozen=True, kw_only=True, tag="SetDefaultTariff"):
    """I07: the tariff of drivers that have none of their own. ``evse_id`` 0: at each EVSE."""

    tariff: TariffName
    evse_id: AnyEvse = 0


class GetTariffsCommand(Draft, frozen=True, kw_only=True, tag="GetTariffs"):
    """I09. ``evse_id`` 0: of all EVSEs."""

    evse_id: AnyEvse = 0

    def request(self) -> Request:
        return GetTariffs(evse_id=self.evse_id)


class ClearTariffsCommand(Draft, frozen=True, kw_only=True, tag="ClearTariffs"):
    """I10, by the ids that the station knows them by. Without a filter: all default tariffs."""

    tariff_ids: Annotated[tuple[WireTariffId, ...], Meta(max_length=100)] = ()
    evse_id: AnyEvse | None = None

    def request(self) -> Request:
        return ClearTariffs(tariff_ids=self.tariff_ids, evse_id=self.evse_id)


class ChangeTransactionTariffCommand(Draft, frozen=True, kw_only=True, tag="ChangeTransactionTariff"):
    """I11: another tariff for a transaction, by our key, from now on."""

    transaction: Annotated[int, Meta(ge=1, le=MAX_INT64)]
    tariff: TariffName
