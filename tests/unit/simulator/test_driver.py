from collections import Counter
from itertools import islice, pairwise, takewhile

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.simulator.driver import Act, Forgets, LeaveRule, TokenKind, TokenPool, token_pool, visits
from stationmaster.simulator.driver_profile import PROFILES, WORKPLACE, DriverProfile, StartBy, StopBy

POOL = token_pool(1, known=20, blocked=2)
DAY_S = 86_400
SEVERAL = 500


def plan(seed=1, profile=WORKPLACE, number=SEVERAL):
    return list(islice(visits(seed, profile, POOL), number))


def acts(timed):
    return [(each.delay_s, each.act) for each in timed]


def visit_with(**changes):
    return msgspec.structs.replace(plan(number=1)[0], **({"forgets": None} | changes))


def test_the_same_seed_gives_the_same_plan_and_another_seed_another():
    assert plan(7, number=50) == plan(7, number=50) != plan(8, number=50)


def test_two_plans_drawn_side_by_side_do_not_disturb_each_other():
    one, other = visits(7, WORKPLACE, POOL), visits(8, WORKPLACE, POOL)
    mixed = [next(iterator) for _ in range(20) for iterator in (one, other)]
    assert mixed[::2] == plan(7, number=20)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_every_visit_is_possible_and_in_order(profile):
    planned = plan(3, profile)
    assert [visit.number for visit in planned] == list(range(1, SEVERAL + 1))
    assert all(early.arrival_s < late.arrival_s for early, late in pairwise(planned))
    for visit in planned:
        assert 0 <= visit.initial_soc <= 1
        assert visit.leave.after_s > 0
        assert visit.auth_delay_s > 0
        assert visit.leave.at_soc is None or visit.initial_soc <= visit.leave.at_soc <= 1


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_gaps_between_arrivals_average_what_the_profile_says(profile):
    days = 60
    arrived = sum(1 for _ in takewhile(lambda visit: visit.arrival_s < days * DAY_S, visits(5, profile, POOL)))
    assert arrived == pytest.approx(days * DAY_S / profile.mean_gap_s, rel=0.12)


def test_nobody_arrives_in_an_hour_of_no_weight():
    assert all(6 <= visit.arrival_s % DAY_S / 3600 < 18 for visit in plan())


def test_every_habit_happens_at_about_its_share():
    profile = DriverProfile(
        mean_gap_s=60, stay_median_s=600, unknown_token_share=0.2, blocked_token_share=0.1, forgetful_share=0.3
    )
    planned = plan(2, profile, 3000)
    kinds = Counter(visit.token_kind for visit in planned)
    stops = Counter(visit.stop_by for visit in planned)
    assert kinds[TokenKind.UNKNOWN] / 3000 == pytest.approx(0.2, abs=0.03)
    assert kinds[TokenKind.BLOCKED] / 3000 == pytest.approx(0.1, abs=0.03)
    assert stops[StopBy.PLUG] / 3000 == pytest.approx(0.3, abs=0.03)
    assert sum(visit.plug_first for visit in planned) / 3000 == pytest.approx(0.6, abs=0.03)
    assert sum(visit.start_by is StartBy.APP for visit in planned) / 3000 == pytest.approx(0.2, abs=0.03)
    assert sum(visit.forgets is not None for visit in planned) / 3000 == pytest.approx(0.3, abs=0.03)
    assert {visit.forgets for visit in planned} == {None, *Forgets}


def test_a_token_is_of_the_kind_it_claims():
    pools = {TokenKind.KNOWN: POOL.known, TokenKind.BLOCKED: POOL.blocked}
    for visit in plan(number=1000):
        if visit.token_kind is TokenKind.UNKNOWN:
            assert visit.token not in POOL.known + POOL.blocked
        else:
            assert visit.token in pools[visit.token_kind]


@pytest.mark.parametrize("empty", [{"known": (), "blocked": ("B",)}, {"known": ("A",), "blocked": ()}])
def test_an_empty_pool_is_refused(empty):
    with pytest.raises(ValueError):
        TokenPool(**empty)


def test_the_plug_and_the_card_come_in_the_order_of_the_visit():
    visit = visit_with(plug_first=True, start_by=StartBy.CARD, auth_delay_s=9.0)
    assert acts(visit.opening()) == [(0, Act.PLUG), (9, Act.PRESENT_CARD)]
    other_way = msgspec.structs.replace(visit, plug_first=False, start_by=StartBy.APP)
    assert acts(other_way.opening()) == [(0, Act.START_IN_APP), (9, Act.PLUG)]


def test_who_forgets_does_only_the_other_half():
    assert acts(visit_with(forgets=Forgets.AUTHORIZATION).opening()) == [(0, Act.PLUG)]
    forgot_cable = visit_with(forgets=Forgets.CABLE, start_by=StartBy.CARD)
    assert acts(forgot_cable.opening()) == [(0, Act.PRESENT_CARD)]
    assert forgot_cable.closing(started=False) == ()


@pytest.mark.parametrize(
    ("stop_by", "expected"),
    [
        (StopBy.CARD, [(0, Act.PRESENT_CARD), (5, Act.UNPLUG)]),
        (StopBy.APP, [(0, Act.STOP_IN_APP), (5, Act.UNPLUG)]),
        (StopBy.PLUG, [(0, Act.UNPLUG)]),
    ],
)
def test_charging_is_stopped_in_the_way_of_the_visit(stop_by, expected):
    assert acts(visit_with(stop_by=stop_by, unplug_delay_s=5.0).closing(started=True)) == expected


def test_without_a_start_the_driver_only_pulls_the_plug():
    assert acts(visit_with(stop_by=StopBy.CARD).closing(started=False)) == [(0, Act.UNPLUG)]


@pytest.mark.parametrize(
    ("parked_s", "soc", "started", "reached"),
    [
        (100, 0.5, True, False),
        (100, 0.8, True, True),
        (100, 0.8, False, False),
        (300, 0.5, False, True),
        (300, 0.5, True, False),
        (3600, 0.5, True, True),
    ],
)
def test_a_driver_leaves_at_the_target_out_of_patience_or_when_time_is_up(parked_s, soc, started, reached):
    rule = LeaveRule(after_s=3600, at_soc=0.8, patience_s=300)
    assert rule.reached(parked_s, soc, started) is reached


@given(st.floats(0, 3599), st.floats(0, 1))
def test_a_driver_who_does_not_watch_the_soc_stays_until_time_is_up(parked_s, soc):
    assert not LeaveRule(after_s=3600, at_soc=None, patience_s=300).reached(parked_s, soc, started=True)


def test_who_reserves_does_so_ahead_and_nothing_else_of_the_plan_changes():
    profile = msgspec.structs.replace(WORKPLACE, reserves_share=0.5, reserves_ahead_s=(600.0, 1200.0))
    plain, found = plan(number=200), plan(profile=profile, number=200)
    assert [msgspec.structs.replace(visit, reserves_s=None) for visit in found] == plain
    ahead = [visit.reserves_s for visit in found if visit.reserves_s is not None]
    assert 70 < len(ahead) < 130
    assert all(600 <= seconds <= 1200 for seconds in ahead)
