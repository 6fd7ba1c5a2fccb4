"""Firmware images: what stations are to run, with the signatures that they will check."""

import base64
import binascii
import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, delete, get, patch, post, put
from litestar.params import JSONBody
from msgspec import UNSET, Meta, UnsetType

from stationmaster.api.http.parameters import FirmwareImageKey, Paging
from stationmaster.api.http.problems import FieldError, ProblemError, conflict, invalid, not_found
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.csms.firmware.images import MAX_IMAGE_BYTES, ImageRefused, ImageTooBig
from stationmaster.domain.firmware.images import FirmwareImage, ImageState, SignatureVerdict

Name = Annotated[str, Meta(min_length=1, max_length=200)]
FirmwareVersion = Annotated[
    str,
    Meta(min_length=1, max_length=50, description="As a station that runs it tells in its BootNotification."),
]
FileName = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,99}\Z", description="How the address of the image ends."),
]
Vendor = Annotated[str, Meta(min_length=1, max_length=50)]
Model = Annotated[str, Meta(min_length=1, max_length=20)]
_DIGEST = re.compile(r"(?:^|[,\s])sha-256=:([A-Za-z0-9+/=]{44}):")


class FirmwareImageDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An image to make known; its content is PUT afterwards. ``vendor``, ``model``: whose stations it is for, as they
    tell in their BootNotification; left out: any."""

    name: Name
    version: FirmwareVersion
    file_name: FileName = "firmware.bin"
    vendor: Vendor | None = None
    model: Model | None = None


class FirmwareImageChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is left out stays; null takes a value away. ``retired``: it is sent no more."""

    name: Name | UnsetType = UNSET
    vendor: Vendor | UnsetType | None = UNSET
    model: Model | UnsetType | None = UNSET
    retired: bool | UnsetType = UNSET


class SignatureDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``signature``: base64, over the SHA-256 of the whole image; ``signing_certificate``: PEM. Null takes them
    away."""

    signature: Annotated[str, Meta(min_length=1, max_length=800)] | None
    signing_certificate: Annotated[str, Meta(min_length=1, max_length=5500)] | None


class VerdictResource(msgspec.Struct, frozen=True, kw_only=True):
    """What we find of the signature. Stations check it themselves, with the roots that are installed in them."""

    signature: SignatureVerdict
    scheme: str | None
    subject: str | None
    issuer: str | None
    not_before: datetime | None
    not_after: datetime | None
    problems: tuple[str, ...]


class FirmwareImageResource(msgspec.Struct, frozen=True, kw_only=True):
    """``state``: empty until its content is there, then ready; retired ones are sent no more."""

    key: int
    name: str
    version: str
    file_name: str
    state: ImageState
    vendor: str | None
    model: str | None
    size_bytes: int
    sha256: str | None
    md5: str | None
    signature: str | None
    signing_certificate: str | None
    verdict: VerdictResource
    created_at: datetime
    uploaded_at: datetime | None


def _resource(image: FirmwareImage) -> FirmwareImageResource:
    return shaped(FirmwareImageResource, image, verdict=shaped(VerdictResource, image.verdict))


async def known_image(request: ApiRequest, key: int) -> FirmwareImage:
    """The caller's image; a ProblemError of 404 where it is none, or another tenant's."""
    image = await request.queries.firmware_image(request.tenant, key)
    if image is None:
        raise not_found("firmware image")
    return image


async def image_of_body(request: ApiRequest, key: int) -> FirmwareImage:
    """The caller's image that the body names; a ProblemError of 422 where it is none, or another tenant's."""
    image = await request.queries.firmware_image(request.tenant, key)
    if image is None:
        raise invalid("body.image", "there is no such firmware image")
    return image


def refused(error: ImageRefused) -> ProblemError:
    return conflict("firmware-image", f"{str(error)[:1].upper()}{str(error)[1:]}.")


@get("/", summary="Firmware images, newest first")
async def list_firmware_images(request: ApiRequest, page: Paging) -> PageOf[FirmwareImageResource]:
    return page_of(await request.queries.firmware_images(request.tenant, page), _resource)


@post("/", summary="Make a firmware image known")
async def create_firmware_image(
    request: ApiRequest, data: JSONBody[FirmwareImageDraft]
) -> Response[FirmwareImageResource]:
    fields = msgspec.structs.asdict(data)
    image = await request.services.firmware.images.create(request.tenant, **fields)
    return JsonResponse(_resource(image), headers={"Location": f"/api/v1/firmware-images/{image.key}"})


@get("/{image_key:int}", summary="One firmware image")
async def get_firmware_image(request: ApiRequest, image_key: FirmwareImageKey) -> FirmwareImageResource:
    return _resource(await known_image(request, image_key))


@patch("/{image_key:int}", summary="Change what is said of a firmware image")
async def change_firmware_image(
    request: ApiRequest, image_key: FirmwareImageKey, data: JSONBody[FirmwareImageChange]
) -> FirmwareImageResource:
    image = await known_image(request, image_key)
    fields: dict[str, Any] = {
        name: value for name in ("name", "vendor", "model") if (value := getattr(data, name)) is not UNSET
    }
    if data.retired is not UNSET:
        fields["state"] = "retired" if data.retired else "empty" if image.blob is None else "ready"
    return _resource(await request.services.firmware.images.change(image, **fields))


@delete("/{image_key:int}", summary="Delete a firmware image and its content")
async def delete_firmware_image(request: ApiRequest, image_key: FirmwareImageKey) -> None:
    """Refused with 409 while updates or campaigns with it are under way."""
    image = await known_image(request, image_key)
    try:
        await request.services.firmware.images.remove(image)
    except ImageRefused as error:
        raise refused(error) from None


@put(
    "/{image_key:int}/content",
    summary="Give a firmware image its content",
    request_max_body_size=MAX_IMAGE_BYTES,
)
async def put_image_content(request: ApiRequest, image_key: FirmwareImageKey) -> FirmwareImageResource:
    """The body is the file itself, as application/octet-stream, up to 1 GiB; it is stored as it comes. Once it is
    there it cannot be changed. A ``Repr-Digest: sha-256=:...:`` (RFC 9530) is held against what came."""
    image = await known_image(request, image_key)
    sha256 = _wanted_digest(request.headers.get("repr-digest"))
    try:
        image = await request.services.firmware.images.receive(image, _body(request), sha256)
    except ImageRefused as error:
        raise refused(error) from None
    except ImageTooBig:
        raise ProblemError(413, f"An image has at most {MAX_IMAGE_BYTES} bytes.") from None
    return _resource(image)


async def _body(request: ApiRequest) -> AsyncIterator[bytes]:
    async for data in request.stream():
        if data:
            yield data


def _wanted_digest(header: str | None) -> str | None:
    """The SHA-256 in hex; None where no such digest is given."""
    if header is None:
        return None
    found = _DIGEST.search(header)
    try:
        digest = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        digest = b""
    if len(digest) != 32:
        raise ProblemError(
            400,
            "The digest cannot be read.",
            errors=[FieldError("header.Repr-Digest", "sha-256=:base64: is expected")],
        )
    return digest.hex()


@put("/{image_key:int}/signature", summary="Sign a firmware image, or take its signature away")
async def put_image_signature(
    request: ApiRequest, image_key: FirmwareImageKey, data: JSONBody[SignatureDraft]
) -> FirmwareImageResource:
    """Whatever the verdict on it is, it is kept: the stations decide. ``verdict`` says what we find."""
    image = await known_image(request, image_key)
    signed = await request.services.firmware.images.sign(image, data.signature, data.signing_certificate)
    return _resource(signed)


firmware_images_router = Router(
    "/firmware-images",
    route_handlers=[
        list_firmware_images,
        create_firmware_image,
        get_firmware_image,
        change_firmware_image,
        delete_firmware_image,
        put_image_content,
        put_image_signature,
    ],
    tags=["Firmware"],
)
