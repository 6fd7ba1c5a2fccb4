"""How groups of tokens, prepaid accounts and refusals are written."""

from typing import Any

import msgspec
import sqlalchemy as sa

from stationmaster.domain.authorization.prepaid import Account, AccountEntry, Hold, HoldReleased, millionths
from stationmaster.domain.authorization.refusals import Refusal
from stationmaster.domain.authorization.token_groups import GroupUse, TokenGroup, TokenGroupRemoved, group_key
from stationmaster.storage.rows import micros
from stationmaster.storage.schema.authorization import (
    account_entries,
    account_holds,
    accounts,
    group_uses,
    refusals,
    token_groups,
)
from stationmaster.storage.schema.core import transactions
from stationmaster.storage.statements import Write, compiled, insert_once, plain_insert, upsert

_encode = msgspec.json.Encoder().encode


def _delete_group() -> str:
    t = token_groups.c
    sql = compiled(
        sa.delete(token_groups).where(t.tenant == sa.bindparam("tenant"), t.name_key == sa.bindparam("name_key"))
    )
    assert sql.names == ("tenant", "name_key"), sql.names
    return sql.text


def _forget_uses() -> str:
    """Delete what a group's transactions that are over have left."""
    g = group_uses.c
    is_over = sa.select(transactions.c.key).where(
        transactions.c.key == g.transaction_key, transactions.c.ended_at.is_not(None)
    )
    sql = compiled(
        sa.delete(group_uses).where(
            g.tenant == sa.bindparam("tenant"), g.group_key == sa.bindparam("group_key"), sa.exists(is_over)
        )
    )
    assert sql.names == ("tenant", "group_key"), sql.names
    return sql.text


def _release() -> str:
    h = account_holds.c
    sql = compiled(
        sa.update(account_holds)
        .where(
            h.account_key == sa.bindparam("of_account"),
            h.transaction_key == sa.bindparam("of_transaction"),
            h.released_at.is_(None),
        )
        .values(released_at=sa.bindparam("at"))
    )
    assert sql.names == ("at", "of_account", "of_transaction"), sql.names
    return sql.text


def group_row(group: TokenGroup) -> tuple[Any, ...]:
    return (group.tenant, group.key, _encode(group).decode())


def group_removed_row(removed: TokenGroupRemoved) -> tuple[Any, ...]:
    return (removed.tenant, group_key(removed.name))


def group_use_row(use: GroupUse) -> tuple[Any, ...]:
    return (use.tenant, use.group_key, use.transaction_key)


def account_row(account: Account) -> tuple[Any, ...]:
    return (account.key, account.tenant, account.name, _encode(account).decode())


def entry_row(entry: AccountEntry) -> tuple[Any, ...]:
    return (
        entry.key,
        entry.account_key,
        micros(entry.at),
        entry.kind,
        millionths(entry.amount),
        entry.reference,
        entry.transaction_key,
        _encode(entry).decode(),
    )


def hold_row(hold: Hold) -> tuple[Any, ...]:
    return (hold.account_key, hold.transaction_key, millionths(hold.amount), micros(hold.made_at), None)


def released_row(released: HoldReleased) -> tuple[Any, ...]:
    return (micros(released.at), released.account_key, released.transaction_key)


def refusal_row(refusal: Refusal) -> tuple[Any, ...]:
    id_token = refusal.id_token
    return (
        refusal.tenant,
        refusal.station_key,
        micros(refusal.at),
        None if id_token.type == "KeyCode" else id_token.key,
        refusal.status,
        _encode(refusal).decode(),
    )


WRITES: dict[type, tuple[Write, ...]] = {
    TokenGroup: (Write(upsert(token_groups, ("tenant", "name_key")), group_row),),
    TokenGroupRemoved: (Write(_delete_group(), group_removed_row),),
    GroupUse: (
        Write(_forget_uses(), lambda use: (use.tenant, use.group_key), once=True),
        Write(insert_once(group_uses), group_use_row),
    ),
    Account: (Write(upsert(accounts, ("key",), keep=("tenant",)), account_row),),
    AccountEntry: (Write(plain_insert(account_entries), entry_row),),
    Hold: (Write(insert_once(account_holds), hold_row),),
    HoldReleased: (Write(_release(), released_row),),
    Refusal: (Write(plain_insert(refusals), refusal_row),),
}
