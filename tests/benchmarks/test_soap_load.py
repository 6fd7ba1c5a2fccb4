"""The benchmark's load in SOAP: what its stations say, and how they take what they are answered."""

import asyncio
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from stationmaster.cli.benchmark.process import ServerProcess, server
from stationmaster.cli.benchmark.scripts import Timeline
from stationmaster.cli.benchmark.soap import Soap
from stationmaster.cli.benchmark.soap_load import SoapFleet
from stationmaster.cli.benchmark.soap_scripts import READINGS_15, READINGS_16S, SOAP_MESSAGES, SoapScript
from stationmaster.cli.benchmark.subjects import CSMS, HTTP_ECHO
from stationmaster.cli.benchmark.throughput import Cost, Durability, Sample, Stored
from stationmaster.cli.errors import CommandFailed
from stationmaster.ocpp import codec
from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.addressing import callback_of
from stationmaster.ocpp.soap.envelope import Request, read_request
from stationmaster.ocpp.soap.payload import to_payload
from stationmaster.ocpp.version import Version

START = datetime(2026, 3, 1, tzinfo=UTC)
URL = "http://127.0.0.1:9001/soap"
VERSIONS = {READINGS_16S: Version.V16S, READINGS_15: Version.V15}
STARTED = b"<ns:startTransactionResponse><ns:transactionId>7</ns:transactionId></ns:startTransactionResponse>"


def _script(message: str, station: int = 0, url: str = URL) -> SoapScript:
    return SoapScript(SOAP_MESSAGES[message], Timeline(START), url, "S", station)


def _read(request: bytes) -> Request:
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /soap HTTP/1.1\r\nHost: 127.0.0.1:9001\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    action = re.search(rb'action="([^"]+)"', head)
    assert action is not None
    return read_request(body, Sender.STATION, http_action=action[1].decode())


@pytest.mark.parametrize("message", SOAP_MESSAGES)
def test_the_load_keeps_to_the_schema_and_to_the_rules_of_the_headers(message: str) -> None:
    script = _script(message, 300)
    script.begun(STARTED)
    for request in (script.boot(0), script.begin(1), script.measured(2)):
        read = _read(request)
        assert (read.service.version, read.identity, read.oddnesses) == (VERSIONS[message], "S-300", ())
        assert callback_of(read.addressing) == "http://192.0.2.44:8001/"
        payload = to_payload(read.service, read.action, False, read.body)
        assert codec.read_request(read.service.version, read.action, payload).violations == ()


@pytest.mark.parametrize("message", SOAP_MESSAGES)
def test_a_message_has_three_samples_in_the_transaction_that_was_started(message: str) -> None:
    script = _script(message)
    script.begun(STARTED)
    read = _read(script.measured(2))
    said = json.loads(to_payload(read.service, read.action, False, read.body))
    assert said["transactionId"] == 7
    [value] = said.get("meterValue") or said["values"]
    assert len(value.get("sampledValue") or value["value"]) == 3
    assert value["timestamp"] == "2026-03-01T00:00:02Z"


def test_no_two_messages_are_alike() -> None:
    fleet = [_script(READINGS_16S, station) for station in range(3)]
    ids = {_read(script.measured(number)).addressing.message_id for script in fleet for number in range(50)}
    assert len(ids) == 150
    assert len({fleet[0].measured(number).partition(b"<s:Body>")[2] for number in range(50)}) == 50


def test_an_answer_that_starts_no_transaction_ends_the_benchmark() -> None:
    with pytest.raises(CommandFailed, match="StartTransaction of S-0"):
        _script(READINGS_16S).begun(b"<env:Fault/>")


async def test_an_echo_answers_every_message_by_its_id(tmp_path: Path) -> None:
    async with server(tmp_path, "http_echo") as echo:
        fleet = _fleet(echo)
        await fleet.connect()
        burst = await fleet.burst(0.1)
        fleet.drop()
        assert burst.wrong == 0
        assert burst.answered == fleet.answered >= len(fleet)
        await fleet.connect()  # each burst has connections of its own
        assert (await fleet.burst(0.05)).wrong == 0
        fleet.drop()


async def test_an_echo_is_no_answer_to_a_station_that_boots(tmp_path: Path) -> None:
    async with server(tmp_path, "http_echo") as echo:
        fleet = _fleet(echo, stations=1)
        await fleet.connect()
        with pytest.RaisesGroup(CommandFailed):
            await fleet.begin()
        fleet.drop()


async def test_a_lost_connection_counts_as_wrong_and_ends_the_burst(tmp_path: Path) -> None:
    async with server(tmp_path, "http_echo") as echo:
        fleet = _fleet(echo)
        await fleet.connect()
        burst = asyncio.create_task(fleet.burst(0.2))
        await asyncio.sleep(0.05)
        await echo.kill()
        assert (await burst).wrong == len(fleet)
        assert (await fleet.burst(0.0)).wrong == len(fleet)


async def test_an_answer_in_pieces_is_one_and_an_error_is_wrong() -> None:
    answers = [b"HTTP/1.1 200 OK\r\nContent-Le", b"ngth: 45\r\n\r\nurn:uuid:00000000-0000-4000-8000-", b"000000000000"]
    refusal = b"HTTP/1.1 500 \r\ncontent-length: 0\r\n\r\n"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for pieces in (answers, [refusal]):
            await reader.readuntil(b"</s:Envelope>")
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/soap"
    fleet = SoapFleet(url, [_script(READINGS_16S, 0, url)])
    await fleet.connect()
    burst = await fleet.burst(0.15)
    fleet.drop()
    listener.close()
    assert (burst.answered, burst.wrong) == (1, 2)  # the refused one, and the one that nobody answered


def test_the_ratio_is_that_of_the_same_message() -> None:
    def costs(first: float, second: float) -> dict[str, Cost]:
        return {
            message: Cost(cpu, 1.0, (Sample(1, 0, 1.0, cpu),))
            for message, cpu in zip(SOAP_MESSAGES, (first, second), strict=True)
        }

    measured = Soap({HTTP_ECHO: costs(100, 50), CSMS: costs(500, 400)}, Durability(0, Stored(0, 0, 0), 0))
    assert measured.over_echo == {READINGS_16S: 5, READINGS_15: 8}


def _fleet(process: ServerProcess, stations: int = 3) -> SoapFleet:
    assert urlsplit(process.soap).path == "/soap"
    return SoapFleet(process.soap, [_script(READINGS_16S, station, process.soap) for station in range(stations)])
