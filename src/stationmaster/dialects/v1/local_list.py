"""D Local authorization list in 1.6 (§5.10, §5.15)."""

from collections.abc import Mapping

import msgspec

from stationmaster.dialects.list_portions import send_in_portions
from stationmaster.dialects.table import Exchange, Incoming, Outgoing, Unattributable, one_call
from stationmaster.dialects.v1.statuses import read_answer
from stationmaster.dialects.v1.tokens import read_info, read_token, write_info, write_token
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
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

_UPDATES: Mapping[str, Update] = words(Update)
_STATUSES: Mapping[str, v16.UpdateStatus] = words(v16.UpdateStatus)


def read_send(facts: StationFacts, message: wire.SendLocalListRequest) -> SendLocalList:
    update = _UPDATES.get(message.update_type or "")
    if update is None:
        raise Unattributable("updateType")
    if message.list_version is None:
        raise Unattributable("listVersion")
    entries = tuple([_read_entry(entry) for entry in message.local_authorization_list])
    return SendLocalList(update=update, version=message.list_version, entries=entries)


def _read_entry(entry: wire.AuthorizationData) -> ListEntry:
    id_token = read_token(entry.id_tag)
    if id_token is None:
        raise Unattributable("localAuthorizationList.idTag")
    return ListEntry(id_token, None if entry.id_tag_info is None else read_info(entry.id_tag_info))


def write_send_answer(facts: StationFacts, request: SendLocalList, answer: CommandAnswer) -> v16.SendLocalListResponse:
    return v16.SendLocalListResponse(status=_STATUSES.get(answer.status, "Failed"))


def send(facts: StationFacts, request: SendLocalList) -> Exchange:
    """Every token is written before the first call: what was sent could not be taken back."""
    written = {entry.name: _write_entry(entry) for entry in request.entries}

    def call(update: Update, version: int, portion: tuple[ListEntry, ...]) -> v16.SendLocalListRequest:
        return v16.SendLocalListRequest(
            list_version=version,
            update_type=update,
            local_authorization_list=tuple([written[entry.name] for entry in portion]),
        )

    return send_in_portions(
        facts,
        request,
        lambda entry: len(msgspec.json.encode(written[entry.name])),
        call,
        lambda response: read_answer(facts, request, response),
    )


def _write_entry(entry: ListEntry) -> v16.AuthorizationData:
    return v16.AuthorizationData(
        id_tag=write_token(entry.id_token), id_tag_info=None if entry.info is None else write_info(entry.info)
    )


def read_version(facts: StationFacts, message: wire.GetLocalListVersionRequest) -> GetLocalListVersion:
    return GetLocalListVersion()


def write_version(
    facts: StationFacts, request: GetLocalListVersion, answer: LocalListVersion
) -> v16.GetLocalListVersionResponse:
    return v16.GetLocalListVersionResponse(list_version=answer.version)


def ask_version(facts: StationFacts, request: GetLocalListVersion) -> v16.GetLocalListVersionRequest:
    return v16.GetLocalListVersionRequest()


def read_version_answer(
    facts: StationFacts, request: GetLocalListVersion, answer: wire.GetLocalListVersionResponse
) -> LocalListVersion:
    """A station that says nothing is taken to have no list: it gets a whole one then."""
    return LocalListVersion(version=NO_LIST if answer.list_version is None else answer.list_version)


INCOMING: Mapping[str, Incoming] = {
    "SendLocalList": Incoming(read_send, write_send_answer),
    "GetLocalListVersion": Incoming(read_version, write_version),
}
OUTGOING: Mapping[type[Request], Outgoing] = {
    SendLocalList: send,
    GetLocalListVersion: one_call("GetLocalListVersion", ask_version, read_version_answer),
}
