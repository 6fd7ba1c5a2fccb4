"""A driver's rights: telling what is known of somebody, and erasing it here and on the stations.

An erasure goes through every place where a token may stand, portion by portion; what it has done is stored with how
far it has come, so that a restart goes on where it stopped. The stations that saw the token are asked to forget it,
and what that left behind is erased in a second pass. The token is blocked at once and removed at the end: until then
its row is the only one that holds its value, and its removal has local lists made anew (N10.FR.02).
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import msgspec
import structlog

from stationmaster.clock.timeouts import within
from stationmaster.csms import subjects
from stationmaster.csms.background import Background, kept_up
from stationmaster.csms.commands.commands import CommandDesk
from stationmaster.csms.cost.tariff_book import CHANGED as TARIFFS_CHANGED
from stationmaster.csms.ports import Bus, Clock, Store
from stationmaster.csms.privacy import erasure_remains
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.abilities import abilities_of
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.command import Command
from stationmaster.domain.diagnostics.customer_information import CustomerInformation
from stationmaster.domain.driver_data import AskedStation, DriverExport, Erasure, Remaining, Subject, pseudonym
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.identity import IdToken
from stationmaster.domain.records import Event, Record, TokenRemoved

log = structlog.get_logger(__name__)

TICK_S = 15.0
"""How often stations that have not answered are looked at, beside when they do."""
SETTLE_S = 2.0
"""From the last answer of a station, or the change of its local list, to the second pass: by then what it tells, and
the message log, are stored."""
STATION_WAIT_S = 86_400.0
"""How long a station that is not connected is waited for."""
_ASSIGNMENTS = "tariff_assignments"
_CANNOT = "OCPP 1.x has no message that erases a driver's data; ClearCache empties its authorization cache"
_UNDER_WAY = frozenset({"queued", "sent"})


class NotNow(Exception):
    """A driver cannot be erased now; the text is for an operator."""


class DriverDesk:
    """What operators ask for, and the runner of erasures."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        clock: Clock,
        commands: CommandDesk,
        settings: CsmsSettings,
        secret: bytes,
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._commands = commands
        self._settings = settings
        self._secret = secret
        self._news = asyncio.Event()

    # What an operator asks for ────────────────────────────────────────────────────────────────────────────────────

    async def export(self, tenant: str, tokens: Sequence[Token], requested_by: str | None) -> DriverExport:
        """Everything that is stored of the tokens. Raises StorageFailed."""
        data, cut = await self._store.personal.collect(tenant, await self._meant(tenant, tokens))
        listed_at = await self._store.personal.listed_at(tenant, [token.id_token for token in tokens])
        export = DriverExport(
            key=self._store.keys.take(),
            tenant=tenant,
            at=self._clock.now(),
            tokens=tuple(token.key for token in tokens),
            requested_by=requested_by,
            data={
                "tokens": [msgspec.to_builtins(token) for token in tokens],
                **({"local_lists": [{"station_key": key} for key in listed_at]} if listed_at else {}),
                **data,
            },
            cut=cut,
        )
        await self._store.journal.store([export], [self._event("DriverExported", tenant, {"export": export.key})])
        return export

    async def erase(
        self, tenant: str, tokens: Sequence[Token], *, reason: str | None, ask_stations: bool, requested_by: str | None
    ) -> Erasure:
        """Begin. Raises NotNow while a transaction is under way on one of the tokens, or it is being erased already;
        StorageFailed."""
        keys = {token.key for token in tokens}
        if any(keys & set(known.tokens) for known in await self._store.reads.erasures_under_way()):
            raise NotNow("A token of these is being erased already.")
        if await self._store.reads.open_on(tenant, _spellings(tokens)):
            raise NotNow("A transaction is under way on one of the tokens: it must end first.")
        erasure = Erasure(
            key=self._store.keys.take(),
            tenant=tenant,
            at=self._clock.now(),
            tokens=tuple(token.key for token in tokens),
            pseudonyms=tuple(subject.pseudonym for subject in self._subjects(tenant, tokens)),
            reason=reason,
            requested_by=requested_by,
            ask_stations=ask_stations,
        )
        blocked = [msgspec.structs.replace(token, status="Blocked", on_lists=False) for token in tokens]
        events = [self._token_changed(token, "changed") for token in blocked]
        told = self._event("DriverErasureBegun", tenant, {"erasure": erasure.key})
        await self._store.journal.store([erasure, *blocked], [told, *events])
        await self._store.personal.forget_exports(tenant, keys)
        self._news.set()
        return erasure

    # Running ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def start(self, background: Background) -> None:
        """Until the background ends."""
        background.start(kept_up(self._listen, self._clock))
        background.start(kept_up(self._run, self._clock))

    async def _listen(self) -> None:
        async for _ in self._bus.subscribe(subjects.events("CommandChanged")):
            self._news.set()

    async def _run(self) -> None:
        while True:
            self._news.clear()
            under_way = await self._store.reads.erasures_under_way()
            wait_s = TICK_S
            for erasure in under_way:
                try:
                    wait_s = min(wait_s, await self._go_on(erasure))
                except StorageFailed as failed:
                    log.error("erasure not gone on with", erasure=erasure.key, reason=str(failed))
            if under_way:
                with suppress(TimeoutError):
                    await within(self._clock, wait_s, self._news.wait())
            else:
                await self._wait_for_begin()

    async def _wait_for_begin(self) -> None:
        """Commands change all the time: only an erasure that began is worth a look."""
        while True:
            await self._news.wait()
            self._news.clear()
            if await self._store.reads.erasures_under_way():
                return

    async def _go_on(self, erasure: Erasure) -> float:
        """Seconds until it is worth another look."""
        found = [await self._store.reads.token(erasure.tenant, key) for key in erasure.tokens]
        tokens = [token for token in found if token is not None]
        if erasure.ask_stations and not erasure.asked:
            erasure = await self._ask(erasure, tokens)
        erasure = await self._pass(erasure, tokens)
        commands = await self._asked(erasure)
        wait_s = TICK_S if any(each.state in _UNDER_WAY for each in commands) else self._left_s(erasure, commands)
        if wait_s > 0:
            if erasure.state != "asking":
                await self._store.journal.store([msgspec.structs.replace(erasure, state="asking")])
            return wait_s
        if not erasure.second:
            erasure = msgspec.structs.replace(erasure, state="running", second=True, place=0, after=0)
            await self._store.journal.store([erasure])
            erasure = await self._pass(erasure, tokens)
        await self._finish(erasure, tokens, commands)
        return TICK_S

    def _left_s(self, erasure: Erasure, commands: Sequence[Command]) -> float:
        """How long until what stations were sent and said is stored: about the driver, and their local lists."""
        if erasure.second:
            return 0.0
        moments = [each.answered_at for each in commands if each.answered_at is not None]
        if self._settings.policy(erasure.tenant).local_lists == "on":
            moments.append(erasure.at + timedelta(seconds=self._settings.local_list_delay_s))
        if not moments:
            return 0.0
        return SETTLE_S - (self._clock.now() - max(moments)).total_seconds()

    async def _pass(self, erasure: Erasure, tokens: Sequence[Token]) -> Erasure:
        """Through every place that is left."""
        meant = await self._meant(erasure.tenant, tokens)
        while not self._store.personal.is_through(erasure):
            erasure = await self._store.personal.erase(erasure, meant)
        return erasure

    async def _ask(self, erasure: Erasure, tokens: Sequence[Token]) -> Erasure:
        """N10: before anything is erased here, as afterwards nobody knows who saw the token."""
        asked: list[AskedStation] = []
        for token in tokens:
            for station_key in await self._store.reads.stations_that_saw(erasure.tenant, _spellings([token])):
                station = await self._store.reads.station(erasure.tenant, station_key)
                if station is None or not abilities_of(station.version).forgets_people:
                    asked.append(AskedStation(station_key=station_key, why=_CANNOT))
                    continue
                request = CustomerInformation(report=False, clear=True, id_token=token.id_token)
                command = await self._commands.submit(
                    erasure.tenant,
                    station_key,
                    request,
                    requested_by=erasure.requested_by,
                    lifetime_s=STATION_WAIT_S,
                )
                asked.append(AskedStation(station_key=station_key, command_key=command.key))
        erasure = msgspec.structs.replace(erasure, asked=True, stations=tuple(asked))
        await self._store.journal.store([erasure])
        return erasure

    async def _asked(self, erasure: Erasure) -> Sequence[Command]:
        keys = [asked.command_key for asked in erasure.stations if asked.command_key is not None]
        found = [await self._store.reads.load_command(key) for key in keys]
        return [command for command in found if command is not None]

    async def _finish(self, erasure: Erasure, tokens: Sequence[Token], commands: Sequence[Command]) -> None:
        remains = await self._remains(erasure, tokens, commands)
        done = msgspec.structs.replace(erasure, state="done", remains=remains, done_at=self._clock.now())
        removed: list[Record] = [TokenRemoved(tenant=token.tenant, key=token.key) for token in tokens]
        events = [self._token_changed(token, "removed") for token in tokens]
        told = self._event("DriverErased", erasure.tenant, {"erasure": erasure.key, "changed": done.changed})
        if _ASSIGNMENTS in done.changed:  # every node has them in mind
            events.append(self._event(TARIFFS_CHANGED, erasure.tenant, {"what": "erasure", "erasure": erasure.key}))
        await self._store.journal.store([done, *removed], [told, *events])

    async def _remains(
        self, erasure: Erasure, tokens: Sequence[Token], commands: Sequence[Command]
    ) -> tuple[Remaining, ...]:
        tenant, personal = erasure.tenant, self._store.personal
        if self._settings.policy(tenant).erase_signed_values == "remove":
            await personal.remove_signed(tenant, erasure.pseudonyms)
        transactions, readings, bills = await self._store.reads.kept_of(tenant, erasure.pseudonyms)
        signed = await personal.count_signed(tenant, erasure.pseudonyms)
        with_list = await personal.forget_lists(tenant, [token.id_token for token in tokens])
        return (
            *erasure_remains.kept(transactions, readings, bills, signed),
            *erasure_remains.accounts(tokens),
            *erasure_remains.stations(erasure, commands, with_list),
            erasure_remains.on_the_way(),
        )

    # Inside ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _subjects(self, tenant: str, tokens: Sequence[Token]) -> tuple[Subject, ...]:
        return tuple(
            Subject(
                token_key=token.key,
                id_token=token.id_token,
                pseudonym=pseudonym(self._secret, tenant, token.id_token),
            )
            for token in tokens
        )

    async def _meant(self, tenant: str, tokens: Sequence[Token]) -> tuple[Subject, ...]:
        """The tokens, and the contracts that have no other one."""
        keys = {token.key for token in tokens}
        contracts = {token.contract_id: token for token in tokens if token.contract_id is not None}
        subjects = list(self._subjects(tenant, tokens))
        for contract_id, token in contracts.items():
            of_contract = await self._store.reads.tokens_of(tenant, contract_id=contract_id, most=len(keys) + 1)
            if keys.issuperset(each.key for each in of_contract):
                contract = IdToken(contract_id, "eMAID")
                alias = pseudonym(self._secret, tenant, contract)
                subjects.append(Subject(token_key=token.key, id_token=contract, pseudonym=alias))
        return tuple(subjects)

    def _event(self, kind: str, tenant: str, data: dict[str, object]) -> Event:
        return Event(kind=kind, tenant=tenant, at=self._clock.now(), data=data)

    def _token_changed(self, token: Token, what: str) -> Event:
        data: dict[str, object] = {"what": what, "token": token.key, "status": token.status}
        return self._event("TokenChanged", token.tenant, data)


def _spellings(tokens: Sequence[Token]) -> list[str]:
    """By which keys transactions may know the tokens."""
    return sorted({key for token in tokens for key in token.id_token.keys})
