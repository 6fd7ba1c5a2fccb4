"""The book is what was stored last, however long it takes to read it."""

import asyncio
from collections.abc import Sequence

from stationmaster.csms.cost.tariff_book import TariffBook
from stationmaster.domain.cost.billing_records import BookContent
from stationmaster.domain.cost.sites import Site


class SlowAtFirst:
    """The first answer is on its way until ``answered``; it tells what was stored when it was asked for."""

    def __init__(self) -> None:
        self.stored = BookContent()
        self.answered = asyncio.Event()
        self._is_first = True

    async def book_tenants(self) -> Sequence[str]:
        return ["default"]

    async def book_content(self, tenant: str) -> BookContent:
        content, is_first, self._is_first = self.stored, self._is_first, False
        if is_first:
            await self.answered.wait()
        return content


async def test_a_slow_load_does_not_put_an_older_book_back() -> None:
    reads = SlowAtFirst()
    book = TariffBook(reads)
    slow = asyncio.create_task(book.load("default"))
    await asyncio.sleep(0)
    reads.stored = BookContent(sites=(Site(tenant="default", name="Mall", zone="UTC"),))
    later = asyncio.create_task(book.load("default"))
    await asyncio.wait([later], timeout=0.1)
    reads.answered.set()
    await asyncio.gather(slow, later)
    assert book.content("default") == reads.stored
