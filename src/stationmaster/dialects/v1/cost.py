"""I in 1.x: no message of its own; prices and costs go by DataTransfer to stations that say that they show them."""

from collections.abc import Generator, Mapping
from typing import Any

from stationmaster.dialects.refusal import unsupported
from stationmaster.dialects.table import Exchange, Incoming, Outgoing, Unsupported, WireCall
from stationmaster.dialects.v1.cost_messages import final_message, price_message, running_message, unplugged_message
from stationmaster.dialects.v1.metering import wire_id
from stationmaster.domain.cost.tariff_commands import (
    ChangeTransactionTariff,
    ClearTariffs,
    GetTariffs,
    SetDefaultTariff,
)
from stationmaster.domain.cost.telling import CAPABILITY, ConnectorUnplugged, CostUpdated, TellFinalCost, TellPrice
from stationmaster.domain.data_transfer import DataTransfer
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import ACKNOWLEDGED, Answer, CommandAnswer, Request
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

_TARIFF = unsupported("OCPP 1.x stations do not reckon with tariffs; it needs OCPP 2.1")
_NOT_SHOWN = "the station does not say that it shows prices and costs (key CustomDisplayCostAndPrice)"
_NO_BASIS = "OCPP 1.6 tells a running cost only together with a meter value, and none is known"


def tell_price(facts: StationFacts, request: TellPrice) -> Exchange:
    _check(facts)
    return (yield from _transfer(price_message(request)))


def tell_cost(facts: StationFacts, request: CostUpdated) -> Exchange:
    _check(facts)
    if request.basis is None:
        raise Unsupported(_NO_BASIS)
    return (yield from _transfer(running_message(request, request.basis)))


def tell_final_cost(facts: StationFacts, request: TellFinalCost) -> Exchange:
    _check(facts)
    return (yield from _transfer(final_message(request)))


def tell_unplugged(facts: StationFacts, request: ConnectorUnplugged) -> Exchange:
    """From a station to the CSMS. One that does not know the message is not told of it again. The transaction's id may
    be the station's own, where the CSMS had not named it yet."""
    named = request.transaction_id
    number = int(named) if named.isdecimal() else wire_id(facts, named)
    yield from _transfer(unplugged_message(number, request.at))
    return ACKNOWLEDGED


def _check(facts: StationFacts) -> None:
    if CAPABILITY not in facts.capabilities:
        raise Unsupported(_NOT_SHOWN)


def _transfer(message: DataTransfer) -> Generator[WireCall, Any, Answer]:
    call = v16.DataTransferRequest(vendor_id=message.vendor_id, message_id=message.message_id, data=message.data)
    answer: wire.DataTransferResponse = yield WireCall("DataTransfer", call)
    return CommandAnswer(status=answer.status or "Rejected", info=answer.data)


INCOMING: Mapping[str, Incoming] = {}
OUTGOING: Mapping[type[Request], Outgoing] = {
    TellPrice: tell_price,
    CostUpdated: tell_cost,
    TellFinalCost: tell_final_cost,
    ConnectorUnplugged: tell_unplugged,
    SetDefaultTariff: _TARIFF,
    GetTariffs: _TARIFF,
    ClearTariffs: _TARIFF,
    ChangeTransactionTariff: _TARIFF,
}
