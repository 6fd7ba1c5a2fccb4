"""Drivers, connectors and energy."""

from collections.abc import Callable
from functools import partial

from stationmaster.domain.authorization.clear_cache import ClearCache
from stationmaster.domain.identity import IdToken
from stationmaster.domain.local_list.entries import GetLocalListVersion, SendLocalList
from stationmaster.domain.messages import (
    Answer,
    ChangeAvailability,
    RequestStartTransaction,
    RequestStopTransaction,
    Reset,
    TriggerMessage,
    UnlockConnector,
)
from stationmaster.domain.payment.payments import NotifyWebPaymentStarted
from stationmaster.domain.priority_charging import UsePriorityCharging
from stationmaster.domain.reservation.reservations import CancelReservation, ReserveNow
from stationmaster.domain.transactions.limits import TransactionLimit, lower_of
from stationmaster.domain.transactions.transaction_status import GetTransactionStatus
from stationmaster.station.blocks.authorization import Authorization
from stationmaster.station.blocks.authorization_cache import AuthorizationCache
from stationmaster.station.blocks.availability import Availability
from stationmaster.station.blocks.known_tokens import KnownTokens
from stationmaster.station.blocks.limits import Limits
from stationmaster.station.blocks.list_conflict import ListConflict
from stationmaster.station.blocks.local_list import LocalList
from stationmaster.station.blocks.master_pass import MasterPass
from stationmaster.station.blocks.metering import Metering
from stationmaster.station.blocks.payment import Payments, Till
from stationmaster.station.blocks.priority_charging import PriorityCharges
from stationmaster.station.blocks.provisioning import Provisioning
from stationmaster.station.blocks.reader import Reader
from stationmaster.station.blocks.remote_control import RemoteControl
from stationmaster.station.blocks.reservation import Reservations
from stationmaster.station.blocks.reset import Resetting
from stationmaster.station.blocks.transaction_status import TransactionStatuses
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.blocks.trigger import Trigger
from stationmaster.station.blocks.verdicts import Verdicts
from stationmaster.station.blocks.web_payments import Places, WebPayments
from stationmaster.station.parts import Parts
from stationmaster.station.queue import TransactionQueue
from stationmaster.station.screen import Screen
from stationmaster.station.told_later import ToldLater

RECEIPT_S = 60.0
"""How long the address of a receipt stands on the display."""


def _authorization_cache(parts: Parts) -> AuthorizationCache:
    made = AuthorizationCache(parts.memory, parts.clock, parts.configuration)
    parts.handlers[ClearCache] = made.asked_to_clear
    return made


def _local_list(parts: Parts) -> LocalList:
    made = LocalList(parts.memory, parts.configuration)
    parts.handlers[SendLocalList] = made.take
    parts.handlers[GetLocalListVersion] = made.tell_version
    parts.variables.live["LocalAuthListCtrlr.Entries"] = lambda _: str(len(made))
    parts.variables.live["LocalAuthListCtrlr.Storage"] = lambda _: str(made.size_bytes)
    if parts.configuration.conventions.list_excludes_cache:
        cache = parts[AuthorizationCache]
        cache.is_listed = lambda id_token: made.get(id_token) is not None
        made.on_listed = cache.forget
        if parts.configuration.conventions.list_learns:
            cache.on_listed = made.learn
    return made


def _known_tokens(parts: Parts) -> KnownTokens:
    return KnownTokens(parts[LocalList], parts[AuthorizationCache], parts.clock)


def _list_conflict(parts: Parts) -> ListConflict | None:
    if not parts.configuration.conventions.tells_list_conflicts:
        return None
    made = ListConflict(parts[LocalList], parts[Availability], parts.link, parts.clock, parts.spawn)
    parts[TransactionQueue].listeners.append(made.on_answer)
    return made


def _authorization(parts: Parts) -> Authorization:
    return Authorization(parts.link, parts[KnownTokens], parts[AuthorizationCache], parts.configuration)


def _availability(parts: Parts) -> Availability:
    transactions = parts[Transactions]
    made = Availability(
        parts[Screen],
        parts.description.evses,
        transactions,
        parts.memory,
        parts.link,
        parts.clock,
        parts.configuration,
    )
    transactions.may_start = made.usable
    transactions.observers.append(made)
    parts.handlers[ChangeAvailability] = made.change
    parts.starts += [partial(made.on_evse, evse_id) for evse_id in transactions.evse_ids]
    parts.keep_running(made.run)
    return made


def _metering(parts: Parts) -> Metering:
    made = Metering(parts.hardware, parts[Transactions], parts.link, parts.clock, parts.configuration)
    parts[Transactions].observers.append(made)
    parts.keep_running(made.run)
    return made


def _resetting(parts: Parts) -> Resetting:
    made = Resetting(parts[Transactions], parts.configuration, parts.reboot, parts.spawn)
    parts[Transactions].observers.append(made)
    parts.handlers[Reset] = made.reset
    return made


def _limits(parts: Parts) -> Limits:
    made = Limits(parts[Transactions], parts.hardware, parts.clock)
    parts[Transactions].observers.append(made)
    parts[TransactionQueue].listeners.append(made.on_answer)
    parts.keep_running(made.run)
    return made


def _verdicts(parts: Parts) -> Verdicts:
    made = Verdicts(
        parts[Transactions],
        parts[AuthorizationCache],
        parts[Limits],
        parts.configuration,
        parts[Screen],
    )
    parts[TransactionQueue].listeners.append(made.on_answer)
    return made


def _transaction_statuses(parts: Parts) -> TransactionStatuses:
    made = TransactionStatuses(parts[Transactions], parts[TransactionQueue])
    parts.handlers[GetTransactionStatus] = made.tell
    return made


def _priority_charges(parts: Parts) -> PriorityCharges:
    made = PriorityCharges(parts[Transactions])
    parts.handlers[UsePriorityCharging] = made.use
    return made


def _remote_control(parts: Parts) -> RemoteControl:
    made = RemoteControl(
        parts[Screen],
        parts[Transactions],
        parts[Availability],
        parts[Authorization],
        parts.configuration,
        parts[TransactionQueue].own_id,
        parts.spawn,
    )
    parts.handlers[RequestStartTransaction] = made.start
    parts.handlers[RequestStopTransaction] = made.stop
    parts.handlers[UnlockConnector] = made.unlock
    return made


def _trigger(parts: Parts) -> Trigger:
    made = Trigger(parts[Provisioning], parts[Availability], parts[Transactions], parts[Metering], parts.spawn)
    parts.handlers[TriggerMessage] = made.trigger
    return made


def _reader(parts: Parts) -> Reader:
    made = Reader(
        parts[Screen],
        parts[Transactions],
        parts[Authorization],
        parts[KnownTokens],
        parts[Availability],
        parts.configuration,
        parts.spawn,
    )
    made.limit_asked = parts[Limits].ask
    parts.starts.append(lambda: parts.hardware.attach(made))
    return made


def _master_pass(parts: Parts) -> MasterPass | None:
    """Where there are no keys, the reader stops everything."""
    if not parts.description.has_keys:
        return None
    made = MasterPass(parts[Screen], parts[Transactions], parts.clock)
    parts[Reader].master_pass, parts[Reader].chosen = made.offer, made.choose
    return made


def _payments(parts: Parts) -> Payments | None:
    """Only 2.1 has words for payments."""
    if not parts.description.takes_payments or parts.version != "2.1":
        return None
    till = Till(
        terminal=parts.hardware.terminal(),
        transactions=parts[Transactions],
        present=parts[Reader].pay,
        limit=parts[Limits].ask,
        show=partial(parts[Screen].notice, lasts_s=RECEIPT_S),
        configuration=parts.configuration,
    )
    made = Payments(till, parts[ToldLater].put, parts.memory, parts.link, parts.clock, parts.spawn)
    parts[Transactions].observers.append(made)
    parts[TransactionQueue].listeners.append(made.on_answer)
    parts.starts.append(made.begin)
    parts.variables.on_change.append(lambda ref, before, now: made.set_amount())
    return made


def _web_payments(parts: Parts) -> WebPayments | None:
    """Only 2.1 has words for them."""
    if parts.version != "2.1":
        return None
    transactions, availability, reader = parts[Transactions], parts[Availability], parts[Reader]
    remote = parts[RemoteControl]

    def is_idle(evse_id: int) -> bool:
        state = transactions.state(evse_id)
        free = not (state.situation.authorized or state.situation.finished or state.transaction_stopped)
        return free and availability.usable(evse_id) and not availability.reserved(evse_id)

    places = Places(
        evse_ids=transactions.evse_ids,
        is_idle=is_idle,
        has_begun=lambda evse_id: transactions.state(evse_id).situation.authorized,
        identity=parts.identity,
    )
    made = WebPayments(places, parts.memory, parts.clock, parts.configuration)
    transactions.observers.append(made)
    parts.variables.sources.append(made.entries)
    parts.variables.checks["WebPaymentsCtrlr.URLTemplate"] = made.check_template
    parts.variables.on_change.append(lambda ref, before, now: made.refresh())
    reader.is_held = made.is_held
    reader.limit_of = remote.limit_of = partial(_limit_of, made, parts)
    reader.limit_asked = partial(_limit_asked, made, parts)

    async def start(request: RequestStartTransaction) -> Answer:
        answer = await remote.start(request)
        made.on_remote_start(request, answer)
        return answer

    parts.handlers[NotifyWebPaymentStarted] = made.payment_started
    parts.handlers[RequestStartTransaction] = start
    return made


def _limit_of(made: WebPayments, parts: Parts, evse_id: int, id_token: IdToken) -> TransactionLimit | None:
    payments = parts.get(Payments)
    paid = None if payments is None else payments.limit_of(evse_id, id_token)
    wished = made.limit_of(evse_id, id_token)
    return paid if wished is None else wished if paid is None else lower_of(paid, wished)


def _limit_asked(made: WebPayments, parts: Parts, evse_id: int, limit: TransactionLimit) -> None:
    """Before anybody begins, it is for whoever scans the code."""
    if parts[Transactions].state(evse_id).situation.authorized:
        parts[Limits].ask(evse_id, limit)
    else:
        made.wish(evse_id, limit)


def _reservations(parts: Parts) -> Reservations:
    """Made before the program starts: it knows then which EVSEs were kept when power was lost."""
    transactions, availability, known = parts[Transactions], parts[Availability], parts[KnownTokens]
    made = Reservations(
        parts.description.evses,
        transactions,
        availability,
        parts.memory,
        parts.clock,
        parts.configuration,
        parts[ToldLater].put,
    )

    def group_of(id_token: IdToken) -> IdToken | None:
        found = known.get(id_token)
        return None if found is None else found.info.group

    made.group_of = group_of
    transactions.observers.append(made)
    availability.reserved, availability.reservation_text = made.reserved, made.text
    availability.observers.append(made.look)
    parts[Reader].admit = parts[RemoteControl].admit = made.admit
    parts.variables.on_change.append(lambda ref, before, now: made.look())
    parts.handlers[ReserveNow] = made.reserve
    parts.handlers[CancelReservation] = made.cancel
    parts.starts.append(made.begin)
    parts.keep_running(made.run)
    return made


BLOCKS: tuple[Callable[[Parts], object], ...] = (
    _authorization_cache,
    _local_list,
    _known_tokens,
    _authorization,
    _availability,
    _list_conflict,
    _metering,
    _resetting,
    _limits,
    _verdicts,
    _transaction_statuses,
    _priority_charges,
    _remote_control,
    _trigger,
    _reader,
    _payments,
    _web_payments,
    _master_pass,
    _reservations,
)
