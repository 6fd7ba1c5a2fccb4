"""One look at a station's local list: what it has, what it should have, and what it is sent (D01, D02)."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from stationmaster.csms.blocks.local_list import NO_LISTS, changed, list_of
from stationmaster.csms.commands.commands import CommandDesk
from stationmaster.csms.connection.desk import Desk
from stationmaster.csms.local_list.compiler import ListCompiler, checks_expiry
from stationmaster.csms.local_list.ports import ListRows
from stationmaster.csms.ports import Clock, Journal
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.device_model.addresses import (
    CONFIGURATION_KEY,
    Component,
    GetVariables,
    Variable,
    VariableRef,
)
from stationmaster.domain.device_model.variables import LIST_ITEMS, LISTS_AVAILABLE, LISTS_ENABLED
from stationmaster.domain.local_list.entries import (
    UNSUPPORTED,
    GetLocalListVersion,
    ListContent,
    ListEntry,
    LocalListState,
)
from stationmaster.domain.local_list.list_making import Compiled, full_update, plan
from stationmaster.domain.messages import Request
from stationmaster.domain.station import StationState
from stationmaster.ocpp.version import family_of

ASKED_BY = "local-list"
_ANSWER_S = 60.0
_LIST_S = 900.0
"""For a list of many calls to a slow station."""
_NOT_THERE = ("NotImplemented", "NotSupported")


class ListTurn:
    def __init__(
        self, rows: ListRows, journal: Journal, clock: Clock, commands: CommandDesk, settings: CsmsSettings
    ) -> None:
        self._rows = rows
        self._journal = journal
        self._clock = clock
        self._commands = commands
        self._settings = settings
        self.compiler = ListCompiler(rows, settings, clock)
        self._questioned: set[int] = set()

    def booted(self, station_key: int) -> None:
        """It may be another station by now."""
        self._questioned.discard(station_key)

    async def is_wanted(self, desk: Desk) -> bool:
        """Whether this station's list is ours to keep."""
        wish = await self._rows.local_list_wish(desk.key)
        return self._settings.policy(desk.state.tenant).local_lists == "on" if wish is None else wish

    async def take(self, desk: Desk, *, full: bool) -> None:
        """With ``full`` the whole list is sent, whatever the station has. Raises StorageFailed."""
        if desk.session is None or desk.state.station.registration != "Accepted":
            return
        if not await self.is_wanted(desk):
            if desk.state.local_list is not None:
                await _note(desk, state="off", problem=None)
            return
        if list_of(desk.state).state == "off":
            await _note(desk, state="unknown", digest=None)
        await self._learn_limits(desk)
        if not _has_lists(desk.state):
            await _note(desk, state="unsupported", problem=NO_LISTS)
            return
        asked = await self._ask(desk, GetLocalListVersion())
        if asked.state == "accepted" and asked.answer is not None:
            await self._bring(desk, asked.answer["version"], full=full)
        elif asked.state == "unsupported" or (asked.detail or "").startswith(_NOT_THERE):
            await _note(desk, state="unsupported", problem=NO_LISTS)

    async def _bring(self, desk: Desk, told: int, *, full: bool) -> None:
        """What the station lacks, or all of it where the difference is not taken (D01.FR.03)."""
        if told == UNSUPPORTED:
            return
        wanted = await self.compiler.list_for(desk.state, desk.version)
        known = list_of(desk.state)
        request = full_update(known, told, wanted) if full else plan(known, told, await self._on_it(known), wanted)
        if request is not None:
            await self._keep(desk.state.tenant, wanted)
            sent = await self._ask(desk, request, _LIST_S)
            if sent.state == "rejected" and list_of(desk.state).state in ("stale", "partial"):
                await self._ask(desk, full_update(list_of(desk.state), told, wanted), _LIST_S)
        if request is None or list_of(desk.state).digest == wanted.digest:
            await self._settled(desk, wanted)

    async def _settled(self, desk: Desk, wanted: Compiled) -> None:
        await _note(
            desk,
            state="in_sync",
            digest=wanted.digest,
            problem=None,
            entries=len(wanted.entries),
            left_out=dict(wanted.left_out),
            resync_at=None if checks_expiry(desk.state, desk.version) else wanted.next_expiry,
        )

    async def _keep(self, tenant: str, wanted: Compiled) -> None:
        content = ListContent(tenant=tenant, digest=wanted.digest, made_at=self._clock.now(), entries=wanted.entries)
        await self._journal.store([content])

    async def _on_it(self, known: LocalListState) -> Sequence[ListEntry] | None:
        if known.digest is None:
            return None
        content = await self._rows.list_content(known.tenant, known.digest)
        return None if content is None else content.entries

    async def _learn_limits(self, desk: Desk) -> None:
        """Asked for once after each boot, where no report told of them (D01.FR.11)."""
        if not desk.state.abilities.has_local_lists:
            return
        if desk.key in self._questioned or (LIST_ITEMS in desk.state.learned and _has_lists(desk.state)):
            return
        self._questioned.add(desk.key)
        await self._ask(desk, GetVariables(variables=_LIMITS[family_of(desk.version)]))

    async def _ask(self, desk: Desk, request: Request, answer_s: float = _ANSWER_S) -> Command:
        command = await self._commands.submit(
            desk.state.tenant, desk.key, request, requested_by=ASKED_BY, lifetime_s=_ANSWER_S
        )
        return await self._commands.wait(command, answer_s)


def _has_lists(state: StationState) -> bool:
    """As far as one knows: most stations tell."""
    told = (state.learned.get(LISTS_AVAILABLE), state.learned.get(LISTS_ENABLED))
    return state.abilities.has_local_lists and "no" not in told


async def _note(desk: Desk, **changes: Any) -> None:
    await desk.settle(partial(_noted, changes=changes))


def _noted(state: StationState, at: datetime, *, changes: dict[str, Any]) -> Decision | None:
    return changed(state, msgspec.structs.replace(list_of(state), **changes), at)


def _refs(*addresses: str) -> tuple[VariableRef, ...]:
    pairs = (address.split(".") for address in addresses)
    return tuple(
        VariableRef(component=Component(name=component), variable=Variable(name=variable))
        for component, variable in pairs
    )


_LIMITS = {
    1: _refs(
        f"{CONFIGURATION_KEY}.SupportedFeatureProfiles",
        f"{CONFIGURATION_KEY}.LocalAuthListMaxLength",
        "LocalAuthListCtrlr.Enabled",
        "LocalAuthListCtrlr.ItemsPerMessage",
    ),
    2: _refs(
        "LocalAuthListCtrlr.Available",
        "LocalAuthListCtrlr.Enabled",
        "LocalAuthListCtrlr.ItemsPerMessage",
        "LocalAuthListCtrlr.BytesPerMessage",
        "LocalAuthListCtrlr.SupportsExpiryDateTime",
    ),
}
"""By family of versions."""
