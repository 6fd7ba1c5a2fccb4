"""Raw calls, for integrators: any message of the station's own version, checked against its schema first."""

from difflib import get_close_matches
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, post
from litestar.params import JSONBody
from msgspec import Meta

from stationmaster.api.commands.commands import location, waited
from stationmaster.api.http.parameters import MAX_WAIT_S, StationKey
from stationmaster.api.http.problems import FieldError, ProblemError, conflict, invalid
from stationmaster.api.http.resources import JsonResponse
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.csms.commands.kinds import RawCall
from stationmaster.domain.command import ANSWERED, Command, CommandState
from stationmaster.ocpp.codec import SchemaViolation, read_native
from stationmaster.ocpp.messages import Sender, messages
from stationmaster.ocpp.version import VERSIONS, Version


class CallDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``payload`` is the request as the wire of the station's version has it; for SOAP, what is inside the body's
    element as JSON. ``wait``: seconds for the answer."""

    action: Annotated[
        str,
        Meta(pattern=r"^[A-Za-z0-9]{1,36}\Z", description="Letters and digits, at most 36", examples=["GetVariables"]),
    ]
    payload: dict[str, Any] = msgspec.field(default_factory=dict)
    wait: Annotated[float, Meta(ge=0, le=MAX_WAIT_S)] = 30


class CallOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """``answer`` is the response's payload; ``error`` says why there is none (CALLERROR, no answer in time, ...). Both
    are null while the call is under way: the command tells the rest."""

    command: int
    state: CommandState
    answer: dict[str, Any] | None
    error: str | None


@post("/{station_key:int}/calls", summary="Send a station a message of its own version")
async def call_station(
    request: ApiRequest, station_key: StationKey, data: JSONBody[CallDraft]
) -> Response[CallOutcome]:
    station = await known_station(request, station_key)
    check_call(station.version, data.action, data.payload)
    if not station.is_connected:
        raise conflict("not-connected", "The station is not connected.")
    command = await request.services.commands.submit(
        request.tenant,
        station_key,
        RawCall(action=data.action, payload=data.payload, version=station.version),
        requested_by=request.caller.name,
    )
    command = await waited(request, command, data.wait)
    return JsonResponse(_outcome(command), headers={"Location": location(command)})


def check_call(spoken: str | None, action: str, payload: dict[str, Any]) -> None:
    """Raises a ProblemError of 422 unless the CSMS may send this to a station that speaks the version."""
    if spoken is None or spoken not in VERSIONS:
        raise conflict("version-unknown", "The station has not yet connected with a version that is known here.")
    version = Version(spoken)
    known = messages(version)
    if action not in known:
        raise invalid("body.action", _unknown(version, action))
    if known[action].sender is Sender.STATION:
        raise invalid("body.action", f"{action} is sent by stations, not to them")
    if known[action].send:
        raise invalid("body.action", f"{action} goes without an answer and is no call")
    try:
        read_native(version, action, msgspec.json.encode(payload))
    except SchemaViolation as refused:
        found = refused.violation
        raise ProblemError(
            422,
            f"The payload is no {action} of OCPP {version}.",
            kind="schema-violation",
            errors=[FieldError(f"body.payload{found.path.removeprefix('$')}", found.detail)],
        ) from None


def _unknown(version: Version, action: str) -> str:
    ours = [name for name, message in messages(version).items() if message.sender is not Sender.STATION]
    lower = {name.lower(): name for name in ours}
    close = [lower[name] for name in get_close_matches(action.lower(), lower, n=3)]
    meant = f"; did you mean {', '.join(close)}?" if close else ""
    return f"OCPP {version} has no action {action}{meant}"


def _outcome(command: Command) -> CallOutcome:
    failed = command.state in ANSWERED and command.answer is None
    return CallOutcome(
        command=command.key,
        state=command.state,
        answer=command.answer,
        error=(command.detail or command.state) if failed else None,
    )


calls_router = Router("/stations", route_handlers=[call_station], tags=["Commands"])
