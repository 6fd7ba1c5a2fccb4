"""Is everything billed that was charged, once? Read in the database that the last server left behind."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from crash_campaign import Campaign

from stationmaster.domain.cost.bill import Bill
from stationmaster.domain.cost.tariff import Component, Price, Tariff
from stationmaster.domain.cost.tariff_choice import Assignment
from stationmaster.storage.sqlite import SQLiteStorage
from stationmaster.storage.writes.billing import to_bill

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
CENT = Decimal("0.01")
EUR_PER_KWH = Decimal("0.4")

_BILLS = """
SELECT transactions.key, transactions.station_key, COUNT(bills.key), MAX(bills.version),
       SUM(bills.state IN ('issued', 'held'))
FROM transactions LEFT JOIN bills ON bills.transaction_key = transactions.key
WHERE transactions.ended_at IS NOT NULL GROUP BY transactions.key
"""
_CURRENT = """
SELECT bills.body FROM bills JOIN stations ON stations.key = bills.station_key
WHERE stations.identity = ? AND bills.state IN ('issued', 'held')
"""


async def add_tariff(database: Path) -> None:
    """For all stations."""
    storage = await SQLiteStorage.open(str(database))
    tariff = Tariff(
        key=storage.keys.take(),
        tenant="default",
        name="all",
        version=1,
        valid_from=LONG_AGO,
        currency="EUR",
        energy=Component((Price(EUR_PER_KWH),)),
    )
    assignment = Assignment(key=storage.keys.take(), tenant="default", tariff=tariff.name, from_at=LONG_AGO)
    await storage.journal.store([tariff, assignment])
    await storage.close()


def check_bills(campaign: Campaign) -> None:
    """Each transaction that is over has one current bill, and each kWh of our own stations is on one."""
    over = _check_numbers(campaign.server.database)
    assert over >= sum(len(station.deals) for station in campaign.recorders) > 30
    for station in campaign.fleet.stations:
        bills = _current_bills(campaign.server.database, station.identity)
        billed = sum((bill.content.energy_wh for bill in bills), Decimal(0))
        metered = campaign.fleet.metered_wh(station)
        assert abs(billed - metered) <= len(bills), f"{station.identity}: {metered} Wh metered, {billed} Wh billed"
        for bill in bills:
            owed = (bill.content.energy_wh / 1000 * EUR_PER_KWH).quantize(CENT, "ROUND_HALF_UP")
            assert bill.content.total == owed


def _current_bills(database: Path, identity: str) -> list[Bill]:
    with closing(sqlite3.connect(database)) as connection:
        return [to_bill(row[0]) for row in connection.execute(_CURRENT, (identity,))]


def _check_numbers(database: Path) -> int:
    """How many transactions are over; each with one current bill, which is its newest version."""
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute(_BILLS).fetchall()
        wrong = [row for row in found if row[4] != 1 or row[2] != row[3]]
        assert not wrong, f"{len(wrong)} of {len(found)}: {wrong[:5]}"
        (lost,) = connection.execute(
            "SELECT COUNT(*) FROM bills WHERE inputs_digest NOT IN (SELECT digest FROM bill_inputs)"
        ).fetchone()
        assert not lost
    return len(found)
