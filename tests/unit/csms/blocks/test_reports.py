"""Reports are put together, and what stations answer is kept."""

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import msgspec
import pytest

from stationmaster.csms.blocks.reports import (
    HOOKS,
    MAX_OPEN,
    NotifyReportBlock,
    closed,
    completes,
    ends_reports,
    inventory_of,
    is_part_awaited,
)
from stationmaster.domain.command import Command
from stationmaster.domain.decision import Decision
from stationmaster.domain.device_model.addresses import (
    Attribute,
    Component,
    GetBaseReport,
    NotifyReport,
    ReportAnswer,
    ReportData,
    Variable,
)
from stationmaster.domain.device_model.reports import OpenReport, ReportPart, Subject
from stationmaster.domain.device_model.variables import VariableReported, VariablesForgotten
from stationmaster.domain.messages import BootNotification, StationInfo
from stationmaster.domain.records import Conflict, Learned
from stationmaster.domain.station import Station, StationState

AT = datetime(2030, 1, 1, 12, tzinfo=UTC)
STATION = Station(key=1, tenant="default", identity="CS-1", created_at=AT, info=StationInfo(vendor="V", model="M"))
STATE = StationState(station=STATION)
NUMBER = 5


class Stored:
    """What a journal would keep of decisions, for the block to read again."""

    def __init__(self) -> None:
        self.reports: dict[int, OpenReport] = {}
        self.digests: dict[tuple[int, int], int] = {}
        self._next = 100

    async def find_report(self, station_key: int, subject: Subject, request_id: int) -> OpenReport | None:
        same = [r for r in self.reports.values() if (r.station_key, *r.address) == (station_key, subject, request_id)]
        return max(same, key=lambda report: report.key, default=None)

    async def part_digest(self, report_key: int, seq_no: int) -> int | None:
        return self.digests.get((report_key, seq_no))

    def take(self) -> int:
        self._next += 1
        return self._next

    def keep(self, decision: Decision) -> None:
        for record in decision.records:
            if isinstance(record, OpenReport):
                self.reports[record.key] = record
            elif isinstance(record, ReportPart):
                self.digests.setdefault((record.report_key, record.seq_no), record.digest)


class Desk:
    """The block with a state that goes on."""

    def __init__(self, state: StationState = STATE) -> None:
        self.state, self.stored = state, Stored()
        self.block = NotifyReportBlock(self.stored, self.stored)

    async def tell(self, part: NotifyReport, at: datetime = AT) -> Decision:
        outcome = self.block(self.state, part, at)
        decision = await outcome if isinstance(outcome, Awaitable) else outcome
        return self.take(decision)

    def take(self, decision: Decision | None) -> Decision:
        decision = decision or Decision()
        self.stored.keep(decision)
        self.state = decision.state or self.state
        return decision

    def ask(self, base: str = "FullInventory", key: int = 10) -> None:
        request = GetBaseReport(report_base=base, request_id=NUMBER)
        self.take(HOOKS[GetBaseReport].before(self.state, AT, request=request, command=command(key)))  # type: ignore[misc]

    def answer(self, answer: ReportAnswer, key: int = 10) -> Decision:
        request = GetBaseReport(report_base="FullInventory", request_id=NUMBER)
        hook = HOOKS[GetBaseReport].after
        return self.take(hook(self.state, AT, request=request, answer=answer, command=command(key)))  # type: ignore[misc]


def command(key: int = 10) -> Command:
    return Command(
        key=key, station_key=1, tenant="default", kind="GetBaseReport", request={}, created_at=AT, expires_at=AT
    )


def data(name: str, value: str | None = "1", component: str = "C", instance: str | None = None) -> ReportData:
    return ReportData(
        component=Component(name=component),
        variable=Variable(name=name, instance=instance),
        attributes=(Attribute(value=value),),
    )


def part(seq_no: int, *items: ReportData, more: bool = False, number: int | None = NUMBER) -> NotifyReport:
    return NotifyReport(request_id=number, seq_no=seq_no, to_be_continued=more, report=items or (data(f"V{seq_no}"),))


def of_type(decision: Decision, kind: type[Any]) -> list[Any]:
    return [record for record in decision.records if isinstance(record, kind)]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_B07_the_parts_of_an_inventory_may_come_in_any_order(order: tuple[int, ...]) -> None:
    desk = Desk()
    desk.ask()
    decisions = [await desk.tell(part(seq_no, more=seq_no < 2)) for seq_no in order]
    last = decisions[-1]
    report = desk.stored.reports[10]
    assert (report.state, report.seen, report.command_key, report.flags) == ("complete", ((0, 2),), 10, ())
    assert [event.kind for event in last.events] == ["ReportReceived"]
    assert of_type(last, VariablesForgotten) == [VariablesForgotten(station_key=1, before=AT)]
    learned = [record for decision in decisions for record in of_type(decision, Learned)]
    assert learned == [Learned(station_key=1, name="inventory_of", value=inventory_of(STATE))]
    assert desk.state.reports == {}


async def test_a_part_that_comes_again_is_acknowledged_and_stored_once() -> None:
    desk = Desk()
    desk.ask()
    await desk.tell(part(0, more=True))
    assert (await desk.tell(part(0, more=True))).records == ()
    await desk.tell(part(1))
    assert (await desk.tell(part(1))).records == ()  # also when it is complete and no longer in memory


async def test_the_time_a_part_was_made_again_at_makes_it_no_other_part() -> None:
    desk = Desk()
    desk.ask()
    await desk.tell(part(0, more=True))
    assert (await desk.tell(msgspec.structs.replace(part(0, more=True), generated_at=AT))).records == ()


async def test_another_content_for_a_part_is_kept_as_a_conflict_and_changes_nothing_known() -> None:
    desk = Desk()
    desk.ask()
    await desk.tell(part(0, more=True))
    decision = await desk.tell(part(0, data("Other"), more=True))
    assert len(of_type(decision, Conflict)) == 1
    assert of_type(decision, VariableReported) == []
    assert desk.stored.reports[10].flags == ("report_conflict",)


async def test_a_report_that_nobody_asked_for_is_kept_too() -> None:
    desk = Desk()
    await desk.tell(part(0, number=77))
    (report,) = desk.stored.reports.values()
    assert (report.kind, report.request_id, report.command_key, report.state) == ("custom", 77, None, "complete")


async def test_a_number_used_again_for_another_report_makes_another_report() -> None:
    desk = Desk()
    await desk.tell(part(0, data("First")))
    await desk.tell(part(0, data("Second")))
    assert [report.state for report in desk.stored.reports.values()] == ["complete", "complete"]


async def test_2_0_may_leave_out_the_number_of_the_report_that_is_under_way() -> None:
    desk = Desk()
    desk.ask()
    await desk.tell(part(0, number=None, more=True))
    await desk.tell(part(1, number=None))
    assert desk.stored.reports[10].state == "complete"


async def test_what_does_not_come_in_time_makes_the_report_incomplete_and_a_late_part_completes_it() -> None:
    desk = Desk()
    desk.ask()
    await desk.tell(part(1))
    assert closed(desk.state, AT + timedelta(minutes=5)) is None
    desk.take(closed(desk.state, AT + timedelta(minutes=6)))
    assert (desk.stored.reports[10].state, desk.state.reports) == ("complete", {})  # it may count from one
    desk.ask(key=11)
    await desk.tell(part(2))
    desk.take(closed(desk.state, AT + timedelta(minutes=6)))
    assert desk.stored.reports[11].state == "incomplete"
    await desk.tell(part(0, more=True))
    await desk.tell(part(1, more=True))
    assert desk.stored.reports[11].state == "complete"


async def test_a_boot_ends_the_reports_under_way_and_the_need_for_one() -> None:
    desk = Desk(STATE.with_learned({"reboot_required": "yes"}))
    desk.ask()
    await desk.tell(part(0, more=True))
    boot = ends_reports(lambda state, request, at: Decision(state=state))
    decision = desk.take(boot(desk.state, BootNotification(station=StationInfo()), AT))
    assert desk.stored.reports[10].state == "incomplete"
    assert (desk.state.reports, desk.state.learned["reboot_required"]) == ({}, "no")
    assert Learned(station_key=1, name="reboot_required", value="no") in decision.records


def test_B07_the_answer_decides_what_becomes_of_a_report() -> None:
    for status, state in (("Accepted", "open"), ("EmptyResultSet", "empty"), ("NotSupported", "refused")):
        desk = Desk()
        desk.ask()
        desk.answer(ReportAnswer(status=status))
        assert desk.stored.reports[10].state == state
        assert bool(desk.state.reports) is (state == "open")


def test_an_answer_that_comes_after_the_last_part_changes_nothing() -> None:
    assert Desk().answer(ReportAnswer(status="Accepted")) == Decision()


def test_a_report_that_comes_with_the_answer_is_complete() -> None:
    desk = Desk()
    desk.ask()
    decision = desk.answer(ReportAnswer(status="Accepted", report=(data("A"), data("WifiPassword"))))
    assert desk.stored.reports[10].state == "complete"
    values = {r.data.variable.name: r.data.attributes[0].value for r in of_type(decision, VariableReported)}
    assert values == {"A": "1", "WifiPassword": None}
    assert b"WifiPassword" in of_type(decision, ReportPart)[0].body


async def test_limits_are_learned_from_a_report_and_used_from_then_on() -> None:
    desk = Desk()
    desk.ask("ConfigurationInventory")
    decision = await desk.tell(part(0, data("ItemsPerMessage", "4", "DeviceDataCtrlr", "GetVariables")))
    assert of_type(decision, VariablesForgotten) == []
    assert desk.state.facts("2.0.1").limits == {"items:GetVariables": 4}
    decision = await desk.tell(part(0, data("ItemsPerMessage", "4", "DeviceDataCtrlr", "GetVariables"), number=6))
    assert of_type(decision, Learned) == []


def test_reports_under_way_are_bounded() -> None:
    desk = Desk()
    for key in range(MAX_OPEN + 5):
        request = GetBaseReport(report_base="FullInventory", request_id=key)
        desk.take(HOOKS[GetBaseReport].before(desk.state, AT, request=request, command=command(key)))  # type: ignore[misc]
    assert len(desk.state.reports) == MAX_OPEN


def test_B02_FR_01_only_parts_of_a_report_that_was_asked_for_are_awaited() -> None:
    desk = Desk()
    assert not is_part_awaited(desk.state, part(0))
    desk.ask()
    assert is_part_awaited(desk.state, part(0))
    assert not is_part_awaited(desk.state, part(0, number=6))


def test_a_report_takes_effect_with_its_last_part() -> None:
    asked = {"request_id": NUMBER, "report_base": "FullInventory"}
    assert completes(asked, part(1))
    assert not completes(asked, part(1, more=True))
    assert not completes(asked, part(1, number=6))
