"""Calls in SOAP from end to end: our envelopes, a network in memory, and whoever answers at its other end."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from stationmaster.clock.virtual import run_virtual
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.messages import (
    Authorize,
    AuthorizeAnswer,
    CommandAnswer,
    Heartbeat,
    HeartbeatAnswer,
    IdTokenInfo,
    UnlockConnector,
)
from stationmaster.ocpp.errors import ErrorKind, OCPPError
from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.envelope import Refused, read_request
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import SOAP_VERSIONS, Version
from stationmaster.session.failures import (
    AnswerUnreadable,
    CallRefused,
    CallTimedOut,
    ConnectionLost,
    Unreachable,
)
from stationmaster.session.later import Later
from stationmaster.session.session import Side
from stationmaster.session.soap_calls import Places, SoapCalls, Voice
from stationmaster.session.soap_exchange import answered, refused
from stationmaster.session.soap_session import MAX_WAITING, SoapSession
from stationmaster.session.watch import Unwatched
from stationmaster.transport.errors import Unreached
from stationmaster.transport.memory_http import MemoryHttp
from stationmaster.transport.soap_path import any_path
from stationmaster.transport.soap_server import SoapReply, SoapRequest, SoapRoute

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HERE, THERE = "csms.test", "station.test"
UNLOCK = UnlockConnector(evse=Evse(1, 1))


class Recorded(Unwatched):
    def __init__(self) -> None:
        self.frames: list[tuple[str, str | None]] = []
        self.oddities: list[str] = []

    def frame(self, direction: str, data: bytes, action: str | None, message_id: str | None) -> None:
        self.frames.append((direction, action))
        assert data.startswith(b"<")

    def oddity(self, kind: str, action: str | None, detail: str) -> None:
        self.oddities.append(kind)


class Ends:
    """A CSMS and a station that post to each other."""

    def __init__(self, version: Version, *, strict: bool = False) -> None:
        self.network = MemoryHttp()
        self.watch = Recorded()
        self.strict = strict
        self.address: str | None = f"http://{THERE}/"
        self.sent: list[SoapRequest] = []
        self.says: Callable[[SoapRequest], Awaitable[SoapReply]] | None = None
        self.later: list[Later] = []
        self.heard = 0
        self.unlocks = 0
        service = SERVICES[version]
        self.csms = self._session(version, "csms", {Heartbeat: self._beat, Authorize: self._authorize})
        self.station = self._session(version, "station", {UnlockConnector: self._unlock})
        self.csms_calls = self._calls(self.csms, Voice(service=service, sender=Sender.CSMS, identity="CP-1"))
        self.network.serve(HERE, SoapRoute(self._at_csms))
        self.network.serve(THERE, SoapRoute(self._at_station, place_of=any_path))
        self.station_calls = SoapCalls(
            Voice(service=service, sender=Sender.STATION, identity="CP-1"),
            Places(theirs=lambda: f"http://{HERE}/soap", ours=lambda: self.address),
            self.network.client(),
            Unwatched(),
        )
        self.station._calls = self.station_calls

    def _session(self, version, role, handlers) -> SoapSession:
        facts = StationFacts(version=str(version), role=role)
        side = Side(facts=lambda: facts, handlers=handlers, clock=None, timeout_s=30.0)  # type: ignore[arg-type]
        return SoapSession(version, side, None)  # type: ignore[arg-type]

    def _calls(self, session: SoapSession, voice: Voice) -> SoapCalls:
        places = Places(theirs=lambda: self.address, ours=lambda: f"http://{HERE}/soap", heard=self._heard)
        calls = session._calls = SoapCalls(voice, places, self.network.client(), self.watch)
        return calls

    def _heard(self) -> None:
        self.heard += 1

    def _beat(self, _: Heartbeat) -> HeartbeatAnswer:
        return HeartbeatAnswer(current_time=NOW)

    def _authorize(self, _: Authorize) -> Later:
        self.later.append(Later())
        return self.later[-1]

    def _unlock(self, _: UnlockConnector) -> CommandAnswer:
        self.unlocks += 1
        return CommandAnswer(status="Unlocked")

    async def _at_csms(self, posted: SoapRequest) -> SoapReply:
        return await self._answer(posted, Sender.STATION, self.csms)

    async def _at_station(self, posted: SoapRequest) -> SoapReply:
        self.sent.append(posted)
        return await (self.says(posted) if self.says else self._answer(posted, Sender.CSMS, self.station))

    async def _answer(self, posted: SoapRequest, sender: Sender, session: SoapSession) -> SoapReply:
        try:
            request = read_request(posted.body, sender, charset=posted.charset, http_action=posted.http_action)
        except Refused as refusal:
            sent = refused(refusal.reply, refusal.fault)
        else:
            sent = await answered(session, request, Unwatched(), strict=self.strict)
        wait = {} if sent.retry_after_s is None else {"Retry-After": str(sent.retry_after_s)}
        return SoapReply(status=sent.status, body=sent.body, headers={"Content-Type": sent.content_type, **wait})


async def turn() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


def says(status: int, body: bytes = b"", **headers: str) -> Callable[[SoapRequest], Awaitable[SoapReply]]:
    async def answer(_: SoapRequest) -> SoapReply:
        return SoapReply(status=status, body=body, headers=headers)

    return answer


@pytest.mark.parametrize("version", SOAP_VERSIONS)
async def test_a_command_goes_to_where_the_station_listens_and_its_answer_comes_back(version: Version) -> None:
    ends = Ends(version)
    assert await ends.csms.perform(UNLOCK) == CommandAnswer(status="Unlocked")
    assert ends.watch.frames == [("out", "UnlockConnector"), ("in", "UnlockConnector")]
    assert (ends.heard, ends.unlocks, ends.watch.oddities) == (1, 1, [])


@pytest.mark.parametrize("version", SOAP_VERSIONS)
async def test_a_station_s_call_is_answered(version: Version) -> None:
    ends = Ends(version, strict=True)
    assert await ends.station.perform(Heartbeat()) == HeartbeatAnswer(current_time=NOW)


async def test_an_answer_that_takes_its_time_is_waited_for() -> None:
    ends = Ends(Version.V15)
    asking = asyncio.create_task(ends.station.perform(Authorize(id_token=IdToken("CARD"))))
    await turn()
    ends.later[0].settle(AuthorizeAnswer(id_token_info=IdTokenInfo(status="Accepted")))
    answer = await asking
    assert isinstance(answer, AuthorizeAnswer)
    assert answer.id_token_info.status == "Accepted"


async def test_a_fault_is_a_refusal_with_its_sub_code_for_a_code() -> None:
    ends = Ends(Version.V16S)
    asking = asyncio.create_task(ends.station.perform(Authorize(id_token=IdToken("CARD"))))
    await turn()
    ends.later[0].settle(OCPPError(ErrorKind.SECURITY, "not before it was accepted"))
    with pytest.raises(CallRefused, match="not before it was accepted") as refusal:
        await asking
    assert refusal.value.code == "SecurityError"


async def test_a_station_that_sends_too_many_at_once_is_told_to_come_again() -> None:
    ends = Ends(Version.V15)
    body = b'{"idTag":"CARD"}'
    waiting = [asyncio.create_task(ends.station_calls.call("Authorize", body, 30)) for _ in range(MAX_WAITING + 2)]
    await turn()
    over = [task for task in waiting if task.done()]
    assert len(over) == 1
    with pytest.raises(CallRefused, match="too many messages"):
        over[0].result()
    for _ in range(MAX_WAITING + 1):
        await turn()
        ends.later[-1].settle(AuthorizeAnswer(id_token_info=IdTokenInfo(status="Accepted")))
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_nobody_is_called_whose_address_nobody_knows() -> None:
    ends = Ends(Version.V15)
    ends.address = None
    with pytest.raises(Unreachable, match="nobody knows where it listens"):
        await ends.csms.ready()


async def test_a_station_that_cannot_be_reached_is_known_before_anything_is_sent() -> None:
    ends = Ends(Version.V15)
    ends.network.refuse(THERE)
    with pytest.raises(Unreachable):
        await ends.csms.ready()
    ends.network.restore(THERE)
    await ends.csms.ready()
    await ends.csms.ready()
    assert await ends.csms.perform(UNLOCK) == CommandAnswer(status="Unlocked")
    ends.address = "http://other.test/"
    with pytest.raises(Unreachable):
        await ends.csms.perform(UNLOCK)


class HangsUp:
    """A client whose first connections are over by the time that somebody posts on them."""

    def __init__(self, client, times: int) -> None:
        self.client = client
        self.times = times
        self.asked_fresh: list[bool] = []

    async def connect(self, address: str, *, fresh: bool = False):
        self.asked_fresh.append(fresh)
        return self if len(self.asked_fresh) <= self.times else await self.client.connect(address, fresh=fresh)

    async def post(self, *_):
        raise Unreached("it hung up before anything was sent")

    def close(self) -> None: ...


async def test_a_connection_that_was_kept_for_too_long_is_made_anew() -> None:
    ends = Ends(Version.V15)
    hangs_up = ends.csms_calls._client = HangsUp(ends.network.client(), 1)
    assert await ends.csms.perform(UNLOCK) == CommandAnswer(status="Unlocked")
    assert (hangs_up.asked_fresh, ends.unlocks) == ([True, True], 1)


async def test_who_hangs_up_again_and_again_cannot_be_reached() -> None:
    ends = Ends(Version.V15)
    hangs_up = ends.csms_calls._client = HangsUp(ends.network.client(), 9)
    with pytest.raises(Unreachable, match="hung up"):
        await ends.csms.perform(UNLOCK)
    assert (len(hangs_up.asked_fresh), ends.unlocks) == (2, 0)


def test_no_answer_in_time_is_told_as_such() -> None:
    async def run() -> None:
        ends = Ends(Version.V15)
        ends.network.delay(THERE, back_s=60)
        with pytest.raises(CallTimedOut):
            await ends.csms.perform(UNLOCK, timeout_s=5)
        assert ends.unlocks == 1

    run_virtual(run())


def test_what_must_not_be_done_twice_is_not_repeated_when_its_answer_is_lost() -> None:
    async def run() -> int:
        ends = Ends(Version.V15)
        ends.network.delay(THERE, back_s=2)
        asking = asyncio.create_task(ends.csms.perform(UNLOCK))
        await asyncio.sleep(1)
        ends.network.cut(THERE)
        with pytest.raises(ConnectionLost) as lost:
            await asking
        assert lost.value.sent
        return ends.unlocks

    assert run_virtual(run()) == 1


def test_what_may_be_said_twice_is_repeated_once() -> None:
    async def run() -> bytes:
        ends = Ends(Version.V15)
        ends.network.delay(HERE, back_s=2)
        asking = asyncio.create_task(ends.station_calls.call("Heartbeat", b"{}", 30))
        await asyncio.sleep(1)
        ends.network.cut(HERE)
        await asyncio.sleep(0)
        return await asking

    assert run_virtual(run()) == b'{"currentTime":"2026-03-01T00:00:00Z"}'


@pytest.mark.parametrize(
    ("answer", "kind", "why"),
    [
        (says(500, b"oops"), CallRefused, "HTTP status 500 and no SOAP: is the address right"),
        (says(404), CallRefused, "HTTP status 404 and no SOAP: is the address right"),
        (says(401), CallRefused, "HTTP status 401 and no SOAP: is the password right"),
        (says(200, b"hello"), AnswerUnreadable, "no XML document.: is the address right"),
        (says(200, b"<a/>"), AnswerUnreadable, "no SOAP envelope.: is the address right"),
        (says(200), AnswerUnreadable, "no answer in SOAP"),
    ],
)
async def test_what_is_no_envelope_is_no_answer(answer, kind, why) -> None:
    ends = Ends(Version.V16S)
    ends.says = answer
    with pytest.raises(kind, match=why):
        await ends.csms.perform(UNLOCK)


async def test_an_answer_in_another_charset_is_read() -> None:
    ends = Ends(Version.V15)
    text = (
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>'
        '<unlockConnectorResponse xmlns="urn://Ocpp/Cp/2012/06/"><status>Accepted</status><!-- ü -->'
        "</unlockConnectorResponse></e:Body></e:Envelope>"
    )
    ends.says = says(200, text.encode("latin-1"), **{"Content-Type": 'application/soap+xml; charset="iso-8859-1"'})
    assert await ends.csms.perform(UNLOCK) == CommandAnswer(status="Unlocked")
