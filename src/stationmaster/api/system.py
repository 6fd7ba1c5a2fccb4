"""How the node itself is doing."""

from html import escape
from typing import Literal

import msgspec
from litestar import Response, Router, get

from stationmaster.api import metrics
from stationmaster.api.http.services import ApiRequest
from stationmaster.ocpp.version import VERSIONS

_INDEX = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Stationmaster</title>
<meta name="viewport" content="width=device-width">
<style>:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }}
code {{ font-size: 0.9em }}</style>
<h1>Stationmaster {version}</h1>
<p>This node is running. Its REST API is described in <a href="/api/v1/openapi.json">openapi.json</a>;
<a href="/api/v1/health">health</a> tells whether it can serve.</p>
<p>Every other request carries an API key. The first one was printed when the node first started:</p>
<pre><code>curl -H "Authorization: Bearer $KEY" {url}api/v1/stations</code></pre>
</html>
"""


class Health(msgspec.Struct, frozen=True):
    """It answers, and the store does too; otherwise the answer is a problem."""

    status: Literal["ok"] = "ok"


class VersionResource(msgspec.Struct, frozen=True, kw_only=True):
    version: str
    ocpp: tuple[str, ...]


@get("/health", summary="Whether the node can serve", security=[])
async def get_health(request: ApiRequest) -> Health:
    await request.services.outbox.last_seq()
    return Health()


@get("/version", summary="The program's version, and the OCPP versions that it speaks")
async def get_version(request: ApiRequest) -> VersionResource:
    return VersionResource(version=request.services.version, ocpp=tuple(map(str, VERSIONS)))


@get("/openapi.json", include_in_schema=False)
async def get_openapi(request: ApiRequest) -> Response[bytes]:
    return Response(request.app.state.openapi(), media_type="application/vnd.oai.openapi+json;version=3.1")


@get("/", include_in_schema=False)
async def get_index(request: ApiRequest) -> Response[str]:
    """For people who open the address in a browser."""
    page = _INDEX.format(version=request.services.version, url=escape(str(request.base_url)))
    return Response(page, media_type="text/html")


@get("/metrics", summary="Figures in the text format of Prometheus", tags=["System"])
async def get_metrics(request: ApiRequest) -> Response[bytes]:
    return Response(request.app.state.metrics.text(), media_type=metrics.MEDIA_TYPE)


system_router = Router("/", route_handlers=[get_health, get_version, get_openapi], tags=["System"])
