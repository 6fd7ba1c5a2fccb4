"""Stationmaster: the CSMS, the charging station and the local controller of OCPP in one package."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("stationmaster")
except PackageNotFoundError:  # running from a source tree that was never installed
    __version__ = "0.0.0"
