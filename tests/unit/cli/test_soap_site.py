"""The SOAP side of stations, over real sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest

from stationmaster.cli.called_at import CalledAt
from stationmaster.cli.errors import CommandFailed
from stationmaster.cli.soap_site import SoapSite, soap_site
from stationmaster.clock.wall import WallClock
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import CommandAnswer, UnlockConnector
from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap import writing
from stationmaster.ocpp.soap.payload import to_element
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import Version
from stationmaster.session.session import Side
from stationmaster.station.connection.lines import SoapWay
from stationmaster.station.connection.network import THE_ONE_CSMS
from stationmaster.transport.http_server import serve_http
from stationmaster.transport.soap_server import SoapReply, SoapRequest, SoapRoute

SOAP = {"Content-Type": "application/soap+xml; charset=utf-8"}
V15 = SERVICES[Version.V15]


@pytest.fixture
async def site() -> AsyncIterator[SoapSite]:
    async with soap_site(CalledAt()) as made:
        yield made


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


def unlock(identity: str) -> bytes:
    body = to_element(V15, "UnlockConnector", False, b'{"connectorId":1}', V15.cp_ns)
    headers = writing.request_headers("UnlockConnector", "urn:uuid:1", "http://post.test/", None)
    return writing.write_request(V15, body, identity, headers)


def side() -> Side:
    def answer(_: UnlockConnector) -> CommandAnswer:
        return CommandAnswer(status="Unlocked")

    facts = StationFacts(version="1.5", role="station")
    return Side(facts=lambda: facts, handlers={UnlockConnector: answer}, clock=WallClock())


class Csms:
    """Remembers what was posted; answers nothing that anybody could use."""

    def __init__(self) -> None:
        self.posted: list[SoapRequest] = []

    async def answer(self, request: SoapRequest) -> SoapReply:
        self.posted.append(request)
        return SoapReply(status=503)


async def test_each_station_of_a_site_is_called_under_its_own_identity(site: SoapSite, http: httpx.AsyncClient) -> None:
    csms = Csms()
    server = await serve_http((SoapRoute(csms.answer).on(),), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.port}/soap"
    places = {name: site.place(url, name, password="0123456789abcdef") for name in ("A/1", "B")}
    assert places["A/1"].callback_url == f"{site.base}/A%2F1"
    ways = {name: SoapWay(place, name, Version.V15) for name, place in places.items()}
    assert (await http.post(places["B"].callback_url, content=unlock("B"), headers=SOAP)).status_code == 503
    await ways["B"].open(side(), THE_ONE_CSMS)
    answered = await http.post(places["B"].callback_url, content=unlock("B"), headers=SOAP)
    assert (answered.status_code, "Accepted" in answered.text) == (200, True)
    starting = await http.post(places["A/1"].callback_url, content=unlock("A/1"), headers=SOAP)
    assert (starting.status_code, starting.headers["retry-after"]) == (503, "10")
    assert (await http.post(f"{site.base}/C", content=unlock("C"), headers=SOAP)).status_code == 400
    await server.close()


async def test_what_a_station_posts_bears_its_password(site: SoapSite) -> None:
    csms = Csms()
    server = await serve_http((SoapRoute(csms.answer).on(),), "127.0.0.1", 0)
    place = site.place(f"http://127.0.0.1:{server.port}/soap", "A", password="0123456789abcdef")
    line = await place.client.connect(place.csms_url)
    await line.post(SOAP, b"<a/>", 5)
    (request,) = csms.posted
    assert request.basic_auth == (b"A", b"0123456789abcdef")
    await server.close()


async def test_why_the_csms_is_not_reached_is_told(site: SoapSite) -> None:
    told: list[str] = []
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        place = site.place(f"http://127.0.0.1:{held.getsockname()[1]}/soap", "A", failed=told.append)
        with pytest.raises(ConnectionError):
            await SoapWay(place, "A", Version.V12).open(side(), THE_ONE_CSMS)
    assert len(told) == 1


async def test_the_contract_of_a_station_is_shown_where_it_is_called(site: SoapSite, http: httpx.AsyncClient) -> None:
    site.listener.expect("A", Version.V12)
    site.listener.expect("B", Version.V16S)
    shown = await http.get(f"{site.base}/B?wsdl")
    assert shown.status_code == 200
    assert SERVICES[Version.V16S].namespace(Sender.CSMS) in shown.text
    assert f'location="{site.base}/' in shown.text
    assert (await http.get(f"{site.base}/nobody?wsdl")).status_code == 404


async def test_a_site_may_be_known_under_another_address() -> None:
    async with soap_site(CalledAt(url="https://stations.test/soap/")) as site:
        assert site.place("http://csms.test/", "A").callback_url == "https://stations.test/soap/A"


async def test_where_somebody_else_listens_there_is_no_site() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        with pytest.raises(CommandFailed, match=f"127.0.0.1:{held.getsockname()[1]}: .*in use"):
            async with asyncio.timeout(5), soap_site(CalledAt(port=held.getsockname()[1])):
                pass
