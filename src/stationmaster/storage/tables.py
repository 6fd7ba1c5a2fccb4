"""Every table: whoever needs the whole schema takes ``metadata`` from here."""

from stationmaster.storage.schema import metadata

__all__ = ["metadata"]
