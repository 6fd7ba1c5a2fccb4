"""How much is measured."""

import msgspec


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How many, how often, how long.

    ``stations`` send messages in ``rounds`` bursts to each server; ``crowd`` stations connect, then drop and come
    back ``reconnects`` times. ``rest_s``: how long a server must do nothing before it counts as done; longer than what
    it keeps waiting for company (half a second of message log).

    ``page_stations`` charge and send ``page_calls_per_second`` together, in ``page_turns`` turns of ``page_turn_s``
    each without and with ``viewers`` pages open.
    """

    stations: int = 500
    rounds: int = 4
    warm_up_s: float = 1.0
    burst_s: float = 2.0
    rest_s: float = 0.75
    crowd: int = 5000
    reconnects: int = 2
    page_stations: int = 1000
    page_calls_per_second: float = 200.0
    page_turns: int = 10
    page_turn_s: float = 2.5
    viewers: int = 20


FULL = Plan()
QUICK = Plan(rounds=2, warm_up_s=0.5, burst_s=0.75, crowd=1000, reconnects=1, page_turns=4)
