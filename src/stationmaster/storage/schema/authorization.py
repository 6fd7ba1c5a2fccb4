"""The tables of authorization beside the tokens: groups, prepaid accounts and what is held of them, refusals."""

from sqlalchemy import Index, Table, UniqueConstraint

from stationmaster.storage.schema.core import (
    counted_column,
    key_column,
    metadata,
    number_column,
    text_column,
    transactions,
)

token_groups = Table(
    "token_groups",
    metadata,
    text_column("tenant", primary=True),
    text_column("name_key", primary=True),
    text_column("body"),
    sqlite_with_rowid=False,
)

group_uses = Table(
    "group_uses",
    metadata,
    text_column("tenant", primary=True),
    text_column("group_key", primary=True),
    number_column("transaction_key", primary=True),
    sqlite_with_rowid=False,
)
"""Transactions that were begun on a token of a group. Those that are over go when the group is used next."""

accounts = Table(
    "accounts",
    metadata,
    key_column(),
    text_column("tenant"),
    text_column("name"),
    text_column("body"),
    UniqueConstraint("tenant", "name", name="accounts_name"),
)

account_entries = Table(
    "account_entries",
    metadata,
    key_column(),
    number_column("account_key"),
    number_column("at"),
    text_column("kind"),
    number_column("amount_u"),
    text_column("reference"),
    number_column("transaction_key", null=True),
    text_column("body"),
    UniqueConstraint("account_key", "kind", "reference", name="account_entries_once"),
)
"""``amount_u``: in millionths, so that the database adds exactly. Rows are never changed."""
Index("account_entries_account", account_entries.c.account_key, account_entries.c.key)

account_holds = Table(
    "account_holds",
    metadata,
    number_column("account_key", primary=True),
    number_column("transaction_key", primary=True),
    number_column("amount_u"),
    number_column("made_at"),
    number_column("released_at", null=True),
    sqlite_with_rowid=False,
)
_held = account_holds.c.released_at.is_(None)
Index("account_holds_open", account_holds.c.account_key, sqlite_where=_held, postgresql_where=_held)

refusals = Table(
    "refusals",
    metadata,
    counted_column(),
    text_column("tenant"),
    number_column("station_key"),
    number_column("at"),
    text_column("token_key", null=True),
    text_column("status"),
    text_column("body"),
)
"""``token_key`` is empty for a PIN: nobody may look for one."""
Index("refusals_tenant", refusals.c.tenant, refusals.c.key)

Index("transactions_use", transactions.c.tenant, transactions.c.token_key, transactions.c.first_event_at)
