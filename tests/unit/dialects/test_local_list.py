"""D01, D02 in every version: there and back, and in as many calls as the station takes."""

from datetime import UTC, datetime

import pytest

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import NoAnswer, Unattributable, Unsupported
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import IdToken
from stationmaster.domain.local_list.entries import (
    GetLocalListVersion,
    ListEntry,
    LocalListVersion,
    SendLocalList,
    SendLocalListAnswer,
)
from stationmaster.domain.messages import CommandAnswer, IdTokenInfo
from stationmaster.ocpp import codec
from stationmaster.ocpp.v16 import lenient as wire_16
from stationmaster.ocpp.v21 import lenient as wire_21
from stationmaster.ocpp.version import JSON_VERSIONS, Version

UNTIL = datetime(2027, 1, 1, tzinfo=UTC)
versions = pytest.mark.parametrize("version", JSON_VERSIONS, ids=str)


def entries(version, count=1):
    kind, group_kind = (None, None) if version is Version.V16 else ("ISO14443", "Central")
    info = IdTokenInfo(status="Accepted", cache_expiry=UNTIL, group=IdToken("FLEET", group_kind))
    return tuple(ListEntry(IdToken(f"T{number}", kind), info) for number in range(count))


class Exchange:
    """A row at work: what it sends as the station reads it, and what becomes of the answers."""

    def __init__(self, version, request, **facts):
        self.version = version
        self.facts = StationFacts(version=str(version), **facts)
        self.row = dialect_for(version).outgoing[type(request)](self.facts, request)
        self.result = None
        self.sent = []
        self._take(lambda: next(self.row))

    def answer(self, answer):
        if isinstance(answer, NoAnswer):
            self._take(lambda: self.row.send(answer))
            return
        incoming = dialect_for(self.version).incoming[self.action]
        raw = codec.write_response(self.version, self.action, incoming.write(self.facts, self.sent[-1], answer))
        self._take(lambda: self.row.send(codec.read_response(self.version, self.action, raw).message))

    def _take(self, step):
        try:
            call = step()
        except StopIteration as done:
            self.result = done.value
            return
        self.action = call.action
        raw = codec.write_request(self.version, call.action, call.message)
        read = codec.read_request(self.version, call.action, raw).message
        self.sent.append(dialect_for(self.version).incoming[call.action].read(self.facts, read))


OK = CommandAnswer(status="Accepted")


@versions
@pytest.mark.parametrize("update", ["Full", "Differential"])
def test_a_list_arrives_as_it_was_sent(version, update):
    request = SendLocalList(update=update, version=7, entries=entries(version))
    exchange = Exchange(version, request)
    assert exchange.sent == [request]
    exchange.answer(OK)
    assert exchange.result == SendLocalListAnswer(status="Accepted", version=7, sent=1, of=1)


@versions
def test_an_entry_without_info_takes_a_token_off(version):
    gone = ListEntry(entries(version)[0].id_token)
    exchange = Exchange(version, SendLocalList(update="Differential", version=7, entries=(gone,)))
    assert exchange.sent[0].entries == (gone,)


@versions
def test_an_empty_list_is_one_call(version):
    exchange = Exchange(version, SendLocalList(update="Full", version=7))
    exchange.answer(OK)
    assert (len(exchange.sent), exchange.result.version) == (1, 7)


@versions
def test_D01_FR_03_a_list_too_long_is_full_first_and_differential_then(version):
    request = SendLocalList(update="Full", version=7, entries=entries(version, 5))
    exchange = Exchange(version, request, limits={"items:SendLocalList": 2})
    for _ in range(3):
        exchange.answer(OK)
    assert [(sent.update, sent.version, len(sent.entries)) for sent in exchange.sent] == [
        ("Full", 7, 2),
        ("Differential", 8, 2),
        ("Differential", 9, 1),
    ]
    assert exchange.result == SendLocalListAnswer(status="Accepted", version=9, sent=3, of=3)


@versions
def test_D01_FR_11_no_call_is_longer_than_the_station_takes(version):
    request = SendLocalList(update="Full", version=1, entries=entries(version, 40))
    exchange = Exchange(version, request, limits={"items:SendLocalList": 100, "bytes:SendLocalList": 1200})
    while exchange.result is None:
        exchange.answer(OK)
    assert 40 > len(exchange.sent) > 1
    assert sum(len(sent.entries) for sent in exchange.sent) == 40


@versions
def test_a_portion_that_was_too_much_is_halved_and_keeps_its_version(version):
    exchange = Exchange(version, SendLocalList(update="Full", version=7, entries=entries(version, 4)))
    exchange.answer(NoAnswer("OccurrenceConstraintViolation", "too many"))
    for _ in range(2):
        exchange.answer(OK)
    assert [(sent.update, sent.version, len(sent.entries)) for sent in exchange.sent] == [
        ("Full", 7, 4),
        ("Full", 7, 2),
        ("Differential", 8, 2),
    ]
    assert exchange.result.version == 8


@versions
@pytest.mark.parametrize("status", ["Failed", "VersionMismatch"])
def test_what_is_refused_in_between_ends_it_with_how_far_it_came(version, status):
    request = SendLocalList(update="Full", version=7, entries=entries(version, 5))
    exchange = Exchange(version, request, limits={"items:SendLocalList": 2})
    exchange.answer(OK)
    exchange.answer(CommandAnswer(status=status))
    told = exchange.result
    assert (told.status, told.version, told.sent, told.of) == (status, 7, 1, 3)


@versions
def test_silence_in_between_ends_it_with_how_far_it_came(version):
    request = SendLocalList(update="Full", version=7, entries=entries(version, 5))
    exchange = Exchange(version, request, limits={"items:SendLocalList": 2})
    exchange.answer(OK)
    exchange.answer(NoAnswer(None, "no answer in time"))
    told = exchange.result
    assert (told.status, told.version, told.info) == ("Failed", 7, "not answered: no answer in time")


@versions
def test_silence_to_the_first_call_is_its_failure(version):
    exchange = Exchange(version, SendLocalList(update="Full", version=7))
    with pytest.raises(TimeoutError):
        exchange.answer(NoAnswer(None, "no answer in time", TimeoutError()))


@versions
def test_a_version_is_told(version):
    exchange = Exchange(version, GetLocalListVersion())
    exchange.answer(LocalListVersion(version=12))
    assert exchange.result == LocalListVersion(version=12)


@pytest.mark.parametrize(("version", "told"), [(Version.V16, -1), (Version.V201, 0)], ids=str)
def test_a_station_without_lists_says_so_as_its_version_can(version, told):
    exchange = Exchange(version, GetLocalListVersion())
    exchange.answer(LocalListVersion(version=-1))
    assert exchange.result == LocalListVersion(version=told)


def test_1_6_tells_a_list_that_is_not_supported():
    exchange = Exchange(Version.V16, SendLocalList(update="Full", version=1))
    exchange.answer(CommandAnswer(status="NotSupported"))
    assert exchange.result.status == "NotSupported"


def test_1_6_carries_no_token_of_more_than_20_characters_and_nothing_is_sent():
    long = (*entries(Version.V16), ListEntry(IdToken("x" * 21), IdTokenInfo(status="Accepted")))
    with pytest.raises(Unsupported, match="20 characters"):
        Exchange(Version.V16, SendLocalList(update="Full", version=1, entries=long))


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (Version.V16, wire_16.SendLocalListRequest(update_type="Full")),
        (Version.V16, wire_16.SendLocalListRequest(list_version=1)),
        (
            Version.V16,
            wire_16.SendLocalListRequest(
                list_version=1, update_type="Full", local_authorization_list=(wire_16.AuthorizationData(),)
            ),
        ),
        (Version.V201, wire_21.SendLocalListRequest(update_type="Full")),
        (Version.V201, wire_21.SendLocalListRequest(version_number=1)),
        (
            Version.V201,
            wire_21.SendLocalListRequest(
                version_number=1, update_type="Full", local_authorization_list=(wire_21.AuthorizationData(),)
            ),
        ),
    ],
    ids=str,
)
def test_a_list_that_lacks_what_it_needs_cannot_be_read(version, message):
    with pytest.raises(Unattributable):
        dialect_for(version).incoming["SendLocalList"].read(StationFacts(version=str(version)), message)
