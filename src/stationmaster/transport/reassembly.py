"""Messages that come in several frames, compressed or not. Sans-I/O."""

from stationmaster.transport.close_codes import PROTOCOL_ERROR, TOO_BIG
from stationmaster.transport.compression import BrokenDeflate, Deflate, InflationTooBig
from stationmaster.transport.limits import Limits


class FrameRefused(Exception):
    """A data frame that ends the connection, with the close code for it."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Reassembly:
    """Collects the frames of one message at a time, within the limits and inflated as they come."""

    __slots__ = ("_deflate", "_limits", "_parts", "_total")

    def __init__(self, limits: Limits, deflate: Deflate | None) -> None:
        self._limits = limits
        self._deflate = deflate
        self._parts: list[bytes] = []
        self._total: int | None = None  # None: between two messages

    @property
    def under_way(self) -> bool:
        """A message has begun and not ended."""
        return self._total is not None

    def add(self, data: bytes, *, first: bool, fin: bool, rsv1: bool) -> bytes | None:
        """Take one text (``first``) or continuation frame; the whole message if it was the last.

        Raises FrameRefused: 1002 for a frame out of place, 1009 beyond the limits.
        """
        if first == self.under_way:
            raise FrameRefused(PROTOCOL_ERROR, "frame out of place")
        if rsv1 and (self._deflate is None or not first):
            raise FrameRefused(PROTOCOL_ERROR, "RSV1 out of place")
        total = self._total or 0
        data = self._inflated(data, total, first, fin, rsv1)
        total += len(data)
        if total > self._limits.max_message_bytes or len(self._parts) >= self._limits.max_fragments:
            raise FrameRefused(TOO_BIG, "message too big")
        self._parts.append(data)
        self._total = total
        return self._finished() if fin else None

    def _finished(self) -> bytes:
        message = b"".join(self._parts)
        self._parts.clear()
        self._total = None
        return message

    def _inflated(self, data: bytes, total: int, first: bool, fin: bool, rsv1: bool) -> bytes:
        if self._deflate is None:
            return data
        left = self._limits.max_message_bytes - total
        try:
            return self._deflate.inflate(data, first=first, fin=fin, rsv1=rsv1, max_bytes=left)
        except InflationTooBig:
            raise FrameRefused(TOO_BIG, "message too big once inflated") from None
        except BrokenDeflate:
            raise FrameRefused(PROTOCOL_ERROR, "broken compression") from None
