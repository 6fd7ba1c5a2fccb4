"""Running the hardware: what was learned of a station, its device model, monitors, files, firmware and more."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Int64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for create in _TABLES.values():
        create()


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)


def _alarms() -> None:
    op.create_table(
        "alarms",
        sa.Column("key", Int64, autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("severity", Int64, autoincrement=False, nullable=False),
        sa.Column("received_at", Int64, autoincrement=False, nullable=False),
        sa.Column("rank", Int64, autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("acknowledged_at", Int64, autoincrement=False, nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("alarms_station", "alarms", ["station_key", "rank", "key"], unique=False)
    op.create_index("alarms_tenant", "alarms", ["tenant", "rank", "key"], unique=False)


def _battery_swaps() -> None:
    op.create_table(
        "battery_swaps",
        sa.Column("key", Int64, autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", Int64, autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("battery_swaps_station", "battery_swaps", ["station_key", "key"], unique=False)
    op.create_index("battery_swaps_tenant", "battery_swaps", ["tenant", "key"], unique=False)


def _campaign_members() -> None:
    op.create_table(
        "campaign_members",
        sa.Column("campaign_key", Int64, autoincrement=False, nullable=False),
        sa.Column("place", Int64, autoincrement=False, nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("update_key", Int64, autoincrement=False, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_key", "place"),
        sqlite_with_rowid=False,
    )
    op.create_index("campaign_members_station", "campaign_members", ["station_key"], unique=False)


def _certificate_requests() -> None:
    op.create_table(
        "certificate_requests",
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received_at", Int64, autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_key", "use"),
        sqlite_with_rowid=False,
    )


def _customer_report_parts() -> None:
    op.create_table(
        "customer_report_parts",
        sa.Column("key", Int64, nullable=False),
        sa.Column("report_key", Int64, autoincrement=False, nullable=False),
        sa.Column("seq_no", Int64, autoincrement=False, nullable=False),
        sa.Column("received_at", Int64, autoincrement=False, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("report_key", "seq_no", name="customer_report_parts_once"),
    )


def _customer_reports() -> None:
    op.create_table(
        "customer_reports",
        sa.Column("key", Int64, autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("created_at", Int64, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("customer_reports_station", "customer_reports", ["station_key"], unique=False)


def _data_transfers() -> None:
    op.create_table(
        "data_transfers",
        sa.Column("key", Int64, nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("at", Int64, autoincrement=False, nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("vendor_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("data_transfers_station", "data_transfers", ["station_key"], unique=False)


def _der_alarms() -> None:
    op.create_table(
        "der_alarms",
        sa.Column("key", Int64, nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("started_at", Int64, autoincrement=False, nullable=False),
        sa.Column("received_at", Int64, autoincrement=False, nullable=False),
        sa.Column("ended_at", Int64, autoincrement=False, nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("station_key", "started_at", "type", "fault", name="der_alarms_once"),
    )
    op.create_index(
        "der_alarms_open",
        "der_alarms",
        ["station_key", "fault"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _der_controls() -> None:
    op.create_table(
        "der_controls",
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("control_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_key", "control_id"),
        sqlite_with_rowid=False,
    )


def _event_streams() -> None:
    op.create_table(
        "event_streams",
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("id", Int64, autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_key", "id"),
        sqlite_with_rowid=False,
    )


def _firmware_campaigns() -> None:
    op.create_table(
        "firmware_campaigns",
        sa.Column("key", Int64, autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("image_key", Int64, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("firmware_campaigns_tenant", "firmware_campaigns", ["tenant"], unique=False)


def _firmware_images() -> None:
    op.create_table(
        "firmware_images",
        sa.Column("key", Int64, autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("firmware_images_tenant", "firmware_images", ["tenant"], unique=False)


def _firmware_statuses() -> None:
    op.create_table(
        "firmware_statuses",
        sa.Column("key", Int64, nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("update_key", Int64, autoincrement=False, nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("request_id", Int64, autoincrement=False, nullable=True),
        sa.Column("at", Int64, autoincrement=False, nullable=False),
        sa.Column("in_order", Int64, autoincrement=False, nullable=False),
        sa.Column("info", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("firmware_statuses_update", "firmware_statuses", ["update_key"], unique=False)


def _firmware_updates() -> None:
    op.create_table(
        "firmware_updates",
        sa.Column("key", Int64, autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("campaign_key", Int64, autoincrement=False, nullable=True),
        sa.Column("image_key", Int64, autoincrement=False, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("open", Int64, autoincrement=False, nullable=False),
        sa.Column("created_at", Int64, autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("firmware_updates_campaign", "firmware_updates", ["campaign_key"], unique=False)
    op.create_index(
        "firmware_updates_open",
        "firmware_updates",
        ["station_key"],
        unique=False,
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open = 1"),
    )
    op.create_index("firmware_updates_station", "firmware_updates", ["station_key", "key"], unique=False)
    op.create_index("firmware_updates_tenant", "firmware_updates", ["tenant"], unique=False)


def _installed_certificates() -> None:
    op.create_table(
        "installed_certificates",
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("seen_at", Int64, autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_key", "use"),
        sqlite_with_rowid=False,
    )


def _known_monitors() -> None:
    op.create_table(
        "known_monitors",
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_key"),
    )


def _learned() -> None:
    op.create_table(
        "learned",
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_key", "name"),
        sqlite_with_rowid=False,
    )


def _log_uploads() -> None:
    op.create_table(
        "log_uploads",
        sa.Column("key", Int64, autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("created_at", Int64, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("log_uploads_station", "log_uploads", ["station_key"], unique=False)


def _network_profiles() -> None:
    op.create_table(
        "network_profiles",
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("slot", Int64, autoincrement=False, nullable=False),
        sa.Column("set_at", Int64, autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("station_key", "slot"),
        sqlite_with_rowid=False,
    )


def _publications() -> None:
    op.create_table(
        "publications",
        sa.Column("key", Int64, autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", Int64, autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("publications_station", "publications", ["station_key", "key"], unique=False)


def _report_parts() -> None:
    op.create_table(
        "report_parts",
        sa.Column("key", Int64, nullable=False),
        sa.Column("report_key", Int64, autoincrement=False, nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("seq_no", Int64, autoincrement=False, nullable=False),
        sa.Column("received_at", Int64, autoincrement=False, nullable=False),
        sa.Column("digest", Int64, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("report_key", "seq_no", name="report_parts_number"),
    )


def _reports() -> None:
    op.create_table(
        "reports",
        sa.Column("key", Int64, autoincrement=False, nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("request_id", Int64, autoincrement=False, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", Int64, autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("reports_station", "reports", ["station_key", "subject", "request_id"], unique=False)


def _security_events() -> None:
    op.create_table(
        "security_events",
        sa.Column("key", Int64, nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("timestamp", Int64, autoincrement=False, nullable=False),
        sa.Column("received_at", Int64, autoincrement=False, nullable=False),
        sa.Column("critical", Int64, autoincrement=False, nullable=True),
        sa.Column("tech_info", sa.Text(), nullable=True),
        sa.Column("digest", Int64, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("timestamp", "station_key", "digest", name="security_events_once"),
    )
    op.create_index("security_events_station", "security_events", ["station_key"], unique=False)


def _setting_templates() -> None:
    op.create_table(
        "setting_templates",
        sa.Column("key", Int64, autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("removed_at", Int64, autoincrement=False, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("setting_templates_tenant", "setting_templates", ["tenant", "name"], unique=False)


def _station_events() -> None:
    op.create_table(
        "station_events",
        sa.Column("key", Int64, nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("timestamp", Int64, autoincrement=False, nullable=False),
        sa.Column("digest", Int64, autoincrement=False, nullable=False),
        sa.Column("received_at", Int64, autoincrement=False, nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("variable", sa.Text(), nullable=False),
        sa.Column("severity", Int64, autoincrement=False, nullable=True),
        sa.Column("alarm_key", Int64, autoincrement=False, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("timestamp", "station_key", "digest", name="station_events_once"),
    )
    op.create_index(
        "station_events_alarm",
        "station_events",
        ["alarm_key"],
        unique=False,
        sqlite_where=sa.text("alarm_key IS NOT NULL"),
    )
    op.create_index("station_events_station", "station_events", ["station_key"], unique=False)


def _stream_values() -> None:
    op.create_table(
        "stream_values",
        sa.Column("key", Int64, nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("stream_id", Int64, autoincrement=False, nullable=False),
        sa.Column("monitoring_id", Int64, autoincrement=False, nullable=True),
        sa.Column("at", Int64, autoincrement=False, nullable=False),
        sa.Column("received_at", Int64, autoincrement=False, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("stream_values_stream", "stream_values", ["station_key", "stream_id"], unique=False)


def _template_applications() -> None:
    op.create_table(
        "template_applications",
        sa.Column("key", Int64, autoincrement=False, nullable=False),
        sa.Column("template_key", Int64, autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("at", Int64, autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("template_applications_template", "template_applications", ["template_key"], unique=False)


def _transfers() -> None:
    op.create_table(
        "transfers",
        sa.Column("key", Int64, autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("expires_at", Int64, autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("closed_at", Int64, autoincrement=False, nullable=True),
        sa.Column("file_blob", sa.Text(), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(
        "transfers_files", "transfers", ["file_blob"], unique=False, sqlite_where=sa.text("file_blob IS NOT NULL")
    )


def _variables() -> None:
    op.create_table(
        "variables",
        sa.Column("station_key", Int64, autoincrement=False, nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("evse_id", Int64, autoincrement=False, nullable=False),
        sa.Column("connector_id", Int64, autoincrement=False, nullable=False),
        sa.Column("component_instance", sa.Text(), nullable=False),
        sa.Column("variable", sa.Text(), nullable=False),
        sa.Column("variable_instance", sa.Text(), nullable=False),
        sa.Column("actual", sa.Text(), nullable=True),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("min_set", sa.Text(), nullable=True),
        sa.Column("max_set", sa.Text(), nullable=True),
        sa.Column("mutability", sa.Text(), nullable=True),
        sa.Column("attributes", sa.Text(), nullable=True),
        sa.Column("characteristics", sa.Text(), nullable=True),
        sa.Column("told_at", Int64, autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "station_key", "component", "evse_id", "connector_id", "component_instance", "variable", "variable_instance"
        ),
        sqlite_with_rowid=False,
    )


_TABLES = {
    "alarms": _alarms,
    "battery_swaps": _battery_swaps,
    "campaign_members": _campaign_members,
    "certificate_requests": _certificate_requests,
    "customer_report_parts": _customer_report_parts,
    "customer_reports": _customer_reports,
    "data_transfers": _data_transfers,
    "der_alarms": _der_alarms,
    "der_controls": _der_controls,
    "event_streams": _event_streams,
    "firmware_campaigns": _firmware_campaigns,
    "firmware_images": _firmware_images,
    "firmware_statuses": _firmware_statuses,
    "firmware_updates": _firmware_updates,
    "installed_certificates": _installed_certificates,
    "known_monitors": _known_monitors,
    "learned": _learned,
    "log_uploads": _log_uploads,
    "network_profiles": _network_profiles,
    "publications": _publications,
    "report_parts": _report_parts,
    "reports": _reports,
    "security_events": _security_events,
    "setting_templates": _setting_templates,
    "station_events": _station_events,
    "stream_values": _stream_values,
    "template_applications": _template_applications,
    "transfers": _transfers,
    "variables": _variables,
}
