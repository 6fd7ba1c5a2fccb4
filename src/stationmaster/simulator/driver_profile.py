"""Kinds of places and the habits of the drivers who come there.

The figures are plausible, not surveyed: commuters come in the morning and stay for a working day, motorway
drivers arrive empty, watch the SoC and leave at 80 %, street parkers come in the evening and stay
overnight.
"""

from enum import Enum
from typing import Final

import msgspec

from stationmaster.simulator.catalogue import EV_MODELS
from stationmaster.simulator.ev import EVModel

ALL_HOURS_ALIKE: Final = (1.0,) * 24
COMMUTERS: Final = (0.0,) * 6 + (2.0, 6.0, 8.0, 4.0, 1.0, 1.0, 2.0, 2.0, 1.0, 0.5, 0.5, 0.2) + (0.0,) * 6
TRAVELLERS: Final = (
    (0.2,) * 6 + (1.0, 2.0, 2.5, 3.0, 3.5, 3.5, 3.0, 3.0, 3.5, 4.0, 4.5, 4.0) + (3.0, 2.0, 1.5, 1.0, 0.6, 0.3)
)
RESIDENTS: Final = (0.3,) * 6 + (0.5,) * 10 + (2.0, 4.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.5)


class StartBy(Enum):
    """How a driver asks for energy."""

    CARD = "card"
    APP = "app"


class StopBy(Enum):
    """How a driver ends charging."""

    CARD = "card"
    APP = "app"
    PLUG = "plug"


class DriverProfile(msgspec.Struct, frozen=True, kw_only=True):
    """The habits of one kind of place.

    Shares are probabilities from 0 to 1; pairs are the ends of a uniform range. `mean_gap_s`: average time
    between arrivals over a day. `hourly_weights`: 24 relative rates, from midnight on. `stay_median_s` and
    `stay_sigma`: the log-normal stay. `charge_limits`: SoC limits that drivers set in their cars, each as
    likely. `stop_weights`: how often `StopBy` CARD, APP and PLUG. `reserves_ahead_s`: how long before arriving
    those of `reserves_share` have an EVSE kept. Raises ValueError for figures that make
    no plan.
    """

    mean_gap_s: float
    stay_median_s: float
    stay_sigma: float = 0.5
    hourly_weights: tuple[float, ...] = ALL_HOURS_ALIKE
    models: tuple[EVModel, ...] = EV_MODELS
    initial_soc: tuple[float, float] = (0.1, 0.7)
    target_soc: tuple[float, float] = (0.7, 1.0)
    charge_limits: tuple[float, ...] = (0.8, 0.9, 1.0)
    watches_soc_share: float = 0.5
    plug_first_share: float = 0.6
    app_share: float = 0.2
    stop_weights: tuple[float, float, float] = (0.5, 0.2, 0.3)
    auth_delay_median_s: float = 15.0
    patience_s: tuple[float, float] = (60.0, 300.0)
    unknown_token_share: float = 0.02
    blocked_token_share: float = 0.01
    forgetful_share: float = 0.02
    reserves_share: float = 0.0
    reserves_ahead_s: tuple[float, float] = (600.0, 3600.0)

    def __post_init__(self) -> None:
        positive = (self.mean_gap_s, self.stay_median_s, self.auth_delay_median_s, *self.reserves_ahead_s)
        if not all(0 < duration < float("inf") for duration in positive) or not 0 <= self.stay_sigma <= 3:
            raise ValueError("durations are positive and finite, the spread of stays from 0 to 3")
        if len(self.hourly_weights) != 24 or not _are_weights(self.hourly_weights):
            raise ValueError("24 hourly weights, not all 0, none negative")
        if len(self.stop_weights) != len(StopBy) or not _are_weights(self.stop_weights):
            raise ValueError("a weight for each way to stop, not all 0, none negative")
        if not self.models or not self.charge_limits:
            raise ValueError("at least one car and one charge limit")
        if not all(0 <= share <= 1 for share in self._shares()):
            raise ValueError("shares and SoC are from 0 to 1")

    def _shares(self) -> tuple[float, ...]:
        return (
            *self.initial_soc,
            *self.target_soc,
            *self.charge_limits,
            self.watches_soc_share,
            self.plug_first_share,
            self.app_share,
            self.forgetful_share,
            self.reserves_share,
            self.unknown_token_share,
            self.blocked_token_share,
            self.unknown_token_share + self.blocked_token_share,
        )


def _are_weights(weights: tuple[float, ...]) -> bool:
    return all(0 <= weight < float("inf") for weight in weights) and any(weights)


WORKPLACE: Final = DriverProfile(
    mean_gap_s=3600,
    hourly_weights=COMMUTERS,
    stay_median_s=7.5 * 3600,
    stay_sigma=0.3,
    initial_soc=(0.3, 0.8),
    watches_soc_share=0.1,
)
MOTORWAY: Final = DriverProfile(
    mean_gap_s=1200,
    hourly_weights=TRAVELLERS,
    stay_median_s=35 * 60,
    stay_sigma=0.4,
    models=tuple(model for model in EV_MODELS if model.dc_max_power_w > 0),
    initial_soc=(0.05, 0.35),
    target_soc=(0.7, 0.85),
    charge_limits=(0.8, 1.0),
    watches_soc_share=0.8,
    app_share=0.35,
)
STREET: Final = DriverProfile(
    mean_gap_s=4 * 3600,
    hourly_weights=RESIDENTS,
    stay_median_s=9 * 3600,
    stay_sigma=0.6,
    watches_soc_share=0.2,
    forgetful_share=0.05,
)
PROFILES: Final[dict[str, DriverProfile]] = {"workplace": WORKPLACE, "motorway": MOTORWAY, "street": STREET}
