"""Security events, logs that stations bring, and what they know of persons."""

from sqlalchemy import Index, Table, UniqueConstraint

from stationmaster.storage.schema.core import counted_column, key_column, metadata, number_column, text_column

security_events = Table(
    "security_events",
    metadata,
    counted_column(),
    number_column("station_key"),
    text_column("type"),
    number_column("timestamp"),
    number_column("received_at"),
    number_column("critical", null=True),
    text_column("tech_info", null=True),
    number_column("digest"),
    UniqueConstraint("timestamp", "station_key", "digest", name="security_events_once"),
)
Index("security_events_station", security_events.c.station_key)


def _asked_of_stations(name: str) -> Table:
    """What a command asked for, and what became of it."""
    table = Table(
        name,
        metadata,
        key_column(),
        text_column("tenant"),
        number_column("station_key"),
        number_column("created_at"),
        text_column("state"),
        text_column("body"),
    )
    Index(f"{name}_station", table.c.station_key)
    return table


log_uploads = _asked_of_stations("log_uploads")
customer_reports = _asked_of_stations("customer_reports")

customer_report_parts = Table(
    "customer_report_parts",
    metadata,
    counted_column(),
    number_column("report_key"),
    number_column("seq_no"),
    number_column("received_at"),
    text_column("data"),
    UniqueConstraint("report_key", "seq_no", name="customer_report_parts_once"),
)
"""Personal data stands here and in the commands alone."""
