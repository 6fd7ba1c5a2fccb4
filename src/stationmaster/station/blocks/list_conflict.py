"""1.6 §3.5.2: the CSMS refuses a token that its list accepts, and is told so."""

import structlog

from stationmaster.domain.identity import Evse
from stationmaster.domain.messages import StatusNotification, TransactionAnswer, TransactionEvent
from stationmaster.station.blocks.availability import Availability
from stationmaster.station.blocks.local_list import LocalList
from stationmaster.station.ports import Clock, Line, NotTold, Spawn

log = structlog.get_logger(__name__)

_STATION = Evse(0)


class ListConflict:
    """Takes the answers to TransactionEvents. It is told once; where that fails, the next answer shows it again."""

    def __init__(self, listed: LocalList, availability: Availability, line: Line, clock: Clock, spawn: Spawn) -> None:
        self._list = listed
        self._availability = availability
        self._line = line
        self._clock = clock
        self._spawn = spawn

    def on_answer(self, event: TransactionEvent, answer: TransactionAnswer) -> None:
        said = answer.id_token_info
        if event.event_type != "Started" or event.id_token is None or said is None or said.status == "Accepted":
            return
        listed = self._list.get(event.id_token)
        if listed is not None and listed.status == "Accepted":
            self._spawn(self._tell())

    async def _tell(self) -> None:
        told = StatusNotification(
            evse=_STATION,
            status=self._availability.status(_STATION).status,
            error_code="LocalListConflict",
            timestamp=self._clock.now(),
        )
        try:
            await self._line.perform(told)
        except NotTold as failure:
            log.warning("the conflict with the local list is not told", failure=str(failure))
