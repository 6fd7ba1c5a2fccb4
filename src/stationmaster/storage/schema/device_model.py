"""The tables of the device model: what is known of variables, reports and their parts, templates of settings."""

from sqlalchemy import Column, Index, LargeBinary, Table, UniqueConstraint

from stationmaster.storage.schema.core import counted_column, key_column, metadata, number_column, text_column

variables = Table(
    "variables",
    metadata,
    number_column("station_key", primary=True),
    text_column("component", primary=True),
    number_column("evse_id", primary=True),
    number_column("connector_id", primary=True),
    text_column("component_instance", primary=True),
    text_column("variable", primary=True),
    text_column("variable_instance", primary=True),
    text_column("actual", null=True),
    text_column("target", null=True),
    text_column("min_set", null=True),
    text_column("max_set", null=True),
    text_column("mutability", null=True),
    text_column("attributes", null=True),
    text_column("characteristics", null=True),
    number_column("told_at"),
    text_column("source"),
    sqlite_with_rowid=False,
)
"""An absent instance is an empty text, an absent EVSE or connector 0. ``attributes`` are those that a report told of,
without their values, which may change one by one; ``mutability`` is that of the actual value."""

reports = Table(
    "reports",
    metadata,
    key_column(),
    number_column("station_key"),
    text_column("subject"),
    number_column("request_id", null=True),
    text_column("state"),
    number_column("opened_at"),
    text_column("body"),
)
Index("reports_station", reports.c.station_key, reports.c.subject, reports.c.request_id)

report_parts = Table(
    "report_parts",
    metadata,
    counted_column(),
    number_column("report_key"),
    number_column("station_key"),
    number_column("seq_no"),
    number_column("received_at"),
    number_column("digest"),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("report_key", "seq_no", name="report_parts_number"),
)

setting_templates = Table(
    "setting_templates",
    metadata,
    key_column(),
    text_column("tenant"),
    text_column("name"),
    number_column("removed_at", null=True),
    text_column("body"),
)
Index("setting_templates_tenant", setting_templates.c.tenant, setting_templates.c.name)
_in_use = setting_templates.c.removed_at.is_(None)
Index(
    "setting_templates_name",
    setting_templates.c.tenant,
    setting_templates.c.name,
    unique=True,
    sqlite_where=_in_use,
    postgresql_where=_in_use,
)
"""The name of a template that was removed is free again."""

template_applications = Table(
    "template_applications",
    metadata,
    key_column(),
    number_column("template_key"),
    text_column("tenant"),
    number_column("at"),
    text_column("body"),
)
Index("template_applications_template", template_applications.c.template_key)
