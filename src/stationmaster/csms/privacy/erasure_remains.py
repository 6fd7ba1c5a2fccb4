"""What is left of a driver when an erasure is done, and why: for the report."""

from collections.abc import Iterable, Sequence

from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.command import Command
from stationmaster.domain.driver_data import Erasure, Remaining

_OFFLINE = "a station that was away may still tell of what happened before, or be told to take a token off its list"
_SIGNED = (
    "what a meter signed holds only as it is, and its signature may cover the token: "
    "the policy erase_signed_values keeps it"
)
_ON_LIST = "the token is on its local list until it takes the new one; what was on it is kept till then"


def kept(transactions: int, readings: int, bills: int, signed: int) -> tuple[Remaining, ...]:
    """What stands under a pseudonym, or names nobody."""
    counted = (
        Remaining(what="transactions", count=transactions, why="under a pseudonym, as what bills stand on"),
        Remaining(what="readings", count=readings, why="they name nobody"),
        Remaining(what="signed readings", count=signed, why=_SIGNED),
        Remaining(what="bills", count=bills, why="they are kept by law"),
    )
    return tuple(each for each in counted if each.count)


def accounts(tokens: Iterable[Token]) -> tuple[Remaining, ...]:
    found = sorted({token.account for token in tokens if token.account is not None})
    return tuple(Remaining(what=f"account {key}", count=1, why="its entries belong to the books") for key in found)


def stations(erasure: Erasure, commands: Sequence[Command], with_list: Sequence[int]) -> tuple[Remaining, ...]:
    """Those that could not be asked, did not do it, or still have the token on their lists."""
    not_asked = [(each.station_key, each.why) for each in erasure.stations if each.why is not None]
    not_done = [
        (
            each.station_key,
            f"it did not say that it erased: {each.state} {each.detail or each.status or ''}".strip(),
        )
        for each in commands
        if each.state not in ("accepted", "effect_seen")
    ]
    on_list = [(key, _ON_LIST) for key in with_list]
    return tuple(
        Remaining(what=f"station {key}", count=None, why=why) for key, why in (*not_asked, *not_done, *on_list)
    )


def on_the_way() -> Remaining:
    return Remaining(what="messages not sent yet", count=None, why=_OFFLINE)
