"""How long to wait before dialling again (OCPP 2.0.1 part 4, §5.3)."""

from random import Random

from stationmaster.station.settings import Settings


class BackOff:
    """Doubles after each failure up to a number of times, with a new random part each time; success resets it."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._failures = 0

    def succeeded(self) -> None:
        self._failures = 0

    def next_s(self, settings: Settings) -> float:
        """The wait before the next attempt, in seconds."""
        doublings = min(self._failures, settings.retry_back_off_repeat_times)
        self._failures += 1
        wait_s: int = settings.retry_back_off_wait_minimum_s * 2**doublings
        return wait_s + self._random.uniform(0, settings.retry_back_off_random_range_s)
