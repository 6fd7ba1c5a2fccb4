"""What the CSMS may ask of a station before it has accepted it (B02, B03)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

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


def _guard(kind: type[Request], handler: Handler, status: Callable[[], RegistrationStatus | None]) -> Handler:
    async def guard(request: Any) -> Answer:
        registration = status()
        if registration in (None, "Rejected"):  # B03.FR.08
            raise OCPPError(ErrorKind.SECURITY, "the station has not been accepted")
        if registration == "Pending" and kind in _NOT_WHILE_PENDING:  # B02.FR.05
            return _NOT_WHILE_PENDING[kind]
        return await handler(request)

    return guard
