"""Commands that a station has agreed to (or may have), until one sees that they took effect."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec

from stationmaster.csms.blocks.remote_control import in_vain, marred_by, shows, took_effect
from stationmaster.domain.command import Command, advance
from stationmaster.domain.decision import Decision, whichever_way, with_more
from stationmaster.domain.messages import Request
from stationmaster.domain.records import Event
from stationmaster.domain.transactions.transaction import Transaction

PATIENCE = timedelta(hours=1)
"""How long after it was asked for an effect is still taken as the command's."""

LONGEST_PATIENCE = timedelta(days=1)
"""The same for what a station has scheduled, for when a transaction is over."""

NOTHING_SEEN = "no effect was seen in its time"

_MAX_PENDING = 100


def changed(command: Command, at: datetime) -> Event:
    """The event that tells of a command's new state."""
    data: dict[str, Any] = {"command": command.key, "kind": command.kind, "state": command.state}
    return Event(kind="CommandChanged", tenant=command.tenant, station_key=command.station_key, at=at, data=data)


def is_overdue(command: Command, at: datetime) -> bool:
    """Whether an effect would not be taken as the command's any more."""
    return at - command.created_at > (LONGEST_PATIENCE if command.status == "Scheduled" else PATIENCE)


class Watched(msgspec.Struct, frozen=True):
    """A command and what its effect is recognised by: the domain request's name and fields."""

    command: Command
    kind: str
    fields: dict[str, Any]


class Effects:
    """Of one station. Bounded: the oldest are given up first."""

    __slots__ = ("_early", "_in_vain", "pending")

    def __init__(self) -> None:
        self.pending: dict[int, Watched] = {}
        self._early: dict[int, Command] = {}
        self._in_vain: dict[int, str] = {}

    def expect(self, command: Command, request: Request) -> None:
        """Look out for the effect of a command, if it has one that can be seen."""
        kind, fields = type(request).__name__, msgspec.to_builtins(request)
        if not shows(kind, fields):
            return
        self.pending[command.key] = Watched(command, kind, fields)
        while len(self.pending) > _MAX_PENDING:
            self._drop(next(iter(self.pending)))

    def update(self, command: Command) -> None:
        """The command has gone on; its effect is still looked for."""
        watched = self.pending.get(command.key)
        if watched is not None:
            self.pending[command.key] = msgspec.structs.replace(watched, command=command)

    def forget(self, command: Command) -> None:
        self._drop(command.key)

    def _drop(self, key: int) -> None:
        self.pending.pop(key, None)
        self._in_vain.pop(key, None)

    def forget_others(self, keys: Collection[int]) -> None:
        """All but these commands."""
        self.pending = {key: watched for key, watched in self.pending.items() if key in keys}

    def take_early(self, key: int) -> Command | None:
        """The command as its effect left it, if that was seen before the station's answer."""
        return self._early.pop(key, None)

    def take_in_vain(self, key: int) -> str | None:
        """Why nothing will come of the command, if that was seen before the station's answer."""
        return self._in_vain.pop(key, None)

    def seen_in(self, decision: Decision, request: Request, at: datetime) -> Decision:
        """The decision, with every command in it that the request shows to have taken effect."""
        if not self.pending:
            return decision
        for watched in tuple(self.pending.values()):
            command = watched.command
            if is_overdue(command, at):
                self._drop(command.key)
            elif took_effect(watched.kind, watched.fields, request):
                self._drop(command.key)
                decision = whichever_way(decision, partial(_done, watched, at))
                if command.state == "sent":
                    self._early[command.key] = _last(decision, command)
            else:
                decision = self._unless_in_vain(decision, watched, request, at)
        return decision

    def _unless_in_vain(self, decision: Decision, watched: Watched, request: Request, at: datetime) -> Decision:
        """It is looked for all the same: a station may find the token good by itself."""
        command = watched.command
        why = in_vain(watched.kind, watched.fields, request, decision.answer)
        if why is None or command.state not in ("sent", "accepted"):
            return decision
        if command.state == "sent":
            self._in_vain[command.key] = why
            return decision
        gone = advance(command, "no_effect", detail=why)
        self.update(gone)
        return with_more(decision, (gone,), (changed(gone, at),))


def _done(watched: Watched, at: datetime, decision: Decision) -> Decision:
    command = watched.command
    transaction = next((record.key for record in decision.records if isinstance(record, Transaction)), None)
    changes: dict[str, Any] = {"effect_at": at, "transaction_key": transaction}
    if command.state == "no_effect":
        changes["detail"] = None  # it said that there would be none
    why = marred_by(watched.kind, decision.answer)
    if why is not None:
        changes["detail"] = why
    done = advance(command, "effect_seen", **changes)
    return msgspec.structs.replace(
        decision, records=(*decision.records, done), events=(*decision.events, changed(done, at))
    )


def _last(decision: Decision, command: Command) -> Command:
    """The command as a decision leaves it."""
    return next(each for each in reversed(decision.records) if isinstance(each, Command) and each.key == command.key)
