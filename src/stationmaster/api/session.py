"""Signing in and out, and who is asking."""

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from typing import Annotated

import msgspec
from litestar import Response, Router, delete, get, post, put
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from stationmaster.api.http.origin import admits_other_origin
from stationmaster.api.http.parameters import MAX_INT64
from stationmaster.api.http.problems import ProblemError, conflict, invalid, not_found
from stationmaster.api.http.resources import JsonResponse, address_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.http.session_cookie import cleared_cookie, session_cookie
from stationmaster.csms.people.desk import ChangedMeanwhile
from stationmaster.csms.people.sign_in import Attempt, NotLetIn, TooManyTries
from stationmaster.domain.identity import DEFAULT_TENANT
from stationmaster.domain.people.person import CallerKind, Person, Session
from stationmaster.domain.people.roles import Role
from stationmaster.security.person_passwords import Busy, objection

_MAX_AGENT = 200
SessionKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64)]
Tried = Annotated[str, Meta(min_length=1, max_length=1000)]


class SignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=100, examples=["admin"])]
    password: Tried
    tenant: Annotated[str, Meta(min_length=1, max_length=48)] = DEFAULT_TENANT


class PasswordChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    old: Tried
    new: Tried


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """``expires_at``: when the session ends if nothing is done any more."""

    name: str
    role: Role
    tenant: str
    expires_at: datetime


class SessionResource(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking: a person by a session, or a program by an API key.

    Of a session, ``expires_at`` is when it ends if nothing is done any more, which is after ``idle_s`` seconds, and
    ``ends_at`` when it ends in any case.
    """

    kind: CallerKind
    key: int
    name: str
    display_name: str
    role: Role
    tenant: str
    expires_at: datetime | None
    ends_at: datetime | None
    idle_s: int | None


class OwnSession(msgspec.Struct, frozen=True, kw_only=True):
    """``agent``: the browser, as it calls itself. ``is_this``: the one that asks."""

    key: int
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    address: str
    agent: str
    is_this: bool


@post("/", summary="Sign in", security=[])
async def sign_in(request: ApiRequest, data: JSONBody[SignIn]) -> Response[SignedIn]:
    """The session is in the cookie alone: HttpOnly, SameSite=Strict, and Secure where the request came by TLS. An
    unknown name, a wrong password and a disabled person are refused in the same words; after some wrong tries, for a
    name or from an address, further ones have to wait."""
    if admits_other_origin(request.headers):
        raise ProblemError(403, "Only this site itself can sign a browser in.")
    attempt = Attempt(
        tenant=data.tenant,
        name=data.name,
        password=data.password,
        address=address_of(request.scope),
        agent=request.headers.get("user-agent", "")[:_MAX_AGENT],
        method=request.method,
        path=request.url.path,
    )
    try:
        session, token = await request.services.sign_in.sign_in(attempt)
    except NotLetIn:
        raise ProblemError(401, "Nobody of this name signs in with this password.", kind="not-let-in") from None
    except TooManyTries as slowed:
        raise slow_down(slowed) from None
    except Busy:
        raise busy() from None
    sessions, now = request.services.people.sessions, request.services.clock.now()
    cookie = session_cookie(request, token, now, session.expires_at)
    answer = shaped(SignedIn, session, expires_at=sessions.ends_at(session))
    return JsonResponse(answer, cookies=[cookie])


@get("/", summary="Who is asking, and until when")
async def get_session(request: ApiRequest) -> SessionResource:
    caller, sessions = request.caller, request.services.people.sessions
    session = sessions.of_caller(caller)
    if session is None:
        return shaped(SessionResource, caller, display_name="", expires_at=None, ends_at=None, idle_s=None)
    person = await request.queries.person(caller.tenant, caller.key)
    return shaped(
        SessionResource,
        caller,
        display_name=person.display_name if person else "",
        expires_at=sessions.ends_at(session),
        ends_at=session.expires_at,
        idle_s=int(sessions.terms.idle.total_seconds()),
    )


@delete("/", summary="Sign out")
async def end_session(request: ApiRequest) -> Response[None]:
    await request.services.people.sessions.end(_own(request))
    return Response(None, status_code=204, cookies=[cleared_cookie(request)])


@put("/password", summary="Change one's own password", status_code=204)
async def change_own_password(request: ApiRequest, data: JSONBody[PasswordChange]) -> Response[None]:
    """All sessions of the person end, this one too. The new password has 12 to 200 characters."""
    session = _own(request)
    person = await _person(request, session)
    if wrong := objection(data.new, person.name):
        raise invalid("body.new", wrong)
    try:
        is_right = await request.services.sign_in.check(person, data.old, address_of(request.scope))
        if not is_right:
            raise invalid("body.old", "it is not the password")
        people, checked = request.services.people, person.password_hash
        await people.set_password(person.tenant, person.key, data.new, only_if=checked)
    except ChangedMeanwhile:
        told = "Somebody else changed this person at the same moment. The new password was not taken."
        raise conflict("changed-meanwhile", told) from None
    except TooManyTries as slowed:
        raise slow_down(slowed) from None
    except Busy:
        raise busy() from None
    return Response(None, status_code=204, cookies=[cleared_cookie(request)])


@get("/all", summary="One's own sessions, the newest first")
async def list_own_sessions(request: ApiRequest) -> Sequence[OwnSession]:
    """An API key has none."""
    own, sessions = request.caller.session_key, request.services.people.sessions
    theirs = () if own is None else sessions.of_person(request.caller.key)
    return [
        shaped(OwnSession, session, is_this=session.key == own, expires_at=sessions.ends_at(session))
        for session in theirs
    ]


@delete("/all/{session_key:int}", summary="End one of one's own sessions")
async def end_own_session(request: ApiRequest, session_key: SessionKey) -> None:
    sessions = request.services.people.sessions
    theirs = sessions.of_person(_own(request).person_key)
    found = next((session for session in theirs if session.key == session_key), None)
    if found is None:
        raise not_found("session")
    await sessions.end(found)


def _own(request: ApiRequest) -> Session:
    session = request.services.people.sessions.of_caller(request.caller)
    if session is None:
        raise conflict("no-session", "This is for people who are signed in; an API key has no session.")
    return session


async def _person(request: ApiRequest, session: Session) -> Person:
    person = await request.queries.person(session.tenant, session.person_key)
    if person is None:
        raise not_found("person")
    return person


def slow_down(slowed: TooManyTries) -> ProblemError:
    seconds = max(1, ceil(slowed.wait_s))
    told = f"Too many wrong passwords. Try again in {seconds} s."
    return ProblemError(429, told, kind="too-many-tries", headers={"Retry-After": str(seconds)})


def busy() -> ProblemError:
    return ProblemError(503, "Too many people sign in at once. Try again.", headers={"Retry-After": "2"})


session_router = Router(
    "/session",
    route_handlers=[
        sign_in,
        get_session,
        end_session,
        change_own_password,
        list_own_sessions,
        end_own_session,
    ],
    tags=["People"],
)
