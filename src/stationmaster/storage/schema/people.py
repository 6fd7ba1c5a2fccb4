"""The tables of people, their sessions, and of what was done by whom."""

from sqlalchemy import Index, Table, UniqueConstraint

from stationmaster.storage.schema.core import key_column, metadata, number_column, text_column

people = Table(
    "people",
    metadata,
    key_column(),
    text_column("tenant"),
    text_column("name_key"),
    text_column("name"),
    text_column("display_name"),
    text_column("role"),
    text_column("password_hash"),
    number_column("created_at"),
    number_column("disabled_at", null=True),
    number_column("last_sign_in_at", null=True),
    UniqueConstraint("tenant", "name_key", name="people_name"),
)

sessions = Table(
    "sessions",
    metadata,
    key_column(),
    number_column("person_key"),
    text_column("tenant"),
    text_column("name"),
    text_column("role"),
    text_column("hash"),
    number_column("created_at"),
    number_column("used_at"),
    number_column("expires_at"),
    text_column("address"),
    text_column("agent"),
)
Index("sessions_person", sessions.c.person_key)

audit = Table(
    "audit",
    metadata,
    key_column(),
    text_column("tenant"),
    number_column("at"),
    text_column("actor_kind"),
    number_column("actor_key", null=True),
    text_column("actor"),
    text_column("operation"),
    text_column("method"),
    text_column("path"),
    number_column("station_key", null=True),
    number_column("status", null=True),
    text_column("address"),
    text_column("detail"),
)
Index("audit_tenant", audit.c.tenant, audit.c.key)
