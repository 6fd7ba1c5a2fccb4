"""The SOAP messages of every version: the one source of types, WSDLs, and the reading and writing of XML."""

from collections.abc import Mapping
from types import MappingProxyType

from stationmaster.ocpp.soap.elements import Service
from stationmaster.ocpp.soap.tables import v12, v15, v16
from stationmaster.ocpp.version import Version

__all__ = ["SERVICES"]

SERVICES: Mapping[Version, Service] = MappingProxyType(
    {each.version: each for each in (v12.SERVICE, v15.SERVICE, v16.SERVICE)}
)
