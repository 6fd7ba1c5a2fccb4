"""A map without tiles: degrees on a sheet of paper, north up, and how long a kilometre is on it."""

from math import cos, floor, log10, radians

import msgspec

RATIO = 1.6
"""Width to height of the sheet."""
MARGIN = 1.2
LEAST_SPAN = 0.004
"""Of degrees in height: some four hundred metres."""
KM_PER_DEGREE = 111.32


class Sheet(msgspec.Struct, frozen=True):
    """What is seen: the middle in degrees, and the height in degrees of latitude."""

    latitude: float
    longitude: float
    height: float

    @property
    def width(self) -> float:
        """In degrees of latitude, which are as long everywhere."""
        return self.height * RATIO

    @property
    def width_km(self) -> float:
        return self.width * KM_PER_DEGREE

    def across(self, longitude: float) -> float:
        """A longitude as degrees of latitude from the middle, to the east."""
        return (longitude - self.longitude) * self._shrinks

    def area(self) -> dict[str, float]:
        """The same as an area of the API's, on the earth."""
        half = self.width / 2 / self._shrinks
        return {
            "south": max(-90.0, self.latitude - self.height / 2),
            "north": min(90.0, self.latitude + self.height / 2),
            "west": max(-180.0, self.longitude - half),
            "east": min(180.0, self.longitude + half),
        }

    def nearer(self, factor: float) -> "Sheet":
        """``factor`` below 1 shows more."""
        height = min(180.0, max(LEAST_SPAN, self.height / factor))
        return Sheet(self.latitude, self.longitude, height)

    def around(self, latitude: float, longitude: float) -> "Sheet":
        return Sheet(latitude, longitude, self.height)

    @property
    def _shrinks(self) -> float:
        """How long a degree of longitude is here, of one of latitude."""
        return max(0.02, cos(radians(self.latitude)))


def sheet_of(south: float, west: float, north: float, east: float) -> Sheet:
    """On which an area has room, with a margin."""
    latitude, longitude = (south + north) / 2, (west + east) / 2
    shrinks = Sheet(latitude, longitude, 1.0)._shrinks
    height = max(north - south, (east - west) * shrinks / RATIO, LEAST_SPAN / MARGIN)
    return Sheet(latitude, longitude, height * MARGIN)


def scale_bar(width_km: float) -> tuple[str, float]:
    """A round length that fits into a quarter of the sheet: in words, and as a share of the width."""
    most = width_km / 4
    power = 10.0 ** floor(log10(most))
    length = max(step * power for step in (1, 2, 5) if step * power <= most)
    return (f"{length:g} km" if length >= 1 else f"{length * 1000:g} m"), length / width_km
