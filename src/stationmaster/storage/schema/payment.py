"""Settlements, payments on web pages, VAT numbers that stations asked about, and what they told of priority
charging."""

from sqlalchemy import Index, Table, UniqueConstraint, text

from stationmaster.storage.schema.core import key_column, metadata, number_column, text_column

settlements = Table(
    "settlements",
    metadata,
    key_column(),
    text_column("tenant"),
    number_column("station_key"),
    number_column("transaction_key", null=True),
    text_column("psp_ref"),
    text_column("status"),
    number_column("at"),
    text_column("body"),
    UniqueConstraint("station_key", "psp_ref", "status", "at", name="settlements_once"),
)
Index("settlements_tenant", settlements.c.tenant, settlements.c.key)
Index("settlements_transaction", settlements.c.transaction_key)

vat_checks = Table(
    "vat_checks",
    metadata,
    key_column(),
    text_column("tenant"),
    number_column("station_key"),
    number_column("at"),
    text_column("body"),
)
Index("vat_checks_tenant", vat_checks.c.tenant, vat_checks.c.key)

priority_chargings = Table(
    "priority_chargings",
    metadata,
    number_column("transaction_key", primary=True),
    text_column("tenant"),
    number_column("station_key"),
    number_column("activated"),
    number_column("told_at"),
)
Index("priority_chargings_station", priority_chargings.c.station_key, priority_chargings.c.transaction_key)

OPEN_PAYMENT = text("state = 'open'")
web_payments = Table(
    "web_payments",
    metadata,
    key_column(),
    text_column("tenant"),
    number_column("station_key"),
    number_column("evse_id", null=True),
    text_column("state"),
    number_column("until"),
    text_column("psp_ref", null=True),
    text_column("body"),
)
Index("web_payments_tenant", web_payments.c.tenant, web_payments.c.key)
Index("web_payments_station", web_payments.c.station_key, web_payments.c.key)
Index(
    "web_payments_open",
    web_payments.c.station_key,
    web_payments.c.evse_id,
    sqlite_where=OPEN_PAYMENT,
    postgresql_where=OPEN_PAYMENT,
)
Index("web_payments_psp_ref", web_payments.c.station_key, web_payments.c.psp_ref)
