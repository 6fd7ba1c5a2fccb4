"""The URL path that SOAP is posted to: which tenant, which version, and whether the contract is asked for."""

import re
from collections.abc import Callable, Mapping

import msgspec

from stationmaster.ocpp.version import Version
from stationmaster.transport.path import DEFAULT_TENANT, MAX_PATH_BYTES

PREFIX = "/soap"
_TENANT = re.compile(r"[A-Za-z0-9_-]{1,48}")
_VERSIONS: Mapping[str, Version] = {"v1.2": Version.V12, "v1.5": Version.V15, "v1.6": Version.V16S}
_CONTRACT = "wsdl"


class SoapPath(msgspec.Struct, frozen=True):
    tenant: str = DEFAULT_TENANT
    version: Version | None = None
    """The only one that may be spoken here; None: any."""


ReadPath = Callable[[str], SoapPath | None]
"""What a path (without its query) means; None: nothing is there."""


def soap_path(path: str) -> SoapPath | None:
    """Read ``/soap``, ``/soap/v1.5``, ``/soap/acme`` or ``/soap/acme/v1.5``, with ``/wsdl`` after it or not.

    The first segment is the route's own. Empty segments (a trailing slash, a doubled one) don't count. No tenant's name
    has a dot, so what has one is a version.
    """
    if len(path) > MAX_PATH_BYTES:
        return None
    _, *rest = [segment for segment in path.split("/") if segment] or [""]
    if rest and rest[-1].lower() == _CONTRACT:
        rest.pop()
    version = _VERSIONS.get(rest[-1].lower()) if rest else None
    if version is not None:
        rest.pop()
    match rest:
        case []:
            return SoapPath(version=version)
        case [tenant] if _TENANT.fullmatch(tenant):
            return SoapPath(tenant, version)
        case _:
            return None


def any_path(path: str) -> SoapPath | None:
    """For a charging station's listener: its address may look like anything, the envelope says whom it is for."""
    return SoapPath() if len(path) <= MAX_PATH_BYTES else None


def soap_address(base: str, place: SoapPath) -> str:
    """The URL that :func:`soap_path` reads as this place; ``base`` is that of the route, such as ``http://x/soap``."""
    names = [] if place.tenant == DEFAULT_TENANT else [place.tenant]
    names += [name for name, version in _VERSIONS.items() if version is place.version]
    return "/".join([base.rstrip("/"), *names])


def asks_for_contract(path: str, query: str) -> bool:
    """Whether a GET wants the WSDL: ``?wsdl`` in any case, or ``/wsdl`` at the end."""
    return query.lower() == _CONTRACT or path.rstrip("/").rpartition("/")[2].lower() == _CONTRACT
