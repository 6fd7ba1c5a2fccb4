"""B05-B08 at a station's program; the cases of certification are in tests/conformance/station."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.device_model.addresses import (
    Attribute,
    Component,
    GetBaseReport,
    GetReport,
    NotifyReport,
    ReportData,
    Variable,
)
from stationmaster.session.failures import CallTimedOut
from stationmaster.station.blocks.device_model import in_parts
from stationmaster.station.settings import FIRST_GENERATION


async def test_B07_FR_03_a_full_inventory_is_told_in_parts_of_one_report(bench):
    async with bench() as b:
        answer = await b.csms.ask(GetBaseReport(report_base="FullInventory", request_id=7))
        assert answer.status == "Accepted" and answer.report is None
        assert b.csms.all(NotifyReport) == []  # the answer goes first
        await b.settle()
        parts = b.csms.all(NotifyReport)
        assert [part.seq_no for part in parts] == list(range(len(parts)))
        assert [part.to_be_continued for part in parts] == [True] * (len(parts) - 1) + [False]
        assert {part.request_id for part in parts} == {7}


async def test_a_report_that_loses_its_line_is_given_up_and_another_may_follow(bench):
    async with bench() as b:
        b.csms.script[NotifyReport] = lambda _: b.csms.drop(and_refuse=False) or CallTimedOut()
        await b.csms.ask(GetBaseReport(report_base="FullInventory", request_id=7))
        await b.settle(30)
        assert len(b.csms.all(NotifyReport)) == 1
        del b.csms.script[NotifyReport]
        answer = await b.csms.ask(GetReport(request_id=8))
        assert answer.status == "Accepted"


async def test_a_part_that_is_not_answered_goes_out_twice_and_ends_the_report(bench):
    async with bench() as b:
        b.csms.script[NotifyReport] = lambda _: CallTimedOut()
        await b.csms.ask(GetBaseReport(report_base="FullInventory", request_id=7))
        await b.settle(100)
        assert [part.seq_no for part in b.csms.all(NotifyReport)] == [0, 0]


async def test_first_generation_tells_everything_in_its_answer(bench):
    async with bench(conventions=FIRST_GENERATION, tx_start_point=("PowerPathClosed",)) as b:
        answer = await b.csms.ask(GetBaseReport(report_base="FullInventory"))
        await b.settle()
        assert answer.status == "Accepted" and len(answer.report) > 20
        assert b.csms.all(NotifyReport) == []


items = st.builds(
    lambda name, value: ReportData(
        component=Component(name=name), variable=Variable(name="V"), attributes=(Attribute(value=value),)
    ),
    st.text(min_size=1, max_size=50),
    st.text(max_size=300),
)


@given(data=st.lists(items, max_size=40), most=st.integers(100, 2000))
def test_parts_hold_everything_in_order_and_are_no_longer_than_they_may(data, most):
    parts = list(in_parts(data, most))
    assert [item for part in parts for item in part] == data
    assert all(part for part in parts)
    assert all(len(part) == 1 or sum(len(msgspec.json.encode(item)) for item in part) <= most for part in parts)
