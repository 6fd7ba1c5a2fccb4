"""Bills as rows of a table, without their lines."""

from collections.abc import Awaitable
from datetime import datetime
from decimal import Decimal

from stationmaster.api.cost.bill_shapes import BillFacts, BillResource
from stationmaster.api.http.resources import PageOf, shaped


class BillRow(BillFacts, frozen=True, kw_only=True):
    """The bill's own values, and those of its content."""

    currency: str
    net: str
    tax: str
    total: str
    energy_wh: Decimal
    energy_source: str
    started_at: datetime | None
    ended_at: datetime | None
    charging_s: int
    idle_s: int
    paused_s: int
    flags: tuple[str, ...]


async def bill_rows(page: Awaitable[PageOf[BillResource]]) -> PageOf[BillRow]:
    found = await page
    return PageOf(tuple(map(_row, found.items)), found.next_cursor)


def _row(bill: BillResource) -> BillRow:
    content = bill.content
    of_content = {name: getattr(content, name) for name in BillRow.__struct_fields__ if hasattr(content, name)}
    return shaped(BillRow, bill, **of_content)
