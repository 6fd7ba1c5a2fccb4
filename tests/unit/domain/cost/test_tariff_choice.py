"""Which tariff applies."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stationmaster.domain.cost.evidence import TariffTold
from stationmaster.domain.cost.pricing import TariffFrom
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.tariff_choice import Assignment, Audience, Choice, Place, candidates, choose, in_force

T0 = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
PLACE = Place(station_key=5, evse_id=2, connector_id=1, site="Harbour")
AUDIENCE = Audience(token_key=9, group="fleet-a", contract_id="C", party_id="P", token_type="eMAID")


def version(key: int, name: str = "day", days: int = 0, **fields: Any) -> Tariff:
    return Tariff(key=key, tenant="t", name=name, version=key, valid_from=T0 + DAY * days, currency="EUR", **fields)


def assignment(key: int, **fields: Any) -> Assignment:
    return Assignment(**({"key": key, "tenant": "t", "tariff": "day", "from_at": T0} | fields))


def chosen(*assignments: Assignment, at: datetime = T0 + DAY) -> int | None:
    return choose(assignments, [version(1)], PLACE, AUDIENCE, at).assignment_key


BY_RANK: list[dict[str, Any]] = [
    {"priority": 1},
    {"token_key": 9},
    {"group": "fleet-a"},
    {"contract_id": "C"},
    {"party_id": "P"},
    {"token_type": "eMAID"},
    {"connector_id": 1},
    {"evse_id": 2},
    {"station_key": 5},
    {"site": "Harbour"},
    {"from_at": T0 + timedelta(hours=1)},
    {},
]


@settings(deadline=None)
@given(st.permutations(range(len(BY_RANK))), st.integers(0, len(BY_RANK) - 1))
def test_priority_then_audience_then_place_then_age_decide_in_whatever_order_they_are_listed(
    order: list[int], least: int
):
    listed = [assignment(place, **BY_RANK[place]) for place in order if place >= least]
    assert chosen(*listed) == least


@pytest.mark.parametrize(
    "fields",
    [
        {"token_key": 8},
        {"group": "other"},
        {"ad_hoc": True},
        {"site": "Airport"},
        {"station_key": 6},
        {"evse_id": 3},
        {"from_at": T0 + DAY * 2},
        {"to_at": T0 + DAY},
        {"withdrawn_at": T0 + DAY},
    ],
)
def test_what_does_not_fit_is_not_chosen_and_says_why(fields: dict[str, Any]):
    assert chosen(assignment(1, **fields)) is None
    found = candidates([assignment(1, **fields), assignment(2)], PLACE, AUDIENCE, T0 + DAY)
    assert [bool(each.why_not) for each in found] == [False, True]


def test_the_newest_version_that_is_valid_counts():
    versions = [version(1), version(2, days=1), version(3, days=2)]
    keys = [choose([assignment(1)], versions, PLACE, AUDIENCE, T0 + DAY * days).tariff_key for days in (0, 1, 5)]
    assert keys == [1, 2, 3]


def test_a_tariff_of_another_tenant_or_without_a_version_is_passed_over():
    assert choose([assignment(1, tariff="none"), assignment(2)], [version(1)], PLACE, AUDIENCE, T0).assignment_key == 2
    assert choose([assignment(1, tenant="u")], [version(1)], PLACE, AUDIENCE, T0).tariff_key is None


def test_a_choice_says_why_without_naming_the_token():
    choice = choose(
        [assignment(17, token_key=9, contract_id="C", group="fleet-a", site="Harbour")],
        [version(1)],
        PLACE,
        AUDIENCE,
        T0,
    )
    assert choice == Choice(
        tariff_key=1, assignment_key=17, why="this token, group fleet-a, this contract, site Harbour (assignment 17)"
    )


def test_what_the_station_says_it_uses_goes_before_our_choice():
    ours, first, second = version(1), version(2, "a"), version(3, "b")
    known = {each.wire_id: each for each in (ours, first, second)}
    told = [TariffTold(T0, "a.2"), TariffTold(T0 + DAY, "a.2"), TariffTold(T0 + DAY, "b.3"), TariffTold(T0, "x")]
    assert in_force(ours, told, known) == ((TariffFrom(first), TariffFrom(second, T0 + DAY)), ("x",))
    assert in_force(ours, [], known) == ((TariffFrom(ours),), ())
    assert in_force(None, [], known) == ((), ())
