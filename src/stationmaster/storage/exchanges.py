"""Frames in pairs: a call and its answer share a row of the message log, which halves what a message costs to keep.

Only an answer that is the very next frame of its station joins its call, so that what is read back stands in the order
of the wire; every other frame has a row for itself.
"""

from collections.abc import Iterable
from datetime import timedelta

from stationmaster.domain.records import FrameRecord

LONGEST = timedelta(seconds=10)
"""From a call to an answer in its row: how far a search by time must look around."""

Exchange = tuple[FrameRecord, FrameRecord | None]
"""A frame, and its answer if that is in the same row."""

_AT_ONCE = timedelta(0)
_ANSWERS = ("result", "error")


def exchanges(frames: Iterable[FrameRecord]) -> list[Exchange]:
    """All frames, in their order but for the answers that join their calls."""
    found: list[Exchange] = []
    calls: dict[int, int] = {}  # by station: the place of the call that was its last frame
    for frame in frames:
        if frame.kind == "call":
            calls[frame.station_key] = len(found)
            found.append((frame, None))
            continue
        place = calls.pop(frame.station_key, None)
        if place is not None and _is_answer(frame, call := found[place][0]):
            found[place] = (call, frame)
        else:
            found.append((frame, None))
    return found


def _is_answer(frame: FrameRecord, call: FrameRecord) -> bool:
    return (
        frame.message_id == call.message_id
        and frame.direction != call.direction
        and frame.kind in _ANSWERS
        and frame.action == call.action
        and frame.error is call.error is None
        and _AT_ONCE <= frame.at - call.at <= LONGEST
    )
