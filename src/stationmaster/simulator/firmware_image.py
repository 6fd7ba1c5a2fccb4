"""The firmware that simulated stations run: a line of JSON that says what it is and how it goes, and padding.

It stands for an image in a maker's own format: the hardware, not the station's program, reads it. It is broken where
its length is not what it says.
"""

from typing import Literal

import msgspec

MAX_HEADER_BYTES = 4096

Fails = Literal["none", "verify", "install"]


class BrokenImage(ValueError):
    """It cannot be read, or is not whole."""


class SimulatedImage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``fails``: whether hardware finds it faulty, or fails to install it. ``size_bytes`` is that of the whole file."""

    version: str
    size_bytes: int
    fails: Fails = "none"
    install_s: float = 30.0


def image_of(version: str, *, size_bytes: int = 65_536, fails: Fails = "none", install_s: float = 30.0) -> bytes:
    """An image as a file."""
    header = msgspec.json.encode(
        SimulatedImage(version=version, size_bytes=size_bytes, fails=fails, install_s=install_s)
    )
    return (header + b"\n").ljust(size_bytes, b"\xff")


def read_image(content: bytes) -> SimulatedImage:
    """What an image says of itself. Raises BrokenImage."""
    header, newline, _ = content[:MAX_HEADER_BYTES].partition(b"\n")
    if not newline:
        raise BrokenImage("there is no header")
    try:
        image = msgspec.json.decode(header, type=SimulatedImage)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BrokenImage(f"the header cannot be read: {error}") from error
    if image.size_bytes != len(content):
        raise BrokenImage(f"it has {len(content)} bytes of {image.size_bytes}")
    return image
