"""Texts that a CSMS has for a driver (2.x MessageContentType)."""

from typing import Literal

import msgspec

TextFormat = Literal["ASCII", "HTML", "URI", "UTF8", "QRCODE"]
"""QRCODE is 2.1's."""


class Text(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """``language`` as in RFC 5646."""

    content: str
    language: str | None = None
    format: TextFormat = "UTF8"
