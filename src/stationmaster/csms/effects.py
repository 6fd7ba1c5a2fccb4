"""Commands that a station has agreed to (or may have), until one sees that they took effect."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import msgspec

from stationmaster.csms.blocks.remote_control import took_effect
from stationmaster.domain.command import Command, advance
from stationmaster.domain.decision import Decision
from stationmaster.domain.messages import Request
from stationmaster.domain.records import Event
from stationmaster.domain.transaction import Transaction

PATIENCE = timedelta(hours=1)
"""How long after it was asked for an effect is still taken as the command's."""

_MAX_PENDING = 100


def changed(command: Command, at: datetime) -> Event:
    """The event that tells of a command's new state."""
    data: dict[str, Any] = {"command": command.key, "kind": command.kind, "state": command.state}
    return Event(kind="CommandChanged", tenant=command.tenant, station_key=command.station_key, at=at, data=data)


class Watched(msgspec.Struct, frozen=True):
    """A command and what its effect is recognised by: the domain request's name and fields."""

    command: Command
    kind: str
    fields: dict[str, Any]


class Effects:
    """Of one station. Bounded: the oldest are given up first."""

    __slots__ = ("_early", "pending")

    def __init__(self) -> None:
        self.pending: dict[int, Watched] = {}
        self._early: dict[int, Command] = {}

    def expect(self, command: Command, request: Request) -> None:
        self.pending[command.key] = Watched(command, type(request).__name__, msgspec.to_builtins(request))
        while len(self.pending) > _MAX_PENDING:
            del self.pending[next(iter(self.pending))]

    def update(self, command: Command) -> None:
        """The command has gone on; its effect is still looked for."""
        watched = self.pending.get(command.key)
        if watched is not None:
            self.pending[command.key] = msgspec.structs.replace(watched, command=command)

    def forget(self, command: Command) -> None:
        self.pending.pop(command.key, None)

    def forget_others(self, keys: Collection[int]) -> None:
        """All but these commands."""
        self.pending = {key: watched for key, watched in self.pending.items() if key in keys}

    def take_early(self, key: int) -> Command | None:
        """The command as its effect left it, if that was seen before the station's answer."""
        return self._early.pop(key, None)

    def seen_in(self, decision: Decision, request: Request, at: datetime) -> Decision:
        """The decision, with every command in it that the request shows to have taken effect."""
        if not self.pending:
            return decision
        for key, watched in tuple(self.pending.items()):
            command = watched.command
            if at - command.created_at > PATIENCE:
                del self.pending[key]
            elif took_effect(watched.kind, watched.fields, request):
                del self.pending[key]
                done = _done(decision, command, at)
                if command.state == "sent":
                    self._early[key] = done
                decision = _with_effect(decision, done, at)
        return decision


def _done(decision: Decision, command: Command, at: datetime) -> Command:
    transaction = next((record.key for record in decision.records if isinstance(record, Transaction)), None)
    return advance(command, "effect_seen", effect_at=at, transaction_key=transaction)


def _with_effect(decision: Decision, done: Command, at: datetime) -> Decision:
    otherwise = decision.otherwise
    return msgspec.structs.replace(
        decision,
        records=(*decision.records, done),
        events=(*decision.events, changed(done, at)),
        otherwise=_with_effect(otherwise, done, at) if otherwise else None,
    )
