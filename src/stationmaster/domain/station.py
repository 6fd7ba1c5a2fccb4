"""What the CSMS knows of a station while it is connected: its living aggregate."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from stationmaster.domain.abilities import Abilities, abilities_of
from stationmaster.domain.battery_swap import Swap
from stationmaster.domain.callback import Callback
from stationmaster.domain.cost.register_gaps import Registers
from stationmaster.domain.der.controls import DERState
from stationmaster.domain.device_model.reports import OpenReport, ReportAddress
from stationmaster.domain.diagnostics.inquiries import Inquiries
from stationmaster.domain.display_message import Messages
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.firmware.updates import FirmwareUpdate, Publication
from stationmaster.domain.identity import StationRef
from stationmaster.domain.local_list.entries import LocalListState
from stationmaster.domain.messages import ChargingState, ConnectorStatus, RegistrationStatus, StationInfo
from stationmaster.domain.monitoring.alarms import Watched
from stationmaster.domain.monitoring.event_streams import Streams
from stationmaster.domain.reservation.reservations import Reservation
from stationmaster.domain.transactions.transaction import Transaction

Admission = Literal["admitted", "waiting", "refused"]
Strictness = Literal["strict", "lenient", "observe"]
MAX_UPDATES = 5
"""Of firmware, and publications, that are kept in memory of one station."""
SECURITY_EXTENSION = "SecurityExtension"
"""A capability that a station has learned of in one version may be none in the next that it speaks."""
Place = tuple[int, int]
"""(EVSE id, connector id); connector 0 is the EVSE as a whole, EVSE 0 the station."""


class Connector(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A Connector (or an EVSE, or the station, see Place) and its last known status. ``finished``: the transaction of
    the car that is there has ended, which Occupied does not tell (1.6's Finishing does, by ``charging_state``).

    ``authorized`` tells whether the transaction there has an accepted token: Occupied without it is a car that was
    only plugged in.
    """

    station_key: int
    evse_id: int
    connector_id: int
    status: ConnectorStatus
    since: datetime
    received_at: datetime
    charging_state: ChargingState | None = None
    finished: bool = False
    error_code: str | None = None
    info: str | None = None
    vendor_id: str | None = None
    vendor_error_code: str | None = None


class Station(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What is stored of a station.

    ``registration`` is what BootNotification is answered with; ``booted_at`` None: it never booted here.
    ``default_version`` serves stations that offer no sub-protocol. ``skew_s``: station's clock minus ours.
    ``callback``: what is known of calling it; ``callback_override``: where it is called whatever it says itself.
    """

    key: int
    tenant: str
    identity: str
    registration: RegistrationStatus = "Accepted"
    strictness: Strictness | None = None
    default_version: str | None = None
    version: str | None = None
    info: StationInfo = StationInfo()
    boot_reason: str | None = None
    booted_at: datetime | None = None
    created_at: datetime
    connected_at: datetime | None = None
    last_seen_at: datetime | None = None
    disconnected_at: datetime | None = None
    skew_s: float | None = None
    callback: Callback = Callback()
    callback_override: str | None = None
    generation: int = 0
    password_hash: str | None = None
    party_id: str | None = None
    name: str | None = None

    @property
    def is_connected(self) -> bool:
        if self.connected_at is None:
            return False
        return self.disconnected_at is None or self.disconnected_at < self.connected_at

    @property
    def ref(self) -> StationRef:
        return StationRef(self.tenant, self.identity)


class StationState(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The aggregate that a session holds. Frozen: a decision makes the next one, which counts once it is committed."""

    station: Station
    connectors: Mapping[Place, Connector] = {}
    open: Mapping[str, Transaction] = {}
    """Transactions under way, by wire id."""
    eids: Mapping[Place, str] = {}
    """What roaming partners call the EVSEs."""
    learned: Mapping[str, str] = {}
    """What we go by when we speak to it, learned from what it sends and answers: ``can:NAME`` for a capability (yes or
    no), ``most:NAME`` for a limit (a whole number); see StationFacts. Other names belong to the blocks."""
    der: DERState = DERState()
    """The DER controls of its inverter."""
    swaps: tuple[Swap, ...] = ()
    """Its newest battery swaps, oldest first."""
    streams: Streams = {}
    """Its periodic event streams, by its own numbers."""
    watched: Watched = Watched()
    """Its monitors, and the alarms that are open."""
    messages: Messages = Messages()
    """What stands on its display."""

    reports: Mapping[ReportAddress, OpenReport] = {}
    """Reports under way. Only here until their first part is stored or their command is answered."""

    inquiries: Inquiries = Inquiries()
    """Logs and customers' data that it was asked for lately."""

    updates: tuple[FirmwareUpdate, ...] = ()
    """Its newest firmware updates, oldest first; the last ones that are over too."""
    publications: tuple[Publication, ...] = ()
    """Its newest publications of firmware, oldest first."""

    local_list: LocalListState | None = None
    """None: nothing was ever to do with it."""
    registers: Registers = {}
    """What each EVSE's meter is compared with when its next transaction begins."""
    reservations: tuple[Reservation, ...] = ()
    """Those for which it may be keeping a place, oldest first."""

    @property
    def key(self) -> int:
        return self.station.key

    @property
    def tenant(self) -> str:
        return self.station.tenant

    @property
    def abilities(self) -> Abilities:
        """What can be said to it, and by it, in the version that it spoke last."""
        return abilities_of(self.station.version)

    def eid(self, evse_id: int, connector_id: int | None) -> str | None:
        """The EVSE id of a Connector: its own, or that of its EVSE as a whole."""
        return self.eids.get((evse_id, connector_id or 0)) or self.eids.get((evse_id, 0))

    def facts(self, version: str) -> StationFacts:
        """What a dialect must know of it, as the CSMS sees it."""
        learned = self.learned
        can = frozenset(name[4:] for name, said in learned.items() if name[:4] == "can:" and said == "yes")
        return StationFacts(
            version=version,
            role="csms",
            capabilities=can if abilities_of(version).has_security_messages else can - {SECURITY_EXTENSION},
            limits={name[5:]: int(said) for name, said in learned.items() if name[:5] == "most:" and said.isdecimal()},
        )

    def with_learned(self, told: "Mapping[str, str]") -> "StationState":
        return msgspec.structs.replace(self, learned={**self.learned, **told})

    def with_reports(self, reports: Mapping[ReportAddress, OpenReport]) -> "StationState":
        return msgspec.structs.replace(self, reports=reports)

    def with_update(self, update: FirmwareUpdate) -> "StationState":
        """With a firmware update that is new, or has changed."""
        others = [known for known in self.updates if known.key != update.key]
        newest = sorted([*others, update], key=lambda known: known.key)[-MAX_UPDATES:]
        return msgspec.structs.replace(self, updates=tuple(newest))

    def with_publication(self, publication: Publication) -> "StationState":
        """With a publication of firmware that is new, or has changed."""
        others = [known for known in self.publications if known.key != publication.key]
        newest = sorted([*others, publication], key=lambda known: known.key)[-MAX_UPDATES:]
        return msgspec.structs.replace(self, publications=tuple(newest))

    def with_connector(self, connector: Connector) -> "StationState":
        place = (connector.evse_id, connector.connector_id)
        return msgspec.structs.replace(self, connectors={**self.connectors, place: connector})

    def with_transaction(self, transaction: Transaction) -> "StationState":
        wire_id = transaction.wire_id
        others = dict(self.open)
        if transaction.is_open:
            others[wire_id] = transaction
        elif wire_id in others and others[wire_id].key == transaction.key:
            del others[wire_id]
        return msgspec.structs.replace(self, open=others)
