"""Firmware images: made known, taken in, signed, taken away. Their content is a blob that never changes."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import structlog

from stationmaster.csms.ports import Blobs, Clock, Store
from stationmaster.domain.firmware.images import FirmwareImage, FirmwareImageRemoved, ImageVerdict
from stationmaster.domain.firmware.updates import ImageRef
from stationmaster.domain.records import Event, Record
from stationmaster.security.firmware_signatures import examine

log = structlog.get_logger(__name__)

CHANGED = "FirmwareImageChanged"
MAX_IMAGE_BYTES = 1024 * 1024 * 1024
BLOB_PREFIX = "fw-"


class ImageTooBig(Exception):
    """More bytes than are allowed."""


class ImageRefused(Exception):
    """It cannot be done with this image now; the text is for an operator."""


class ImageDesk:
    """Any node has one."""

    def __init__(self, store: Store, blobs: Blobs, clock: Clock, max_bytes: int = MAX_IMAGE_BYTES) -> None:
        self._store = store
        self._blobs = blobs
        self._clock = clock
        self._max_bytes = max_bytes

    async def create(self, tenant: str, **fields: Any) -> FirmwareImage:
        """An image without content yet."""
        now = self._clock.now()
        image = FirmwareImage(key=self._store.keys.take(), tenant=tenant, created_at=now, **fields)
        return await self._save(image, "created")

    async def change(self, image: FirmwareImage, **fields: Any) -> FirmwareImage:
        """What an operator says of it."""
        return await self._save(msgspec.structs.replace(image, **fields), "changed")

    async def receive(
        self, image: FirmwareImage, content: AsyncIterator[bytes], sha256: str | None = None
    ) -> FirmwareImage:
        """Take the content in; on disk when this returns. ``sha256`` (hex): what it must be.

        Raises ImageRefused, ImageTooBig, and what reading the content raises; nothing is kept then.
        """
        if image.state != "empty":
            raise ImageRefused("the image has its content already; make another one for another content")
        blob = f"{BLOB_PREFIX}{image.key}"
        writer = await self._blobs.create(blob)
        size = 0
        try:
            async for data in content:
                size += len(data)
                if size > self._max_bytes:
                    raise ImageTooBig(f"more than {self._max_bytes} bytes")
                await writer.write(data)
            if not size:
                raise ImageRefused("there is no content")
        except BaseException:
            await writer.abort()
            raise
        facts = await writer.commit()
        if sha256 is not None and sha256.lower() != facts.sha256:
            await self._blobs.delete(blob)
            raise ImageRefused(f"the SHA-256 of what came is {facts.sha256}")
        now = self._clock.now()
        image = msgspec.structs.replace(
            image,
            state="ready",
            blob=blob,
            size_bytes=facts.size_bytes,
            sha256=facts.sha256,
            md5=facts.md5,
            uploaded_at=now,
        )
        return await self._save(self._examined(image), "received")

    async def sign(self, image: FirmwareImage, signature: str | None, certificate: str | None) -> FirmwareImage:
        """Attach a signature with its certificate, or take both away; the verdict on them is the image's."""
        signed = msgspec.structs.replace(image, signature=signature, signing_certificate=certificate)
        return await self._save(self._examined(signed), "signed")

    async def remove(self, image: FirmwareImage) -> None:
        """Raises ImageRefused while stations may still fetch it."""
        if await self._store.reads.uses_of_image(image.key):
            raise ImageRefused("updates or campaigns with this image are under way")
        await self._store.journal.store(
            [FirmwareImageRemoved(tenant=image.tenant, key=image.key)], [self._event(image, "removed")]
        )
        if image.blob is not None:
            await self._blobs.delete(image.blob)

    def _examined(self, image: FirmwareImage) -> FirmwareImage:
        if image.sha256 is None:
            return msgspec.structs.replace(image, verdict=ImageVerdict())
        digest = bytes.fromhex(image.sha256)
        verdict = examine(digest, image.signature, image.signing_certificate, self._clock.now())
        return msgspec.structs.replace(image, verdict=verdict)

    async def _save(self, image: FirmwareImage, what: str) -> FirmwareImage:
        records: list[Record] = [image]
        await self._store.journal.store(records, [self._event(image, what)])
        return image

    def _event(self, image: FirmwareImage, what: str) -> Event:
        data = {"what": what, "image": image.key, "state": image.state, "signature": image.verdict.signature}
        return Event(kind=CHANGED, tenant=image.tenant, at=self._clock.now(), data=data)


def reference(image: FirmwareImage) -> ImageRef:
    """The image as requests name it. Raises ImageRefused where there is none to send."""
    if image.state != "ready" or image.blob is None:
        raise ImageRefused("the image has no content yet" if image.state == "empty" else f"the image is {image.state}")
    return ImageRef(key=image.key, blob=image.blob, file_name=image.file_name, version=image.version)


def sendable(image: FirmwareImage, *, allow_unsigned: bool) -> ImageRef:
    """The image as stations are asked to install it. Raises ImageRefused, for want of a signature only where there is
    something to sign."""
    named = reference(image)
    if not image.is_signed and not allow_unsigned:
        raise ImageRefused("the image is not signed; say allow_unsigned to send it all the same")
    return named
