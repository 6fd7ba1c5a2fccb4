"""A stretch of the message log: what was heard of one station one after another, kept as one row.

A busy station fills a row with many frames, which costs a small part of what as many rows would; one that speaks once a
minute has a row for each call and its answer.
"""

from datetime import datetime

import msgspec

MOST_FRAMES = 256
"""In one stretch: a frame's number is its stretch's times this, plus its place in it."""


Head = tuple[datetime, str, str | None, str | None]
"""What is known of a frame beside its text: when, which way ("in" from the station, "out" to it), and its message's id
and action."""


class Stretch(msgspec.Struct, frozen=True, gc=False):
    """One or more frames of a station, in the order in which they were heard; ``text`` has theirs, masked, with
    SEPARATOR between."""

    station_key: int
    heads: list[Head]
    text: str


SEPARATOR = "\x1e"
"""JSON has no such character but escaped; in what is no JSON it is replaced."""
