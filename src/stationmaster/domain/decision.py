"""What a block decides: the answer, and what must be on disk before it is given."""

from collections.abc import Callable

import msgspec

from stationmaster.domain.messages import ACKNOWLEDGED, Answer
from stationmaster.domain.records import Event, Record
from stationmaster.domain.station import StationState


class TokenClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Holds only if fewer than ``limit`` *other* open transactions of the tenant run on the token.

    It is looked at inside the write that stores the decision, where no other station can come between.
    """

    tenant: str
    token_key: str
    limit: int
    transaction_key: int


class Passing(msgspec.Struct, frozen=True, gc=False):
    """An event for whoever listens at that moment. ``make`` is called at once or never."""

    kind: str
    make: Callable[[], Event]


class Decision(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``state`` is the station's aggregate once this is committed (None: unchanged).

    ``passing`` makes an event whose fact is stored already (a reading is): it is made and told only while somebody
    listens, and stands in no outbox.
    With a ``claim``, ``otherwise`` is what holds if the claim does not.
    """

    answer: Answer = ACKNOWLEDGED
    records: tuple[Record, ...] = ()
    events: tuple[Event, ...] = ()
    passing: Passing | None = None
    state: StationState | None = None
    claim: TokenClaim | None = None
    otherwise: "Decision | None" = None
