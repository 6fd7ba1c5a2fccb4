from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.diagnostics.customer_information import (
    MAX_DATA,
    CustomerReport,
    CustomerReportPart,
    CustomerReportView,
    parts_of,
)

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def view(*parts: tuple[int, str]) -> CustomerReportView:
    report = CustomerReport(key=1, tenant="t", station_key=1, request_id=1, created_at=NOW)
    stored = tuple(CustomerReportPart(report_key=1, seq_no=n, received_at=NOW, data=text) for n, text in parts)
    return CustomerReportView(report=report, command=None, parts=stored)


@given(st.text(max_size=3 * MAX_DATA))
def test_a_text_is_told_in_parts_that_fit_and_put_together_again(text: str) -> None:
    parts = parts_of(text)
    assert parts and all(len(part) <= MAX_DATA for part in parts)
    together = view(*enumerate(parts))
    assert (together.text, together.gaps) == (text, False)


def test_a_part_that_is_missing_is_seen() -> None:
    assert view((0, "a"), (2, "c")).gaps
    assert view((1, "b")).gaps
    assert not view().gaps
