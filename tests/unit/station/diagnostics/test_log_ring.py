from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from stationmaster.station.diagnostics.log_ring import PORTION, PORTIONS, Line, LogRing
from stationmaster.storage.station_memory import RamMemory

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def line(number: int) -> Line:
    return Line(NOW + timedelta(seconds=number), "kind", str(number))


@settings(max_examples=20)
@given(st.integers(0, 2 * PORTION * PORTIONS), st.integers(0, 3 * PORTION))
def test_the_newest_lines_are_kept_in_order_over_restarts(before: int, after: int) -> None:
    memory = RamMemory()
    for count, start in ((before, 0), (after, before)):
        ring = LogRing(memory, "log")
        for number in range(start, start + count):
            ring.add(line(number))
    kept = [int(each.text or "") for each in LogRing(memory, "log").lines()]
    everything = list(range(before + after))
    assert kept == everything[len(everything) - len(kept) :]
    assert len(kept) >= min(len(everything), PORTION * (PORTIONS - 1))
    assert len(kept) <= PORTION * PORTIONS


def test_a_line_is_read_by_people() -> None:
    assert str(line(0)) == "2030-01-01T00:00:00Z kind 0"
    assert str(Line(NOW, "kind")) == "2030-01-01T00:00:00Z kind"
