"""The certificates of a station: what it has, what it is to have, and its requests for its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, delete, get, post
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from stationmaster.api.commands.commands import CommandResource, give, shown
from stationmaster.api.http.parameters import Paging, StationKey, Wait
from stationmaster.api.http.problems import invalid, not_found
from stationmaster.api.http.resources import PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.certificates import (
    CertificateHash,
    CertificateRequest,
    CertificateSigned,
    DeleteCertificate,
    GetInstalledCertificateIds,
    InstallCertificate,
    InstalledCertificate,
    InstallUse,
    RequestState,
    SigningUse,
)
from stationmaster.domain.queries import PageRequest
from stationmaster.security.certificates import BadCertificate, fits_request, read_one

Pem = Annotated[str, Meta(min_length=1, max_length=10_000, pattern="-----BEGIN CERTIFICATE-----", description="PEM.")]
SigningUsePath = Annotated[SigningUse, PathParameter()]
HashKey = Annotated[str, PathParameter(max_length=400, description="A certificate's key in the station's list.")]


class CertificateDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``certificate`` is one PEM certificate; the station decides whether it trusts it."""

    use: InstallUse
    certificate: Pem


class ChainDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``chain`` is PEM: the certificate of the request's key first, each signed by the next."""

    chain: Pem


class InstalledCertificateResource(msgspec.Struct, frozen=True, kw_only=True):
    """``key`` names it in this station's list; ``seen_at`` is when the station was last asked for this use."""

    key: str
    use: str
    hash: CertificateHash
    children: tuple[CertificateHash, ...]
    seen_at: datetime


class CertificateRequestResource(msgspec.Struct, frozen=True, kw_only=True):
    """The newest request for a use. ``state``: open, refused (at once), sent (a chain is on its way), then installed or
    declined by the station."""

    station: int
    use: str
    state: RequestState
    csr: str
    received_at: datetime


@get("/{station_key:int}/certificates", summary="The certificates that a station last said it has")
async def list_certificates(request: ApiRequest, station_key: StationKey) -> Sequence[InstalledCertificateResource]:
    """A station is asked by itself after it has installed or deleted one; with a POST to ``certificates/refresh``, at
    any time."""
    return [_installed(each, at) for each, at in await _known(request, station_key)]


@post("/{station_key:int}/certificates", summary="Have a station install a certificate")
async def install_certificate(
    request: ApiRequest, station_key: StationKey, data: JSONBody[CertificateDraft], wait: Wait = 0
) -> Response[CommandResource]:
    await known_station(request, station_key)
    try:
        read_one(data.certificate)
    except BadCertificate as bad:
        raise invalid("body.certificate", str(bad)) from None
    return shown(
        request, await give(request, station_key, InstallCertificate(use=data.use, certificate=data.certificate), wait)
    )


@post("/{station_key:int}/certificates/refresh", summary="Ask a station which certificates it has")
async def refresh_certificates(
    request: ApiRequest, station_key: StationKey, wait: Wait = 0
) -> Response[CommandResource]:
    await known_station(request, station_key)
    return shown(request, await give(request, station_key, GetInstalledCertificateIds(), wait))


@delete(
    "/{station_key:int}/certificates/{hash_key:str}", status_code=201, summary="Have a station delete a certificate"
)
async def delete_certificate(
    request: ApiRequest, station_key: StationKey, hash_key: HashKey, wait: Wait = 0
) -> Response[CommandResource]:
    """The answer is the command; the list changes once the station has said what it has, which it is asked at once."""
    known = {each.hash.key: each.hash for each, _ in await _known(request, station_key)}
    named = known.get(hash_key.lower())
    if named is None:
        raise not_found("certificate in the station's list")
    return shown(request, await give(request, station_key, DeleteCertificate(hash=named), wait))


@get("/{station_key:int}/certificate-requests", summary="A station's requests for certificates of its own")
async def list_station_certificate_requests(
    request: ApiRequest, page: Paging, station_key: StationKey
) -> PageOf[CertificateRequestResource]:
    await known_station(request, station_key)
    found = await request.queries.certificate_requests(request.tenant, station_key, page)
    return page_of(found, _request_resource)


@post("/{station_key:int}/certificate-requests/{use:str}", summary="Answer a request with the signed certificate")
async def answer_certificate_request(
    request: ApiRequest, station_key: StationKey, use: SigningUsePath, data: JSONBody[ChainDraft], wait: Wait = 0
) -> Response[CommandResource]:
    """The chain goes to the station (CertificateSigned) if its first certificate is of the request's key."""
    await known_station(request, station_key)
    found = await request.queries.certificate_requests(request.tenant, station_key, PageRequest())
    asked = next((each for each in found.items if each.use == use), None)
    if asked is None:
        raise not_found("certificate request")
    try:
        fits_request(data.chain, asked.csr)
    except BadCertificate as bad:
        raise invalid("body.chain", str(bad)) from None
    signed = CertificateSigned(chain=data.chain, use=asked.use, request_id=asked.request_id)
    return shown(request, await give(request, station_key, signed, wait))


@get("/", summary="Requests for certificates, of all stations")
async def list_certificate_requests(request: ApiRequest, page: Paging) -> PageOf[CertificateRequestResource]:
    found = await request.queries.certificate_requests(request.tenant, None, page)
    return page_of(found, _request_resource)


async def _known(request: ApiRequest, station_key: int) -> list[tuple[InstalledCertificate, datetime]]:
    await known_station(request, station_key)
    found = await request.queries.installed_certificates(request.tenant, station_key)
    return [(each, seen.seen_at) for seen in found for each in seen.certificates]


def _installed(each: InstalledCertificate, seen_at: datetime) -> InstalledCertificateResource:
    return shaped(InstalledCertificateResource, each, key=each.hash.key, seen_at=seen_at)


def _request_resource(asked: CertificateRequest) -> CertificateRequestResource:
    return shaped(CertificateRequestResource, asked, station=asked.station_key)


_OF_A_STATION: list[Any] = [
    list_certificates,
    install_certificate,
    refresh_certificates,
    delete_certificate,
    list_station_certificate_requests,
    answer_certificate_request,
]
certificates_router = Router("/stations", route_handlers=_OF_A_STATION, tags=["Certificates"])
certificate_requests_router = Router(
    "/certificate-requests", route_handlers=[list_certificate_requests], tags=["Certificates"]
)
