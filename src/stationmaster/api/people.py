"""The people who may sign in."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, delete, get, patch, post
from litestar.params import JSONBody, PathParameter
from msgspec import UNSET, Meta, UnsetType

from stationmaster.api.http.parameters import MAX_INT64, Paging
from stationmaster.api.http.problems import ProblemError, conflict, invalid, not_found
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.session import busy
from stationmaster.csms.people.desk import ChangedMeanwhile, LastAdministrator, NameTaken
from stationmaster.domain.people.person import Person
from stationmaster.domain.people.roles import Role
from stationmaster.security.person_passwords import Busy, new_password, objection

PersonKey = Annotated[int, PathParameter(ge=1, le=MAX_INT64)]
Login = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+\-]{0,99}\Z",
        description="What the person signs in with: 1 to 100 of A-Z, a-z, 0-9 and . _ @ + - (any case is the same).",
        examples=["jo.miller"],
    ),
]
DisplayName = Annotated[str, Meta(max_length=200)]
Password = Annotated[str, Meta(min_length=1, max_length=1000, description="12 to 200 characters.")]


class PersonDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``role``: viewers read, operators also act, administrators also manage people and keys. Without ``password`` one
    is made, which the answer holds this once."""

    name: Login
    role: Role
    display_name: DisplayName = ""
    password: Password | None = None


class PersonChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is left out stays. ``disabled``: the person may not sign in."""

    role: Role | UnsetType = UNSET
    display_name: DisplayName | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET


class PersonResource(msgspec.Struct, frozen=True, kw_only=True):
    """``sessions``: how many the person has at the moment."""

    key: int
    name: str
    display_name: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None
    last_sign_in_at: datetime | None
    sessions: int


class PersonAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``password`` is set where one was made: it can be read this once."""

    person: PersonResource
    password: str | None = None


@get("/", summary="The people of the tenant, by name")
async def list_people(request: ApiRequest, page: Paging) -> PageOf[PersonResource]:
    found = await request.queries.people(request.tenant, page)
    return page_of(found, lambda person: _resource(request, person))


@post("/", summary="Let somebody in")
async def create_person(request: ApiRequest, data: JSONBody[PersonDraft]) -> Response[PersonAnswer]:
    made = new_password() if data.password is None else None
    if data.password is not None and (wrong := objection(data.password, data.name)):
        raise invalid("body.password", wrong)
    try:
        person = await request.services.people.create(
            request.tenant, data.name, data.role, data.password or made or "", data.display_name
        )
    except NameTaken:
        raise conflict("already-there", f"There is somebody of the name {data.name} already.") from None
    except Busy:
        raise busy() from None
    answer = PersonAnswer(person=_resource(request, person), password=made)
    return JsonResponse(answer, headers={"Location": f"/api/v1/people/{person.key}"})


@get("/{person_key:int}", summary="One person")
async def get_person(request: ApiRequest, person_key: PersonKey) -> PersonResource:
    return _resource(request, await _known(request, person_key))


@patch("/{person_key:int}", summary="Change what a person may do")
async def change_person(request: ApiRequest, person_key: PersonKey, data: JSONBody[PersonChange]) -> PersonResource:
    """A change of the role, and disabling, end all sessions of the person. The last administrator who may sign in can
    neither be disabled nor made anything else."""
    person = await _known(request, person_key)
    fields: dict[str, Any] = {
        name: value for name in ("role", "display_name") if (value := getattr(data, name)) is not UNSET
    }
    if data.disabled is not UNSET:
        fields["disabled_at"] = (person.disabled_at or request.services.clock.now()) if data.disabled else None
    try:
        changed = await request.services.people.change(request.tenant, person_key, **fields)
    except (LastAdministrator, ChangedMeanwhile) as refused:
        raise _refused(refused) from None
    return _resource(request, changed or person)


@post("/{person_key:int}/password", summary="Give a person a new password", status_code=200)
async def reset_password(request: ApiRequest, person_key: PersonKey) -> PersonAnswer:
    """It is made here, and can be read this once. All sessions of the person end."""
    person = await _known(request, person_key)
    password = new_password()
    try:
        changed = await request.services.people.set_password(request.tenant, person_key, password)
    except (LastAdministrator, ChangedMeanwhile) as refused:
        raise _refused(refused) from None
    except Busy:
        raise busy() from None
    return PersonAnswer(person=_resource(request, changed or person), password=password)


@delete("/{person_key:int}/sessions", summary="Sign a person out everywhere")
async def end_sessions_of_person(request: ApiRequest, person_key: PersonKey) -> None:
    await request.services.people.end_sessions(await _known(request, person_key))


async def _known(request: ApiRequest, person_key: int) -> Person:
    person = await request.queries.person(request.tenant, person_key)
    if person is None:
        raise not_found("person")
    return person


def _resource(request: ApiRequest, person: Person) -> PersonResource:
    return shaped(PersonResource, person, sessions=len(request.services.people.sessions.of_person(person.key)))


def _refused(refused: LastAdministrator | ChangedMeanwhile) -> ProblemError:
    if isinstance(refused, LastAdministrator):
        return conflict("last-administrator", "Without this person nobody could manage the others.")
    return conflict("changed-meanwhile", "Somebody else changed this person at the same moment. Try again.")


people_router = Router(
    "/people",
    route_handlers=[list_people, create_person, get_person, change_person, reset_password, end_sessions_of_person],
    tags=["People"],
)
