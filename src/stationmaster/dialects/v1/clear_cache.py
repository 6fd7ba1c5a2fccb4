"""C11 ClearCache in 1.x."""

from collections.abc import Mapping

from stationmaster.dialects.table import Incoming, Outgoing, one_call
from stationmaster.dialects.v1.statuses import read_answer
from stationmaster.dialects.words import words
from stationmaster.domain.authorization.clear_cache import ClearCache
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import CommandAnswer, Request
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

_STATUSES: Mapping[str, v16.ClearCacheStatus] = words(v16.ClearCacheStatus)


def read_request(facts: StationFacts, message: wire.ClearCacheRequest) -> ClearCache:
    return ClearCache()


def write_answer(facts: StationFacts, request: ClearCache, answer: CommandAnswer) -> v16.ClearCacheResponse:
    return v16.ClearCacheResponse(status=_STATUSES.get(answer.status, "Rejected"))


def write_request(facts: StationFacts, request: ClearCache) -> v16.ClearCacheRequest:
    return v16.ClearCacheRequest()


INCOMING: Mapping[str, Incoming] = {"ClearCache": Incoming(read_request, write_answer)}
OUTGOING: Mapping[type[Request], Outgoing] = {ClearCache: one_call("ClearCache", write_request, read_answer)}
