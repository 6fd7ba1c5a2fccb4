"""What drivers do, as data: an endless, repeatable plan of visits drawn from a seed.

A visit says who comes when, in which car, in what order they plug in and ask for energy, and what makes
them leave. It decides nothing about the station: whoever plays it turns its acts into plugs, cards and app
commands, and may turn a visitor away when every EVSE is taken.

Arrivals are a Poisson process, thinned by the hour of the day. Stays are log-normal, as parking times are:
many short ones, few very long. Each visit has a random source of its own made of the seed and its number,
so that a change in how one visit is drawn leaves all others as they were.
"""

from collections.abc import Iterator
from enum import Enum
from math import log
from random import Random

import msgspec

from stationmaster.simulator.driver_profile import DriverProfile, StartBy, StopBy
from stationmaster.simulator.ev import EVModel
from stationmaster.simulator.names import mac_address, rfid_uid

SECONDS_PER_HOUR = 3600


class TokenKind(Enum):
    """What the operator thinks of the card."""

    KNOWN = "known"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class Forgets(Enum):
    """What an absent-minded driver leaves out."""

    AUTHORIZATION = "plugs in and walks away"
    CABLE = "asks for energy and never plugs in"


class Act(Enum):
    """One thing a driver does."""

    PLUG = "plug"
    UNPLUG = "unplug"
    PRESENT_CARD = "present card"
    START_IN_APP = "start in app"
    STOP_IN_APP = "stop in app"


class TimedAct(msgspec.Struct, frozen=True):
    """An act and its delay in seconds after the event that the list of acts begins with."""

    delay_s: float
    act: Act


class TokenPool(msgspec.Struct, frozen=True):
    """The cards that the operator knows: `known` ones may charge, `blocked` ones may not.

    Raises ValueError when one is empty.
    """

    known: tuple[str, ...]
    blocked: tuple[str, ...]

    def __post_init__(self) -> None:
        if not (self.known and self.blocked):
            raise ValueError("a pool has at least one known and one blocked token")


class LeaveRule(msgspec.Struct, frozen=True, kw_only=True):
    """When the driver comes back to the car; times are in seconds since arrival.

    `after_s`: the latest departure. `at_soc`: earlier, as soon as the car has this SoC (None: the driver
    does not watch). `patience_s`: earlier still, when nothing has started charging by then.
    """

    after_s: float
    at_soc: float | None
    patience_s: float

    def reached(self, parked_s: float, soc: float, started: bool) -> bool:
        """Whether it is time to go; `started` says that charging has begun at some time in this visit."""
        if parked_s >= self.after_s or (not started and parked_s >= self.patience_s):
            return True
        return started and self.at_soc is not None and soc >= self.at_soc


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One visit of one car. `arrival_s` counts from the start of the plan, which is a midnight.

    `auth_delay_s` lies between plugging in and asking for energy, in the order that `plug_first` gives;
    `unplug_delay_s` between stopping by card or app and pulling the plug. `charge_limit_soc` is set in the
    car.
    """

    number: int
    arrival_s: float
    token: str
    token_kind: TokenKind
    vehicle_mac: str
    ev: EVModel
    initial_soc: float
    charge_limit_soc: float
    plug_first: bool
    start_by: StartBy
    auth_delay_s: float
    forgets: Forgets | None
    leave: LeaveRule
    stop_by: StopBy
    unplug_delay_s: float
    reserves_s: float | None = None
    """So long before arriving the driver has an EVSE kept by app; None: comes without."""

    def opening(self) -> tuple[TimedAct, ...]:
        """What the driver does on arrival; delays count from `arrival_s`."""
        ask = Act.PRESENT_CARD if self.start_by is StartBy.CARD else Act.START_IN_APP
        if self.forgets is Forgets.AUTHORIZATION:
            return (TimedAct(0.0, Act.PLUG),)
        if self.forgets is Forgets.CABLE:
            return (TimedAct(0.0, ask),)
        first, second = (Act.PLUG, ask) if self.plug_first else (ask, Act.PLUG)
        return (TimedAct(0.0, first), TimedAct(self.auth_delay_s, second))

    def closing(self, started: bool) -> tuple[TimedAct, ...]:
        """What the driver does when `leave` is reached; delays count from then.

        Without a start there is only a plug to pull.
        """
        if self.forgets is Forgets.CABLE:
            return ()
        if not started or self.stop_by is StopBy.PLUG:
            return (TimedAct(0.0, Act.UNPLUG),)
        stop = Act.PRESENT_CARD if self.stop_by is StopBy.CARD else Act.STOP_IN_APP
        return (TimedAct(0.0, stop), TimedAct(self.unplug_delay_s, Act.UNPLUG))


def token_pool(seed: int, known: int, blocked: int = 1) -> TokenPool:
    """A pool of so many cards, the same for the same seed and numbers."""
    random = Random(f"tokens:{seed}")
    return TokenPool(tuple(rfid_uid(random) for _ in range(known)), tuple(rfid_uid(random) for _ in range(blocked)))


def visits(seed: int, profile: DriverProfile, tokens: TokenPool) -> Iterator[Visit]:
    """Visits in order of arrival, without end, the same for the same arguments."""
    arrivals = _arrivals(Random(f"arrivals:{seed}"), profile)
    for number, arrival_s in enumerate(arrivals, 1):
        yield _visit(number, arrival_s, Random(f"visit:{seed}:{number}"), profile, tokens)


def _arrivals(random: Random, profile: DriverProfile) -> Iterator[float]:
    busiest = max(profile.hourly_weights)
    average = sum(profile.hourly_weights) / len(profile.hourly_weights)
    busiest_rate = busiest / average / profile.mean_gap_s
    now_s = 0.0
    while True:
        now_s += random.expovariate(busiest_rate)
        hour = int(now_s // SECONDS_PER_HOUR) % 24
        if random.random() * busiest < profile.hourly_weights[hour]:
            yield now_s


def _visit(number: int, arrival_s: float, random: Random, profile: DriverProfile, tokens: TokenPool) -> Visit:
    token, token_kind = _token(random, profile, tokens)
    initial_soc = random.uniform(*profile.initial_soc)
    return Visit(
        number=number,
        arrival_s=arrival_s,
        token=token,
        token_kind=token_kind,
        vehicle_mac=mac_address(random),
        ev=random.choice(profile.models),
        initial_soc=initial_soc,
        charge_limit_soc=random.choice(profile.charge_limits),
        plug_first=random.random() < profile.plug_first_share,
        start_by=StartBy.APP if random.random() < profile.app_share else StartBy.CARD,
        auth_delay_s=random.lognormvariate(log(profile.auth_delay_median_s), 0.6),
        forgets=_forgets(random, profile),
        leave=_leave(random, profile, initial_soc),
        stop_by=random.choices(tuple(StopBy), weights=profile.stop_weights)[0],
        unplug_delay_s=random.uniform(3.0, 60.0),
        reserves_s=_reserves_s(random, profile),
    )


def _token(random: Random, profile: DriverProfile, tokens: TokenPool) -> tuple[str, TokenKind]:
    kind = random.random()
    if kind < profile.unknown_token_share:
        return rfid_uid(random), TokenKind.UNKNOWN
    if kind < profile.unknown_token_share + profile.blocked_token_share:
        return random.choice(tokens.blocked), TokenKind.BLOCKED
    return random.choice(tokens.known), TokenKind.KNOWN


def _forgets(random: Random, profile: DriverProfile) -> Forgets | None:
    return random.choice(tuple(Forgets)) if random.random() < profile.forgetful_share else None


def _reserves_s(random: Random, profile: DriverProfile) -> float | None:
    """Drawn last, so that a plan without reservations is what it was."""
    return random.uniform(*profile.reserves_ahead_s) if random.random() < profile.reserves_share else None


def _leave(random: Random, profile: DriverProfile, initial_soc: float) -> LeaveRule:
    watches = random.random() < profile.watches_soc_share
    return LeaveRule(
        after_s=random.lognormvariate(log(profile.stay_median_s), profile.stay_sigma),
        at_soc=max(initial_soc, random.uniform(*profile.target_soc)) if watches else None,
        patience_s=random.uniform(*profile.patience_s),
    )
