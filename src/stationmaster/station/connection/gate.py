"""What the CSMS may ask of a station before it has accepted it (B02, B03)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from stationmaster.domain.firmware.updates import UpdateFirmware
from stationmaster.domain.messages import (
    Answer,
    CommandAnswer,
    RegistrationStatus,
    Request,
    RequestStartAnswer,
    RequestStartTransaction,
    RequestStopTransaction,
)
from stationmaster.ocpp.errors import ErrorKind, OCPPError
from stationmaster.station.ports import TooMany
from stationmaster.station.settings import Configuration

Handler = Callable[[Any], Awaitable[Answer]]

_NOT_WHILE_PENDING: Mapping[type[Request], Answer] = {
    RequestStartTransaction: RequestStartAnswer(status="Rejected"),
    RequestStopTransaction: CommandAnswer(status="Rejected"),
}


def guarded(
    handlers: Mapping[type[Request], Handler], status: Callable[[], RegistrationStatus | None]
) -> dict[type[Request], Handler]:
    """The handlers, each behind the rules of registration."""
    return {kind: _guard(kind, handler, status) for kind, handler in handlers.items()}


def signed_if_wanted(handler: Handler, configuration: Configuration) -> Handler:
    """1.6's plain firmware update is not supported by a station that takes signed firmware only (security white paper,
    L01.FR.20)."""

    async def update(request: UpdateFirmware) -> Answer:
        if request.request_id is None and configuration.now.firmware_signed_only:
            raise OCPPError(ErrorKind.NOT_SUPPORTED, "signed firmware only")
        return await handler(request)

    return update


def if_reckoned(handler: Handler, configuration: Configuration) -> Handler:
    """I07.FR.01, I11.FR.01: a station whose local cost calculation is switched off does not know these messages."""

    async def reckoned(request: Any) -> Answer:
        if not configuration.now.tariff_enabled:
            raise OCPPError(ErrorKind.NOT_SUPPORTED, "TariffCostCtrlr.Enabled[Tariff] is false")
        return await handler(request)

    return reckoned


def _guard(kind: type[Request], handler: Handler, status: Callable[[], RegistrationStatus | None]) -> Handler:
    async def guard(request: Any) -> Answer:
        registration = status()
        if registration in (None, "Rejected"):  # B03.FR.08
            raise OCPPError(ErrorKind.SECURITY, "the station has not been accepted")
        if registration == "Pending" and kind in _NOT_WHILE_PENDING:  # B02.FR.05
            return _NOT_WHILE_PENDING[kind]
        try:
            return await handler(request)
        except TooMany as too_many:  # B06.FR.16, B08.FR.17, N04.FR.09
            raise OCPPError(ErrorKind.OCCURRENCE, str(too_many)) from too_many

    return guard
