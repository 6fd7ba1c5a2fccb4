"""How long things are kept: as the program has it, and as a tenant wants it."""

import msgspec


class RetentionPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How long each kind is kept; None: for ever. Readings of open transactions, commands under
    way and alarms that are open stay.

    Readings older than ``downsample_after_days`` are thinned out to one per transaction in ``downsample_minutes``;
    a transaction's first and last one stay, those that its station marked as begin or end, and those that it signed.
    All stay of a transaction that is open, whose bill is held or still to be made: what it is billed from must not
    change. Readings of no transaction are thinned out likewise, by ``idle_downsample_after_days`` and
    ``idle_downsample_minutes``; those between which energy was counted stay. What was signed in a transaction is kept
    for ``signed_readings_days``, if that is longer.
    """

    readings_days: int | None = None
    signed_readings_days: int | None = None
    frames_days: int | None = 30
    oddities_days: int | None = 90
    outbox_days: int | None = 7
    commands_days: int | None = 365
    security_events_days: int | None = 365
    log_uploads_days: int | None = 90
    customer_reports_days: int | None = 30
    unknown_callers_days: int | None = 30
    data_transfers_days: int | None = 90
    der_alarms_days: int | None = 365
    battery_swaps_days: int | None = None
    stream_values_days: int | None = 30
    reports_days: int | None = 365
    refusals_days: int | None = 90
    firmware_days: int | None = 730
    station_events_days: int | None = 90
    alarms_days: int | None = 365
    place_states_days: int | None = 400
    reservations_days: int | None = 365
    settlements_days: int | None = None
    vat_checks_days: int | None = 365
    web_payments_days: int | None = None
    driver_exports_days: int | None = 7
    power_slots_days: int | None = 31
    offline_spells_days: int | None = 400
    audit_days: int | None = 730
    downsample_after_days: int | None = None
    downsample_minutes: int = 15
    idle_downsample_after_days: int | None = None
    idle_downsample_minutes: int = 60


class RetentionTerms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a tenant may have its own of, as in RetentionPolicy; None: as the program has it. 0 days: for ever, or
    never thinned out."""

    readings_days: int | None = None
    signed_readings_days: int | None = None
    frames_days: int | None = None
    oddities_days: int | None = None
    outbox_days: int | None = None
    commands_days: int | None = None
    refusals_days: int | None = None
    reservations_days: int | None = None
    place_states_days: int | None = None
    security_events_days: int | None = None
    data_transfers_days: int | None = None
    audit_days: int | None = None
    downsample_after_days: int | None = None
    downsample_minutes: int | None = None
    idle_downsample_after_days: int | None = None
    idle_downsample_minutes: int | None = None


class RetentionWish(msgspec.Struct, frozen=True, kw_only=True):
    """What a tenant's administrator set."""

    tenant: str
    terms: RetentionTerms


def with_terms(policy: RetentionPolicy, terms: RetentionTerms) -> RetentionPolicy:
    """The policy where the terms are silent, and else the terms."""
    given = {name: days for name, days in msgspec.structs.asdict(terms).items() if days is not None}
    return msgspec.structs.replace(policy, **{name: days or None for name, days in given.items()})
