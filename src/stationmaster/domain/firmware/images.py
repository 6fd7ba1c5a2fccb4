"""Firmware images as the CSMS keeps them, and what it found of their signatures."""

from datetime import datetime
from typing import Literal

import msgspec

ImageState = Literal["empty", "ready", "retired"]
SignatureVerdict = Literal["unsigned", "verified", "wrong", "not verifiable"]


class ImageVerdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was found of an image's signature. It never keeps an operator from sending it: a station decides for
    itself. ``scheme``: the one that held. ``problems``: in words for an operator."""

    signature: SignatureVerdict = "unsigned"
    scheme: str | None = None
    subject: str | None = None
    issuer: str | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    problems: tuple[str, ...] = ()


class FirmwareImage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An image. ``vendor`` and ``model`` are whose stations it is for (None: any); ``version`` is what a station tells
    in its BootNotification once it runs it. ``blob`` names the stored content; ``file_name`` ends its URL."""

    key: int
    tenant: str
    name: str
    version: str
    file_name: str
    state: ImageState = "empty"
    vendor: str | None = None
    model: str | None = None
    blob: str | None = None
    size_bytes: int = 0
    sha256: str | None = None
    md5: str | None = None
    signature: str | None = None
    signing_certificate: str | None = None
    verdict: ImageVerdict = ImageVerdict()
    created_at: datetime
    uploaded_at: datetime | None = None

    @property
    def is_signed(self) -> bool:
        return bool(self.signature and self.signing_certificate)


class FirmwareImageRemoved(msgspec.Struct, frozen=True, kw_only=True):
    """A record: the image is gone; its content is deleted after the commit."""

    tenant: str
    key: int
