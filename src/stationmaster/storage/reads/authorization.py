"""What is known of a token when it is judged; groups, prepaid accounts and refusals."""

import sqlite3
from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa

from stationmaster.domain.authorization.judging import TokenFacts
from stationmaster.domain.authorization.prepaid import Account, AccountEntry, Funds, Hold, amount_of
from stationmaster.domain.authorization.refusals import Refusal, RefusalFilter, StoredRefusal
from stationmaster.domain.authorization.token_groups import TokenGroup, group_key
from stationmaster.domain.authorization.token_rules import Current, KnownEvse
from stationmaster.domain.identity import IdToken
from stationmaster.domain.queries import FIRST_PAGE, Page, PageRequest
from stationmaster.storage.readers import Readers, fetch
from stationmaster.storage.reads.paging import matching, page
from stationmaster.storage.reads.tokens import token_spelled
from stationmaster.storage.rows import micros, moment
from stationmaster.storage.schema.authorization import (
    account_entries,
    account_holds,
    accounts,
    refusals,
    token_groups,
)
from stationmaster.storage.schema.device_model import variables
from stationmaster.storage.statements import compiled

_g, _a, _e, _h, _r, _v = (
    token_groups.c,
    accounts.c,
    account_entries.c,
    account_holds.c,
    refusals.c,
    variables.c,
)
_to_group = msgspec.json.Decoder(TokenGroup).decode
_to_account = msgspec.json.Decoder(Account).decode
_to_entry = msgspec.json.Decoder(AccountEntry).decode
_to_refusal = msgspec.json.Decoder(Refusal).decode


def _named(component: str, variable: str) -> sa.ColumnElement[bool]:
    return sa.and_(_v.component == component, _v.variable == variable)


_GROUP = compiled(
    sa.select(_g.body).where(_g.tenant == sa.bindparam("tenant"), _g.name_key == sa.bindparam("name_key"))
)
_zero: sa.ColumnElement[int] = sa.literal_column("0")
_of_account: sa.BindParameter[int] = sa.bindparam("key")
_balance = sa.select(sa.func.coalesce(sa.func.sum(_e.amount_u), _zero)).where(_e.account_key == _of_account)
_held = sa.select(sa.func.coalesce(sa.func.sum(_h.amount_u), _zero)).where(
    _h.account_key == _of_account, _h.released_at.is_(None)
)
_FUNDS = compiled(
    sa.select(_a.body, _balance.scalar_subquery(), _held.scalar_subquery()).where(
        _a.key == _of_account, _a.tenant == sa.bindparam("tenant")
    )
)
_HOLDS = compiled(
    sa.select(_h.transaction_key, _h.amount_u, _h.made_at)
    .where(_h.account_key == _of_account, _h.released_at.is_(None))
    .order_by(_h.made_at)
    .limit(sa.literal_column("1000"))
)
_KINDS = compiled(
    sa.select(_v.evse_id, _v.variable, _v.actual).where(
        _v.station_key == sa.bindparam("station_key"),
        _v.evse_id > _zero,
        sa.or_(_named("Connector", "ConnectorType"), _named("EVSE", "SupplyPhases")),
    )
)


class AuthorizationReads:
    def __init__(self, readers: Readers) -> None:
        self._run = readers.run

    async def token_facts(self, tenant: str, id_token: IdToken) -> TokenFacts:
        """A token, what is said of its group, and its account, as of one moment."""
        return await self._run(lambda connection: _facts(connection, tenant, id_token))

    async def evse_kinds(self, station_key: int) -> Mapping[int, KnownEvse]:
        """By EVSE id, as the station told of its device model."""
        rows = await self._run(lambda connection: fetch(connection, _KINDS, station_key=station_key))
        currents: dict[int, Current] = {}
        types: dict[int, list[str]] = {}
        for evse_id, variable, actual in rows:
            if variable == "ConnectorType" and actual:
                types.setdefault(evse_id, []).append(actual)
            elif actual in ("0", "1", "2", "3"):
                currents[evse_id] = "DC" if actual == "0" else "AC"
        return {
            evse_id: KnownEvse(current=currents.get(evse_id), connector_types=tuple(sorted(types.get(evse_id, ()))))
            for evse_id in {*currents, *types}
        }

    async def token_group(self, tenant: str, name: str) -> TokenGroup | None:
        return await self._run(lambda connection: _group(connection, tenant, name))

    async def token_groups(self, tenant: str, request: PageRequest = FIRST_PAGE) -> Page[TokenGroup]:
        statement = sa.select(_g.body).where(_g.tenant == tenant)
        return await self._run(
            lambda connection: page(connection, statement, (_g.name_key,), request, lambda row: _to_group(row[0]))
        )

    async def funds(self, tenant: str, account_key: int) -> Funds | None:
        return await self._run(lambda connection: _funds(connection, tenant, account_key))

    async def account_named(self, tenant: str, name: str) -> Account | None:
        statement = sa.select(_a.body).where(_a.tenant == tenant, _a.name == name)
        found = await self._run(lambda connection: fetch(connection, statement))
        return _to_account(found[0][0]) if found else None

    async def accounts(self, tenant: str, request: PageRequest = FIRST_PAGE) -> Page[Account]:
        statement = sa.select(_a.body).where(_a.tenant == tenant)
        order = (_a.name, _a.key)
        return await self._run(
            lambda connection: page(connection, statement, order, request, lambda row: _to_account(row[0]))
        )

    async def account_holds(self, account_key: int) -> Sequence[Hold]:
        """Those that are not released, the oldest thousand; of an account of any tenant."""
        rows = await self._run(lambda connection: fetch(connection, _HOLDS, key=account_key))
        return [
            Hold(account_key=account_key, transaction_key=row[0], amount=amount_of(row[1]), made_at=moment(row[2]))
            for row in rows
        ]

    async def account_entry(self, account_key: int, kind: str, reference: str) -> AccountEntry | None:
        """Of an account of any tenant."""
        statement = sa.select(_e.body).where(_e.account_key == account_key, _e.kind == kind, _e.reference == reference)
        found = await self._run(lambda connection: fetch(connection, statement))
        return _to_entry(found[0][0]) if found else None

    async def account_entries(self, account_key: int, request: PageRequest = FIRST_PAGE) -> Page[AccountEntry]:
        """Of an account of any tenant, newest first."""
        statement = sa.select(_e.body).where(_e.account_key == account_key)
        return await self._run(
            lambda connection: page(
                connection, statement, (_e.key,), request, lambda row: _to_entry(row[0]), newest_first=True
            )
        )

    async def refusals(self, query: RefusalFilter, request: PageRequest = FIRST_PAGE) -> Page[StoredRefusal]:
        """Newest first."""
        given = [(_r.tenant, query.tenant), (_r.station_key, query.station_key), (_r.status, query.status)]
        conditions = matching(given)
        if query.token is not None:
            conditions.append(_r.token_key.in_(IdToken(query.token).keys))
        if query.from_at is not None:
            conditions.append(_r.at >= micros(query.from_at))
        if query.to_at is not None:
            conditions.append(_r.at < micros(query.to_at))
        statement = sa.select(_r.key, _r.body).where(*conditions)
        return await self._run(
            lambda connection: page(
                connection,
                statement,
                (_r.key,),
                request,
                lambda row: StoredRefusal(key=row[0], refusal=_to_refusal(row[1])),
                newest_first=True,
            )
        )


def _facts(connection: sqlite3.Connection, tenant: str, id_token: IdToken) -> TokenFacts:
    token = token_spelled(connection, tenant, id_token)
    if token is None:
        return TokenFacts()
    group = None if token.group is None else _group(connection, tenant, token.group)
    funds = None if token.account is None else _funds(connection, tenant, token.account)
    return TokenFacts(token=token, group=group, funds=funds)


def _group(connection: sqlite3.Connection, tenant: str, name: str) -> TokenGroup | None:
    found = fetch(connection, _GROUP, tenant=tenant, name_key=group_key(name))
    return _to_group(found[0][0]) if found else None


def _funds(connection: sqlite3.Connection, tenant: str, account_key: int) -> Funds | None:
    found = fetch(connection, _FUNDS, tenant=tenant, key=account_key)
    if not found:
        return None
    body, balance, held = found[0]
    return Funds(account=_to_account(body), balance=amount_of(balance), held=amount_of(held))
