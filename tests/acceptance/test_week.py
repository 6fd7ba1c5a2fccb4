"""A town lives for a while: every kilowatt-hour that its meters counted is on exactly one bill.

In virtual time: half a day takes two or three seconds, a week of a hundred stations some minutes.
"""

import os
from time import process_time

import pytest
from week_cards import KINDS
from week_world import Outcome, WorldPlan, live_through

SEED = "STATIONMASTER_WEEK_SEED"
"""In the environment, it makes another world."""


def seed() -> int:
    return int(os.environ.get(SEED) or 1)


def check(outcome: Outcome) -> None:
    assert outcome.books.faults() == []
    assert outcome.same_again
    assert len(outcome.books.bills) == len(outcome.books.transactions) > 0
    charged_wrongly = {
        kind for kind, count in outcome.counts["charged"].items() if count and not KINDS[kind].may_charge
    }
    assert charged_wrongly == set()


def test_half_a_day_of_a_small_town_is_billed_to_the_last_watt_hour() -> None:
    outcome = live_through(WorldPlan(drivers=2 * len(KINDS), stations=8, days=0.5, seed=seed()))
    check(outcome)
    assert outcome.power_cuts and outcome.line_cuts and outcome.refusals


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_a_week_of_200_drivers_at_100_stations_is_billed_to_the_last_watt_hour() -> None:
    began = process_time()
    outcome = live_through(WorldPlan(drivers=200, stations=100, days=7, seed=seed()))
    print(f"\n{outcome.books.summary()} in {process_time() - began:.0f} s")
    print(f"{outcome.power_cuts} power cuts, {outcome.line_cuts} line cuts; refused: {dict(outcome.refusals)}")
    for what, counts in outcome.counts.items():
        print(f"{what}: {dict(counts)}")
    check(outcome)
    used = {kind for kind, count in outcome.counts["charged"].items() if count}
    assert used >= {kind for kind, terms in KINDS.items() if terms.may_charge and kind != "unknown"}
