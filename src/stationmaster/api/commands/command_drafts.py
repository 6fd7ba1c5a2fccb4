"""Commands as a client writes them: one shape for each, told apart by ``type``."""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

from stationmaster.api.authorization.tokens import Group, TokenType, Value
from stationmaster.api.commands.data_transfer_drafts import DataTransferCommand
from stationmaster.api.commands.device_model_drafts import (
    GetBaseReportCommand,
    GetReportCommand,
    GetVariablesCommand,
    SetVariablesCommand,
)
from stationmaster.api.commands.diagnostics_drafts import GetLogCommand
from stationmaster.api.commands.display_drafts import (
    ClearDisplayMessageCommand,
    GetDisplayMessagesCommand,
    SetDisplayMessageCommand,
)
from stationmaster.api.commands.draft import Draft
from stationmaster.api.commands.limit_draft import LimitDraft
from stationmaster.api.commands.local_list_drafts import GetLocalListVersionCommand, SendLocalListCommand
from stationmaster.api.commands.monitoring_drafts import (
    ClearVariableMonitoringCommand,
    GetMonitoringReportCommand,
    SetMonitoringBaseCommand,
    SetMonitoringLevelCommand,
    SetVariableMonitoringCommand,
)
from stationmaster.api.commands.tariff_command_drafts import (
    ChangeTransactionTariffCommand,
    ClearTariffsCommand,
    GetTariffsCommand,
    SetDefaultTariffCommand,
)
from stationmaster.api.http.parameters import MAX_INT64, ConnectorId, EvseId
from stationmaster.domain.authorization.clear_cache import ClearCache
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import (
    ChangeAvailability,
    Request,
    RequestStartTransaction,
    Reset,
    TriggerMessage,
    UnlockConnector,
)
from stationmaster.domain.payment.payments import NotifyWebPaymentStarted


class IdTokenDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    value: Value
    type: TokenType | None = None


class RequestStartTransactionCommand(Draft, frozen=True, kw_only=True, tag="RequestStartTransaction"):
    """F01, F02. ``charging_profile``: a TxProfile in 2.x's own shape. ``limit``: how far the transaction may go; a
    station of 2.1 is told once it has begun, of any other the transaction is stopped."""

    id_token: IdTokenDraft
    evse_id: EvseId | None = None
    connector_id: ConnectorId | None = None
    group: Group | None = None
    charging_profile: dict[str, Any] | None = None
    limit: LimitDraft | None = None

    def request(self) -> Request:
        return RequestStartTransaction(
            id_token=IdToken(self.id_token.value, self.id_token.type),
            remote_start_id=0,  # the command desk draws one
            evse=_place(self.evse_id, self.connector_id),
            group=None if self.group is None else IdToken(self.group, "Central"),
            charging_profile=self.charging_profile,
            limit=None if self.limit is None else self.limit.limit(),
        )


class RequestStopTransactionCommand(Draft, frozen=True, kw_only=True, tag="RequestStopTransaction"):
    """F03. The transaction by our key (preferred), or by its id on the wire."""

    transaction: Annotated[int, Meta(ge=1, le=MAX_INT64)] | None = None
    transaction_id: Annotated[str, Meta(min_length=1, max_length=36)] | None = None


class GetTransactionStatusCommand(Draft, frozen=True, kw_only=True, tag="GetTransactionStatus"):
    """E14. Names a transaction as RequestStopTransaction does; without one it is about all of the station's."""

    transaction: Annotated[int, Meta(ge=1, le=MAX_INT64)] | None = None
    transaction_id: Annotated[str, Meta(min_length=1, max_length=36)] | None = None


class CostUpdatedCommand(Draft, frozen=True, kw_only=True, tag="CostUpdated"):
    """I02: tell the station what a transaction, by our key, costs by now."""

    transaction: Annotated[int, Meta(ge=1, le=MAX_INT64)]


class UsePriorityChargingCommand(Draft, frozen=True, kw_only=True, tag="UsePriorityCharging"):
    """K21 (2.1). Names a transaction as RequestStopTransaction does."""

    transaction: Annotated[int, Meta(ge=1, le=MAX_INT64)] | None = None
    transaction_id: Annotated[str, Meta(min_length=1, max_length=36)] | None = None
    activate: bool


class NotifyWebPaymentStartedCommand(Draft, frozen=True, kw_only=True, tag="NotifyWebPaymentStarted"):
    """C25 (2.1): hold an EVSE, 0 means all, for a payment that another system takes; with 0 seconds let it go again.
    A payment that is opened by /web-payments sees to it by itself."""

    evse_id: EvseId
    timeout_s: Annotated[int, Meta(ge=0, le=3600)]

    def request(self) -> Request:
        return NotifyWebPaymentStarted(evse_id=self.evse_id, timeout_s=self.timeout_s)


class ClearCacheCommand(Draft, frozen=True, kw_only=True, tag="ClearCache"):
    """C11."""

    def request(self) -> Request:
        return ClearCache()


class UnlockConnectorCommand(Draft, frozen=True, kw_only=True, tag="UnlockConnector"):
    """F05."""

    evse_id: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    connector_id: ConnectorId = 1

    def request(self) -> Request:
        return UnlockConnector(evse=Evse(self.evse_id, self.connector_id))


class ResetCommand(Draft, frozen=True, kw_only=True, tag="Reset"):
    """B11, B12. Immediate is 1.6's Hard, OnIdle its Soft."""

    reset_type: Literal["Immediate", "OnIdle", "ImmediateAndResume"]
    evse_id: EvseId | None = None

    def request(self) -> Request:
        return Reset(type=self.reset_type, evse_id=self.evse_id)


class TriggerMessageCommand(Draft, frozen=True, kw_only=True, tag="TriggerMessage"):
    """F06. ``requested`` is spelled as in 2.x."""

    requested: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9]{1,50}\Z",
            description="Letters and digits, at most 50",
            examples=["StatusNotification"],
        ),
    ]
    evse_id: EvseId | None = None
    connector_id: ConnectorId | None = None
    custom: Annotated[str, Meta(min_length=1, max_length=50)] | None = None

    def request(self) -> Request:
        place = _place(self.evse_id, self.connector_id)
        return TriggerMessage(requested=self.requested, evse=place, custom=self.custom)


class ChangeAvailabilityCommand(Draft, frozen=True, kw_only=True, tag="ChangeAvailability"):
    """G03, G04. Without ``evse_id``: the whole station."""

    operative: bool
    evse_id: EvseId | None = None
    connector_id: ConnectorId | None = None

    def request(self) -> Request:
        return ChangeAvailability(operative=self.operative, evse=_place(self.evse_id, self.connector_id))


PlainDraft: TypeAlias = (
    RequestStartTransactionCommand
    | NotifyWebPaymentStartedCommand
    | ClearCacheCommand
    | UnlockConnectorCommand
    | ResetCommand
    | TriggerMessageCommand
    | ChangeAvailabilityCommand
    | DataTransferCommand
    | GetLogCommand
    | SetVariableMonitoringCommand
    | ClearVariableMonitoringCommand
    | SetMonitoringBaseCommand
    | SetMonitoringLevelCommand
    | GetMonitoringReportCommand
    | GetVariablesCommand
    | SetVariablesCommand
    | GetBaseReportCommand
    | GetReportCommand
    | SetDisplayMessageCommand
    | GetDisplayMessagesCommand
    | ClearDisplayMessageCommand
    | GetLocalListVersionCommand
    | GetTariffsCommand
    | ClearTariffsCommand
)
CommandDraft: TypeAlias = (
    PlainDraft
    | RequestStopTransactionCommand
    | GetTransactionStatusCommand
    | UsePriorityChargingCommand
    | SendLocalListCommand
    | CostUpdatedCommand
    | SetDefaultTariffCommand
    | ChangeTransactionTariffCommand
)


def _place(evse_id: int | None, connector_id: int | None) -> Evse | None:
    return None if evse_id is None else Evse(evse_id, connector_id)
