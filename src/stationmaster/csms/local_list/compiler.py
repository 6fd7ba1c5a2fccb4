"""What the list of each station should be. Stations that take the same are reckoned once, until something changes."""

import msgspec

from stationmaster.csms.local_list.ports import ListRows
from stationmaster.csms.ports import Clock
from stationmaster.csms.settings import CsmsSettings
from stationmaster.dialects.list_forms import FORMS
from stationmaster.domain.authorization.token_groups import TokenGroup
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.device_model.variables import LIST_ROOM, LISTS_CHECK_EXPIRY
from stationmaster.domain.local_list.list_making import DEFAULT_ROOM, Compiled, ListTarget, compile_list
from stationmaster.domain.queries import PageRequest
from stationmaster.domain.station import StationState
from stationmaster.ocpp.version import family_of

_PAGE = 1000
_ANY_STATION = 0
"""In a target's place for a station, where no token is for certain stations only."""
_MOST_KEPT = 64


class Roll(msgspec.Struct, frozen=True):
    """All tokens of a tenant, and its groups by the keys of their names. ``placed``: some tokens are for certain
    stations only."""

    tokens: tuple[Token, ...]
    groups: dict[str, TokenGroup]
    placed: bool


class ListCompiler:
    def __init__(self, rows: ListRows, settings: CsmsSettings, clock: Clock) -> None:
        self._rows = rows
        self._settings = settings
        self._clock = clock
        self._rolls: dict[str, Roll] = {}
        self._made: dict[tuple[str, ListTarget], Compiled] = {}
        self._changes = 0

    def forget(self, tenant: str) -> None:
        """Its tokens have changed."""
        self._changes += 1
        self._rolls.pop(tenant, None)
        for known in [known for known in self._made if known[0] == tenant]:
            del self._made[known]

    async def list_for(self, state: StationState, version: str) -> Compiled:
        """The list that a station of this version should have now."""
        changes = self._changes
        roll = self._rolls.get(state.tenant) or await self._read(state.tenant)
        target = self._target(state, version, roll)
        now = self._clock.now()
        made = self._made.get((state.tenant, target))
        if made is None or (made.next_expiry is not None and made.next_expiry <= now):
            made = compile_list(roll.tokens, roll.groups, target, now)
        if changes == self._changes:  # else what was read meanwhile may be old
            self._rolls[state.tenant] = roll
            self._made[state.tenant, target] = made
            while len(self._made) > _MOST_KEPT:
                del self._made[next(iter(self._made))]
        return made

    async def _read(self, tenant: str) -> Roll:
        tokens = tuple(await self._rows.all_tokens(tenant))
        groups: dict[str, TokenGroup] = {}
        request: PageRequest | None = PageRequest(limit=_PAGE)
        while request is not None:
            page = await self._rows.token_groups(tenant, request)
            groups |= {group.key: group for group in page.items}
            request = None if page.next_cursor is None else PageRequest(limit=_PAGE, cursor=page.next_cursor)
        placed = any(token.rules is not None and token.rules.places for token in tokens)
        return Roll(tokens, groups, placed)

    def _target(self, state: StationState, version: str, roll: Roll) -> ListTarget:
        room = state.learned.get(LIST_ROOM, "")
        return ListTarget(
            station_key=state.key if roll.placed else _ANY_STATION,
            form=FORMS[version],
            room=int(room) if room.isdecimal() else DEFAULT_ROOM,
            limited=self._settings.policy(state.tenant).lists_limited_tokens,
        )


def checks_expiry(state: StationState, version: str) -> bool:
    """Whether a station looks itself when an entry expires; one of 1.x always does."""
    return family_of(version) == 1 or state.learned.get(LISTS_CHECK_EXPIRY) == "yes"
