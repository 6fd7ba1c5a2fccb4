"""I in 1.x: there are no messages about cost."""

from collections.abc import Mapping

from stationmaster.dialects.refusal import unsupported
from stationmaster.dialects.table import Incoming, Outgoing
from stationmaster.domain.cost import CostUpdated
from stationmaster.domain.messages import Request
from stationmaster.domain.tariff_commands import ChangeTransactionTariff, ClearTariffs, GetTariffs, SetDefaultTariff

_TARIFF = unsupported("OCPP 1.x stations do not reckon with tariffs; it needs OCPP 2.1")

INCOMING: Mapping[str, Incoming] = {}
OUTGOING: Mapping[type[Request], Outgoing] = {
    CostUpdated: unsupported("OCPP 1.x has no message that tells a station what a transaction costs"),
    SetDefaultTariff: _TARIFF,
    GetTariffs: _TARIFF,
    ClearTariffs: _TARIFF,
    ChangeTransactionTariff: _TARIFF,
}
