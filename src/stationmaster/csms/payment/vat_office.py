"""Asking another system whether a VAT number is somebody's, and going by our own policy where it is silent.

It is asked while a station waits, with the bounds of every such question (see ``csms.authorization.outside``).
"""

import msgspec
import structlog

from stationmaster.clock.timeouts import within
from stationmaster.csms.authorization.circuit import Circuit
from stationmaster.csms.ports import Clock, Oracle
from stationmaster.csms.settings import VatPolicy
from stationmaster.domain.authorization.outside_word import OracleSilent
from stationmaster.domain.payment.payments import VatWord

log = structlog.get_logger(__name__)

MAX_UNDER_WAY = 16

_encode = msgspec.json.Encoder().encode
_word = msgspec.json.Decoder(VatWord).decode


class VatOffice:
    """One for a node."""

    def __init__(self, oracle: Oracle, clock: Clock) -> None:
        self._oracle = oracle
        self._clock = clock
        self._under_way = 0
        self._circuits: dict[str, Circuit] = {}

    async def word(self, policy: VatPolicy, tenant: str, number: str, station: str) -> VatWord:
        """``station``: the identity of the one that asks."""
        circuit = self._circuits.setdefault(tenant, Circuit())
        question = {"tenant": tenant, "station": station, "vat_number": number}
        try:
            return await self._ask(policy, circuit, tenant, _encode(question))
        except OracleSilent as silence:
            log.warning("vat.silent", tenant=tenant, reason=str(silence))
            return VatWord(valid=policy.when_silent == "accept", by_policy=True)

    async def _ask(self, policy: VatPolicy, circuit: Circuit, tenant: str, question: bytes) -> VatWord:
        if self._under_way >= MAX_UNDER_WAY:
            raise OracleSilent(f"{MAX_UNDER_WAY} questions are under way")
        circuit.enter(self._clock.monotonic())
        self._under_way += 1
        heard = False
        try:
            word = _word(await within(self._clock, policy.timeout_s, self._oracle.ask(tenant, question)))
            heard = True
            return msgspec.structs.replace(word, by_policy=False)
        except TimeoutError:
            raise OracleSilent(f"no answer within {policy.timeout_s:g} s") from None
        except msgspec.MsgspecError as error:
            raise OracleSilent(f"its answer cannot be read: {error}") from None
        finally:
            self._under_way -= 1
            circuit.leave(self._clock.monotonic(), heard=heard)
