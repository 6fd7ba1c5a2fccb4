"""C11 ClearCache in 2.x."""

from collections.abc import Mapping

from stationmaster.dialects.table import Incoming, Outgoing, one_call
from stationmaster.dialects.v2.parts import read_answer, write_status_info
from stationmaster.dialects.words import words
from stationmaster.domain.authorization.clear_cache import ClearCache
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import CommandAnswer, Request
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

_STATUSES: Mapping[str, v21.ClearCacheStatusEnumType] = words(v21.ClearCacheStatusEnumType)


def read_request(facts: StationFacts, message: wire.ClearCacheRequest) -> ClearCache:
    return ClearCache()


def write_answer(facts: StationFacts, request: ClearCache, answer: CommandAnswer) -> v21.ClearCacheResponse:
    return v21.ClearCacheResponse(
        status=_STATUSES.get(answer.status, "Rejected"), status_info=write_status_info(answer)
    )


def write_request(facts: StationFacts, request: ClearCache) -> v21.ClearCacheRequest:
    return v21.ClearCacheRequest()


INCOMING: Mapping[str, Incoming] = {"ClearCache": Incoming(read_request, write_answer)}
OUTGOING: Mapping[type[Request], Outgoing] = {ClearCache: one_call("ClearCache", write_request, read_answer)}
