"""How the device model is written."""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from stationmaster.domain.device_model.addresses import Attribute
from stationmaster.domain.device_model.inventory import address_of
from stationmaster.domain.device_model.reports import OpenReport, ReportPart
from stationmaster.domain.device_model.setting_templates import SettingTemplate, TemplateApplied
from stationmaster.domain.device_model.variables import VariableReported, VariablesForgotten, VariableValue
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.device_model import (
    report_parts,
    reports,
    setting_templates,
    template_applications,
    variables,
)
from stationmaster.storage.statements import Write, column_names, compiled, insert_once, upsert

_encode = msgspec.json.Encoder().encode

ADDRESS = ("station_key", "component", "evse_id", "connector_id", "component_instance", "variable", "variable_instance")
VALUES = {"Actual": "actual", "Target": "target", "MinSet": "min_set", "MaxSet": "max_set"}
"""The column of each attribute's value."""


def reported_row(record: VariableReported) -> tuple[Any, ...]:
    data = record.data
    values: dict[str, str | None] = {attribute.type: attribute.value for attribute in data.attributes}
    actual = next((attribute for attribute in data.attributes if attribute.type == "Actual"), None)
    return (
        record.station_key,
        *address_of(data.component, data.variable),
        *(values.get(type_) for type_ in VALUES),
        actual.mutability if actual is not None else None,
        _encode([msgspec.structs.replace(a, value=None) for a in data.attributes]).decode(),
        None if data.characteristics is None else _encode(data.characteristics).decode(),
        micros(record.told_at),
        "report",
    )


def value_row(record: VariableValue) -> tuple[Any, ...]:
    ref, mutability = record.ref, record.mutability
    attributes = (
        None if mutability is None else _encode([Attribute(type=ref.attribute, mutability=mutability)]).decode()
    )
    return (
        record.station_key,
        *address_of(ref.component, ref.variable),
        *(record.value if type_ == ref.attribute else None for type_ in VALUES),
        mutability if ref.attribute == "Actual" else None,
        attributes,
        None,
        micros(record.told_at),
        record.source,
    )


def _one_value() -> str:
    """Insert, or else change the one value that is given; what else is known of the variable stays. What is known to
    be WriteOnly is not kept."""
    statement = insert(variables).values(dict.fromkeys(column_names(variables)))
    new = statement.excluded
    write_only = variables.c.mutability == sa.literal_column("'WriteOnly'")
    changes: dict[str, Any] = {
        name: sa.case((write_only, variables.c[name]), else_=sa.func.coalesce(new[name], variables.c[name]))
        for name in VALUES.values()
    }
    for name in ("mutability", "attributes"):
        changes[name] = sa.func.coalesce(variables.c[name], new[name])
    changes |= {name: new[name] for name in ("told_at", "source")}
    sql = compiled(statement.on_conflict_do_update(index_elements=ADDRESS, set_=changes))
    assert sql.names == column_names(variables), sql.names
    return sql.text


def forgotten_row(record: VariablesForgotten) -> tuple[Any, ...]:
    return record.station_key, micros(record.before)


def _forget() -> str:
    v = variables.c
    sql = compiled(
        sa.delete(variables).where(v.station_key == sa.bindparam("of_station"), v.told_at < sa.bindparam("before"))
    )
    assert sql.names == ("of_station", "before"), sql.names
    return sql.text


def report_row(report: OpenReport) -> tuple[Any, ...]:
    return (
        report.key,
        report.station_key,
        report.subject,
        report.request_id,
        report.state,
        micros(report.opened_at),
        _encode(report).decode(),
    )


def part_row(part: ReportPart) -> tuple[Any, ...]:
    return part.report_key, part.station_key, part.seq_no, micros(part.received_at), part.digest, part.body


def template_row(template: SettingTemplate) -> tuple[Any, ...]:
    removed_at = template.removed_at
    return (
        template.key,
        template.tenant,
        template.name,
        None if removed_at is None else micros(removed_at),
        _encode(template).decode(),
    )


def applied_row(applied: TemplateApplied) -> tuple[Any, ...]:
    return applied.key, applied.template_key, applied.tenant, micros(applied.at), _encode(applied).decode()


WRITES: dict[type, tuple[Write, ...]] = {
    VariableReported: (Write(upsert(variables, ADDRESS), reported_row),),
    VariableValue: (Write(_one_value(), value_row),),
    VariablesForgotten: (Write(_forget(), forgotten_row),),
    OpenReport: (Write(upsert(reports, ("key",), keep=("station_key", "opened_at")), report_row),),
    ReportPart: (Write(insert_once(report_parts), part_row),),
    SettingTemplate: (Write(upsert(setting_templates, ("key",), keep=("tenant",)), template_row),),
    TemplateApplied: (Write(insert_once(template_applications), applied_row),),
}
