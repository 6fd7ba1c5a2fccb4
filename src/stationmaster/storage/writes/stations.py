"""How stations and their Connectors are written, and what the station list needs to know of them: made of its causes in
the very transaction that writes them, so that it is always true."""

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from stationmaster.domain.callback import CallbackKnown
from stationmaster.domain.records import Boot, ConnectorForgotten, Presence, Unlearned
from stationmaster.domain.standing import OTHERWISE, SIGNS, Sign
from stationmaster.domain.station import Connector, Station
from stationmaster.domain.transactions.transaction import Transaction
from stationmaster.storage import rows
from stationmaster.storage.rows import Values, micros
from stationmaster.storage.schema.core import connectors, learned, stations, transactions
from stationmaster.storage.schema.overview import offline_spells
from stationmaster.storage.statements import Write, compiled, set_where_changed, update, upsert

_s, _c, _t = stations.c, connectors.c, transactions.c
_BOOT = ("info", "boot_reason", "booted_at")
_TOLD_AT_BOOT = ("version", "vendor", "model", "firmware_version", "serial_number")
_PRESENCE = ("connected_at", "disconnected_at", "last_seen_at", "skew_s")
_MADE_OF_OTHERS = ("state", "connected", "site", "first_connected_at")
_TOLD_BY_THE_STATION = ("generation", *_BOOT, *_TOLD_AT_BOOT, *_PRESENCE, "callback")
_encode = msgspec.json.Encoder().encode

CONNECTED = sa.and_(
    _s.connected_at.is_not(None), sa.or_(_s.disconnected_at.is_(None), _s.disconnected_at < _s.connected_at)
)


def boot_row(boot: Boot) -> Values:
    return (_encode(boot.info).decode(), boot.reason, micros(boot.booted_at), boot.station_key)


def told_at_boot_row(boot: Boot) -> Values:
    """New values, the key, and the same values again to compare with."""
    told = (boot.version, *rows.info_row(boot.info))
    return (*told, boot.station_key, *told)


def presence_row(presence: Presence) -> Values:
    at = (presence.connected_at, presence.disconnected_at, presence.last_seen_at)
    return (*(None if each is None else micros(each) for each in at), presence.skew_s, presence.station_key)


def version_row(presence: Presence) -> Values:
    return (presence.version, presence.station_key, presence.version)


def spell_row(presence: Presence) -> Values:
    at_us = _came_us(presence)
    return (at_us, presence.station_key, at_us)


def first_connected_row(presence: Presence) -> Values:
    return (_came_us(presence), presence.station_key)


def _came_us(presence: Presence) -> int:
    assert presence.connected_at is not None
    return micros(presence.connected_at)


def has_come(presence: Presence) -> bool:
    return presence.connected_at is not None


def has_come_or_gone(presence: Presence) -> bool:
    """Those that were only seen stand as they did."""
    return presence.connected_at is not None or presence.disconnected_at is not None


def has_version(presence: Presence) -> bool:
    return presence.version is not None


def _literal(word: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{word}'")


def _is_true(sign: Sign) -> sa.ColumnElement[bool]:
    """A sign in SQL, of the station of the row."""
    if sign.registration is not None:
        return _s.registration == _literal(sign.registration)
    if sign.connection is not None:
        return _s.connected_at.is_(None) if sign.connection == "never" else sa.not_(CONNECTED)
    open_there = sa.select(_t.key).where(_t.station_key == _s.key, _t.ended_at.is_(None))
    if sign.in_transaction:
        return open_there.exists()
    places = sa.select(_c.status).where(_c.station_key == _s.key)
    if sign.charging:
        return sa.or_(
            places.where(_c.status == _literal("Occupied"), _charges(_c.body)).exists(),
            open_there.where(_charges(_t.body)).exists(),
        )
    if sign.of != "all":
        whole = _c.evse_id == sa.literal_column("0")
        places = places.where(whole if sign.of == "station" else sa.not_(whole))
    return places.where(_c.status == _literal(sign.status or "")).exists()


def _charges(body: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    return sa.func.json_extract(body, _literal("$.charging_state")) == _literal("Charging")


def _stand_anew() -> str:
    """Of the stations whose keys come as a JSON list. A row is written only if it changes."""
    keys = sa.func.json_each(sa.bindparam("keys")).table_valued("value")
    state = sa.case(*((_is_true(sign), _literal(sign.standing)) for sign in SIGNS), else_=_literal(OTHERWISE))
    connected = sa.case((CONNECTED, sa.literal_column("1")), else_=sa.literal_column("0"))
    now = (
        sa.select(_s.key, state.label("state"), connected.label("connected"))
        .where(_s.key.in_(sa.select(keys.c.value)))
        .cte("now")
        .prefix_with("MATERIALIZED")
    )
    sql = compiled(
        sa.update(stations)
        .values(state=now.c.state, connected=now.c.connected)
        .where(_s.key == now.c.key, sa.or_(_s.state != now.c.state, _s.connected != now.c.connected))
    )
    assert sql.names == ("keys",), sql.names
    return sql.text


def _version_where_new() -> str:
    sql = compiled(
        sa.update(stations)
        .where(_s.key == sa.bindparam("of_key"), _s.version.is_distinct_from(sa.bindparam("same")))
        .values({_s.version: sa.bindparam("version")})
    )
    assert sql.names == ("version", "of_key", "same"), sql.names
    return sql.text


def _first_connected() -> str:
    sql = compiled(
        sa.update(stations)
        .where(_s.key == sa.bindparam("of_key"), _s.first_connected_at.is_(None))
        .values({_s.first_connected_at: sa.bindparam("at")})
    )
    assert sql.names == ("at", "of_key"), sql.names
    return sql.text


def _offline_until() -> str:
    """The spell that ends with a connection. Before the station's row says that it is there again."""
    at = sa.bindparam("at", type_=sa.Integer())
    since = _s.disconnected_at
    found = sa.select(_s.key, since, at).where(
        _s.key == sa.bindparam("of_key"), since >= _s.connected_at, since < sa.bindparam("until", type_=sa.Integer())
    )
    statement = insert(offline_spells).from_select(["station_key", "from_at", "to_at"], found)
    sql = compiled(statement.on_conflict_do_nothing())
    assert sql.names == ("at", "of_key", "until"), sql.names
    return sql.text


def _forget_connector() -> str:
    there = (("of_station", _c.station_key), ("of_evse", _c.evse_id), ("of_connector", _c.connector_id))
    sql = compiled(sa.delete(connectors).where(*(column == sa.bindparam(name) for name, column in there)))
    assert sql.names == tuple(name for name, _ in there), sql.names
    return sql.text


def _unlearn() -> str:
    sql = compiled(
        sa.delete(learned).where(
            learned.c.station_key == sa.bindparam("of_station"), learned.c.name == sa.bindparam("of_name")
        )
    )
    assert sql.names == ("of_station", "of_name"), sql.names
    return sql.text


def connector_forgotten_row(gone: ConnectorForgotten) -> Values:
    return (gone.station_key, gone.evse_id, gone.connector_id)


def unlearned_row(gone: Unlearned) -> Values:
    return (gone.station_key, gone.name)


def station_key_row(record: Connector | ConnectorForgotten | Presence | Transaction) -> Values:
    return (record.station_key,)


def own_key_row(station: Station) -> Values:
    return (station.key,)


def site_row(station_key: int, evse_id: int, site: str | None) -> Values:
    return (site, station_key, evse_id, site)


def _site() -> str:
    """A station stands where its EVSE 0 does."""
    sql = compiled(
        sa.update(stations)
        .where(
            _s.key == sa.bindparam("of_key"),
            sa.literal_column("0") == sa.bindparam("evse_id"),
            _s.site.is_distinct_from(sa.bindparam("same")),
        )
        .values({_s.site: sa.bindparam("site")})
    )
    assert sql.names == ("site", "of_key", "evse_id", "same"), sql.names
    return sql.text


SITE = _site()
_STAND_ANEW = _stand_anew()
_OF_STATION = Write(_STAND_ANEW, station_key_row, gathered=True)

WRITES: dict[type, tuple[Write, ...]] = {
    Station: (
        Write(upsert(stations, ("key",), keep=("tenant", *_TOLD_BY_THE_STATION, *_MADE_OF_OTHERS)), rows.station_row),
        Write(_STAND_ANEW, own_key_row, gathered=True),
    ),
    Boot: (
        Write(update(stations, _BOOT), boot_row),
        Write(set_where_changed(stations, _TOLD_AT_BOOT), told_at_boot_row),
    ),
    Presence: (
        Write(_offline_until(), spell_row, of=has_come),
        Write(_first_connected(), first_connected_row, of=has_come),
        Write(update(stations, _PRESENCE, where_given=True), presence_row),
        Write(_version_where_new(), version_row, of=has_version),
        Write(_STAND_ANEW, station_key_row, gathered=True, of=has_come_or_gone),
    ),
    CallbackKnown: (Write(update(stations, ("callback",)), rows.callback_row),),
    Connector: (Write(upsert(connectors, ("station_key", "evse_id", "connector_id")), rows.connector_row), _OF_STATION),
    ConnectorForgotten: (Write(_forget_connector(), connector_forgotten_row), _OF_STATION),
    Unlearned: (Write(_unlearn(), unlearned_row),),
}
STANDS_ANEW: dict[type, Write] = {Transaction: _OF_STATION}
"""After what else is written of these."""
