"""The bus subjects of the CSMS. Stations are named by their key, never by their identity."""


def event(kind: str, station_key: int | None) -> str:
    return f"events.{kind}.{station_key or 0}"


def events(kind: str = "*", station_key: int | None = None) -> str:
    """A pattern: every event of a kind, of a station, or of all."""
    return f"events.{kind}.{'*' if station_key is None else station_key}"


def station(station_key: int) -> str:
    """Served by the node that holds the station's connection."""
    return f"station.{station_key}"
