"""What open transactions cost so far, brought forward by each message instead of reckoned anew from all evidence.

Estimates, in memory only: where one is not known, or a message is out of the ordinary, all that is stored is read once
more. Whoever calls is in the station's lane, but for those who ask for ``known`` or ``until``: they change nothing.
"""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from stationmaster.csms.cost.billing import Draft
from stationmaster.domain.cost.bill import Content, Inputs
from stationmaster.domain.cost.billing_records import BookContent
from stationmaster.domain.cost.conditions import Course
from stationmaster.domain.cost.evidence import Evidence, Point
from stationmaster.domain.cost.local_time import micros, moment
from stationmaster.domain.cost.pricing import Schedule
from stationmaster.domain.cost.reckoning import reckoned
from stationmaster.domain.cost.running_cost import Accrual, accrue, course_so_far, opened, running
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.unit_prices import NextPrices, UnitPrices, next_prices, prices_at
from stationmaster.domain.records import Record

MOST = 20_000
"""Transactions that are kept in mind; the oldest go first, and are reckoned from the store then."""
READ_ANEW_AFTER = timedelta(hours=12)
"""The offsets of the local clock are known for a day from where a session was opened."""


class Billing(Protocol):
    """See ``csms.cost.billing.Billing``."""

    def content(self, tenant: str) -> BookContent: ...
    async def so_far(
        self, transaction_key: int, records: Iterable[Record] = (), until: datetime | None = None
    ) -> Draft | None: ...


class SoFar:
    """One transaction by now. ``content`` are its lines and sums; the prices are found when somebody asks."""

    def __init__(self, inputs: Inputs, content: Content, course: Course, schedule: Schedule) -> None:
        self.inputs = inputs
        self.content = content
        self._course = course
        self._schedule = schedule

    @property
    def tariff(self) -> Tariff:
        """The one in force."""
        return self.inputs.tariffs[-1].tariff

    @property
    def last(self) -> Point | None:
        """The newest reading."""
        points = self.inputs.evidence.points
        return points[-1] if points else None

    @property
    def at(self) -> datetime:
        """Where the estimate ends."""
        return moment(self._course.end_us)

    @property
    def is_idle(self) -> bool:
        spans = self._course.timeline.spans
        return bool(spans) and spans[-1].kind == "idle"

    def prices(self) -> UnitPrices:
        return prices_at(self._course, self._schedule, self._course.end_us)

    def next_prices(self) -> NextPrices | None:
        return next_prices(self._course, self._schedule, self._course.end_us)


class _Known(NamedTuple):
    """``book``: what the tariff was chosen by. ``until``: from then on it is read anew."""

    accrual: Accrual
    book: BookContent
    until: datetime


class Accruals:
    """Of every transaction that somebody is told the cost of, by its key."""

    def __init__(self, billing: Billing) -> None:
        self._billing = billing
        self._known: OrderedDict[int, _Known] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def told(self, transaction_key: int, evidence: Evidence) -> None:
        """Count in what one more message told."""
        known = self._known.get(transaction_key)
        if known is None:
            return
        accrual = accrue(known.accrual, evidence)
        if accrual is None or (evidence.last_at is not None and evidence.last_at > known.until):
            del self._known[transaction_key]
        else:
            self._known[transaction_key] = known._replace(accrual=accrual)

    def forget(self, transaction_key: int) -> None:
        """Something is different that no message tells of, or it is over."""
        self._known.pop(transaction_key, None)

    def known(self, tenant: str, transaction_key: int, until: datetime | None = None) -> SoFar | None:
        """By what memory has; None: nothing."""
        known = self._known.get(transaction_key)
        if known is None or known.book is not self._billing.content(tenant):
            return None
        accrual = known.accrual
        return SoFar(accrual.inputs, running(accrual, until), course_so_far(accrual, until), accrual.schedule)

    async def so_far(self, tenant: str, transaction_key: int, records: Iterable[Record] = ()) -> SoFar | None:
        """As ``known``, else by all that is stored and about to be. None: no tariff applies."""
        found = self.known(tenant, transaction_key)
        if found is not None:
            return found
        self.forget(transaction_key)
        book = self._billing.content(tenant)
        draft = await self._billing.so_far(transaction_key, records)
        if draft is None:
            return None
        inputs = draft.inputs
        accrual = opened(inputs)
        if accrual is not None:
            self._keep(transaction_key, _Known(accrual, book, _until(inputs)))
            return SoFar(inputs, draft.content, course_so_far(accrual), accrual.schedule)
        return _whole(draft)

    async def until(self, tenant: str, transaction_key: int, until: datetime) -> SoFar | None:
        """What it will have cost by a moment if things go on as they are, by memory, else by the store."""
        found = self.known(tenant, transaction_key, until)
        if found is not None:
            return found
        draft = await self._billing.so_far(transaction_key, until=until)
        return None if draft is None else _whole(draft, until)

    def _keep(self, transaction_key: int, known: _Known) -> None:
        self._known[transaction_key] = known
        if len(self._known) > MOST:
            self._known.popitem(last=False)


def _whole(draft: Draft, until: datetime | None = None) -> SoFar:
    """Of a session that is not of the plain kind."""
    whole = reckoned(draft.inputs, closed=False, until=until)
    return SoFar(draft.inputs, draft.content, whole.course, whole.schedule)


def _until(inputs: Inputs) -> datetime:
    evidence = inputs.evidence
    last = evidence.last_at or evidence.started_at
    return moment(0 if last is None else micros(last)) + READ_ANEW_AFTER
