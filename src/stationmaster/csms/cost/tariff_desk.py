"""What operators do to tariffs: publish versions, assign them, withdraw, say where stations stand.

Nothing of it reaches back: versions and assignments begin now or later, so that the price of a session is the same
whenever it is asked for. What was billed wrongly is corrected bill by bill.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from stationmaster.csms.cost.tariff_book import CHANGED, TariffBook
from stationmaster.csms.cost.zones import zone_named
from stationmaster.csms.ports import Clock, Journal, Keys
from stationmaster.domain.cost.bill_flags import FLAGS, BillHolds
from stationmaster.domain.cost.billing_records import PlaceForgotten
from stationmaster.domain.cost.sites import PlaceFacts, Site, degree_problems
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.tariff_checks import Problem, problems
from stationmaster.domain.cost.tariff_choice import Assignment
from stationmaster.domain.records import Event, Record


class NotPossible(Exception):
    """It does not fit with what is there, in words for the operator; ``kind`` names the case."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.kind = kind


class NotValid(Exception):
    """``problems``: what is wrong, and where."""

    def __init__(self, *found: Problem) -> None:
        super().__init__("; ".join(f"{each.path}: {each.why}" for each in found))
        self.problems = found


class TariffDesk:
    """Any node has one."""

    def __init__(self, book: TariffBook, journal: Journal, keys: Keys, clock: Clock) -> None:
        self.book = book
        self._journal = journal
        self._keys = keys
        self._clock = clock
        self._one_by_one = asyncio.Lock()
        """Held from looking into the book until what was decided by it stands in the book."""

    def newest(self, tenant: str, name: str) -> Tariff | None:
        """The version of a tariff that was made last, whether it is valid yet or not."""
        versions = self.versions(tenant, name)
        return versions[0] if versions else None

    def versions(self, tenant: str, name: str) -> tuple[Tariff, ...]:
        """All there ever were, the newest first."""
        found = [each for each in self.book.content(tenant).tariffs if each.name == name]
        return tuple(sorted(found, key=lambda each: -each.version))

    async def create(
        self, tenant: str, name: str, valid_from: datetime | None, by: str, fields: dict[str, Any]
    ) -> Tariff:
        """The first version of a tariff. Raises NotPossible, NotValid."""
        async with self._one_by_one:
            if self.newest(tenant, name) is not None:
                raise NotPossible("duplicate", f"There is a tariff {name} already; PUT makes a new version of it.")
            return await self._publish(tenant, name, 1, valid_from, by, fields)

    async def change(
        self, tenant: str, name: str, valid_from: datetime | None, by: str, fields: dict[str, Any]
    ) -> Tariff:
        """The next version of a tariff. Raises LookupError, NotPossible, NotValid."""
        async with self._one_by_one:
            last = self.newest(tenant, name)
            if last is None:
                raise LookupError(name)
            begins = valid_from or self._clock.now()
            if begins <= last.valid_from:
                raise NotPossible(
                    "valid-from",
                    f"Version {last.version} is valid from {last.valid_from.isoformat()}, this one not later.",
                )
            return await self._publish(tenant, name, last.version + 1, valid_from, by, fields)

    async def assign(self, tenant: str, fields: dict[str, Any]) -> Assignment:
        """Raises NotValid."""
        async with self._one_by_one:
            return await self._assign(tenant, fields)

    async def _assign(self, tenant: str, fields: dict[str, Any]) -> Assignment:
        now = self._clock.now()
        from_at, to_at = fields.get("from_at") or now, fields.get("to_at")
        if from_at < now:
            raise NotValid(_past("from_at"))
        if to_at is not None and to_at <= from_at:
            raise NotValid(Problem("to_at", "is not after from_at"))
        if self.newest(tenant, fields["tariff"]) is None:
            raise NotValid(Problem("tariff", "there is no such tariff"))
        assignment = Assignment(key=self._keys.take(), tenant=tenant, **{**fields, "from_at": from_at})
        await self._save(tenant, assignment, "assignment_made", assignment=assignment.key, tariff=assignment.tariff)
        return assignment

    def assignment(self, tenant: str, key: int) -> Assignment | None:
        return next((each for each in self.book.content(tenant).assignments if each.key == key), None)

    async def withdraw(self, tenant: str, key: int, at: datetime | None) -> Assignment:
        """End an assignment: what began before stays as it is. Raises LookupError, NotPossible."""
        async with self._one_by_one:
            assignment = self.assignment(tenant, key)
            if assignment is None:
                raise LookupError(key)
            return await self._withdraw(assignment, at)

    async def _withdraw(self, assignment: Assignment, at: datetime | None) -> Assignment:
        now = self._clock.now()
        ends = at or now
        if ends < now:
            raise NotPossible("past", "An assignment can end now or later, not in the past.")
        known = [each for each in (assignment.to_at, assignment.withdrawn_at) if each is not None]
        if known and min(known) <= now:
            raise NotPossible("ended", "The assignment has ended already.")
        withdrawn = msgspec.structs.replace(assignment, withdrawn_at=ends)
        await self._save(
            assignment.tenant, withdrawn, "assignment_withdrawn", assignment=assignment.key, tariff=assignment.tariff
        )
        return withdrawn

    async def put_site(self, site: Site) -> Site:
        """All that is said of a site anew. Raises NotValid."""
        await self._check_zone(site.zone)
        _check_degrees(site)
        async with self._one_by_one:
            await self._save(site.tenant, site, "site", site=site.name)
        return site

    async def put_holds(self, tenant: str, flags: tuple[str, ...] | None) -> None:
        """Which flags keep bills back that are made from now on; None: as the program has it. Raises NotValid."""
        unknown = [place for place, flag in enumerate(flags or ()) if flag not in FLAGS]
        if unknown:
            raise NotValid(*(Problem(f"flags[{place}]", "there is no such flag") for place in unknown))
        wanted = None if flags is None else tuple(sorted(set(flags)))
        async with self._one_by_one:
            await self._save(tenant, BillHolds(tenant=tenant, flags=wanted), "bill_holds", flags=wanted)

    async def put_place(self, tenant: str, facts: PlaceFacts) -> None:
        """What is said of a station or an EVSE, all of it anew. It holds for transactions that end from now on;
        those that are there keep their place. Raises NotValid."""
        if facts.zone is not None:
            await self._check_zone(facts.zone)
        _check_degrees(facts)
        async with self._one_by_one:
            if facts.site is not None and all(site.name != facts.site for site in self.book.content(tenant).sites):
                raise NotValid(Problem("site", "there is no such site"))
            await self._save(tenant, facts, "place", station=facts.station_key, evse_id=facts.evse_id)

    async def put_stations(
        self, tenant: str, site: str, add: Sequence[int], remove: Sequence[int]
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Have stations stand at a site, others not any more; what else is said of them stays. Returns the keys of
        those that were moved. Raises NotValid."""
        both = sorted(set(add) & set(remove))
        if both:
            raise NotValid(Problem("remove", f"station {both[0]} is to be added, too"))
        async with self._one_by_one:
            return await self._move(tenant, site, add, remove)

    async def forget_place(self, tenant: str, station_key: int, evse_id: int) -> None:
        """The EVSE is as its station again, the station as nobody said anything of it."""
        forgotten = PlaceForgotten(station_key=station_key, evse_id=evse_id)
        async with self._one_by_one:
            await self._save(tenant, forgotten, "place", station=station_key, evse_id=evse_id)

    async def _move(
        self, tenant: str, site: str, add: Sequence[int], remove: Sequence[int]
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        known = {each.station_key: each for each in self.book.content(tenant).places if each.evse_id == 0}
        facts = {key: known.get(key, PlaceFacts(station_key=key)) for key in {*add, *remove}}
        added = tuple(sorted(key for key in set(add) if facts[key].site != site))
        removed = tuple(sorted(key for key in set(remove) if facts[key].site == site))
        moved: list[Record] = [msgspec.structs.replace(facts[key], site=site) for key in added]
        moved += [msgspec.structs.replace(facts[key], site=None) for key in removed]
        if moved:
            await self._save_all(tenant, moved, "places", site=site, added=added, removed=removed)
        return added, removed

    async def _publish(
        self, tenant: str, name: str, version: int, valid_from: datetime | None, by: str, fields: dict[str, Any]
    ) -> Tariff:
        now = self._clock.now()
        tariff = Tariff(
            key=self._keys.take(),
            tenant=tenant,
            name=name,
            version=version,
            valid_from=valid_from or now,
            created_at=now,
            created_by=by,
            **fields,
        )
        found = [each for each in problems(tariff) if not each.is_warning]
        if tariff.valid_from < now:
            found.append(_past("valid_from"))
        if found:
            raise NotValid(*found)
        await self._save(tenant, tariff, "tariff", tariff=name, version=version)
        return tariff

    async def _save(self, tenant: str, record: Record, what: str, **more: Any) -> None:
        await self._save_all(tenant, [record], what, **more)

    async def _save_all(self, tenant: str, records: Sequence[Record], what: str, **more: Any) -> None:
        event = Event(kind=CHANGED, tenant=tenant, at=self._clock.now(), data={"what": what, **more})
        await self._journal.store(records, [event])
        await self.book.load(tenant)

    async def _check_zone(self, zone: str) -> None:
        try:
            await asyncio.to_thread(zone_named, zone)
        except LookupError as error:
            raise NotValid(Problem("zone", str(error))) from None


def _check_degrees(where: Site | PlaceFacts) -> None:
    found = degree_problems(where.latitude, where.longitude)
    if found:
        raise NotValid(*(Problem(name, why) for name, why in found))


def _past(path: str) -> Problem:
    return Problem(path, "lies in the past: what was billed wrongly is corrected bill by bill")
