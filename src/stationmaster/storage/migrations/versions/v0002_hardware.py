"""Running the hardware: what was learned of a station, its device model, monitors, files, firmware and more."""

import sqlalchemy as sa
from alembic import op

from stationmaster.storage.migrations.columns import ints, ints_or_null, row_id, texts, texts_or_null

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for create in _TABLES.values():
        create()


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)


def _alarms() -> None:
    op.create_table(
        "alarms",
        *ints("key"),
        *texts("tenant"),
        *ints("station_key", "severity", "received_at", "rank"),
        *texts("body"),
        *ints_or_null("acknowledged_at"),
        *texts_or_null("acknowledged_by", "note"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("alarms_station", "alarms", ["station_key", "rank", "key"])
    op.create_index("alarms_tenant", "alarms", ["tenant", "rank", "key"])


def _battery_swaps() -> None:
    op.create_table(
        "battery_swaps",
        *ints("key"),
        *texts("tenant"),
        *ints("station_key"),
        *texts("state"),
        *ints("started_at"),
        *texts("body"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("battery_swaps_station", "battery_swaps", ["station_key", "key"])
    op.create_index("battery_swaps_tenant", "battery_swaps", ["tenant", "key"])


def _campaign_members() -> None:
    op.create_table(
        "campaign_members",
        *ints("campaign_key", "place", "station_key"),
        *ints_or_null("update_key"),
        *texts("state", "body"),
        sa.PrimaryKeyConstraint("campaign_key", "place"),
        sqlite_with_rowid=False,
    )
    op.create_index("campaign_members_station", "campaign_members", ["station_key"])


def _certificate_requests() -> None:
    op.create_table(
        "certificate_requests",
        *ints("station_key"),
        *texts("use", "state"),
        *ints("received_at"),
        *texts("body"),
        sa.PrimaryKeyConstraint("station_key", "use"),
        sqlite_with_rowid=False,
    )


def _customer_report_parts() -> None:
    op.create_table(
        "customer_report_parts",
        row_id(),
        *ints("report_key", "seq_no", "received_at"),
        *texts("data"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("report_key", "seq_no", name="customer_report_parts_once"),
    )


def _customer_reports() -> None:
    op.create_table(
        "customer_reports",
        *ints("key"),
        *texts("tenant"),
        *ints("station_key", "created_at"),
        *texts("state", "body"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("customer_reports_station", "customer_reports", ["station_key"])


def _data_transfers() -> None:
    op.create_table(
        "data_transfers",
        row_id(),
        *ints("station_key", "at"),
        *texts("direction", "vendor_id"),
        *texts_or_null("message_id"),
        *texts("status"),
        *texts_or_null("data", "answer"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("data_transfers_station", "data_transfers", ["station_key"])


def _der_alarms() -> None:
    op.create_table(
        "der_alarms",
        row_id(),
        *ints("station_key"),
        *texts("type", "fault"),
        *ints("started_at", "received_at"),
        *ints_or_null("ended_at"),
        *texts_or_null("extra"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("station_key", "started_at", "type", "fault", name="der_alarms_once"),
    )
    op.create_index(
        "der_alarms_open",
        "der_alarms",
        ["station_key", "fault"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _der_controls() -> None:
    op.create_table(
        "der_controls",
        *ints("station_key"),
        *texts("control_id", "state", "body"),
        sa.PrimaryKeyConstraint("station_key", "control_id"),
        sqlite_with_rowid=False,
    )


def _event_streams() -> None:
    op.create_table(
        "event_streams",
        *ints("station_key", "id"),
        *texts("body"),
        sa.PrimaryKeyConstraint("station_key", "id"),
        sqlite_with_rowid=False,
    )


def _firmware_campaigns() -> None:
    op.create_table(
        "firmware_campaigns",
        *ints("key"),
        *texts("tenant"),
        *ints("image_key"),
        *texts("state", "body"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("firmware_campaigns_tenant", "firmware_campaigns", ["tenant"])


def _firmware_images() -> None:
    op.create_table(
        "firmware_images",
        *ints("key"),
        *texts("tenant", "state", "body"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("firmware_images_tenant", "firmware_images", ["tenant"])


def _firmware_statuses() -> None:
    op.create_table(
        "firmware_statuses",
        row_id(),
        *ints("station_key"),
        *ints_or_null("update_key"),
        *texts("status"),
        *ints_or_null("request_id"),
        *ints("at", "in_order"),
        *texts_or_null("info"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("firmware_statuses_update", "firmware_statuses", ["update_key"])


def _firmware_updates() -> None:
    op.create_table(
        "firmware_updates",
        *ints("key"),
        *texts("tenant"),
        *ints("station_key"),
        *ints_or_null("campaign_key", "image_key"),
        *texts("state"),
        *ints("open", "created_at"),
        *texts("body"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("firmware_updates_campaign", "firmware_updates", ["campaign_key"])
    op.create_index(
        "firmware_updates_open",
        "firmware_updates",
        ["station_key"],
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open = 1"),
    )
    op.create_index("firmware_updates_station", "firmware_updates", ["station_key", "key"])
    op.create_index("firmware_updates_tenant", "firmware_updates", ["tenant"])


def _installed_certificates() -> None:
    op.create_table(
        "installed_certificates",
        *ints("station_key"),
        *texts("use"),
        *ints("seen_at"),
        *texts("body"),
        sa.PrimaryKeyConstraint("station_key", "use"),
        sqlite_with_rowid=False,
    )


def _known_monitors() -> None:
    op.create_table(
        "known_monitors",
        *ints("station_key"),
        *texts("body"),
        sa.PrimaryKeyConstraint("station_key"),
    )


def _learned() -> None:
    op.create_table(
        "learned",
        *ints("station_key"),
        *texts("name", "value"),
        sa.PrimaryKeyConstraint("station_key", "name"),
        sqlite_with_rowid=False,
    )


def _log_uploads() -> None:
    op.create_table(
        "log_uploads",
        *ints("key"),
        *texts("tenant"),
        *ints("station_key", "created_at"),
        *texts("state", "body"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("log_uploads_station", "log_uploads", ["station_key"])


def _network_profiles() -> None:
    op.create_table(
        "network_profiles",
        *ints("station_key", "slot", "set_at"),
        *texts("body"),
        sa.PrimaryKeyConstraint("station_key", "slot"),
        sqlite_with_rowid=False,
    )


def _publications() -> None:
    op.create_table(
        "publications",
        *ints("key"),
        *texts("tenant"),
        *ints("station_key"),
        *texts("state"),
        *ints("created_at"),
        *texts("body"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("publications_station", "publications", ["station_key", "key"])


def _report_parts() -> None:
    op.create_table(
        "report_parts",
        row_id(),
        *ints("report_key", "station_key", "seq_no", "received_at", "digest"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("report_key", "seq_no", name="report_parts_number"),
    )


def _reports() -> None:
    op.create_table(
        "reports",
        *ints("key", "station_key"),
        *texts("subject"),
        *ints_or_null("request_id"),
        *texts("state"),
        *ints("opened_at"),
        *texts("body"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("reports_station", "reports", ["station_key", "subject", "request_id"])


def _security_events() -> None:
    op.create_table(
        "security_events",
        row_id(),
        *ints("station_key"),
        *texts("type"),
        *ints("timestamp", "received_at"),
        *ints_or_null("critical"),
        *texts_or_null("tech_info"),
        *ints("digest"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("timestamp", "station_key", "digest", name="security_events_once"),
    )
    op.create_index("security_events_station", "security_events", ["station_key"])


def _setting_templates() -> None:
    op.create_table(
        "setting_templates",
        *ints("key"),
        *texts("tenant", "name"),
        *ints_or_null("removed_at"),
        *texts("body"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("setting_templates_tenant", "setting_templates", ["tenant", "name"])


def _station_events() -> None:
    op.create_table(
        "station_events",
        row_id(),
        *ints("station_key", "timestamp", "digest", "received_at"),
        *texts("component", "variable"),
        *ints_or_null("severity", "alarm_key"),
        *texts("body"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("timestamp", "station_key", "digest", name="station_events_once"),
    )
    op.create_index(
        "station_events_alarm",
        "station_events",
        ["alarm_key"],
        sqlite_where=sa.text("alarm_key IS NOT NULL"),
    )
    op.create_index("station_events_station", "station_events", ["station_key"])


def _stream_values() -> None:
    op.create_table(
        "stream_values",
        row_id(),
        *ints("station_key", "stream_id"),
        *ints_or_null("monitoring_id"),
        *ints("at", "received_at"),
        *texts("value"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("stream_values_stream", "stream_values", ["station_key", "stream_id"])


def _template_applications() -> None:
    op.create_table(
        "template_applications",
        *ints("key", "template_key"),
        *texts("tenant"),
        *ints("at"),
        *texts("body"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("template_applications_template", "template_applications", ["template_key"])


def _transfers() -> None:
    op.create_table(
        "transfers",
        *ints("key"),
        *texts("tenant"),
        *ints("station_key"),
        *texts("purpose"),
        *ints("expires_at"),
        *texts("body"),
        *ints_or_null("closed_at"),
        *texts_or_null("file_blob", "file"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("transfers_files", "transfers", ["file_blob"], sqlite_where=sa.text("file_blob IS NOT NULL"))


def _variables() -> None:
    op.create_table(
        "variables",
        *ints("station_key"),
        *texts("component"),
        *ints("evse_id", "connector_id"),
        *texts("component_instance", "variable", "variable_instance"),
        *texts_or_null("actual", "target", "min_set", "max_set", "mutability", "attributes", "characteristics"),
        *ints("told_at"),
        *texts("source"),
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
