"""What the driver does at the station: cards, cables and buttons become happenings (C01, C09, C16, E02, E03, E07)."""

from collections.abc import Callable, Collection

from stationmaster.domain.identity import NO_TOKEN, IdToken
from stationmaster.domain.messages import IdTokenInfo
from stationmaster.domain.transactions.limits import TransactionLimit
from stationmaster.station import display
from stationmaster.station.admission import Admit, LimitOf, admit_all, no_limit
from stationmaster.station.blocks.authorization import Authorization
from stationmaster.station.blocks.availability import Availability
from stationmaster.station.blocks.known_tokens import KnownTokens
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.cables import KeptCable
from stationmaster.station.ports import Spawn
from stationmaster.station.records import EvseState, Grant
from stationmaster.station.screen import Screen
from stationmaster.station.settings import Configuration

STOPPED_REASONS = {
    "GroundFailure": "GroundFault",
    "OverCurrentFailure": "OvercurrentFault",
    "OverVoltage": "PowerQuality",
    "UnderVoltage": "PowerQuality",
    "EmergencyStop": "EmergencyStop",
}
"""Faults in 1.6's words and the stoppedReason that fits best; any other is Other."""


class Reader:
    """The hardware's listener.

    ``admit``: whether an accepted token may use an EVSE. ``master_pass``: what a master pass does (C16).
    """

    def __init__(
        self,
        screen: Screen,
        transactions: Transactions,
        authorization: Authorization,
        known: KnownTokens,
        availability: Availability,
        configuration: Configuration,
        spawn: Spawn,
    ) -> None:
        self._screen = screen
        self._transactions = transactions
        self._authorization = authorization
        self._known = known
        self._availability = availability
        self._configuration = configuration
        self._spawn = spawn
        self.swap: Callable[[IdToken], None] | None = None
        """Who is told of tokens instead, at a station that swaps batteries (S01)."""
        self.admit: Admit = admit_all
        self.master_pass: Callable[[IdToken], None] = self._stop_all
        self.chosen: Callable[[Collection[int]], None] = lambda evse_ids: None
        """What is done with a choice of EVSEs, where there are keys to choose by."""
        self.limit_of: LimitOf = no_limit
        self.is_held: Callable[[int], bool] = lambda evse_id: False
        """Whether an EVSE is held for a payment from elsewhere (C25.FR.22)."""
        self.limit_asked: Callable[[int, TransactionLimit], None] = lambda evse_id, limit: None
        self.granted: Callable[[int, IdTokenInfo], None] = lambda evse_id, info: None
        """Is told what the CSMS says of a token that may charge from now on."""
        self.tariff_refused: Callable[[int], None] = lambda evse_id: None
        self._busy: set[int] = set()

    # HardwareListener ─────────────────────────────────────────────────────────────────────────────────────────────

    def on_cable(self, evse_id: int, connector_id: int, plugged: bool) -> None:
        situation = self._transactions.state(evse_id).situation
        if plugged:
            if situation.connector is None:
                self._transactions.happen(evse_id, "plugged", connector=connector_id)
            if not self._configuration.now.auth_enabled and self._availability.usable(evse_id):
                self._grant_free(evse_id)
        elif situation.connector == connector_id:
            for_good = self._configuration.now.stop_tx_on_ev_side_disconnect
            self._transactions.happen(evse_id, "unplugged for good" if for_good else "unplugged")

    def on_bay(self, evse_id: int, occupied: bool) -> None:
        if self._transactions.state(evse_id).situation.parked is not occupied:
            self._transactions.happen(evse_id, "parked" if occupied else "departed")

    def on_token(self, id_token: IdToken, evse_id: int | None) -> None:
        if self.swap is not None:
            self.swap(id_token)
            return
        place = self._place_for(id_token) if evse_id is None else evse_id
        if place not in self._busy:
            self._busy.add(place)
            self._spawn(self._present(id_token, place))

    def on_choice(self, evse_ids: Collection[int]) -> None:
        self.chosen(evse_ids)

    async def pay(self, id_token: IdToken, evse_id: int, *, ask: bool) -> bool:
        """The token of a payment is presented, which the CSMS is asked about or not (C18.FR.03, .04); whether it may be
        charged with."""
        if evse_id in self._busy or self._transactions.state(evse_id).situation.authorized:
            return False
        if ask:
            self._busy.add(evse_id)
            await self._present(id_token, evse_id)
        elif not self._hindered(evse_id) and self._transactions.cables.kept(evse_id) is None:
            self._grant(evse_id, id_token)
        return _same_token(self._transactions.state(evse_id), id_token)

    def on_ev_drawing(self, evse_id: int, drawing: bool) -> None:
        if self._transactions.state(evse_id).situation.path_closed:
            self._transactions.happen(evse_id, "drawing" if drawing else "not drawing")

    def on_ev_stop(self, evse_id: int) -> None:
        if self._transactions.state(evse_id).situation.authorized:
            self._transactions.happen(evse_id, "stopped by car")

    def on_stop_button(self, evse_id: int) -> None:
        if self._transactions.state(evse_id).situation.authorized:
            self._transactions.happen(evse_id, "stopped by driver")

    def on_limit(self, evse_id: int, limit: TransactionLimit) -> None:
        self.limit_asked(evse_id, limit)

    def on_tariff_refused(self, evse_id: int) -> None:
        self.tariff_refused(evse_id)

    def on_priority_button(self, evse_id: int) -> None:
        if self._transactions.state(evse_id).transaction is not None:
            self._screen.notice(evse_id, display.NO_PRIORITY)  # K22.FR.01

    def on_fault(self, evse_id: int, connector_id: int, error_code: str | None, info: str = "") -> None:
        if error_code is not None and self._transactions.state(evse_id).situation.authorized:
            self._transactions.happen(evse_id, "faulted", reason=STOPPED_REASONS.get(error_code, "Other"))
        self._availability.set_fault(evse_id, connector_id, error_code, info)

    # Cards ────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _present(self, id_token: IdToken, evse_id: int) -> None:
        try:
            if self._transactions.state(evse_id).situation.authorized:
                await self._present_to_stop(id_token, evse_id)
            else:
                await self._present_to_start(id_token, evse_id)
        finally:
            self._busy.discard(evse_id)

    async def _present_to_start(self, id_token: IdToken, evse_id: int) -> None:
        kept = self._transactions.cables.kept(evse_id)
        if kept is not None and self._availability.usable(evse_id):
            await self._present_for_cable(id_token, evse_id, kept)
            return
        if self._hindered(evse_id):
            return
        info = await self._authorization.authorize(id_token)
        if self._is_master_pass(info):
            self.master_pass(id_token)
        elif info.status != "Accepted" or (info.evse_ids and evse_id not in info.evse_ids):  # C01.FR.21
            self._refuse(evse_id, info)
        elif not self._transactions.state(evse_id).situation.authorized:
            self._grant(evse_id, id_token, info.group)
            if self._transactions.state(evse_id).situation.authorized:
                self.granted(evse_id, info)

    def _hindered(self, evse_id: int) -> bool:
        """Whether nobody can begin there, which the display says."""
        hindrance = None
        if not self._availability.usable(evse_id):
            hindrance = display.OUT_OF_ORDER
        elif self._transactions.state(evse_id).transaction_stopped:  # C01.FR.23
            hindrance = display.UNPLUG_FIRST
        elif self.is_held(evse_id):
            hindrance = display.PAYING
        if hindrance is not None:
            self._screen.notice(evse_id, hindrance)
        return hindrance is not None

    async def _present_to_stop(self, id_token: IdToken, evse_id: int) -> None:
        state = self._transactions.state(evse_id)
        if not _same_token(state, id_token):
            known = self._known.get(id_token)
            info = known.info if known is not None and known.accepted else None
            if info is None or not _may_stop(state, info):
                info = await self._authorization.authorize(id_token)  # C09.FR.05
            state = self._transactions.state(evse_id)
            if self._is_master_pass(info):
                self.master_pass(id_token)
                return
            if not _may_stop(state, info):  # C01.FR.02, C09.FR.11
                self._screen.notice(evse_id, display.NOT_YOURS)
                return
        self._transactions.happen(evse_id, "stopped by driver", id_token=id_token)  # C01.FR.03, C09.FR.03

    async def _present_for_cable(self, id_token: IdToken, evse_id: int, kept: KeptCable) -> None:
        """E09.FR.03, E10.FR.01, C15.FR.05: whoever a cable belongs to gets it; this starts nothing."""
        group = None
        if not kept.belongs_to(id_token):
            known = self._known.get(id_token)
            relied_upon = known.info if known is not None and not known.expired else None
            info = relied_upon or await self._authorization.authorize(id_token)
            group = info.group if info.status == "Accepted" else None
        if kept.belongs_to(id_token, group):
            self._transactions.free_cable(evse_id)
        else:
            self._screen.notice(evse_id, display.NOT_YOURS)

    def _is_master_pass(self, info: IdTokenInfo) -> bool:
        group = self._configuration.now.master_pass_group_id
        if not group or info.status != "Accepted" or info.group is None:
            return False
        return info.group.key == IdToken(group, info.group.type).key

    def _stop_all(self, id_token: IdToken) -> None:
        """C16.FR.01, .03: a master pass starts nothing and, where there is no choice to offer, stops everything."""
        for evse_id in [evse_id for evse_id, _ in self._transactions.running()]:
            self._transactions.happen(evse_id, "stopped by master pass", id_token=id_token)

    def _refuse(self, evse_id: int, info: IdTokenInfo) -> None:
        status = "NotAtThisLocation" if info.status == "Accepted" else info.status
        self._screen.notice(evse_id, display.REFUSALS[status])

    def _grant_free(self, evse_id: int) -> None:
        """C02: nobody needs a card here."""
        if not self._transactions.state(evse_id).situation.authorized and not self.is_held(evse_id):
            self._grant(evse_id, NO_TOKEN)

    def _grant(self, evse_id: int, id_token: IdToken, group: IdToken | None = None) -> None:
        admission = self.admit(evse_id, id_token, group)
        if admission.allowed:
            granted = Grant(
                id_token=id_token,
                group=group,
                reservation_id=admission.reservation_id,
                limit=self.limit_of(evse_id, id_token),
            )
            self._transactions.grant(evse_id, granted)
        else:
            self._screen.notice(evse_id, display.RESERVED_FOR_OTHERS)

    def _place_for(self, id_token: IdToken) -> int:
        """Which EVSE is meant at a common reader: where the token charges, where a car waits, the first free one."""
        states = {evse_id: self._transactions.state(evse_id) for evse_id in self._transactions.evse_ids}
        free = [evse_id for evse_id, state in states.items() if not (_taken(state) or self.is_held(evse_id))]
        ranked = (
            [evse_id for evse_id, state in states.items() if _same_token(state, id_token)],
            [evse_id for evse_id in free if states[evse_id].situation.connector],
            [evse_id for evse_id in free if self._availability.usable(evse_id)],
            list(states),
        )
        return next(places[0] for places in ranked if places)


def _taken(state: EvseState) -> bool:
    return state.situation.authorized or state.situation.finished or state.transaction_stopped


def _same_token(state: EvseState, id_token: IdToken) -> bool:
    """C01.FR.25: equal by value and, where both have one, by type."""
    granted = state.grant
    if granted is None or not state.situation.authorized or granted.id_token.key != id_token.key:
        return False
    return None in (granted.id_token.type, id_token.type) or granted.id_token.type == id_token.type


def _may_stop(state: EvseState, info: IdTokenInfo) -> bool:
    """C09.FR.03, .11: an accepted token of the same group."""
    group = state.grant.group if state.grant is not None else None
    return info.status == "Accepted" and group is not None and info.group is not None and group.key == info.group.key
