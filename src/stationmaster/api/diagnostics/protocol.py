"""What OCPP's messages look like, by version: what the frames of the message log are read beside."""

from decimal import Decimal
from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import PathParameter

from stationmaster.api.http.problems import not_found
from stationmaster.api.http.resources import shaped
from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.shapes import FieldShape, FieldType, MessageShape, message_shape
from stationmaster.ocpp.version import VERSIONS, Version

WireVersion = Annotated[str, PathParameter(max_length=5, description="As the wire spells it, such as 2.0.1.")]
ActionName = Annotated[str, PathParameter(max_length=50, description="Such as BootNotification.")]


class ProtocolField(msgspec.Struct, frozen=True, kw_only=True):
    """One field, named as on the wire. ``many``: a list of such values, of ``min_items`` to ``max_items``. ``object``:
    the name of the object that it is. ``values``: all that it may be; empty: no choice. ``max_length`` is in
    characters."""

    name: str
    type: FieldType
    many: bool
    required: bool
    object: str | None
    values: tuple[str, ...]
    at_least: Decimal | None
    at_most: Decimal | None
    multiple_of: Decimal | None
    max_length: int | None
    min_items: int | None
    max_items: int | None


class ProtocolObject(msgspec.Struct, frozen=True, kw_only=True):
    """``closed``: it has no other members than these."""

    name: str
    closed: bool
    fields: tuple[ProtocolField, ...]


class ProtocolMessage(msgspec.Struct, frozen=True, kw_only=True):
    """``sender``: station, csms or both. ``request`` and ``response`` are names in ``objects``; ``response`` null: it
    is sent without being answered."""

    version: str
    action: str
    sender: str
    request: str
    response: str | None
    objects: tuple[ProtocolObject, ...]


class ProtocolAction(msgspec.Struct, frozen=True, kw_only=True):
    """``sender``: station, csms or both. ``answered`` false: it is sent without being answered."""

    action: str
    sender: str
    answered: bool


class ProtocolActions(msgspec.Struct, frozen=True, kw_only=True):
    version: str
    actions: tuple[ProtocolAction, ...]


@get("/{version:str}", summary="The messages of a version of OCPP, by name")
async def list_protocol_actions(version: WireVersion) -> ProtocolActions:
    known = messages(_known(version))
    actions = [ProtocolAction(action=name, sender=each.sender, answered=not each.send) for name, each in known.items()]
    return ProtocolActions(version=version, actions=tuple(sorted(actions, key=lambda each: each.action)))


@get("/{version:str}/{action:str}", summary="The fields of a message of a version of OCPP")
async def get_protocol_message(version: WireVersion, action: ActionName) -> ProtocolMessage:
    """As the version's schema has them, which is what is checked of what stations send."""
    spoken = _known(version)
    if action not in messages(spoken):
        raise not_found("message of this version")
    return _resource(message_shape(spoken, action))


def _known(version: str) -> Version:
    if version not in VERSIONS:
        raise not_found("version")
    return Version(version)


def _resource(shape: MessageShape) -> ProtocolMessage:
    objects = [
        ProtocolObject(name=each.name, closed=each.closed, fields=tuple(map(protocol_field, each.fields)))
        for each in shape.objects
    ]
    return shaped(ProtocolMessage, shape, objects=tuple(objects))


def protocol_field(field: FieldShape) -> ProtocolField:
    return shaped(ProtocolField, field)


protocol_router = Router("/protocol", route_handlers=[list_protocol_actions, get_protocol_message], tags=["Messages"])
