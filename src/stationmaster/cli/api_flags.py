"""The flags by which `station` and `fleet` make their drivers' cards known to a CSMS of ours."""

from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

if TYPE_CHECKING:
    from stationmaster.cli.fleet_tokens import ApiAccess


def _api_url(text: str | None) -> str | None:
    """Raises typer.BadParameter for what is no address of an API."""
    parts = urlsplit(text or "")
    if text is not None and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query):
        raise typer.BadParameter(f"{text} is not of the form http://host:port or https://host:port")
    return text


def _api_key(text: str | None) -> str | None:
    """Raises typer.BadParameter, without the text, for what cannot stand in a header."""
    if text is not None and not (text.isascii() and text.isprintable()):
        raise typer.BadParameter("it has letters that no key has")
    return text


ApiUrl = Annotated[
    str | None,
    typer.Option(
        help="API of a stationmaster: make the drivers' cards known there first.",
        metavar="URL",
        callback=_api_url,
    ),
]
ApiKey = Annotated[
    str | None,
    typer.Option(
        help="Key to that API, of an operator. Better in the environment: a command line can be read by others.",
        envvar="STATIONMASTER_API_KEY",
        metavar="KEY",
        callback=_api_key,
        show_envvar=True,
    ),
]


def api_access(url: str | None, key: str | None) -> "ApiAccess | None":
    """None where no API was named. Raises typer.BadParameter for one without a key."""
    from stationmaster.cli.fleet_tokens import ApiAccess

    if url is None:
        return None
    if not key:
        raise typer.BadParameter("the API needs a key: --api-key or STATIONMASTER_API_KEY", param_hint="--api-url")
    return ApiAccess(url=url, key=key)
