"""What travels on a bus."""

import msgspec


class BusMessage(msgspec.Struct, frozen=True):
    subject: str
    body: bytes
    lost: int = 0
    """How many messages this listener has lost, for being too slow, since the one it got before."""
