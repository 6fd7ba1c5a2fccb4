"""Sees to it that a transaction comes to an end although its station never tells of one.

Of a transaction that has been silent for some hours its station is asked, where its version can be; one of 1.x shows
by its connector that nobody is there any more. After some days of silence it is held to be over, whatever the reason.
"""

import asyncio
from datetime import datetime, timedelta
from functools import partial

import structlog

from stationmaster.csms.blocks.closing import concluded
from stationmaster.csms.commands.commands import CommandDesk
from stationmaster.csms.connection.desk import Desk
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.ports import Clock, Store
from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.abilities import abilities_of
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.station import StationState
from stationmaster.domain.transactions.transaction import ClosedBy, Transaction
from stationmaster.domain.transactions.transaction_status import GetTransactionStatus

log = structlog.get_logger(__name__)

EVERY_S = 300.0
AT_ONCE = 20
PAGE = 200
FREE_FOR = timedelta(hours=1)
"""How long a connector must have been Available before its transaction is held to be over."""
ASKED_BY = "policy"


class TransactionWatch:
    """Of one node."""

    def __init__(
        self, store: Store, clock: Clock, settings: CsmsSettings, directory: Directory, commands: CommandDesk
    ) -> None:
        self._rows = store.reads
        self._clock = clock
        self._settings = settings
        self._directory = directory
        self._commands = commands
        self._asked: dict[int, datetime] = {}
        """When a station was last asked about a transaction."""

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            try:
                await self.look()
            except StorageFailed as failed:
                log.error("silent transactions not looked at", reason=str(failed))
            await self._clock.sleep(EVERY_S)

    async def look(self) -> None:
        """At all that are silent, once."""
        shortest = self._shortest()
        if shortest is None:
            return
        after, seen = 0, set()
        while found := await self._rows.silent_transactions(self._clock.now() - shortest, after, PAGE):
            seen |= {transaction.key for transaction, _ in found}
            for start in range(0, len(found), AT_ONCE):
                await asyncio.gather(*[self._look_at(*each) for each in found[start : start + AT_ONCE]])
            after = found[-1][0].key
        self._asked = {key: at for key, at in self._asked.items() if key in seen}

    def _shortest(self) -> timedelta | None:
        """The least silence that any tenant's policy makes something of."""
        policies = (self._settings.default_policy, *self._settings.policies.values())
        waits = [wait for policy in policies for wait in (_ask_after(policy), _close_after(policy)) if wait is not None]
        return min(waits, default=None)

    async def _look_at(self, transaction: Transaction, heard_at: datetime) -> None:
        policy, now = self._settings.policy(transaction.tenant), self._clock.now()
        ask_after, close_after = _ask_after(policy), _close_after(policy)
        heard_at = max(heard_at, await self._said_to_go_on(transaction))
        if close_after is not None and now - heard_at >= close_after:
            await self._close(
                transaction, "silent", f"nothing was heard of it for {policy.transactions_close_after_d} d"
            )
            return
        desk = self._directory.get(transaction.station_key)
        if ask_after is None or now - heard_at < ask_after or desk is None or desk.session is None:
            return
        if await self._is_over(desk, transaction, ask_after):
            await self._close(transaction, "station_says_over", "its station knows of no such transaction")
        elif _is_free(desk.state, transaction, heard_at, now):
            await self._close(transaction, "connector_free", "its connector is Available")

    async def _said_to_go_on(self, transaction: Transaction) -> datetime:
        told = (await self._rows.transaction_statuses(transaction.tenant, [transaction.key])).get(transaction.key)
        return told.told_at if told is not None and told.ongoing else transaction.received_at

    async def _is_over(self, desk: Desk, transaction: Transaction, again_after: timedelta) -> bool:
        """Whether the station, asked, says so, and has nothing more to tell of it."""
        now, asked = self._clock.now(), self._asked.get(transaction.key)
        if not abilities_of(desk.version).tells_of_its_transactions or (
            asked is not None and now - asked < again_after
        ):
            return False
        self._asked[transaction.key] = now
        request = GetTransactionStatus(transaction_id=transaction.wire_id)
        command = await self._commands.submit(transaction.tenant, desk.key, request, requested_by=ASKED_BY)
        answered = await self._commands.wait(command, self._settings.call_timeout_s + self._settings.command_lifetime_s)
        return _says_over(answered)

    async def _close(self, transaction: Transaction, reason: ClosedBy, detail: str) -> None:
        desk = self._directory.get(transaction.station_key)
        if desk is None:
            return
        decide = partial(_concluded, desk, transaction=transaction, reason=reason, detail=detail)
        try:
            await desk.settle(decide)
        except StorageFailed as failed:
            log.error("transaction not closed", transaction=transaction.key, reason=str(failed))
        else:
            log.info("transaction closed", transaction=transaction.key, reason=reason)


def _concluded(
    desk: Desk, state: StationState, at: datetime, *, transaction: Transaction, reason: ClosedBy, detail: str
) -> Decision | None:
    """In the lane. The aggregate of a station that was never loaded here knows of no transaction; one that was, and
    does not know it as open, has heard its end meanwhile."""
    if desk.loaded_generation >= 0 and transaction.wire_id not in state.open:
        return None
    return concluded(state, at, transaction=transaction, reason=reason, detail=detail)


def _says_over(command: Command) -> bool:
    answer = command.answer or {}
    return answer.get("ongoing") is False and answer.get("messages_in_queue") is False


def _is_free(state: StationState, transaction: Transaction, heard_at: datetime, now: datetime) -> bool:
    """Whether its connector has been Available for long, and became so after the last word of it."""
    place = transaction.evse
    if place is None:
        return False
    there = [each for each in state.connectors.values() if each.evse_id == place.id and each.connector_id]
    return bool(there) and all(
        each.status == "Available" and each.received_at > heard_at and now - each.received_at >= FREE_FOR
        for each in there
    )


def _ask_after(policy: TenantPolicy) -> timedelta | None:
    return timedelta(hours=policy.transactions_ask_after_h) if policy.transactions_ask_after_h else None


def _close_after(policy: TenantPolicy) -> timedelta | None:
    return timedelta(days=policy.transactions_close_after_d) if policy.transactions_close_after_d else None
