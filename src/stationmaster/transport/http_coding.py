"""Content codings of HTTP: gzip and deflate, which every party of OCPP-S must read (1.6-S §6.1). Bounded, pure."""

import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Final

from stationmaster.transport.http_messages import Header, Refused, too_long

WORTH_BYTES = 1024
"""What is shorter is not compressed."""
ACCEPTED: Final = "gzip, deflate"
_LEVEL = 6
_GZIP, _ZLIB, _RAW = 31, 15, -15  # as zlib numbers them
_ALIKE: Mapping[str, str] = {"x-gzip": "gzip"}
_READ_AS: Mapping[str, Sequence[int]] = {"gzip": (_GZIP,), "deflate": (_ZLIB, _RAW)}
"""By "deflate" the RFC means zlib's form; half of the field sends the bare stream."""
_WRITTEN_AS: Mapping[str, int] = {"gzip": _GZIP, "deflate": _ZLIB}
_QUALITY_ZERO = re.compile(r"q\s*=\s*0(\.0*)?")


class UnknownCoding(ValueError):
    """Neither gzip nor deflate, or several on top of each other."""


class BadCoding(ValueError):
    """It does not decode: damaged, cut short, or with something behind it."""


class TooLong(ValueError):
    """It would be longer than allowed."""


def decoded(content: bytes, coding: str | None, max_bytes: int) -> bytes:
    """The content that a ``Content-Encoding`` stands for.

    Never inflates more than ``max_bytes`` and one. Raises UnknownCoding, BadCoding, TooLong.
    """
    name = (coding or "").strip().lower()
    name = _ALIKE.get(name, name)
    if name in ("", "identity"):
        if len(content) > max_bytes:
            raise TooLong(f"longer than {max_bytes} bytes")
        return content
    forms = _READ_AS.get(name)
    if forms is None:
        raise UnknownCoding("a coding that nobody here reads")
    for form in forms:
        try:
            return _inflated(content, form, max_bytes)
        except zlib.error:
            continue
    raise BadCoding(f"this is not {name}")


def encoded(content: bytes, accepted: str | None) -> tuple[bytes, str | None]:
    """The content as it is to be sent to who said ``Accept-Encoding``, and its ``Content-Encoding``."""
    coding = None if len(content) < WORTH_BYTES else _wanted(accepted)
    if coding is None:
        return content, None
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WRITTEN_AS[coding])
    return deflate.compress(content) + deflate.flush(), coding


def request_body(content: bytes, coding: str | None, max_bytes: int) -> bytes:
    """A request's body, decoded; raises Refused with what HTTP says of it."""
    try:
        return decoded(content, coding, max_bytes)
    except UnknownCoding:
        header: Header = (b"accept-encoding", ACCEPTED.encode())
        raise Refused(415, header, says=f"What is coded by {ACCEPTED}, or not at all, is read here.") from None
    except BadCoding:
        raise Refused(400, says="The body is not in the coding that its Content-Encoding names.") from None
    except TooLong:
        raise too_long(max_bytes) from None


def _inflated(content: bytes, form: int, max_bytes: int) -> bytes:
    """Raises zlib.error, BadCoding, TooLong."""
    stream = zlib.decompressobj(form)
    plain = stream.decompress(content, max_bytes + 1)
    if len(plain) > max_bytes:
        raise TooLong(f"longer than {max_bytes} bytes")
    if not stream.eof or stream.unused_data:
        raise BadCoding("cut short, or with something behind it")
    return plain


def _wanted(accepted: str | None) -> str | None:
    """gzip before deflate, where either is accepted by name."""
    names: set[str] = set()
    for item in (accepted or "").lower().split(","):
        name, _, parameter = item.partition(";")
        if not _QUALITY_ZERO.fullmatch(parameter.strip()):
            names.add(_ALIKE.get(name.strip(), name.strip()))
    return next((name for name in _WRITTEN_AS if name in names), None)
