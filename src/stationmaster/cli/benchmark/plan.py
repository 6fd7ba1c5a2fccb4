"""How much is measured."""

import msgspec


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """``stations`` send messages in ``rounds`` bursts to each server; ``crowd`` stations connect, then drop and come
    back ``reconnects`` times. ``rest_s``: how long a server must do nothing before it counts as done; longer than what
    it keeps waiting for company (half a second of message log)."""

    stations: int = 500
    rounds: int = 4
    warm_up_s: float = 1.0
    burst_s: float = 2.0
    rest_s: float = 0.75
    crowd: int = 5000
    reconnects: int = 2


FULL = Plan()
QUICK = Plan(rounds=2, warm_up_s=0.5, burst_s=0.75, crowd=1000, reconnects=1)
