"""How the writer looks at each kind of claim: one statement, whose one value says whether it holds."""

import sqlite3
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.authorization.prepaid import millionths
from stationmaster.domain.claims import (
    Claim,
    CreditClaim,
    GroupClaim,
    OtherAdministratorClaim,
    PaymentClaim,
    PaymentPlaceClaim,
    PaymentReferenceClaim,
    PersonClaim,
    PersonNameClaim,
    QuotaClaim,
    SettlementClaim,
    TokenClaim,
)
from stationmaster.domain.command import CAME_TO_NOTHING
from stationmaster.storage.rows import micros
from stationmaster.storage.schema import core as schema
from stationmaster.storage.schema.authorization import account_entries, account_holds, group_uses
from stationmaster.storage.schema.payment import settlements, web_payments
from stationmaster.storage.schema.people import people
from stationmaster.storage.statements import Sql, compiled


class Look(msgspec.Struct, frozen=True):
    """``values``: the statement's parameters from the claim, usually its own fields by their names."""

    sql: Sql
    values: Callable[[Any], dict[str, Any]] = msgspec.structs.asdict


def holds(connection: sqlite3.Connection, claim: Claim) -> bool:
    """Whether a claim holds now, by all that is written."""
    look = CLAIMS[type(claim)]
    return bool(connection.execute(look.sql.text, look.sql.arguments(**look.values(claim))).fetchone()[0])


_t = schema.transactions.c
_others = _t.key != sa.bindparam("transaction_key")
# One that was refused is open too, until the car is gone, but it does not use the token.
_is_used = sa.and_(_t.ended_at.is_(None), _t.authorization == sa.literal_column("'Accepted'"))
_type = sa.func.json_extract(_t.body, sa.literal_column("'$.id_token.type'"))
_on_token = sa.and_(
    _t.tenant == sa.bindparam("tenant"),
    _t.token_key == sa.bindparam("token_key"),
    sa.or_(sa.bindparam("type", type_=sa.Text).is_(None), _type.is_(None), _type == sa.bindparam("type")),
)


def _fewer(*conditions: sa.ColumnElement[bool], others: Any = schema.transactions) -> Sql:
    """Whether fewer than the limit are so."""
    count = sa.select(sa.func.count()).select_from(others).where(*conditions).scalar_subquery()
    return compiled(sa.select(count < sa.bindparam("limit")))


def _free() -> Sql:
    """Whether what an account has, without what is held for others, is enough."""
    e, h = account_entries.c, account_holds.c
    zero: sa.ColumnElement[int] = sa.literal_column("0")
    balance = sa.select(sa.func.coalesce(sa.func.sum(e.amount_u), zero)).where(
        e.account_key == sa.bindparam("account_key")
    )
    held = sa.select(sa.func.coalesce(sa.func.sum(h.amount_u), zero)).where(
        h.account_key == sa.bindparam("account_key"),
        h.released_at.is_(None),
        h.transaction_key != sa.bindparam("transaction_key"),
    )
    free = balance.scalar_subquery() - held.scalar_subquery()
    return compiled(sa.select(sa.and_(free >= sa.bindparam("amount"), free > zero)))


def _quota_values(claim: QuotaClaim) -> dict[str, Any]:
    return {**msgspec.structs.asdict(claim), "since": micros(claim.since)}


def _credit_values(claim: CreditClaim) -> dict[str, Any]:
    return {**msgspec.structs.asdict(claim), "amount": millionths(claim.amount)}


def _open_payments(*conditions: sa.ColumnElement[bool]) -> sa.Exists:
    w = web_payments.c
    return sa.exists().where(w.state == sa.literal_column("'open'"), w.until > sa.bindparam("at"), *conditions)


def _moment_values(claim: PaymentClaim | SettlementClaim) -> dict[str, Any]:
    return {**msgspec.structs.asdict(claim), "at": micros(claim.at)}


def _place_values(claim: PaymentPlaceClaim) -> dict[str, Any]:
    paid_until = micros(claim.at - timedelta(seconds=claim.timeout_s))
    return {**msgspec.structs.asdict(claim), "at": micros(claim.at), "paid_until": paid_until}


_w, _s = web_payments.c, settlements.c
_was_paid = _w.state == sa.literal_column("'paid'")
_at_place = (_w.station_key == sa.bindparam("station_key"), _w.evse_id == sa.bindparam("evse_id"))


def _place_is_free() -> Sql:
    """Of those who have paid, whoever may still begin holds the place."""
    c = schema.commands.c
    began = sa.exists().where(_t.station_key == _w.station_key, _t.token_key == sa.func.lower(_w.psp_ref))
    command = sa.func.json_extract(_w.body, sa.literal_column("'$.command'"))
    nothing: list[sa.ColumnElement[str]] = [sa.literal_column(f"'{state}'") for state in CAME_TO_NOTHING]
    in_vain = sa.exists().where(c.key == command, c.state.in_(nothing))
    about_to_begin = sa.exists().where(
        *_at_place,
        _was_paid,
        _w.until > sa.bindparam("paid_until"),
        ~began.correlate(web_payments),
        ~in_vain.correlate(web_payments),
    )
    return compiled(sa.select(sa.and_(~_open_payments(*_at_place), ~about_to_begin)))


def _reference_is_new() -> Sql:
    """Asked of each station of the tenant, as that is how references are indexed."""
    of_tenant = sa.select(schema.stations.c.key).where(schema.stations.c.tenant == sa.bindparam("tenant"))
    used = sa.exists().where(
        _w.station_key.in_(of_tenant),
        _w.psp_ref == sa.bindparam("psp_ref"),
        _was_paid,
        _w.key != sa.bindparam("key"),
    )
    return compiled(sa.select(~used))


_same_settlement = sa.exists().where(
    *(_s[name] == sa.bindparam(name) for name in ("station_key", "psp_ref", "status", "at"))
)


_of_group = schema.transactions.join(group_uses, group_uses.c.transaction_key == _t.key)
_in_group = (
    group_uses.c.tenant == sa.bindparam("tenant"),
    group_uses.c.group_key == sa.bindparam("group_key"),
    group_uses.c.transaction_key != sa.bindparam("transaction_key"),
)
_was_begun = (
    _t.first_event_at >= sa.bindparam("since"),
    _t.authorization == sa.literal_column("'Accepted'"),
)

_p = people.c
_may_sign_in = _p.disabled_at.is_(None)
_same_person = sa.exists().where(
    *(_p[name] == sa.bindparam(name) for name in ("key", "role", "password_hash")),
    _may_sign_in == sa.bindparam("enabled"),
)
_same_name = sa.exists().where(*(_p[name] == sa.bindparam(name) for name in ("tenant", "name_key")))
_other_administrator = sa.exists().where(
    _p.tenant == sa.bindparam("tenant"),
    _p.key != sa.bindparam("person_key"),
    _p.role == sa.literal_column("'administrator'"),
    _may_sign_in,
)

CLAIMS: Mapping[type[Claim], Look] = {
    TokenClaim: Look(_fewer(_on_token, _is_used, _others)),
    GroupClaim: Look(_fewer(*_in_group, _is_used, others=_of_group)),
    QuotaClaim: Look(_fewer(_on_token, *_was_begun, _others), _quota_values),
    CreditClaim: Look(_free(), _credit_values),
    PaymentPlaceClaim: Look(_place_is_free(), _place_values),
    PaymentClaim: Look(compiled(sa.select(_open_payments(_w.key == sa.bindparam("key")))), _moment_values),
    PaymentReferenceClaim: Look(_reference_is_new()),
    SettlementClaim: Look(compiled(sa.select(~_same_settlement)), _moment_values),
    PersonClaim: Look(compiled(sa.select(_same_person))),
    PersonNameClaim: Look(compiled(sa.select(~_same_name))),
    OtherAdministratorClaim: Look(compiled(sa.select(_other_administrator))),
}
