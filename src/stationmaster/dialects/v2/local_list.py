"""D Local authorization list in 2.x."""

from collections.abc import Mapping

import msgspec

from stationmaster.dialects.list_portions import send_in_portions
from stationmaster.dialects.table import Exchange, Incoming, Outgoing, Unattributable, one_call
from stationmaster.dialects.v2.parts import (
    read_answer,
    read_info,
    read_token,
    write_info,
    write_status_info,
    write_token,
)
from stationmaster.dialects.words import words
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.local_list.entries import (
    NO_LIST,
    GetLocalListVersion,
    ListEntry,
    LocalListVersion,
    SendLocalList,
    Update,
)
from stationmaster.domain.messages import CommandAnswer, Request
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_UPDATES: Mapping[str, Update] = words(Update)
_STATUSES: Mapping[str, v21.SendLocalListStatusEnumType] = words(v21.SendLocalListStatusEnumType)


def read_send(facts: StationFacts, message: wire.SendLocalListRequest) -> SendLocalList:
    update = _UPDATES.get(message.update_type or "")
    if update is None:
        raise Unattributable("updateType")
    if message.version_number is None:
        raise Unattributable("versionNumber")
    entries = tuple([_read_entry(entry) for entry in message.local_authorization_list])
    return SendLocalList(update=update, version=message.version_number, entries=entries)


def _read_entry(entry: wire.AuthorizationData) -> ListEntry:
    id_token = read_token(entry.id_token)
    if id_token is None:
        raise Unattributable("localAuthorizationList.idToken")
    return ListEntry(id_token, None if entry.id_token_info is None else read_info(entry.id_token_info))


def write_send_answer(facts: StationFacts, request: SendLocalList, answer: CommandAnswer) -> v21.SendLocalListResponse:
    return v21.SendLocalListResponse(
        status=_STATUSES.get(answer.status, "Failed"), status_info=write_status_info(answer)
    )


def send(facts: StationFacts, request: SendLocalList) -> Exchange:
    def call(update: Update, version: int, portion: tuple[ListEntry, ...]) -> v21.SendLocalListRequest:
        return v21.SendLocalListRequest(
            version_number=version,
            update_type=update,
            local_authorization_list=tuple([_write_entry(entry) for entry in portion]),
        )

    return send_in_portions(
        facts,
        request,
        lambda entry: len(msgspec.json.encode(_write_entry(entry))),
        call,
        lambda response: read_answer(facts, request, response),
    )


def _write_entry(entry: ListEntry) -> v21.AuthorizationData:
    return v21.AuthorizationData(
        id_token=write_token(entry.id_token), id_token_info=None if entry.info is None else write_info(entry.info)
    )


def read_version(facts: StationFacts, message: wire.GetLocalListVersionRequest) -> GetLocalListVersion:
    return GetLocalListVersion()


def write_version(
    facts: StationFacts, request: GetLocalListVersion, answer: LocalListVersion
) -> v21.GetLocalListVersionResponse:
    """2.x has no word for a station without lists: it has none (D02.FR.02, .03)."""
    return v21.GetLocalListVersionResponse(version_number=max(answer.version, NO_LIST))


def ask_version(facts: StationFacts, request: GetLocalListVersion) -> v21.GetLocalListVersionRequest:
    return v21.GetLocalListVersionRequest()


def read_version_answer(
    facts: StationFacts, request: GetLocalListVersion, answer: wire.GetLocalListVersionResponse
) -> LocalListVersion:
    """A station that says nothing is taken to have no list: it gets a whole one then."""
    return LocalListVersion(version=NO_LIST if answer.version_number is None else answer.version_number)


INCOMING: Mapping[str, Incoming] = {
    "SendLocalList": Incoming(read_send, write_send_answer),
    "GetLocalListVersion": Incoming(read_version, write_version),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    SendLocalList: send,
    GetLocalListVersion: one_call("GetLocalListVersion", ask_version, read_version_answer),
}
