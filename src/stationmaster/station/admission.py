"""Whether somebody whose token is accepted may use a certain EVSE."""

from collections.abc import Callable

import msgspec

from stationmaster.domain.identity import IdToken
from stationmaster.domain.transactions.limits import TransactionLimit


class Admission(msgspec.Struct, frozen=True, gc=False):
    """``reservation_id``: the reservation that the token has there."""

    allowed: bool
    reservation_id: int | None = None


Admit = Callable[[int, IdToken, IdToken | None], Admission]
"""Asked with the EVSE, the token and its group. A question only: a reservation is used up where it is granted."""

ADMITTED = Admission(True)


def admit_all(evse_id: int, id_token: IdToken, group: IdToken | None) -> Admission:
    """Where nothing is reserved."""
    return ADMITTED


LimitOf = Callable[[int, IdToken], TransactionLimit | None]
"""How far a token may go at an EVSE, from the beginning; None: it is not said."""


def no_limit(evse_id: int, id_token: IdToken) -> TransactionLimit | None:
    """Where nothing but the CSMS limits anybody."""
    return None
