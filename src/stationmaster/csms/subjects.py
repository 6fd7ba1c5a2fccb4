"""The bus subjects of the CSMS. Stations are named by their key, never by their identity."""


def event(kind: str, station_key: int | None) -> str:
    return f"events.{kind}.{station_key or 0}"


def events(kind: str = "*", station_key: int | None = None) -> str:
    """A pattern: every event of a kind, of a station, or of all."""
    return f"events.{kind}.{'*' if station_key is None else station_key}"


LOCAL_LISTS = "local_lists.asked"
"""Told to every node: a station's local list is to be looked at."""
LIST_DESK = "local_lists.desk"
"""Served by any node: asks for it, unless the list is not kept."""


def list_looked_at(station_key: int) -> str:
    """It has been: the numbers of those who asked."""
    return f"local_lists.looked_at.{station_key}"


def station(station_key: int) -> str:
    """Served by the node that holds the station's connection."""
    return f"station.{station_key}"
