"""The display: the screen that all blocks write on, and what the CSMS puts there."""

from collections.abc import Callable, Mapping
from functools import partial

from stationmaster.domain.cost.telling import CAPABILITY as COSTS
from stationmaster.domain.cost.telling import CostUpdated, TellFinalCost, TellPrice
from stationmaster.domain.display_message import (
    ClearDisplayMessage,
    GetDisplayMessages,
    SetDisplayMessage,
    Supported,
)
from stationmaster.domain.messages import ChargingState
from stationmaster.station.blocks.availability import Availability
from stationmaster.station.blocks.cost import CostDisplay
from stationmaster.station.blocks.cost_messages import CostMessages
from stationmaster.station.blocks.display_messages import DisplayMessages, Scene, Stage
from stationmaster.station.blocks.known_tokens import KnownTokens
from stationmaster.station.blocks.limits import Limits
from stationmaster.station.blocks.metering import PERIODIC, Metering
from stationmaster.station.blocks.reader import Reader
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.blocks.web_payments import WebPayments
from stationmaster.station.capabilities import capabilities, has
from stationmaster.station.cost.default_prices import DefaultPrices
from stationmaster.station.device_model.variable_table import (
    COST_1X,
    DISPLAY_LANGUAGES,
    DISPLAY_STATES,
    TEXT_FORMATS,
)
from stationmaster.station.parts import Parts
from stationmaster.station.queue import TransactionQueue
from stationmaster.station.records import EvseState
from stationmaster.station.screen import Layers, Screen
from stationmaster.station.situation import charging_state
from stationmaster.station.told_later import ToldLater

_SUSPENDED = "Suspended"
_STATE_OF: Mapping[ChargingState, str] = {
    "Charging": "Charging",
    "SuspendedEV": _SUSPENDED,
    "SuspendedEVSE": _SUSPENDED,
}
"""The states that messages can be for, by what goes on in a transaction."""


def _screen(parts: Parts) -> Screen:
    made = Screen(parts.hardware.show, [evse.id for evse in parts.description.evses], parts.clock)
    parts.keep_running(made.run)
    return made


def _display_messages(parts: Parts) -> DisplayMessages:
    screen, transactions, settings = parts[Screen], parts[Transactions], parts.configuration
    newest = parts.version == "2.1"
    supported = Supported(
        formats=(*TEXT_FORMATS, "QRCODE") if newest else TEXT_FORMATS,
        states=(*DISPLAY_STATES, _SUSPENDED) if newest else DISPLAY_STATES,
        languages=DISPLAY_LANGUAGES if newest else None,
    )
    stage = Stage(
        scene=lambda evse_id: _scene(parts, evse_id, supported),
        running=lambda: frozenset(running.id for _, running in transactions.running()),
        supported=supported,
        most=lambda: settings.now.display_messages,
    )
    made = DisplayMessages(stage, parts.memory, parts.link, parts.clock, parts.spawn)
    made.refresh = screen.refresh
    screen.messages = partial(_layers, parts, made)
    web_payments = parts.get(WebPayments)
    if web_payments is not None:
        web_payments.refresh = screen.refresh
    transactions.observers.append(made)
    parts.handlers[SetDisplayMessage] = made.set_message
    parts.handlers[GetDisplayMessages] = made.list_messages
    parts.handlers[ClearDisplayMessage] = made.clear_message
    parts.variables.live["DisplayMessageCtrlr.DisplayMessages"] = lambda _: str(len(made))
    parts.variables.choices["DisplayMessageCtrlr.SupportedStates"] = supported.states
    parts.variables.choices["DisplayMessageCtrlr.SupportedFormats"] = supported.formats
    parts.variables.live["DisplayMessageCtrlr.SupportedFormats"] = lambda _: ",".join(supported.formats)
    parts.variables.live["DisplayMessageCtrlr.SupportedStates"] = lambda _: ",".join(supported.states)
    return made


def _layers(parts: Parts, made: DisplayMessages, evse_id: int) -> Layers:
    """What the CSMS wants to be read, and the code for who wants to pay."""
    layers, web_payments = made.layers(evse_id), parts.get(WebPayments)
    return layers if web_payments is None else web_payments.shown(evse_id, layers)


def _scene(parts: Parts, evse_id: int, supported: Supported) -> Scene:
    state, availability = parts[Transactions].state(evse_id), parts[Availability]
    running = state.transaction
    names = {name for name, holds in {
        "Faulted": availability.faulted(evse_id),
        "Unavailable": not availability.usable(evse_id) and not availability.faulted(evse_id),
        "Idle": running is None,
    }.items() if holds}  # fmt: skip
    if running is not None:
        doing = _STATE_OF.get(charging_state(state.situation))
        if doing == _SUSPENDED and _SUSPENDED not in supported.states:
            doing = "Charging"  # before 2.1 a pause is a part of it
        names |= {doing} if doing is not None else set()
    return Scene(
        states=frozenset(names),
        transaction_id=None if running is None else running.id,
        language=_language(parts, state),
    )


def _language(parts: Parts, state: EvseState) -> str:
    """O01.FR.08: the driver's, where it is known; else the station's."""
    known = None if state.grant is None else parts[KnownTokens].get(state.grant.id_token)
    told = None if known is None else known.info.language
    return told or parts.configuration.now.display_language


def _cost_display(parts: Parts) -> CostDisplay | None:
    """What the CSMS tells of cost."""
    if parts.configuration.conventions.csms_names_transactions:
        return None
    queue, transactions = parts[TransactionQueue], parts[Transactions]
    made = CostDisplay(
        parts[Screen], transactions, queue, parts[Limits], parts.configuration, lambda: parts.link.online
    )
    transactions.observers.append(made)
    queue.listeners.append(made.on_answer)
    parts[Reader].granted = made.on_granted
    parts.handlers[CostUpdated] = made.take
    if parts.version != "2.1":  # where they stand for nothing but the texts
        parts.variables.fixed |= {"TariffCostCtrlr.Enabled[Tariff]", "TariffCostCtrlr.Enabled[Cost]"}
    return made


def _cost_messages(parts: Parts) -> CostMessages | None:
    """1.6 is told of prices and costs by DataTransfer."""
    settings = parts.configuration
    if not has(COSTS, parts.version):
        parts.variables.absent |= {row.name for row in COST_1X}
    if COSTS not in capabilities(settings.now, parts.version):
        return None
    defaults = DefaultPrices(parts.memory, DISPLAY_LANGUAGES)
    queue, transactions = parts[TransactionQueue], parts[Transactions]
    made = CostMessages(
        parts[Screen],
        transactions,
        queue,
        parts.hardware,
        parts.clock,
        settings,
        lambda: defaults.text(settings.now.display_language, online=parts.link.online),
    )
    made.sample = lambda evse_id: parts[Metering].update(evse_id, PERIODIC, "MeterValuePeriodic")
    made.later = parts[ToldLater].put
    transactions.observers.append(made)
    queue.listeners.append(made.on_answer)
    parts[Reader].granted = made.on_granted
    parts.handlers[TellPrice] = made.price
    parts.handlers[CostUpdated] = made.running
    parts.handlers[TellFinalCost] = made.final
    parts.variables.sources.append(defaults.entries)
    parts.keep_running(made.run)
    return made


FIRST: tuple[Callable[[Parts], object], ...] = (_screen,)
"""Whoever shows something needs it."""
BLOCKS: tuple[Callable[[Parts], object], ...] = (_display_messages, _cost_display, _cost_messages)
