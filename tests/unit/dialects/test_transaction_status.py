"""E14 GetTransactionStatus and C11 ClearCache in every version."""

import pytest

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import Unsupported
from stationmaster.domain.authorization.clear_cache import ClearCache
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import CommandAnswer
from stationmaster.domain.transactions.transaction_status import GetTransactionStatus, TransactionStatusAnswer
from stationmaster.ocpp import codec
from stationmaster.ocpp.v21 import lenient as wire
from stationmaster.ocpp.version import JSON_VERSIONS, Version

SECOND_GENERATION = (Version.V20, Version.V201, Version.V21)


def passed(version, action, request, answer):
    """The request as the station reads it, and its answer as the CSMS does."""
    facts, dialect = StationFacts(version=str(version)), dialect_for(version)
    exchange = dialect.outgoing[type(request)](facts, request)
    call = next(exchange)
    raw = codec.write_request(version, action, call.message)
    arrived = dialect.incoming[action].read(facts, codec.read_request(version, action, raw).message)
    written = codec.write_response(version, action, dialect.incoming[action].write(facts, arrived, answer))
    with pytest.raises(StopIteration) as done:
        exchange.send(codec.read_response(version, action, written).message)
    return arrived, done.value.value


@pytest.mark.parametrize("version", SECOND_GENERATION)
@pytest.mark.parametrize("ongoing", [True, False])
@pytest.mark.parametrize("waiting", [True, False])
def test_what_is_said_of_a_transaction_arrives(version, ongoing, waiting):
    request = GetTransactionStatus(transaction_id="tx-1")
    answer = TransactionStatusAnswer(ongoing=ongoing, messages_in_queue=waiting)
    assert passed(version, "GetTransactionStatus", request, answer) == (request, answer)


@pytest.mark.parametrize("version", SECOND_GENERATION)
def test_E14_FR_06_of_no_transaction_nothing_is_said_to_go_on(version):
    request, answer = GetTransactionStatus(), TransactionStatusAnswer(messages_in_queue=True)
    assert passed(version, "GetTransactionStatus", request, answer) == (request, answer)


def test_a_station_that_leaves_the_queue_out_has_nothing_in_it():
    facts, request = StationFacts(version="2.0.1"), GetTransactionStatus()
    exchange = dialect_for(Version.V201).outgoing[GetTransactionStatus](facts, request)
    next(exchange)
    with pytest.raises(StopIteration) as done:
        exchange.send(wire.GetTransactionStatusResponse())
    assert done.value.value == TransactionStatusAnswer(messages_in_queue=False)


def test_1_6_cannot_ask_for_the_state_of_a_transaction():
    exchange = dialect_for(Version.V16).outgoing[GetTransactionStatus](StationFacts(version="1.6"), object())
    with pytest.raises(Unsupported, match="cannot ask"):
        next(exchange)


@pytest.mark.parametrize("version", JSON_VERSIONS)
@pytest.mark.parametrize("status", ["Accepted", "Rejected"])
def test_a_cache_is_cleared_or_not_in_every_version(version, status):
    answer = CommandAnswer(status=status)
    assert passed(version, "ClearCache", ClearCache(), answer) == (ClearCache(), answer)


def test_a_reason_not_to_clear_the_cache_arrives_in_2_x():
    answer = CommandAnswer(status="Rejected", reason="NotEnabled", info="AuthCacheCtrlr.Enabled is false")
    assert passed(Version.V201, "ClearCache", ClearCache(), answer)[1] == answer
