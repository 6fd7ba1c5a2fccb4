"""Logs that stations are asked to bring, followed to their files."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Response, Router, get, post
from litestar.params import JSONBody
from litestar.response import Stream

from stationmaster.api.commands.commands import give
from stationmaster.api.commands.diagnostics_drafts import LogDraft
from stationmaster.api.http.parameters import LogUploadKey, Paging, StationKey, Wait
from stationmaster.api.http.problems import not_found
from stationmaster.api.http.resources import JsonResponse, PageOf, page_of, shaped
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.stations import known_station
from stationmaster.domain.diagnostics.log_upload import LogUploadFilter, LogUploadView, Standing, standing
from stationmaster.domain.transfer import BlobMissing


class LogFileResource(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came whole. ``sha256`` as hex digits."""

    name: str | None
    size_bytes: int
    sha256: str
    received_at: datetime


class LogUploadResource(msgspec.Struct, frozen=True, kw_only=True):
    """``state`` goes queued, requested, accepted, uploading, uploaded; or ends as rejected, failed, unsupported,
    canceled (for a newer request), or silent: the station says no more of it. ``status`` is the station's last word.
    ``file`` is there once all of it is, whatever the state. Its ``key`` is that of the command that asked for it."""

    key: int
    station: int
    log_type: str
    state: Standing
    status: str | None
    detail: str | None
    filename: str | None
    request_id: int | None
    created_at: datetime
    heard_at: datetime | None
    file: LogFileResource | None


@post("/{station_key:int}/log-uploads", summary="Ask a station to bring a log")
async def request_log(
    request: ApiRequest, station_key: StationKey, data: JSONBody[LogDraft], wait: Wait = 0
) -> Response[LogUploadResource]:
    """The station brings it to our own file server, with credentials for this one file, unless ``location`` names
    another place. ``wait`` is for the station's answer, not for the file: ask for the upload again to follow it."""
    await known_station(request, station_key)
    command = await give(request, station_key, data.request(), wait, data.lifetime_s)
    view = await _known(request, station_key, command.key)
    where = f"/api/v1/stations/{station_key}/log-uploads/{command.key}"
    return JsonResponse(_resource(view, request.services.clock.now()), headers={"Location": where})


@get("/{station_key:int}/log-uploads", summary="Logs that a station was asked for, newest first")
async def list_log_uploads(request: ApiRequest, page: Paging, station_key: StationKey) -> PageOf[LogUploadResource]:
    await known_station(request, station_key)
    query = LogUploadFilter(tenant=request.tenant, station_key=station_key)
    now = request.services.clock.now()
    return page_of(await request.queries.log_uploads(query, page), lambda view: _resource(view, now))


@get("/{station_key:int}/log-uploads/{upload_key:int}", summary="One log that a station was asked for")
async def get_log_upload(request: ApiRequest, station_key: StationKey, upload_key: LogUploadKey) -> LogUploadResource:
    return _resource(await _known(request, station_key, upload_key), request.services.clock.now())


@get("/{station_key:int}/log-uploads/{upload_key:int}/file", summary="The file that a station brought")
async def get_log_file(request: ApiRequest, station_key: StationKey, upload_key: LogUploadKey) -> Response[Any]:
    """As it came, to be saved: nothing in it is looked at, unpacked or run here."""
    view = await _known(request, station_key, upload_key)
    blobs, file = request.services.blobs, view.file
    if file is None:
        raise not_found("file yet")
    try:
        size = await blobs.size(file.blob)
    except BlobMissing:
        raise not_found("file any more") from None
    name = file.name or view.upload.filename or f"log-{upload_key}"
    return Stream(
        blobs.read(file.blob),
        media_type="application/octet-stream",
        headers={
            "Content-Length": str(size),
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": "sandbox",
        },
    )


async def _known(request: ApiRequest, station_key: int, upload_key: int) -> LogUploadView:
    view = await request.queries.log_upload(request.tenant, station_key, upload_key)
    if view is None:
        raise not_found("log upload")
    return view


def _resource(view: LogUploadView, now: datetime) -> LogUploadResource:
    state, detail = standing(view.upload, view.command, view.file, now)
    file = None if view.file is None else shaped(LogFileResource, view.file)
    return shaped(
        LogUploadResource, view.upload, station=view.upload.station_key, state=state, detail=detail, file=file
    )


log_uploads_router = Router(
    "/stations",
    route_handlers=[request_log, list_log_uploads, get_log_upload, get_log_file],
    tags=["Diagnostics"],
)
