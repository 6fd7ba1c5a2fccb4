"""What is shown where there is no page, or none could be made: a plain document, which needs nothing to work."""

import structlog
from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from nicegui import app

log = structlog.get_logger(__name__)

_DOCUMENT = """<!doctype html>
<html lang="en"><head><title>{title} · Stationmaster</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ color-scheme: light dark; }}
body {{ font-family: system-ui, sans-serif; margin: 15vh auto; max-width: 30rem; padding: 0 1rem; }}
</style></head>
<body><main><h1>{title}</h1><p>{text}</p><p><a href="/">To the overview</a></p></main></body></html>
"""


def no_such_page(_: Request, __: Exception) -> Response:
    page = _DOCUMENT.format(title="There is no such page", text="The link may be old, or what it led to was deleted.")
    return HTMLResponse(page, status_code=404)


def broken(request: Request, error: Exception) -> Response:
    log.error("page failed", path=request.url.path, exc_info=error)
    page = _DOCUMENT.format(title="Something went wrong", text="The log of the node says what. Try it again.")
    return HTMLResponse(page, status_code=500)


def register() -> None:
    """In place of the framework's own."""
    app.add_exception_handler(404, no_such_page)
    app.add_exception_handler(Exception, broken)
