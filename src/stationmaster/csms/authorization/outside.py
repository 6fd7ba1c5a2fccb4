"""Asking another system about tokens, and going by our own policy where it is silent.

It is asked while a station waits, so everything has a bound: the time of one question, how many are under way, and how
often a system that is down is tried at all.
"""

from datetime import datetime
from typing import Any

import msgspec
import structlog

from stationmaster.clock.timeouts import within
from stationmaster.csms.authorization.circuit import Circuit
from stationmaster.csms.ports import Clock, Oracle
from stationmaster.csms.settings import OutsidePolicy
from stationmaster.domain.authorization.outside_word import OracleSilent, OutsideWord, Said
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.authorization.verdict import Question

log = structlog.get_logger(__name__)

MAX_UNDER_WAY = 64
MAX_REMEMBERED = 10_000
"""Tokens whose last word is kept for the messages of their transactions."""

_encode = msgspec.json.Encoder().encode
_word = msgspec.json.Decoder(OutsideWord).decode


class Outside:
    """One for a node. ``asked`` and ``silent`` count since its start."""

    def __init__(self, oracle: Oracle, clock: Clock) -> None:
        self._oracle = oracle
        self._clock = clock
        self._under_way = 0
        self._circuits: dict[str, Circuit] = {}
        self._before: dict[tuple[str, str], Said] = {}
        self.asked = 0
        self.silent = 0

    async def word(
        self, policy: OutsidePolicy, question: Question, token: Token | None, station: str | None
    ) -> Said | None:
        """None where our own rules decide. ``token``: what is known of it here; ``station``: its identity."""
        if policy.ask == "unknown" and token is not None:
            return None
        if question.purpose == "stop":  # nobody waits for leave to stop
            return self._before.get((question.tenant, question.id_token.key))
        circuit = self._circuits.setdefault(question.tenant, Circuit())
        try:
            word = await self._ask(policy, circuit, question, token, station)
        except OracleSilent as silence:
            self.silent += 1
            log.warning("authorization.silent", tenant=question.tenant, reason=str(silence))
            return _by_policy(policy, question.at)
        said = Said(word=word)
        self._remember(question, said)
        return said

    def _remember(self, question: Question, said: Said) -> None:
        key = (question.tenant, question.id_token.key)
        self._before.pop(key, None)
        self._before[key] = said
        if len(self._before) > MAX_REMEMBERED:
            del self._before[next(iter(self._before))]

    async def _ask(
        self, policy: OutsidePolicy, circuit: Circuit, question: Question, token: Token | None, station: str | None
    ) -> OutsideWord:
        if self._under_way >= MAX_UNDER_WAY:
            raise OracleSilent(f"{MAX_UNDER_WAY} questions are under way")
        circuit.enter(self._clock.monotonic())
        self._under_way += 1
        self.asked += 1
        heard = False
        try:
            asking = self._oracle.ask(question.tenant, _encode(_asked(question, token, station)))
            word = _word(await within(self._clock, policy.timeout_s, asking))
            heard = True
            return word
        except TimeoutError:
            raise OracleSilent(f"no answer within {policy.timeout_s:g} s") from None
        except msgspec.MsgspecError as error:
            raise OracleSilent(f"its answer cannot be read: {error}") from None
        finally:
            self._under_way -= 1
            circuit.leave(self._clock.monotonic(), heard=heard)


def _by_policy(policy: OutsidePolicy, at: datetime) -> Said | None:
    if policy.when_silent == "own":
        return None
    if policy.when_silent == "accept":
        return Said(word=OutsideWord(status="Accepted", cache_expiry=at), by_policy=True)
    reason = "the outside system does not answer, and nobody is accepted without it"
    return Said(word=OutsideWord(status="Invalid", cache_expiry=at, reason=reason), by_policy=True)


def _asked(question: Question, token: Token | None, station: str | None) -> dict[str, Any]:
    id_token, evse = question.id_token, question.evse
    return {
        "tenant": question.tenant,
        "station": None if question.station_key is None else {"key": question.station_key, "identity": station},
        "evse_id": None if evse is None else evse.id,
        "connector_id": None if evse is None else evse.connector_id,
        "id_token": {
            "value": id_token.value,
            "type": id_token.type,
            "additional": [{"value": value, "type": kind} for value, kind in id_token.additional],
        },
        "purpose": question.purpose,
        "at": question.at,
        "known": None if token is None else {"status": token.status, "group": token.group},
    }
