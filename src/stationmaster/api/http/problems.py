"""Errors as RFC 9457 problem documents, whatever went wrong and wherever."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from stationmaster.api.http.wire_names import Parameter, parameters_of
from stationmaster.api.http.wording import one_of, worded
from stationmaster.csms.operations import AddressRefused, AlreadyThere
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.queries import InvalidCursor
from stationmaster.ocpp.wording import in_words

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
PLAIN = "about:blank"
_KIND = "urn:stationmaster:problem:"
_MAX_DETAIL = 500
_NO_BODY = "'data'"
"""What the framework says when there is none."""
_MISSING = re.compile(r"Missing required (?P<source>\w+) parameter '(?P<name>[^']+)'")


class FieldError(msgspec.Struct, frozen=True):
    """``path`` names the place as the client wrote it: ``body.id_token.value``, ``query.limit``, ``path.station_key``
    or ``header.Last-Event-ID``. In the payload of a raw call it goes on as the wire does."""

    path: str
    detail: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457. ``type`` is about:blank where the status says it all."""

    type: str = PLAIN
    title: str
    status: int
    detail: str
    instance: str
    errors: tuple[FieldError, ...] = ()


class ProblemError(Exception):
    """A request that cannot be served, in words for whoever sent it."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.kind = kind
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


def not_found(what: str) -> ProblemError:
    return ProblemError(404, f"There is no such {what}.")


def conflict(kind: str, detail: str) -> ProblemError:
    return ProblemError(409, detail, kind=kind)


def invalid(path: str, detail: str) -> ProblemError:
    return ProblemError(422, "The request is not valid.", errors=(FieldError(path, detail[:_MAX_DETAIL]),))


def invalid_body(annotation: Any, body: Any, error: msgspec.ValidationError) -> ProblemError:
    """``annotation``: the type that the body should have."""
    path, detail = worded(annotation, body, error)
    return invalid(f"body{path}", detail)


def on_problem(request: Request[Any, Any, Any], error: ProblemError) -> Response[Problem]:
    kind = PLAIN if error.kind is None else _KIND + error.kind
    return _response(request, error.status, error.detail, kind=kind, errors=error.errors, headers=error.headers)


def on_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """What the framework refuses by itself: no such path or method, a body that is no JSON or too big."""
    if isinstance(error, ValidationException):
        return on_problem(request, ProblemError(422, "The request is not valid.", errors=_field_errors(request, error)))
    if error.status_code >= 500:
        return on_unexpected(request, error)
    detail = _DETAILS.get(error.status_code) or error.detail[:_MAX_DETAIL]
    return _response(request, error.status_code, detail, headers=error.headers)


def on_invalid_cursor(request: Request[Any, Any, Any], error: InvalidCursor) -> Response[Problem]:
    return on_problem(request, invalid("query.cursor", f"{error}: take next_cursor of the same query's last page"))


def on_already_there(request: Request[Any, Any, Any], error: AlreadyThere) -> Response[Problem]:
    return on_problem(request, conflict("already-there", f"There is a station {error} already."))


def on_address_refused(request: Request[Any, Any, Any], error: AddressRefused) -> Response[Problem]:
    return on_problem(request, invalid("body.callback_override", str(error)))


def on_storage_failed(request: Request[Any, Any, Any], error: StorageFailed) -> Response[Problem]:
    log.error("not stored", path=request.url.path, reason=str(error))
    return on_problem(request, ProblemError(503, "It could not be stored. Try again.", headers={"Retry-After": "5"}))


def on_recursion(request: Request[Any, Any, Any], _: RecursionError) -> Response[Problem]:
    return on_problem(request, ProblemError(400, "The body is nested too deeply."))


def on_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Logged with all that is known of it; told without."""
    log.error("request failed", method=request.method, path=request.url.path, exc_info=error)
    return _response(request, 500, "Something went wrong here; it has been logged.")


HANDLERS: dict[int | type[Exception], Any] = {
    ProblemError: on_problem,
    HTTPException: on_http,
    InvalidCursor: on_invalid_cursor,
    AlreadyThere: on_already_there,
    AddressRefused: on_address_refused,
    StorageFailed: on_storage_failed,
    RecursionError: on_recursion,
    Exception: on_unexpected,
}

_DETAILS = {
    404: "There is nothing at this path. Keys in a path are whole numbers.",
    405: "This path does not have that method.",
    413: "The body is too long.",
}


def _response(
    request: Request[Any, Any, Any],
    status: int,
    detail: str,
    *,
    kind: str = PLAIN,
    errors: tuple[FieldError, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response[Problem]:
    problem = Problem(
        type=kind,
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=request.url.path,
        errors=errors,
    )
    return Response(problem, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def _field_errors(request: Request[Any, Any, Any], error: ValidationException) -> tuple[FieldError, ...]:
    """What the framework says of parameters, which it names as the code does, and of a body that is not there."""
    missing = _MISSING.match(error.detail)
    if missing is not None:
        return (FieldError(f"{missing['source']}.{missing['name']}", "it is needed"),)
    found = []
    known = parameters_of(request.route_handler)
    for entry in error.extra if isinstance(error.extra, list) else ():
        detail = str(entry.get("message", ""))
        if detail == _NO_BODY:
            found.append(FieldError("body", "a JSON body is needed"))
        else:
            parameter = known.get(entry.get("key", ""))
            found.append(FieldError(parameter.path if parameter else "request", _said_of(parameter, detail)))
    return tuple(found) or (FieldError("request", error.detail[:_MAX_DETAIL]),)


def _said_of(parameter: Parameter | None, detail: str) -> str:
    choices = one_of(parameter.annotation) if parameter is not None and detail.startswith("Invalid enum") else None
    return (choices or in_words(detail))[:_MAX_DETAIL]
