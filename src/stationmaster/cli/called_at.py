"""Where stations that speak SOAP are called by their CSMS: the flags of `station` and `fleet`."""

from typing import Annotated
from urllib.parse import urlsplit

import msgspec
import typer

SOAP_URL = "http://127.0.0.1:9001/soap"
_WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not bound


class CalledAt(msgspec.Struct, frozen=True, kw_only=True):
    """``port`` 0: any free one. ``url``: what the CSMS is told, None: this host and port; each station adds its
    identity to it."""

    host: str = "127.0.0.1"
    port: int = 0
    url: str | None = None


def _listen(text: str | None) -> str | None:
    """Raises typer.BadParameter for what is no host and port."""
    if text is not None:
        _host_and_port(text)
    return text


def _callback_url(text: str | None) -> str | None:
    """Raises typer.BadParameter for what no CSMS can call."""
    if text is not None and not is_http(text):
        raise typer.BadParameter(f"{text} is not of the form http://host:port/path or https://host:port/path")
    return text


Listen = Annotated[
    str | None,
    typer.Option(
        help="Versions in SOAP: where the CSMS's calls are listened for.",
        metavar="HOST:PORT",
        show_default="127.0.0.1 and any free port",
        callback=_listen,
    ),
]
CallbackUrl = Annotated[
    str | None,
    typer.Option(
        help="Versions in SOAP: where the CSMS is to call, if not at --listen itself; the identity is added to it.",
        metavar="URL",
        callback=_callback_url,
    ),
]


def called_at(listen: str | None, callback_url: str | None) -> CalledAt:
    """Raises typer.BadParameter where nobody could tell the CSMS an address."""
    if listen is None:
        return CalledAt(url=callback_url)
    host, port = _host_and_port(listen)
    if host in _WILDCARDS and callback_url is None:
        raise typer.BadParameter(f"{host} is no address to call: name one by --callback-url", param_hint="--listen")
    return CalledAt(host=host, port=port, url=callback_url)


def is_http(url: str) -> bool:
    """Whether it is an address that SOAP can be posted to."""
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query and not parts.fragment


def _host_and_port(text: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or port is None or parts.path:
        raise typer.BadParameter(f"{text} is not of the form host:port")
    return host, port
