"""Registers from one transaction to the next."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import msgspec
import pytest

from stationmaster.domain.cost.register_gaps import KnownRegister, after_idle, after_transaction, compared, in_words
from stationmaster.domain.identity import Evse
from stationmaster.domain.transactions.transaction import Register, Transaction

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def minutes(number: float) -> datetime:
    return T0 + timedelta(minutes=number)


def known(wh: float = 1000, **fields: Any) -> KnownRegister:
    return KnownRegister(station_key=1, evse_id=1, at=T0, wh=D(str(wh)), **{"transaction_key": 7, **fields})


def a_transaction(key: int, start: float | None, stop: float | None = None, at: float = 60) -> Transaction:
    return Transaction(
        key=key,
        tenant="default",
        station_key=1,
        wire_id=str(key),
        evse=Evse(1),
        first_event_at=minutes(at),
        received_at=minutes(at),
        started_at=minutes(at),
        ended_at=None if stop is None else minutes(at + 30),
        meter_start_wh=None if start is None else D(str(start)),
        meter_start_at=None if start is None else minutes(at),
        meter_stop_wh=None if stop is None else D(str(stop)),
        meter_stop_at=None if stop is None else minutes(at + 30),
    )


@pytest.mark.parametrize(
    ("wh", "kind"),
    [
        (1000, None),
        (999, None),  # 1.6 rounds
        ("1000.9", None),
        (1010, None),  # until the contactor opened
        (1011, "register_gap"),
        (998, "register_backwards"),
        (0, "register_backwards"),
        (1500, "register_gap"),
        (31_000, "register_jump"),  # 22 kW give 27.5 kWh in an hour, with a quarter more
    ],
)
def test_J02_FR_17_one_transaction_starts_where_the_last_one_ended(wh: Any, kind: str | None) -> None:
    gap = compared(known(), Register(minutes(60), D(wh)), D(22_000))
    assert (gap.kind if gap else None) == kind
    if gap is not None:
        assert (gap.wh, gap.before) == (D(wh) - 1000, 7)


def test_what_lies_before_what_is_known_is_compared_with_nothing() -> None:
    assert compared(known(), Register(minutes(-1), D(5))) is None
    assert compared(None, Register(T0, D(5))) is None
    assert after_transaction(known(), a_transaction(8, 5, at=-60)) is None


def test_a_transaction_is_looked_at_once_at_its_start_and_known_by_its_end() -> None:
    begun = after_transaction(known(), a_transaction(8, 1500))
    assert begun is not None and begun.gap is not None
    assert (begun.wh, begun.is_open, begun.gap.kind, begun.gap.transaction) == (D(1500), True, "register_gap", 8)
    assert after_transaction(begun, a_transaction(8, 1500)) is None
    ended = after_transaction(begun, a_transaction(8, 1500, 4000))
    assert ended is not None
    assert (ended.wh, ended.is_open, ended.gap) == (D(4000), False, begun.gap)
    assert after_transaction(ended, a_transaction(8, 1500, 4000)) is None
    assert compared(ended, Register(minutes(120), D(4000))) is None


def test_energy_since_the_start_of_one_that_never_ended_is_on_it() -> None:
    lost = known(is_open=True)
    assert compared(lost, Register(minutes(60), D(9000))) is None
    gap = compared(lost, Register(minutes(60), D(900)))
    assert gap is not None and gap.kind == "register_backwards"


def test_little_by_little_adds_up_while_nobody_charges() -> None:
    now: KnownRegister | None = known()
    for minute in range(1, 11):
        told = after_idle(now, 1, 1, Register(minutes(minute * 15), D(1000 + minute)))
        assert told is None, "nothing to speak of"
    told = after_idle(now, 1, 1, Register(minutes(165), D(1011)))
    assert told is not None and told.gap is not None
    assert (told.gap.kind, told.gap.wh, told.transaction_key) == ("register_gap", D(11), None)
    assert after_idle(told, 1, 1, Register(minutes(180), D(1012))) is None


def test_a_meter_that_fell_is_told_once() -> None:
    fallen = after_idle(known(), 1, 1, Register(minutes(15), D(3)))
    assert fallen is not None and fallen.gap is not None
    assert fallen.gap.kind == "register_backwards"
    assert after_idle(fallen, 1, 1, Register(minutes(30), D(3))) is None
    begun = after_transaction(fallen, a_transaction(8, 3))
    assert begun is not None and begun.gap == fallen.gap


def test_the_first_that_is_ever_told_is_compared_with_nothing() -> None:
    first = after_idle(None, 1, 1, Register(T0, D(5)))
    assert first is not None and first.gap is None
    assert after_transaction(None, a_transaction(8, None)) is None
    begun = after_transaction(None, a_transaction(8, 70))
    assert begun is not None and begun.gap is None


def test_each_kind_is_said_in_words() -> None:
    for wh, words in ((900, "fell by 100 Wh"), (1500, "counted 500 Wh"), (10**7, "more than the EVSE can have")):
        gap = compared(known(), Register(minutes(1), D(wh)))
        assert gap is not None and words in in_words(gap) and "transaction 7" in in_words(gap)


def test_a_meter_that_another_place_shares_goes_on_from_what_that_one_brought_it_to() -> None:
    """Connectors of 1.x: while one charged, the other's register moved too."""
    before, other = known(1000), msgspec.structs.replace(known(1500), evse_id=2)
    start = a_transaction(11, 1500)
    alone, shared = after_transaction(before, start), after_transaction(before, start, beside=[other])
    assert alone is not None and alone.gap is not None and alone.gap.kind == "register_gap"
    assert shared is not None and shared.gap is None
    elsewhere = after_transaction(before, start, beside=[known(1400)])
    assert elsewhere is not None and elsewhere.gap is not None


@pytest.mark.parametrize("beside", [1009.9, 990.1, 1000])
def test_a_meter_of_its_own_that_happens_to_stand_near_another_s_goes_on_from_itself(beside: float) -> None:
    other = msgspec.structs.replace(known(beside), evse_id=2, at=minutes(5))
    begun = after_transaction(known(1000), a_transaction(11, 1000), beside=[other])
    assert begun is not None and begun.gap is None
    assert after_idle(known(1000), 1, 1, Register(minutes(15), D(1000)), beside=[other]) is None


def test_a_shared_meter_that_fell_since_the_other_place_told_of_it_is_odd() -> None:
    other = msgspec.structs.replace(known(1500), evse_id=2, at=minutes(5))
    begun = after_transaction(known(1000), a_transaction(11, 1495), beside=[other])
    assert begun is not None and begun.gap is not None
