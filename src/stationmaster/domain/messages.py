"""What stations and CSMS say to each other, without a version.

The names and values are OCPP 2.x's, as it is the superset; a dialect turns each version's messages into these
and back. One request struct and one answer struct for each exchange.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

from stationmaster.domain.cost.cost_details import CostDetails
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.metering.values import MeterValue
from stationmaster.domain.texts import Text
from stationmaster.domain.transactions.limits import TransactionLimit

RegistrationStatus = Literal["Accepted", "Pending", "Rejected"]
ConnectorStatus = Literal["Available", "Occupied", "Reserved", "Unavailable", "Faulted"]
ChargingState = Literal["Charging", "EVConnected", "SuspendedEV", "SuspendedEVSE", "Idle"]
EventType = Literal["Started", "Updated", "Ended"]
AuthorizationStatus = Literal[
    "Accepted",
    "Blocked",
    "ConcurrentTx",
    "Expired",
    "Invalid",
    "NoCredit",
    "NotAllowedTypeEVSE",
    "NotAtThisLocation",
    "NotAtThisTime",
    "Unknown",
]


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Base of everything that one side asks or tells the other.

    Frozen trees hold no cycles, so the garbage collector need not follow them; there may be many.
    """


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Base of everything that is said back."""


class Acknowledged(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """The answer that carries nothing."""


ACKNOWLEDGED = Acknowledged()


# ── B Provisioning ──────────────────────────────────────────────────────────────────────────────────────────────


class StationInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a station says of itself when it boots."""

    vendor: str = ""
    model: str = ""
    serial_number: str | None = None
    firmware_version: str | None = None
    iccid: str | None = None
    imsi: str | None = None
    meter_type: str | None = None
    meter_serial_number: str | None = None
    box_serial_number: str | None = None


class BootNotification(Request, frozen=True, kw_only=True, omit_defaults=True):
    """B01. ``reason`` is PowerUp where the version gives none (1.x)."""

    station: StationInfo
    reason: str = "PowerUp"


class BootAnswer(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """``interval_s``: heartbeat interval when Accepted, else the wait before the next try (0: the station's choice)."""

    status: RegistrationStatus
    current_time: datetime
    interval_s: int


class Heartbeat(Request, frozen=True, kw_only=True, omit_defaults=True):
    """G02."""


class HeartbeatAnswer(Answer, frozen=True, kw_only=True, omit_defaults=True):
    current_time: datetime


# ── G Availability ──────────────────────────────────────────────────────────────────────────────────────────────


class StatusNotification(Request, frozen=True, kw_only=True, omit_defaults=True):
    """G01. ``evse.id`` 0 is the whole station (1.6 connector 0).

    ``charging_state`` is what 1.6's nine states say beyond Occupied (Preparing is EVConnected, Finishing is Idle);
    ``finishing`` tells Finishing from Preparing.
    """

    evse: Evse
    status: ConnectorStatus
    timestamp: datetime | None = None
    charging_state: ChargingState | None = None
    finishing: bool = False
    error_code: str | None = None
    info: str | None = None
    vendor_id: str | None = None
    vendor_error_code: str | None = None


class EventData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event of a component's variable (N07)."""

    event_id: int
    timestamp: datetime | None
    trigger: str
    component: str
    variable: str
    actual_value: str
    evse: Evse | None = None
    component_instance: str | None = None
    variable_instance: str | None = None
    notification_type: str | None = None
    severity: int | None = None
    cause: int | None = None
    cleared: bool = False
    tech_code: str | None = None
    tech_info: str | None = None
    monitoring_id: int | None = None
    transaction_id: str | None = None


class NotifyEvent(Request, frozen=True, kw_only=True, omit_defaults=True):
    """N07; 2.1's form of connector status is the variable Connector.AvailabilityState (G01)."""

    events: tuple[EventData, ...]
    generated_at: datetime | None = None
    seq_no: int = 0
    to_be_continued: bool = False


class ChangeAvailability(Request, frozen=True, kw_only=True, omit_defaults=True):
    """G03, G04. ``evse`` None: the whole station."""

    operative: bool
    evse: Evse | None = None


class CommandAnswer(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """A status word of the specification (Accepted, Rejected, Scheduled, ...) with its reason, where one was given."""

    status: str
    reason: str | None = None
    info: str | None = None


# ── C Authorization ─────────────────────────────────────────────────────────────────────────────────────────────


class IdTokenInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the CSMS says of a token. ``language2`` is the second choice, and none without a first.
    ``personal_message``: a text for its driver (2.x), about the tariff for one (I01)."""

    status: AuthorizationStatus
    cache_expiry: datetime | None = None
    group: IdToken | None = None
    charging_priority: int | None = None
    language: str | None = None
    language2: str | None = None
    evse_ids: tuple[int, ...] = ()
    personal_message: Text | None = None


class Authorize(Request, frozen=True, kw_only=True, omit_defaults=True):
    """C01. ``certificate`` and ``certificate_hashes`` are passed on whole (C07)."""

    id_token: IdToken
    certificate: str | None = None
    certificate_hashes: tuple[dict[str, Any], ...] = ()


class AuthorizeAnswer(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """``tariff``: the driver's own, for a station that reckons by itself (2.1, I08). ``tariff_fault``: why the one that
    came cannot be read."""

    id_token_info: IdTokenInfo
    certificate_status: str | None = None
    tariff: Tariff | None = None
    tariff_fault: str | None = None


# ── E Transactions, J Meter values ──────────────────────────────────────────────────────────────────────────────


class TransactionEvent(Request, frozen=True, kw_only=True, omit_defaults=True):
    """E01-E15, and 1.6's StartTransaction (Started) and StopTransaction (Ended).

    ``transaction_id`` is the wire's: None in a 1.6 start, as the CSMS gives it in the answer; ``-1`` where a 1.6
    station never learned it. ``seq_no`` is None in 1.6. ``meter_wh`` is 1.6's meterStart or meterStop. ``limit`` is the
    one that the station keeps to, told when it changes (2.1, E16.FR.01). ``tariff_id``: the tariff by which the station
    reckons from now on (2.1, I07.FR.32). ``cost``: what it comes to by the station's own reckoning (2.1, I12).
    """

    event_type: EventType
    timestamp: datetime
    trigger_reason: str
    transaction_id: str | None = None
    seq_no: int | None = None
    evse: Evse | None = None
    id_token: IdToken | None = None
    charging_state: ChargingState | None = None
    stopped_reason: str | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    time_spent_charging_s: int | None = None
    phases_used: int | None = None
    cable_max_current_a: int | None = None
    offline: bool = False
    meter_wh: int | None = None
    meter_values: tuple[MeterValue, ...] = ()
    limit: TransactionLimit | None = None
    tariff_id: str | None = None
    cost: CostDetails | None = None


class TransactionAnswer(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """``transaction_id`` is set when the CSMS gives the id (1.6 StartTransaction). ``total_cost`` in the tariff's
    currency, taxes included; with ``updated_personal_message`` a text about it (2.x, I02, I03, I06). ``limit``: how far
    the transaction may go (2.1, E16.FR.02).
    """

    id_token_info: IdTokenInfo | None = None
    transaction_id: str | None = None
    total_cost: Decimal | None = None
    charging_priority: int | None = None
    updated_personal_message: Text | None = None
    limit: TransactionLimit | None = None


NOTHING_TO_ADD = TransactionAnswer()
"""To an event that needs no word about its token, its cost or its id: nearly every one."""


class MeterValues(Request, frozen=True, kw_only=True, omit_defaults=True):
    """J01, and 1.6's MeterValues inside a transaction (``transaction_id`` set)."""

    evse: Evse
    meter_values: tuple[MeterValue, ...]
    transaction_id: str | None = None


# ── F Remote control ────────────────────────────────────────────────────────────────────────────────────────────


class RequestStartTransaction(Request, frozen=True, kw_only=True, omit_defaults=True):
    """F01, F02. ``charging_profile`` is a TxProfile in the wire's 2.x shape, passed on whole. ``limit`` does not go out
    with it: it is told once the transaction has begun (E16.FR.02)."""

    id_token: IdToken
    remote_start_id: int
    evse: Evse | None = None
    group: IdToken | None = None
    charging_profile: dict[str, Any] | None = None
    limit: TransactionLimit | None = None


class RequestStartAnswer(CommandAnswer, frozen=True, kw_only=True, omit_defaults=True):
    """``transaction_id``: the transaction that was already under way without authorization (F01.FR.13)."""

    transaction_id: str | None = None


class RequestStopTransaction(Request, frozen=True, kw_only=True, omit_defaults=True):
    """F03. ``transaction_id`` is the wire's."""

    transaction_id: str


class UnlockConnector(Request, frozen=True, kw_only=True, omit_defaults=True):
    """F05. Status: Unlocked, UnlockFailed, OngoingAuthorizedTransaction, UnknownConnector; of
    1.6 NotSupported, which may be either of no lock and no such connector."""

    evse: Evse


class Reset(Request, frozen=True, kw_only=True, omit_defaults=True):
    """B11, B12. ``type``: Immediate (1.6 Hard) or OnIdle (1.6 Soft)."""

    type: Literal["Immediate", "OnIdle", "ImmediateAndResume"]
    evse_id: int | None = None


class TriggerMessage(Request, frozen=True, kw_only=True, omit_defaults=True):
    """F06. ``requested`` is spelled as in 2.x (LogStatusNotification, SignChargingStationCertificate, ...).
    ``extended``: asked by the message of 1.6's security extension."""

    requested: str
    evse: Evse | None = None
    custom: str | None = None
    extended: bool = False
