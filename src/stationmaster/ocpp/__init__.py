"""The OCPP protocol without I/O: versions, typed messages, and the codec between them and payload bytes."""

from stationmaster.ocpp import v12, v15, v16, v20, v21, v201
from stationmaster.ocpp.version import JSON_VERSIONS, SOAP_VERSIONS, VERSIONS, Version

__all__ = ["JSON_VERSIONS", "SOAP_VERSIONS", "VERSIONS", "Version", "v12", "v15", "v16", "v20", "v21", "v201"]
