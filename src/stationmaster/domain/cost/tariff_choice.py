"""Which tariff applies: where, when and to whom.

A choice depends on the transaction's start alone. Versions and assignments cannot begin in the past, and withdrawing
one only ends it: so the answer is the same whenever it is asked for. A bill keeps the choice, not the token.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from stationmaster.domain.cost.evidence import TariffTold
from stationmaster.domain.cost.pricing import TariffFrom
from stationmaster.domain.cost.tariff import EvseKind, Tariff, without_prices


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a transaction is; ``zone`` is the name of its time zone."""

    station_key: int
    evse_id: int
    connector_id: int | None = None
    site: str | None = None
    evse_kind: EvseKind | None = None
    zone: str = "UTC"


class Audience(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who charges: what the accepted token is. ``ad_hoc``: without a contract."""

    token_key: int | None = None
    group: str | None = None
    contract_id: str | None = None
    party_id: str | None = None
    token_type: str | None = None
    ad_hoc: bool = False


class Assignment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A tariff for whom and where its filters fit; a filter that is None fits all.

    ``from_at`` is included, ``to_at`` and ``withdrawn_at`` are not.
    """

    key: int
    tenant: str
    tariff: str
    from_at: datetime
    kind: Literal["default", "driver"] = "default"
    site: str | None = None
    station_key: int | None = None
    evse_id: int | None = None
    connector_id: int | None = None
    token_key: int | None = None
    group: str | None = None
    contract_id: str | None = None
    party_id: str | None = None
    token_type: str | None = None
    ad_hoc: bool | None = None
    priority: int = 0
    to_at: datetime | None = None
    withdrawn_at: datetime | None = None


class Choice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``tariff_key`` is the version's; None: no tariff applies. ``why`` names no person."""

    tariff_key: int | None = None
    assignment_key: int | None = None
    why: str = "no assignment fits"


class Candidate(msgspec.Struct, frozen=True):
    """An assignment and why it does not apply; "" where it would."""

    assignment: Assignment
    why_not: str


InTime = Literal["later", "in_force", "ended"]
_NOT_NOW: Mapping[InTime, str] = {"later": "begins later", "ended": "has ended"}
_AUDIENCE: Mapping[str, int] = {
    "token_key": 5,
    "group": 4,
    "contract_id": 3,
    "party_id": 2,
    "token_type": 1,
    "ad_hoc": 1,
}
_PLACE: Mapping[str, int] = {"connector_id": 4, "evse_id": 3, "station_key": 2, "site": 1}
_WORDS = {
    "token_key": "this token",
    "contract_id": "this contract",
    "station_key": "this station",
    "ad_hoc": "ad hoc",
}
"""Filters that are told without their value: keys say nothing to people, and tokens and contracts are people's."""
_KINDS = {
    "token_key": "one token",
    "contract_id": "one contract",
    "station_key": "one station",
    "ad_hoc": "drivers without a token",
}
"""As ``_WORDS``, where no session is talked about."""


def choose(
    assignments: Iterable[Assignment], versions: Iterable[Tariff], place: Place, audience: Audience, at: datetime
) -> Choice:
    """The version to bill by, for a transaction that starts at ``at`` by the station's clock.

    Of several assignments that fit: higher priority, then the narrower audience, then the narrower place, then the
    later ``from_at``, then the lower key.
    """
    fitting = [each for each in candidates(assignments, place, audience, at) if not each.why_not]
    known = list(versions)
    for candidate in sorted(fitting, key=lambda each: _rank(each.assignment)):
        assignment = candidate.assignment
        version = version_at(known, assignment.tenant, assignment.tariff, at)
        if version is not None:
            return Choice(tariff_key=version.key, assignment_key=assignment.key, why=_why(assignment))
    return Choice() if not fitting else Choice(why="the tariff that is assigned has no version yet")


def candidates(
    assignments: Iterable[Assignment], place: Place, audience: Audience, at: datetime
) -> tuple[Candidate, ...]:
    """All assignments, each with why it does not fit, the one that wins first."""
    found = [Candidate(each, _why_not(each, place, audience, at)) for each in assignments]
    return tuple(sorted(found, key=lambda each: (bool(each.why_not), _rank(each.assignment))))


def version_at(versions: Iterable[Tariff], tenant: str, name: str, at: datetime) -> Tariff | None:
    """The newest version of a tariff that is valid at a moment."""
    fitting = [each for each in versions if (each.tenant, each.name) == (tenant, name) and each.valid_from <= at]
    return max(fitting, key=lambda each: (each.valid_from, each.version), default=None)


def in_force(
    chosen: Tariff | None, told: Iterable[TariffTold], known: Mapping[str, Tariff]
) -> tuple[tuple[TariffFrom, ...], tuple[str, ...]]:
    """The tariffs of a session, and the ids told that are none of ours.

    What the station says it uses goes before our choice: the first from the start on, later ones from their time on
    (I07.FR.32, I11.FR.08). Where it used none before, and there was none, that costs nothing. ``known``: tariffs by
    their wire id.
    """
    tariffs = [] if chosen is None else [TariffFrom(chosen)]
    unknown = []
    first = True
    for each in told:
        tariff = known.get(each.tariff_id)
        if tariff is None:
            unknown.append(each.tariff_id)
        elif first and each.changed:
            before = tariffs or [TariffFrom(without_prices(tariff))]
            tariffs, first = [*before, TariffFrom(tariff, each.at)], False
        elif first:
            tariffs, first = [TariffFrom(tariff)], False
        elif tariffs[-1].tariff.key != tariff.key:
            tariffs.append(TariffFrom(tariff, each.at))
    return tuple(tariffs), tuple(unknown)


def in_time(assignment: Assignment, at: datetime) -> InTime:
    """How an assignment stands at a moment."""
    if at < assignment.from_at:
        return "later"
    ends = [end for end in (assignment.to_at, assignment.withdrawn_at) if end is not None]
    return "ended" if ends and at >= min(ends) else "in_force"


def _why_not(assignment: Assignment, place: Place, audience: Audience, at: datetime) -> str:
    stands = in_time(assignment, at)
    if stands != "in_force":
        return _NOT_NOW[stands]
    for filters, facts in ((_PLACE, place), (_AUDIENCE, audience)):
        for name in filters:
            wanted = getattr(assignment, name)
            if wanted is not None and wanted != getattr(facts, name):
                return f"is for another {name.removesuffix('_key')}" if name != "ad_hoc" else "is for other drivers"
    return ""


def _rank(assignment: Assignment) -> tuple[int, int, int, float, int]:
    return (
        -assignment.priority,
        -_narrowness(assignment, _AUDIENCE),
        -_narrowness(assignment, _PLACE),
        -assignment.from_at.timestamp(),
        assignment.key,
    )


def _narrowness(assignment: Assignment, filters: Mapping[str, int]) -> int:
    return max((rank for name, rank in filters.items() if getattr(assignment, name) is not None), default=0)


def for_whom(assignment: Assignment) -> str:
    """For whom an assignment is, and where, in words: ``group fleet-a, site Harbour``."""
    return _filters(assignment, _KINDS) or "all, everywhere"


def _why(assignment: Assignment) -> str:
    """In words, for example ``group fleet-a, site Harbour (assignment 17)``."""
    return f"{_filters(assignment, _WORDS) or 'for all, everywhere'} (assignment {assignment.key})"


def _filters(assignment: Assignment, hidden: Mapping[str, str]) -> str:
    given = [name for name in (*_AUDIENCE, *_PLACE) if getattr(assignment, name) is not None]
    return ", ".join(hidden.get(name, f"{name.replace('_id', '')} {getattr(assignment, name)}") for name in given)
