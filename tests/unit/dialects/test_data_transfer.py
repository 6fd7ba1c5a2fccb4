from typing import Any

import pytest

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import Unattributable
from stationmaster.domain.data_transfer import DataTransfer, DataTransferAnswer
from stationmaster.domain.facts import StationFacts
from stationmaster.ocpp import codec
from stationmaster.ocpp.v16 import lenient as v16
from stationmaster.ocpp.v21 import lenient as v21
from stationmaster.ocpp.version import JSON_VERSIONS, Version

NEWER = tuple(version for version in JSON_VERSIONS if version.family == 2)


def heard(drive: Any, version: Version, request: DataTransfer, answer: DataTransferAnswer) -> tuple[Any, Any]:
    """What the other side reads of a request, and what we read of its answer, over the version's bytes."""
    dialect, facts = dialect_for(version), StationFacts(version=version)
    row = dialect.incoming["DataTransfer"]
    exchange = dialect.outgoing[DataTransfer](facts, request)
    call = next(exchange)
    message = codec.read_request(version, call.action, codec.write_request(version, call.action, call.message))
    assert message.violations == ()
    said = row.read(facts, message.message)
    raw = codec.write_response(version, call.action, row.write(facts, said, answer))
    try:
        exchange.send(codec.read_response(version, call.action, raw).message)
    except StopIteration as done:
        return said, done.value
    raise AssertionError


@pytest.mark.parametrize("version", JSON_VERSIONS)
def test_text_and_its_answer_arrive_as_they_were(drive: Any, version: Version) -> None:
    request = DataTransfer(vendor_id="com.acme", message_id="Ping", data="text")
    answer = DataTransferAnswer(status="Accepted", data="more")
    assert heard(drive, version, request, answer) == (request, answer)


@pytest.mark.parametrize("version", NEWER)
@pytest.mark.parametrize("data", [{"a": [1, None, True]}, [], 7, False])
def test_2x_carries_any_json(drive: Any, version: Version, data: Any) -> None:
    request = DataTransfer(vendor_id="com.acme", data=data)
    answer = DataTransferAnswer(status="Accepted", data=data)
    assert heard(drive, version, request, answer) == (request, answer)


def test_1_6_carries_other_data_as_its_json_text(drive: Any) -> None:
    request = DataTransfer(vendor_id="com.acme", data={"a": 1})
    said, answer = heard(drive, Version.V16, request, DataTransferAnswer(status="Accepted", data=[1]))
    assert (said.data, answer.data) == ('{"a":1}', "[1]")


def test_1_6_says_no_more_to_an_unknown_vendor(drive: Any) -> None:
    answer = DataTransferAnswer(status="UnknownVendorId", data="x")
    assert heard(drive, Version.V16, DataTransfer(vendor_id="v"), answer)[1] == DataTransferAnswer(
        status="UnknownVendorId"
    )


@pytest.mark.parametrize(("family", "wire"), [("1.6", v16), ("2.1", v21)])
@pytest.mark.parametrize(
    ("word", "read"), [("UnknownVendor", "UnknownVendorId"), ("UnknownMessage", "UnknownMessageId"), (None, "Rejected")]
)
def test_a_misspelt_status_is_known(drive: Any, family: str, wire: Any, word: str | None, read: str) -> None:
    row = dialect_for(Version(family)).outgoing[DataTransfer]
    _, answer = drive(
        row, StationFacts(version=family), DataTransfer(vendor_id="v"), wire.DataTransferResponse(status=word)
    )
    assert answer.status == read


@pytest.mark.parametrize(("family", "wire"), [("1.6", v16), ("2.1", v21)])
def test_a_message_without_a_vendor_is_nobody_s(family: str, wire: Any) -> None:
    with pytest.raises(Unattributable, match="vendorId"):
        dialect_for(Version(family)).incoming["DataTransfer"].read(
            StationFacts(version=family), wire.DataTransferRequest()
        )
