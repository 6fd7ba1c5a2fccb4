"""Whoever adds a table says whether a person may stand in it: what is in neither list is forgotten by an erasure."""

import sqlalchemy as sa

from stationmaster.storage.personal_places import PLACES
from stationmaster.storage.schema.tables import metadata

REMOVED_BY_ITSELF = {
    "tokens": "when all else is done",
    "driver_exports": "with the erasure's begin",
    "customer_report_parts": "with the command that asked for them",
    "local_list_contents": "once no station has such a list; until then the erasure says so",
    "readings": "what meters signed, by the tenant's policy",
}
KEPT_BY_LAW = {"bills", "bill_inputs", "bill_corrections", "account_entries", "accounts", "vat_checks"}
ABOUT_ERASURES = {"erasures"}
"""They hold keys and pseudonyms."""
OF_STATIONS = {
    "certificate_requests",
    "charging_needs",
    "connectors",
    "der_alarms",
    "der_controls",
    "display_messages",
    "event_streams",
    "evse_names",
    "evse_registers",
    "firmware_statuses",
    "firmware_updates",
    "installed_certificates",
    "known_monitors",
    "learned",
    "log_uploads",
    "network_profiles",
    "oddity_counts",
    "place_states",
    "offline_spells",
    "places",
    "power_slots",
    "publications",
    "report_parts",
    "reports",
    "stations",
    "stream_values",
    "transfers",
    "variables",
}
OF_OPERATORS = {
    "api_keys",
    "campaign_members",
    "firmware_campaigns",
    "firmware_images",
    "group_uses",
    "local_list_wishes",
    "local_lists",
    "people",
    "price_publications",
    "sessions",
    "setting_templates",
    "settings",
    "sites",
    "tariffs",
    "template_applications",
    "tenants",
    "token_groups",
    "unknown_callers",
}
OF_THE_PROGRAM = {"downtimes", "key_ranges"}
NUMBERS_OF_TRANSACTIONS = {"account_holds", "priority_chargings", "transaction_statuses", "unplugged"}


def test_of_every_table_somebody_has_said_whether_a_person_stands_in_it() -> None:
    erased = {place.table.name for place in PLACES}
    others = {
        *REMOVED_BY_ITSELF,
        *KEPT_BY_LAW,
        *ABOUT_ERASURES,
        *OF_STATIONS,
        *OF_OPERATORS,
        *OF_THE_PROGRAM,
        *NUMBERS_OF_TRANSACTIONS,
    }
    assert erased.isdisjoint(others)
    assert {table.name for table in metadata.sorted_tables} == erased | others


def test_every_place_is_told_apart_by_tenant_and_gone_through_by_a_number() -> None:
    for place in PLACES:
        assert place.key.primary_key and isinstance(place.key.type, sa.Integer | sa.BigInteger)
        assert {"tenant", "station_key"} & set(place.table.c.keys()), place.table.name
