"""Names that simulated things carry, drawn from the caller's random source.

None of them belongs to anything real.
"""

from random import Random

LOCALLY_ADMINISTERED = 0x02
"""The bit of a MAC address that says no vendor assigned it."""


def rfid_uid(random: Random) -> str:
    """The UID of a seven-byte RFID card as 14 upper-case hex digits."""
    return random.randbytes(7).hex().upper()


def mac_address(random: Random) -> str:
    """A vehicle's MAC address (EVCCID) as 12 upper-case hex digits: unicast and locally administered."""
    first, *rest = random.randbytes(6)
    first = (first | LOCALLY_ADMINISTERED) & ~1
    return bytes([first, *rest]).hex().upper()


def station_identity(number: int, prefix: str = "SIM") -> str:
    """The identity of the n-th simulated station, such as SIM-00042: sorts by number, safe in a URL."""
    return f"{prefix}-{number:05d}"


def serial_number(random: Random) -> str:
    """A serial number of ten digits."""
    return f"{random.randrange(10**10):010d}"
