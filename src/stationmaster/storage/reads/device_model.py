"""Variables, reports and their parts, templates of settings."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.device_model.addresses import (
    Attribute,
    Characteristics,
    Component,
    NotifyReport,
    ReportData,
    Variable,
)
from stationmaster.domain.device_model.reports import OpenReport, ReportFilter, Subject
from stationmaster.domain.device_model.setting_templates import ApplicationProgress, SettingTemplate, TemplateApplied
from stationmaster.domain.device_model.variables import KnownVariable, VariableFilter
from stationmaster.domain.identity import Evse
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.command_states import command_states
from stationmaster.storage.reads.paging import matching, of_tenant, page
from stationmaster.storage.rows import moment
from stationmaster.storage.schema.device_model import (
    report_parts,
    reports,
    setting_templates,
    template_applications,
    variables,
)
from stationmaster.storage.statements import compiled
from stationmaster.storage.writes.device_model import ADDRESS, VALUES

_v, _r, _p, _t, _a = variables.c, reports.c, report_parts.c, setting_templates.c, template_applications.c
_VARIABLE = tuple(variables.columns)
_to_report = msgspec.json.Decoder(OpenReport).decode
_to_part = msgspec.json.Decoder(NotifyReport).decode
_to_attributes = msgspec.json.Decoder(list[Attribute]).decode
_to_characteristics = msgspec.json.Decoder(Characteristics).decode
_to_template = msgspec.json.Decoder(SettingTemplate).decode
_to_applied = msgspec.json.Decoder(TemplateApplied).decode
_FIND_REPORT = compiled(
    sa.select(_r.body)
    .where(
        _r.station_key == sa.bindparam("station_key"),
        _r.subject == sa.bindparam("subject"),
        _r.request_id == sa.bindparam("request_id"),
    )
    .order_by(_r.key.desc())
    .limit(sa.literal_column("1"))
)
_PART_DIGEST = compiled(
    sa.select(_p.digest).where(_p.report_key == sa.bindparam("report_key"), _p.seq_no == sa.bindparam("seq_no"))
)
_SEQUENCE = 500
"""Keys that one statement names."""


class DeviceModelReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def variables(self, query: VariableFilter, request: PageRequest = FIRST_PAGE) -> Page[KnownVariable]:
        given = [
            (_v.station_key, query.station_key),
            (_v.component, query.component),
            (_v.variable, query.variable),
            (_v.evse_id, query.evse_id),
            (_v.mutability, query.mutability),
        ]
        conditions = [of_tenant(variables, query.tenant), *matching(given)]
        if query.text:
            conditions.append(
                sa.or_(
                    _v.component.icontains(query.text, autoescape=True),
                    _v.variable.icontains(query.text, autoescape=True),
                )
            )
        statement = sa.select(*_VARIABLE).where(*conditions)
        order = tuple(_v[name] for name in ADDRESS)
        return await self._run(lambda connection: page(connection, statement, order, request, to_known))

    async def variables_named(
        self, tenant: str, station_keys: Sequence[int], names: Sequence[tuple[str, str]]
    ) -> Mapping[int, Sequence[KnownVariable]]:
        """Of each station, the variables with one of these names of component and variable, on whatever tier."""

        def read(connection: sqlite3.Connection) -> Mapping[int, Sequence[KnownVariable]]:
            found: dict[int, list[KnownVariable]] = {}
            for first in range(0, len(station_keys), _SEQUENCE):
                statement = sa.select(*_VARIABLE).where(
                    _v.station_key.in_(station_keys[first : first + _SEQUENCE]),
                    of_tenant(variables, tenant),
                    sa.tuple_(_v.component, _v.variable).in_(list(names)),
                )
                for row in fetch(connection, statement):
                    found.setdefault(row[0], []).append(to_known(row))
            return found

        return await self._run(read) if names else {}

    async def find_report(self, station_key: int, subject: Subject, request_id: int) -> OpenReport | None:
        """The newest report of a station with this number."""
        found = await self._run(
            lambda connection: fetch(
                connection, _FIND_REPORT, station_key=station_key, subject=subject, request_id=request_id
            )
        )
        return _to_report(found[0][0]) if found else None

    async def part_digest(self, report_key: int, seq_no: int) -> int | None:
        found = await self._run(
            lambda connection: fetch(connection, _PART_DIGEST, report_key=report_key, seq_no=seq_no)
        )
        return int(found[0][0]) if found else None

    async def reports(self, query: ReportFilter, request: PageRequest = FIRST_PAGE) -> Page[OpenReport]:
        given = [(_r.station_key, query.station_key), (_r.subject, query.subject), (_r.state, query.state)]
        conditions = [of_tenant(reports, query.tenant), *matching(given)]
        if query.inventory:
            conditions += [_r.state == "complete", _r.body.contains('"asked":"FullInventory"')]
        statement = sa.select(_r.body).where(*conditions)
        return await self._run(
            lambda connection: page(
                connection, statement, (_r.key,), request, lambda row: _to_report(row[0]), newest_first=True
            )
        )

    async def report(self, tenant: str, key: int) -> OpenReport | None:
        """None where it is another tenant's."""
        statement = sa.select(_r.body).where(_r.key == key, of_tenant(reports, tenant))
        found = await self._run(lambda connection: fetch(connection, statement))
        return _to_report(found[0][0]) if found else None

    async def reported(self, tenant: str, report_key: int) -> Sequence[ReportData]:
        """What a report of variables tells, in the order of its parts."""
        statement = (
            sa.select(_p.body)
            .join(reports, _r.key == _p.report_key)
            .where(_p.report_key == report_key, _r.subject == "variables", of_tenant(reports, tenant))
            .order_by(_p.seq_no)
        )
        return await self._run(
            lambda connection: [item for row in fetch(connection, statement) for item in _to_part(row[0]).report]
        )

    async def setting_templates(self, tenant: str, request: PageRequest = FIRST_PAGE) -> Page[SettingTemplate]:
        """By name; those that were removed are not among them."""
        statement = sa.select(_t.body).where(_t.tenant == tenant, _t.removed_at.is_(None))
        return await self._run(
            lambda connection: page(connection, statement, (_t.name, _t.key), request, lambda row: _to_template(row[0]))
        )

    async def setting_template(self, tenant: str, key: int) -> SettingTemplate | None:
        statement = sa.select(_t.body).where(_t.key == key, _t.tenant == tenant, _t.removed_at.is_(None))
        found = await self._run(lambda connection: fetch(connection, statement))
        return _to_template(found[0][0]) if found else None

    async def setting_template_named(self, tenant: str, name: str) -> SettingTemplate | None:
        statement = sa.select(_t.body).where(_t.name == name, _t.tenant == tenant, _t.removed_at.is_(None))
        found = await self._run(lambda connection: fetch(connection, statement))
        return _to_template(found[0][0]) if found else None

    async def template_applications(
        self, tenant: str, template_key: int, request: PageRequest = FIRST_PAGE
    ) -> Page[ApplicationProgress]:
        """Newest first, each with the states of its commands as they are now."""
        statement = sa.select(_a.body).where(_a.tenant == tenant, _a.template_key == template_key)

        def read(connection: sqlite3.Connection) -> Page[ApplicationProgress]:
            return page(
                connection,
                statement,
                (_a.key,),
                request,
                lambda row: _progress(connection, _to_applied(row[0])),
                newest_first=True,
            )

        return await self._run(read)


def _progress(connection: sqlite3.Connection, applied: TemplateApplied) -> ApplicationProgress:
    states, partial = command_states(connection, [command_key for _, command_key in applied.commands])
    return ApplicationProgress(
        applied=applied,
        partial=partial,
        states=tuple((station, command, states.get(command)) for station, command in applied.commands),
    )


def to_known(row: Sequence[Any]) -> KnownVariable:
    """The row's columns in the order of the table."""
    station_key, component, evse_id, connector_id, instance, variable, variable_instance = row[:7]
    values = dict(zip(VALUES, row[7:11], strict=True))
    _, attributes, characteristics, told_at, source = row[11:16]
    return KnownVariable(
        station_key=station_key,
        component=Component(
            name=component,
            instance=instance or None,
            evse=Evse(evse_id, connector_id or None) if evse_id else None,
        ),
        variable=Variable(name=variable, instance=variable_instance or None),
        attributes=_attributes(values, attributes),
        characteristics=None if characteristics is None else _to_characteristics(characteristics),
        told_at=moment(told_at),
        source=source,
    )


def _attributes(values: Mapping[str, Any], told: str | None) -> tuple[Attribute, ...]:
    """Those that a report told of and those that only a value is known of, with the values of today."""
    known = {attribute.type: attribute for attribute in (_to_attributes(told) if told else ())}
    types: tuple[Any, ...] = tuple(type_ for type_ in VALUES if type_ in known or values[type_] is not None)
    return tuple(
        msgspec.structs.replace(known.get(type_) or Attribute(type=type_), value=values[type_]) for type_ in types
    )
