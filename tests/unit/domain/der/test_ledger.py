from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from stationmaster.domain.der.controls import DERControl
from stationmaster.domain.der.ledger import (
    MAX_CONTROLS,
    Happening,
    Ledger,
    active,
    advance,
    all_active,
    clear,
    next_change,
    place,
    select,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KIND = "LimitMaxDischarge"


def default(name: str, priority: int = 5, kind: str = KIND) -> DERControl:
    return DERControl(id=name, type=kind, is_default=True, setting={"priority": priority})


def scheduled(name: str, priority: int = 5, start: float = 0, lasts: float = 100, kind: str = KIND) -> DERControl:
    starts_at = (NOW + timedelta(seconds=start)).isoformat()
    setting = {"priority": priority, "startTime": starts_at, "duration": lasts}
    return DERControl(id=name, type=kind, is_default=False, setting=setting)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def placed(*controls: DERControl, now: datetime = NOW) -> tuple[Ledger, list[tuple[str, ...]]]:
    """The ledger after all of them at one moment, and what each answer told."""
    ledger: Ledger = ()
    told = []
    for control in controls:
        outcome = place(ledger, control, now)
        assert outcome.status == "Accepted"
        ledger = outcome.ledger
        told.append(outcome.superseded)
    return ledger, told


def runs(ledger: Ledger, kind: str = KIND) -> str | None:
    found = active(ledger, kind)
    return None if found is None else found.id


def started(happened: Sequence[Happening]) -> list[tuple[str, bool, tuple[str, ...]]]:
    return [(each.control.id, each.started, each.superseded) for each in happened]


def test_r04_fr_02_and_fr_11_a_default_counts_while_no_scheduled_one_runs() -> None:
    ledger, _ = placed(default("d"), scheduled("s", start=10, lasts=20))
    assert runs(ledger) == "d"
    ledger, happened = advance(ledger, at(10))
    assert (runs(ledger), started(happened)) == ("s", [("s", True, ())])
    ledger, happened = advance(ledger, at(30))
    assert (runs(ledger), started(happened)) == ("d", [("s", False, ())])
    assert [control.id for control in ledger] == ["d"]  # R04.FR.10


@pytest.mark.parametrize(
    ("first", "second", "counts", "told"), [(5, 4, "b", ("a",)), (5, 5, "b", ("a",)), (4, 5, "a", ("b",))]
)
def test_r04_fr_03_of_two_defaults_the_lower_value_counts(
    first: int, second: int, counts: str, told: tuple[str, ...]
) -> None:
    ledger, answers = placed(default("a", first), default("b", second))
    assert (runs(ledger), answers[1]) == (counts, told)


@pytest.mark.parametrize("start", [5, 50])
def test_r04_fr_06_one_that_waits_is_superseded_at_once(start: float) -> None:
    ledger, answers = placed(scheduled("a", 5, start=20), scheduled("b", 4, start=start))
    assert answers[1] == ("a",)
    ledger, happened = advance(ledger, at(60))
    assert started(happened) == [("b", True, ())]


def test_r04_fr_07_and_fr_21_one_that_runs_is_superseded_when_the_other_begins() -> None:
    ledger, _ = advance(placed(scheduled("a", 5))[0], NOW)
    outcome = place(ledger, scheduled("b", 4, start=10), NOW)
    assert (outcome.status, outcome.superseded, runs(outcome.ledger)) == ("Accepted", (), "a")
    ledger, happened = advance(outcome.ledger, at(10))
    assert (runs(ledger), started(happened)) == ("b", [("b", True, ("a",))])
    _, happened = advance(ledger, at(200))
    assert started(happened) == [("b", False, ())]


def test_r04_fr_08_one_that_is_less_wanted_than_what_runs_is_superseded_itself() -> None:
    ledger, _ = advance(placed(scheduled("a", 4))[0], NOW)
    outcome = place(ledger, scheduled("b", 5, start=10), NOW)
    assert (outcome.status, outcome.superseded) == ("Accepted", ("b",))
    ledger, happened = advance(outcome.ledger, at(50))
    assert (runs(ledger), happened) == ("a", ())


def test_another_type_is_no_rival() -> None:
    ledger, answers = placed(default("a", 5), default("b", 1, "FixedVar"))
    assert answers[1] == () and {control.id for control in all_active(ledger)} == {"a", "b"}


def test_a_control_of_the_same_id_takes_its_place() -> None:
    ledger, answers = placed(default("a", 5), default("a", 9))
    assert answers[1] == () and [control.priority for control in ledger] == [9]


def test_what_is_over_already_is_rejected() -> None:
    outcome = place((), scheduled("a", start=-10, lasts=10), NOW)
    assert (outcome.status, outcome.reason, outcome.ledger) == ("Rejected", "ValueOutOfRange", ())


def test_a_full_ledger_takes_nothing_more() -> None:
    full = tuple(default(str(number)) for number in range(MAX_CONTROLS))
    assert place(full, default("one more"), NOW).reason == "OutOfStorage"
    assert place(full, default("0"), NOW).status == "Accepted"


def test_what_should_have_begun_and_ended_while_nobody_looked_is_not_told() -> None:
    ledger, _ = placed(scheduled("a", start=10, lasts=10))
    assert advance(ledger, at(1000)) == ((), ())


def test_the_next_change_is_the_first_beginning_or_end() -> None:
    ledger, _ = placed(default("d"), scheduled("s", start=10, lasts=20))
    assert next_change(ledger) == at(10)
    ledger, _ = advance(ledger, at(10))
    assert next_change(ledger) == at(30)
    assert next_change(advance(ledger, at(30))[0]) is None


def test_r04_fr_33_to_46_criteria_match_together() -> None:
    ledger, _ = placed(default("d"), default("v", kind="FixedVar"), scheduled("s", start=10))
    assert [control.id for control in select(ledger, True)] == ["d", "v"]
    assert [control.id for control in select(ledger, None, KIND)] == ["d", "s"]
    assert select(ledger, False, None, "d") == ()
    left, gone = clear(ledger, True, KIND, None)
    assert [[control.id for control in part] for part in (left, gone)] == [["v", "s"], ["d"]]


names = st.sampled_from("abcdef")
kinds = st.sampled_from([KIND, "FixedVar"])
controls = st.one_of(
    st.builds(default, names, st.integers(0, 3), kinds),
    st.builds(scheduled, names, st.integers(0, 3), st.integers(-50, 100), st.integers(1, 100), kinds),
)


class Station(RuleBasedStateMachine):
    """A ledger that controls come to and go from while time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.ledger: Ledger = ()
        self.running: set[str] = set()
        self.ever_superseded: set[str] = set()

    @rule(control=controls)
    def set(self, control: DERControl) -> None:
        outcome = place(self.ledger, control, self.now)
        if outcome.status == "Accepted":
            self.ever_superseded -= {control.id}
            self.running -= {control.id}
            self.ever_superseded |= set(outcome.superseded)
            assert not self.running & set(outcome.superseded), "what runs is superseded by a beginning only"
        self.ledger = outcome.ledger

    @rule(seconds=st.integers(0, 120))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.ledger, happened = advance(self.ledger, self.now)
        for each in happened:
            assert each.control.id not in self.ever_superseded, "what is superseded is never executed"
            if each.started:
                self.running |= {each.control.id}
            else:
                assert each.control.id in self.running, "only what has begun ends"
                self.running -= {each.control.id}
            self.running -= set(each.superseded)
            self.ever_superseded |= set(each.superseded)
        assert all(control.ends_at is None or control.ends_at > self.now for control in self.ledger)

    @rule(is_default=st.booleans(), kind=st.none() | kinds, name=st.none() | names)
    def clear(self, is_default: bool, kind: str | None, name: str | None) -> None:
        self.ledger, gone = clear(self.ledger, is_default, kind, name)
        self.running -= {control.id for control in gone}
        self.ever_superseded -= {control.id for control in gone}

    @invariant()
    def at_most_one_of_a_type_runs_and_at_most_one_default_counts(self) -> None:
        for kind in (KIND, "FixedVar"):
            counting = [c for c in self.ledger if c.type == kind and not c.superseded]
            assert sum(control.started for control in counting) <= 1
            assert sum(control.is_default for control in counting) <= 1
            assert sum(not control.started and not control.is_default for control in counting) <= 1

    @invariant()
    def what_runs_is_what_was_told(self) -> None:
        there = {control.id for control in self.ledger if control.started and not control.superseded}
        assert there == self.running & {control.id for control in self.ledger}

    @invariant()
    def nothing_that_is_superseded_is_active(self) -> None:
        assert not any(control.superseded for control in all_active(self.ledger))


TestStation: Any = Station.TestCase
TestStation.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)


@given(st.lists(controls, max_size=20), st.integers(0, 200))
@settings(max_examples=100, deadline=None)
def test_looking_twice_at_the_same_moment_changes_nothing_more(given_: list[DERControl], seconds: int) -> None:
    ledger: Ledger = ()
    for control in given_:
        ledger = place(ledger, control, NOW).ledger
    once, _ = advance(ledger, at(seconds))
    assert advance(once, at(seconds)) == (once, ())
