"""The driver and the money: what the tables of authorization, reservation, cost and display came to need."""

import sqlalchemy as sa
from alembic import op

from stationmaster.storage.migrations.columns import blobs, ints, ints_or_null, row_id, texts, texts_or_null
from stationmaster.storage.migrations.respell_tokens import respell_tokens

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for create in _TABLES.values():
        create()
    _on_older_tables()
    respell_tokens(op.get_bind())


def downgrade() -> None:
    op.drop_index("transactions_use", "transactions")
    op.drop_index("setting_templates_name", "setting_templates")
    op.drop_index("commands_accepted", "commands")
    for name in reversed(_TABLES):
        op.drop_table(name)


def _account_entries() -> None:
    op.create_table(
        "account_entries",
        *ints("key", "account_key", "at"),
        *texts("kind"),
        *ints("amount_u"),
        *texts("reference"),
        *ints_or_null("transaction_key"),
        *texts("body"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("account_key", "kind", "reference", name="account_entries_once"),
    )
    op.create_index("account_entries_account", "account_entries", ["account_key", "key"])


def _account_holds() -> None:
    op.create_table(
        "account_holds",
        *ints("account_key", "transaction_key", "amount_u", "made_at"),
        *ints_or_null("released_at"),
        sa.PrimaryKeyConstraint("account_key", "transaction_key"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "account_holds_open",
        "account_holds",
        ["account_key"],
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    )


def _accounts() -> None:
    op.create_table(
        "accounts",
        *ints("key"),
        *texts("tenant", "name", "body"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("tenant", "name", name="accounts_name"),
    )


def _bill_corrections() -> None:
    op.create_table(
        "bill_corrections",
        *ints("key"),
        *texts("tenant"),
        *ints("transaction_key"),
        *texts("body"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("bill_corrections_transaction", "bill_corrections", ["transaction_key"])


def _bill_inputs() -> None:
    op.create_table(
        "bill_inputs",
        *texts("digest"),
        *blobs("body"),
        sa.PrimaryKeyConstraint("digest"),
    )


def _bills() -> None:
    op.create_table(
        "bills",
        *ints("key"),
        *texts("tenant"),
        *ints("station_key", "transaction_key", "version"),
        *texts("state"),
        *ints_or_null("started_at"),
        *texts("flags", "inputs_digest", "body"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("transaction_key", "version", name="bills_version"),
    )
    op.create_index(
        "bills_current",
        "bills",
        ["transaction_key"],
        unique=True,
        sqlite_where=sa.text("state IN ('issued', 'held')"),
        postgresql_where=sa.text("state IN ('issued', 'held')"),
    )
    op.create_index("bills_station", "bills", ["station_key", "key"])
    op.create_index("bills_tenant", "bills", ["tenant", "key"])


def _charging_needs() -> None:
    op.create_table(
        "charging_needs",
        *ints("station_key", "evse_id"),
        *texts("body"),
        sa.PrimaryKeyConstraint("station_key", "evse_id"),
        sqlite_with_rowid=False,
    )


def _display_messages() -> None:
    op.create_table(
        "display_messages",
        *ints("station_key"),
        *texts("body"),
        sa.PrimaryKeyConstraint("station_key"),
    )


def _driver_exports() -> None:
    op.create_table(
        "driver_exports",
        *ints("key"),
        *texts("tenant", "state"),
        *ints("at"),
        *texts("body"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("driver_exports_tenant", "driver_exports", ["tenant", "key"])


def _erasures() -> None:
    op.create_table(
        "erasures",
        *ints("key"),
        *texts("tenant", "state"),
        *ints("at"),
        *texts("body"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("erasures_tenant", "erasures", ["tenant", "key"])


def _group_uses() -> None:
    op.create_table(
        "group_uses",
        *texts("tenant", "group_key"),
        *ints("transaction_key"),
        sa.PrimaryKeyConstraint("tenant", "group_key", "transaction_key"),
        sqlite_with_rowid=False,
    )


def _local_list_contents() -> None:
    op.create_table(
        "local_list_contents",
        *texts("tenant", "digest"),
        *ints("made_at"),
        *blobs("body"),
        sa.PrimaryKeyConstraint("tenant", "digest"),
    )


def _local_list_wishes() -> None:
    op.create_table(
        "local_list_wishes",
        *ints("station_key"),
        *texts("tenant"),
        *ints_or_null("wanted"),
        sa.PrimaryKeyConstraint("station_key"),
        sqlite_with_rowid=False,
    )


def _local_lists() -> None:
    op.create_table(
        "local_lists",
        *ints("station_key"),
        *texts("tenant", "state"),
        *texts_or_null("digest"),
        *texts("body"),
        sa.PrimaryKeyConstraint("station_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("local_lists_digest", "local_lists", ["tenant", "digest"])
    op.create_index("local_lists_tenant", "local_lists", ["tenant", "station_key"])


def _place_states() -> None:
    op.create_table(
        "place_states",
        row_id(),
        *ints("station_key", "evse_id", "connector_id", "at"),
        *texts("state"),
        *ints("received_at"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("at", "station_key", "evse_id", "connector_id", "state", name="place_states_once"),
    )
    op.create_index("place_states_place", "place_states", ["station_key", "evse_id", "at"])


def _places() -> None:
    op.create_table(
        "places",
        *ints("station_key", "evse_id"),
        *texts("body"),
        sa.PrimaryKeyConstraint("station_key", "evse_id"),
        sqlite_with_rowid=False,
    )


def _priority_chargings() -> None:
    op.create_table(
        "priority_chargings",
        *ints("transaction_key"),
        *texts("tenant"),
        *ints("station_key", "activated", "told_at"),
        sa.PrimaryKeyConstraint("transaction_key"),
    )
    op.create_index("priority_chargings_station", "priority_chargings", ["station_key", "transaction_key"])


def _refusals() -> None:
    op.create_table(
        "refusals",
        row_id(),
        *texts("tenant"),
        *ints("station_key", "at"),
        *texts_or_null("token_key"),
        *texts("status", "body"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("refusals_tenant", "refusals", ["tenant", "key"])


def _reservations() -> None:
    op.create_table(
        "reservations",
        *ints("key"),
        *texts("tenant"),
        *ints("station_key", "reservation_id"),
        *ints_or_null("evse_id"),
        *ints("connector_id"),
        *texts("state", "token_key"),
        *ints("asked_at", "expires_at"),
        *texts("body"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(
        "reservations_number",
        "reservations",
        ["station_key", "reservation_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('active', 'asked', 'unknown')"),
    )
    op.create_index(
        "reservations_open",
        "reservations",
        ["expires_at"],
        sqlite_where=sa.text("state IN ('active', 'asked', 'unknown')"),
    )
    op.create_index(
        "reservations_place",
        "reservations",
        ["station_key", "evse_id", "connector_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('active', 'asked', 'unknown') AND evse_id IS NOT NULL"),
    )
    op.create_index("reservations_station", "reservations", ["station_key", "reservation_id"])
    op.create_index("reservations_tenant", "reservations", ["tenant", "key"])


def _settlements() -> None:
    op.create_table(
        "settlements",
        *ints("key"),
        *texts("tenant"),
        *ints("station_key"),
        *ints_or_null("transaction_key"),
        *texts("psp_ref", "status"),
        *ints("at"),
        *texts("body"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("station_key", "psp_ref", "status", "at", name="settlements_once"),
    )
    op.create_index("settlements_tenant", "settlements", ["tenant", "key"])
    op.create_index("settlements_transaction", "settlements", ["transaction_key"])


def _sites() -> None:
    op.create_table(
        "sites",
        *texts("tenant", "name", "zone"),
        sa.PrimaryKeyConstraint("tenant", "name"),
        sqlite_with_rowid=False,
    )


def _tariff_assignments() -> None:
    op.create_table(
        "tariff_assignments",
        *ints("key"),
        *texts("tenant"),
        *ints("from_at"),
        *ints_or_null("to_at"),
        *texts("body"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("tariff_assignments_tenant", "tariff_assignments", ["tenant"])


def _tariffs() -> None:
    op.create_table(
        "tariffs",
        *ints("key"),
        *texts("tenant", "name"),
        *ints("version", "valid_from"),
        *texts("body"),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("tenant", "name", "version", name="tariffs_version"),
    )


def _token_groups() -> None:
    op.create_table(
        "token_groups",
        *texts("tenant", "name_key", "body"),
        sa.PrimaryKeyConstraint("tenant", "name_key"),
        sqlite_with_rowid=False,
    )


def _transaction_statuses() -> None:
    op.create_table(
        "transaction_statuses",
        *ints("station_key"),
        *texts("wire_id"),
        *ints_or_null("ongoing"),
        *ints("messages_in_queue", "told_at"),
        sa.PrimaryKeyConstraint("station_key", "wire_id"),
        sqlite_with_rowid=False,
    )


def _vat_checks() -> None:
    op.create_table(
        "vat_checks",
        *ints("key"),
        *texts("tenant"),
        *ints("station_key", "at"),
        *texts("body"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("vat_checks_tenant", "vat_checks", ["tenant", "key"])


def _on_older_tables() -> None:
    op.create_index(
        "commands_accepted",
        "commands",
        ["created_at"],
        sqlite_where=sa.text("state = 'accepted'"),
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.create_index(
        "setting_templates_name",
        "setting_templates",
        ["tenant", "name"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_index("transactions_use", "transactions", ["tenant", "token_key", "first_event_at"])


_TABLES = {
    "account_entries": _account_entries,
    "account_holds": _account_holds,
    "accounts": _accounts,
    "bill_corrections": _bill_corrections,
    "bill_inputs": _bill_inputs,
    "bills": _bills,
    "charging_needs": _charging_needs,
    "display_messages": _display_messages,
    "driver_exports": _driver_exports,
    "erasures": _erasures,
    "group_uses": _group_uses,
    "local_list_contents": _local_list_contents,
    "local_list_wishes": _local_list_wishes,
    "local_lists": _local_lists,
    "place_states": _place_states,
    "places": _places,
    "priority_chargings": _priority_chargings,
    "refusals": _refusals,
    "reservations": _reservations,
    "settlements": _settlements,
    "sites": _sites,
    "tariff_assignments": _tariff_assignments,
    "tariffs": _tariffs,
    "token_groups": _token_groups,
    "transaction_statuses": _transaction_statuses,
    "vat_checks": _vat_checks,
}
