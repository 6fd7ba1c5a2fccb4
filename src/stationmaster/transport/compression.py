"""permessage-deflate (RFC 7692) over bare frames: negotiation and coding are those of ``websockets``.

Both ends keep their window between messages (OCPP messages resemble each other) but a small one: 4 KiB and memLevel 5
cost a compressing connection some 40 KiB instead of 300.
"""

from collections.abc import Iterable

from websockets.exceptions import InvalidHeader, NegotiationError, PayloadTooBig, ProtocolError
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.frames import Frame, Opcode
from websockets.headers import build_extension, parse_extension

MIN_COMPRESSED_BYTES = 128
"""Below it, a message is sent as it is: most answers are shorter, and deflate would cost more than it saves."""

_SETTINGS = {"memLevel": 5}
_SERVER = ServerPerMessageDeflateFactory(
    server_max_window_bits=12, client_max_window_bits=12, compress_settings=_SETTINGS
)
_CLIENT = ClientPerMessageDeflateFactory(
    server_max_window_bits=12, client_max_window_bits=12, compress_settings=_SETTINGS
)


class InflationTooBig(Exception):
    """The message would exceed its limit once inflated."""


class BrokenDeflate(Exception):
    """The compressed data, or the use of RSV1, is not as RFC 7692 says."""


class Deflate:
    """The compressing state of one connection."""

    __slots__ = ("_extension",)

    def __init__(self, extension: PerMessageDeflate) -> None:
        self._extension = extension

    def compress(self, data: bytes) -> bytes:
        """The payload of a single frame, to be sent with RSV1."""
        return bytes(self._extension.encode(Frame(Opcode.TEXT, data)).data)

    def inflate(self, data: bytes, *, first: bool, fin: bool, rsv1: bool, max_bytes: int) -> bytes:
        """The content of one frame of a message, at most ``max_bytes``; a frame of a message that is not compressed
        comes back as it is. Raises InflationTooBig, BrokenDeflate."""
        frame = Frame(Opcode.TEXT if first else Opcode.CONT, data, fin, rsv1)
        try:
            return bytes(self._extension.decode(frame, max_size=max(1, max_bytes)).data)
        except PayloadTooBig:
            raise InflationTooBig from None
        except ProtocolError as error:
            raise BrokenDeflate(str(error)) from None


def offer() -> str:
    """The ``Sec-WebSocket-Extensions`` header of a client."""
    return build_extension([(_CLIENT.name, list(_CLIENT.get_request_params()))])


def accept_offer(headers: Iterable[str]) -> tuple[str, Deflate] | None:
    """A server's response header and state for the first offer it can take, or None: compression is never a reason
    to refuse a station (OCPP 2.0.1 part 4, 3.3)."""
    for name, parameters in _offers(headers):
        if name != _SERVER.name:
            continue
        try:
            answer, extension = _SERVER.process_request_params(parameters, [])
        except NegotiationError:
            continue
        return build_extension([(_SERVER.name, answer)]), Deflate(extension)
    return None


def accept_answer(headers: Iterable[str]) -> Deflate | None:
    """The state for a server's answer to ``offer``, or None if it took none. Raises ValueError for an answer that
    the offer does not allow."""
    answers = _offers(headers)
    if not answers:
        return None
    try:
        if len(answers) > 1 or answers[0][0] != _CLIENT.name:
            raise NegotiationError("extensions that were not offered")
        return Deflate(_CLIENT.process_response_params(answers[0][1], []))
    except NegotiationError as error:
        raise ValueError(f"the server's extensions are not usable: {error}") from None


_Offers = list[tuple[str, list[tuple[str, str | None]]]]


def _offers(headers: Iterable[str]) -> _Offers:
    try:
        return [(name, list(parameters)) for header in headers for name, parameters in parse_extension(header)]
    except InvalidHeader:
        return []
