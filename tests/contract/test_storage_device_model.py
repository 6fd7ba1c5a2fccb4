"""The device model in the store: variables one by one, reports and their parts, templates and what became of them."""

from datetime import timedelta
from typing import Any

import msgspec
from storage_records import NOW, a_command, a_station

from stationmaster.domain.command import advance
from stationmaster.domain.device_model.addresses import (
    Attribute,
    Characteristics,
    Component,
    NotifyReport,
    ReportData,
    Variable,
    VariableRef,
    VariableSetting,
)
from stationmaster.domain.device_model.reports import OpenReport, ReportFilter, ReportPart
from stationmaster.domain.device_model.setting_templates import SettingTemplate, StationSelection, TemplateApplied
from stationmaster.domain.device_model.variables import (
    VariableFilter,
    VariableReported,
    VariablesForgotten,
    VariableValue,
)
from stationmaster.domain.identity import Evse
from stationmaster.domain.queries import PageRequest
from stationmaster.storage.sqlite import SQLiteStorage

LATER = NOW + timedelta(seconds=1)
POWER = VariableRef(
    component=Component(name="EVSE", instance="left", evse=Evse(1, 2)), variable=Variable(name="Power", instance="L1")
)


def reported(name: str = "One", told_at: Any = NOW, station_key: int = 1, **attribute: Any) -> VariableReported:
    data = ReportData(
        component=Component(name="C"),
        variable=Variable(name=name),
        attributes=(Attribute(value="1", persistent=True, **attribute), Attribute(type="Target", value="9")),
        characteristics=Characteristics(data_type="integer", unit="s"),
    )
    return VariableReported(station_key=station_key, data=data, told_at=told_at)


def value(ref: VariableRef, text: str, **fields: Any) -> VariableValue:
    return VariableValue(station_key=1, ref=ref, value=text, told_at=LATER, source="get", **fields)


def ref(name: str = "One", attribute: Any = "Actual") -> VariableRef:
    return VariableRef(component=Component(name="C"), variable=Variable(name=name), attribute=attribute)


async def known(storage: SQLiteStorage, tenant: str = "default", **filters: Any) -> list[Any]:
    query = VariableFilter(tenant=tenant, station_key=1, **filters)
    return list((await storage.reads.variables(query)).items)


async def test_a_value_changes_alone_and_a_report_replaces_all(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(1), reported()])
    await storage.journal.store([value(ref(attribute="Target"), "10")])
    (found,) = await known(storage)
    assert [(a.type, a.value, a.persistent) for a in found.attributes] == [
        ("Actual", "1", True),
        ("Target", "10", False),
    ]
    assert (found.source, found.told_at, found.characteristics.unit) == ("get", LATER, "s")

    await storage.journal.store([reported(mutability="ReadOnly")])
    (found,) = await known(storage)
    assert (found.attributes[1].value, found.source, found.attributes[0].mutability) == ("9", "report", "ReadOnly")


async def test_a_value_alone_is_enough_to_know_a_variable(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(1), value(POWER, "7", mutability="ReadOnly")])
    (found,) = await known(storage)
    assert (found.component, found.variable) == (POWER.component, POWER.variable)
    assert (found.value(POWER), found.attributes[0].mutability, found.characteristics) == ("7", "ReadOnly", None)


async def test_a_value_of_what_is_known_to_be_write_only_is_not_kept(storage: SQLiteStorage) -> None:
    data = msgspec.structs.replace(reported().data, attributes=(Attribute(mutability="WriteOnly"),))
    await storage.journal.store([a_station(1), VariableReported(station_key=1, data=data, told_at=NOW)])
    await storage.journal.store([value(ref(), "secret")])
    (found,) = await known(storage)
    assert found.value(ref()) is None


async def test_variables_are_found_by_what_is_known_of_them_and_by_their_tenant_alone(storage: SQLiteStorage) -> None:
    writable, fixed = reported("Two"), reported("One", mutability="ReadOnly")
    await storage.journal.store([a_station(1), writable, fixed, value(POWER, "7")])

    async def names(**filters: Any) -> list[str]:
        return [item.variable.name for item in await known(storage, **filters)]

    assert await names() == ["One", "Two", "Power"]
    assert await names(component="C", variable="Two") == ["Two"]
    assert await names(evse_id=1) == ["Power"]
    assert await names(mutability="ReadOnly") == ["One"]
    assert await names(text="pow") == ["Power"]
    assert await names(text="%") == []
    assert await known(storage, tenant="other") == []
    page = await storage.reads.variables(VariableFilter(tenant="default", station_key=1), PageRequest(limit=2))
    assert page.next_cursor is not None
    rest = await storage.reads.variables(
        VariableFilter(tenant="default", station_key=1), PageRequest(limit=2, cursor=page.next_cursor)
    )
    assert [item.variable.name for item in rest.items] == ["Power"]


async def test_what_an_inventory_left_out_is_forgotten(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(1), a_station(2), reported("Old"), reported("Other", station_key=2)])
    await storage.journal.store([reported("New", LATER), VariablesForgotten(station_key=1, before=LATER)])
    assert [item.variable.name for item in await known(storage)] == ["New"]
    named = await storage.reads.variables_named("default", [1, 2], [("C", "Other"), ("C", "New")])
    assert {key: [item.variable.name for item in items] for key, items in named.items()} == {1: ["New"], 2: ["Other"]}
    assert await storage.reads.variables_named("other", [1, 2], [("C", "Other")]) == {}


def a_report(key: int, **fields: Any) -> OpenReport:
    given = {"station_key": 1, "kind": "base", "request_id": 5, "state": "open", **fields}
    return OpenReport(key=key, opened_at=NOW, updated_at=NOW, **given)


def a_part(report_key: int, seq_no: int, name: str, digest: int = 7) -> ReportPart:
    body = msgspec.json.encode(NotifyReport(request_id=5, seq_no=seq_no, report=(reported(name).data,)))
    return ReportPart(report_key=report_key, station_key=1, seq_no=seq_no, received_at=NOW, digest=digest, body=body)


async def test_a_report_is_found_by_its_number_and_its_parts_stand_in_order(storage: SQLiteStorage) -> None:
    await storage.journal.store([a_station(1), a_report(10), a_report(11), a_report(12, kind="monitoring")])
    await storage.journal.store([a_part(11, 1, "Two"), a_part(11, 0, "One"), a_part(11, 0, "Late", digest=8)])
    find = storage.reads.find_report
    assert await find(1, "variables", 5) == a_report(11)
    assert await find(1, "monitors", 5) == a_report(12, kind="monitoring")
    assert await find(1, "variables", 6) is None
    assert await find(2, "variables", 5) is None
    assert await storage.reads.part_digest(11, 0) == 7
    assert await storage.reads.part_digest(11, 2) is None
    assert [item.variable.name for item in await storage.reads.reported("default", 11)] == ["One", "Two"]
    assert await storage.reads.reported("other", 11) == []
    assert await storage.reads.report("other", 11) is None


async def test_reports_are_listed_newest_first_and_inventories_apart(storage: SQLiteStorage) -> None:
    whole = a_report(11, state="complete", asked="FullInventory")
    await storage.journal.store([a_station(1), a_report(10), whole, a_report(12, asked="FullInventory")])

    async def keys(**filters: Any) -> list[int]:
        return [report.key for report in (await storage.reads.reports(ReportFilter(**filters))).items]

    assert await keys(tenant="default") == [12, 11, 10]
    assert await keys(tenant="default", station_key=1, inventory=True) == [11]
    assert await keys(tenant="default", state="open") == [12, 10]
    assert await keys(tenant="other") == []
    await storage.journal.store([a_report(10, state="incomplete")])
    assert await keys(tenant="default", state="open") == [12]


def a_template(key: int, name: str, **fields: Any) -> SettingTemplate:
    return SettingTemplate(
        key=key,
        tenant="default",
        name=name,
        stations=StationSelection(vendor="Maker"),
        settings=(VariableSetting(ref=ref(), value="1"),),
        created_at=NOW,
        **fields,
    )


async def test_templates_are_scoped_and_a_removed_one_is_gone(storage: SQLiteStorage) -> None:
    first, second = a_template(1, "B"), a_template(2, "A")
    await storage.journal.store([first, second])
    assert (await storage.reads.setting_templates("default")).items == (second, first)
    assert (await storage.reads.setting_templates("other")).items == ()
    assert await storage.reads.setting_template("default", 1) == first
    assert await storage.reads.setting_template("other", 1) is None
    assert await storage.reads.setting_template_named("default", "A") == second
    await storage.journal.store([a_template(1, "B", removed_at=NOW)])
    assert await storage.reads.setting_template("default", 1) is None
    assert await storage.reads.setting_template_named("default", "B") is None


async def test_an_application_tells_the_states_of_its_commands(storage: SQLiteStorage) -> None:
    queued = a_command(21)
    applied = TemplateApplied(
        key=5, template_key=1, tenant="default", at=NOW, applied_by="me", commands=((1, 21), (2, 22))
    )
    await storage.journal.store([queued, applied])
    (progress,) = (await storage.reads.template_applications("default", 1)).items
    assert (progress.applied, progress.states) == (applied, ((1, 21, "queued"), (2, 22, None)))
    await storage.journal.store([advance(queued, "sent")])
    (progress,) = (await storage.reads.template_applications("default", 1)).items
    assert progress.states[0] == (1, 21, "sent")
    assert (await storage.reads.template_applications("other", 1)).items == ()
