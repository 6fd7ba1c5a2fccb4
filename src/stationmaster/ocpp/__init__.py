"""The OCPP protocol without I/O: versions, typed messages, and the codec between them and payload bytes."""

from stationmaster.ocpp import v16, v20, v21, v201
from stationmaster.ocpp.version import JSON_VERSIONS, Version

__all__ = ["JSON_VERSIONS", "Version", "v16", "v20", "v21", "v201"]
