"""The station list and the overview of a database that had none: what the new columns say of what is there.

A step of a migration. It is written out whole, so that it does the same whatever later programs make of these words.
"""

import sqlalchemy as sa

_TOLD = """
UPDATE stations SET
    vendor = nullif(json_extract(info, '$.vendor'), ''),
    model = nullif(json_extract(info, '$.model'), ''),
    firmware_version = nullif(json_extract(info, '$.firmware_version'), ''),
    serial_number = nullif(json_extract(info, '$.serial_number'), ''),
    first_connected_at = coalesce(booted_at, connected_at),
    connected = connected_at IS NOT NULL AND coalesce(disconnected_at < connected_at, 1),
    site = (
        SELECT json_extract(places.body, '$.site') FROM places
        WHERE places.station_key = stations.key AND places.evse_id = 0
    )
"""
_STATE = """
UPDATE stations SET state = CASE
    WHEN registration = 'Rejected' THEN 'rejected'
    WHEN connected_at IS NULL THEN 'never_seen'
    WHEN NOT connected THEN 'offline'
    WHEN registration = 'Pending' THEN 'pending'
    WHEN EXISTS (
        SELECT 1 FROM connectors AS c WHERE c.station_key = stations.key AND c.status = 'Faulted'
    ) THEN 'faulted'
    WHEN EXISTS (
        SELECT 1 FROM connectors AS c WHERE c.station_key = stations.key AND c.status = 'Occupied'
            AND json_extract(c.body, '$.charging_state') = 'Charging'
    ) OR EXISTS (
        SELECT 1 FROM transactions AS t WHERE t.station_key = stations.key AND t.ended_at IS NULL
            AND json_extract(t.body, '$.charging_state') = 'Charging'
    ) THEN 'charging'
    WHEN EXISTS (
        SELECT 1 FROM connectors AS c WHERE c.station_key = stations.key AND c.status = 'Occupied'
    ) OR EXISTS (
        SELECT 1 FROM transactions AS t WHERE t.station_key = stations.key AND t.ended_at IS NULL
    ) THEN 'occupied'
    WHEN EXISTS (
        SELECT 1 FROM connectors AS c WHERE c.station_key = stations.key AND c.status = 'Reserved'
    ) THEN 'reserved'
    WHEN EXISTS (
        SELECT 1 FROM connectors AS c WHERE c.station_key = stations.key AND c.status = 'Unavailable' AND c.evse_id = 0
    ) THEN 'unavailable'
    WHEN EXISTS (
        SELECT 1 FROM connectors AS c WHERE c.station_key = stations.key AND c.status = 'Available' AND c.evse_id != 0
    ) THEN 'available'
    WHEN EXISTS (
        SELECT 1 FROM connectors AS c WHERE c.station_key = stations.key AND c.status = 'Unavailable'
    ) THEN 'unavailable'
    ELSE 'unknown'
END
"""
_ENERGY = """
UPDATE transactions SET energy_wh = CAST(round(max(0, coalesce(
    CAST(json_extract(body, '$.weighed.wh') AS REAL),
    json_extract(body, '$.meter_stop_wh')
        - coalesce(json_extract(body, '$.meter_start_wh'), json_extract(body, '$.first_register.wh')),
    json_extract(body, '$.last_register.wh') - coalesce(
        json_extract(body, '$.meter_start_wh'),
        json_extract(
            nullif(json_extract(body, '$.first_register'), json_extract(body, '$.last_register')), '$.wh'
        )
    )
))) AS INTEGER)
WHERE ended_at IS NOT NULL
"""
"""Of the registers that are marked, else of the first and the last, where these are two."""
_BILLS = """
UPDATE bills SET
    ended_at = CAST(strftime('%s', json_extract(body, '$.content.ended_at')) AS INTEGER) * 1000000,
    currency = json_extract(body, '$.content.currency'),
    total_minor = CAST(replace(json_extract(body, '$.content.total'), '.', '') AS INTEGER)
"""
"""A total has exactly the digits of its currency."""


def fill(connection: sa.Connection) -> None:
    """Of each station what it told at its boot, where it stands, and how; the energy of transactions that are over; of
    what time bills are, and what they come to."""
    for statement in (_TOLD, _STATE, _ENERGY, _BILLS):
        connection.execute(sa.text(statement))
