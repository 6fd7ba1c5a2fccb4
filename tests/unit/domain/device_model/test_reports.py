from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.device_model.reports import (
    CONFLICT,
    COUNTS_FROM_ONE,
    TWO_ENDS,
    OpenReport,
    missing,
    take_part,
)

AT = datetime(2030, 1, 1, tzinfo=UTC)
FRESH = OpenReport(key=1, station_key=7, kind="base", request_id=5, opened_at=AT, updated_at=AT)


def told(report: OpenReport, *parts: tuple[int, bool]) -> OpenReport:
    for seq_no, to_be_continued in parts:
        report, outcome, _ = take_part(report, seq_no, to_be_continued)
        assert outcome == "new"
    return report


@given(st.data(), st.integers(1, 12))
def test_parts_in_any_order_and_repeated_make_the_same_report(data: st.DataObject, length: int) -> None:
    parts = [(seq_no, seq_no < length - 1) for seq_no in range(length)]
    order = data.draw(st.permutations(parts + data.draw(st.lists(st.sampled_from(parts), max_size=5))))
    report, seen = FRESH, set[int]()
    for seq_no, to_be_continued in order:
        report, outcome, complete = take_part(report, seq_no, to_be_continued, True if seq_no in seen else None)
        assert outcome == ("repeat" if seq_no in seen else "new")
        seen.add(seq_no)
        assert complete is (report.state == "complete")
    assert report == msgspec.structs.replace(FRESH, seen=((0, length - 1),), last=length - 1, state="complete")
    assert missing(report) == ()


def test_a_report_is_complete_only_when_the_last_part_and_all_before_it_are_there() -> None:
    report = told(FRESH, (0, True), (3, False))
    assert (report.state, missing(report)) == ("open", ((1, 2),))
    assert missing(told(FRESH, (0, True), (1, True))) == ()  # how many are to come is not known
    assert told(report, (2, True), (1, True)).state == "complete"


def test_the_larger_of_two_ends_counts() -> None:
    report = told(FRESH, (0, True), (1, False), (3, False))
    assert (report.last, report.flags, missing(report)) == (3, (TWO_ENDS,), ((2, 2),))


def test_a_station_that_counts_from_one_is_understood() -> None:
    report = told(FRESH, (1, True), (2, False))
    assert (report.state, report.flags, missing(report)) == ("complete", (COUNTS_FROM_ONE,), ())


def test_another_content_for_a_number_is_a_conflict_and_the_first_holds() -> None:
    report, outcome, complete = take_part(told(FRESH, (0, True)), 0, False, False)
    assert (outcome, complete, report.flags, report.last) == ("conflict", False, (CONFLICT,), None)


def test_a_report_is_known_by_what_it_tells_of_and_its_number() -> None:
    assert FRESH.address == ("variables", 5)
    assert msgspec.structs.replace(FRESH, kind="monitoring").address == ("monitors", 5)
