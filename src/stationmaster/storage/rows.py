"""Between structs and rows. ``*_row`` makes the values of one row in the order of its statement; ``to_*`` reads one.

The writer calls ``*_row`` for everything that any station sends, so these are plain tuples of plain values.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.callback import Callback, CallbackKnown
from stationmaster.domain.command import Command
from stationmaster.domain.cost.transaction_energy import energy
from stationmaster.domain.messages import StationInfo
from stationmaster.domain.metering.values import Sample
from stationmaster.domain.queries import CallerSeen, CommittedEvent, OddityCount
from stationmaster.domain.records import (
    ApiKey,
    Conflict,
    Event,
    EvseName,
    Learned,
    Oddity,
    Reading,
    TokenImported,
    TokenRemoved,
    TransactionEventRecord,
    UnknownCaller,
    WireIdPassedOn,
)
from stationmaster.domain.station import Connector, Station
from stationmaster.domain.transactions.transaction import Transaction

Row = Sequence[Any]
Values = tuple[Any, ...]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_encode = msgspec.json.Encoder().encode
_TOLD_BY_THE_STATION: dict[str, Any] = {
    "generation": 0,
    "version": None,
    "info": StationInfo(),
    "boot_reason": None,
    "booted_at": None,
    "connected_at": None,
    "disconnected_at": None,
    "last_seen_at": None,
    "skew_s": None,
    "callback": Callback(),
}
"""Not in a station's body, as it has columns of its own."""


def micros(at: datetime) -> int:
    """Microseconds since 1970, exact; a naive time is a TypeError."""
    return (at - _EPOCH) // _MICROSECOND


def moment(at_us: int) -> datetime:
    """The aware UTC time of :func:`micros`."""
    return _EPOCH + timedelta(microseconds=at_us)


def _micros_if(at: datetime | None) -> int | None:
    return None if at is None else (at - _EPOCH) // _MICROSECOND


def _moment_if(at_us: int | None) -> datetime | None:
    return None if at_us is None else moment(at_us)


def _decimal_if(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def station_row(station: Station) -> Values:
    return (
        station.key,
        station.tenant,
        station.identity,
        station.generation,
        station.name,
        station.registration,
        station.version,
        _encode(station.info).decode(),
        station.boot_reason,
        _micros_if(station.booted_at),
        _micros_if(station.connected_at),
        _micros_if(station.disconnected_at),
        _micros_if(station.last_seen_at),
        station.skew_s,
        _encode(msgspec.structs.replace(station, **_TOLD_BY_THE_STATION)).decode(),
        "never_seen",
        0,
        None,
        *info_row(station.info),
        _micros_if(station.connected_at),
        _encode(station.callback).decode(),
    )


def callback_row(known: CallbackKnown) -> Values:
    return (_encode(known.callback).decode(), known.station_key)


def info_row(info: StationInfo) -> Values:
    """Vendor, model, firmware version and serial number; what is not said is NULL."""
    return (info.vendor or None, info.model or None, info.firmware_version or None, info.serial_number or None)


def connector_row(connector: Connector) -> Values:
    return (
        connector.station_key,
        connector.evse_id,
        connector.connector_id,
        connector.status,
        _encode(connector).decode(),
    )


def wire_id_passed_on_row(passed_on: WireIdPassedOn) -> Values:
    return (passed_on.wire_id, passed_on.transaction_key)


def learned_row(learned: Learned) -> Values:
    return (learned.station_key, learned.name, learned.value)


def evse_name_row(name: EvseName) -> Values:
    return (name.station_key, name.evse_id, name.connector_id, name.eid)


def token_row(token: Token) -> Values:
    id_token = token.id_token
    return (
        token.key,
        token.tenant,
        id_token.key,
        id_token.type or "",
        token.status,
        _encode(token).decode(),
    )


def token_imported_row(imported: TokenImported) -> Values:
    return token_row(imported.token)


def token_removed_row(removed: TokenRemoved) -> Values:
    return (removed.tenant, removed.key)


def transaction_row(transaction: Transaction) -> Values:
    id_token = transaction.id_token
    return (
        transaction.key,
        transaction.tenant,
        transaction.station_key,
        transaction.wire_id,
        None if id_token is None else id_token.key,
        transaction.authorization,
        transaction.start_key,
        (transaction.first_event_at - _EPOCH) // _MICROSECOND,
        _micros_if(transaction.over_at),
        _encode(transaction).decode(),
        _energy_wh(transaction),
    )


def _energy_wh(transaction: Transaction) -> int | None:
    """Of one that is over: until then its registers tell."""
    found = None if transaction.is_open else energy(transaction)
    return None if found is None else round(found[0])


def transaction_searched_row(transaction: Transaction) -> Values:
    """New values of the searched columns, the key, and the same values again to compare with."""
    id_token = transaction.id_token
    searched = (
        None if id_token is None else id_token.key,
        transaction.authorization,
        transaction.start_key,
        (transaction.first_event_at - _EPOCH) // _MICROSECOND,
        _micros_if(transaction.over_at),
        _energy_wh(transaction),
    )
    return (*searched, transaction.key, *searched)


def transaction_event_row(record: TransactionEventRecord) -> Values:
    return (
        record.station_key,
        record.transaction_key,
        record.dedupe_key,
        record.digest,
        record.event_type,
        record.trigger_reason,
        record.seq_no,
        (record.timestamp - _EPOCH) // _MICROSECOND,
        (record.received_at - _EPOCH) // _MICROSECOND,
        record.offline,
        record.body,
    )


def reading_row(reading: Reading) -> Values:
    register_wh, power_w = reading.register_wh, reading.power_w
    return (
        reading.station_key,
        (reading.taken_at - _EPOCH) // _MICROSECOND,
        reading.digest,
        reading.transaction_key,
        reading.evse_id,
        reading.connector_id,
        (reading.received_at - _EPOCH) // _MICROSECOND,
        None if register_wh is None else str(register_wh),
        None if power_w is None else str(power_w),
        _encode(reading.samples).decode(),
    )


def conflict_row(conflict: Conflict) -> Values:
    return (
        conflict.station_key,
        conflict.transaction_key,
        conflict.dedupe_key,
        micros(conflict.received_at),
        conflict.body,
    )


def oddity_row(oddity: Oddity) -> Values:
    return (oddity.station_key, micros(oddity.at), oddity.kind, oddity.action, oddity.detail)


def oddity_count_row(oddity: Oddity) -> Values:
    at_us = micros(oddity.at)
    return (oddity.station_key, oddity.kind, 1, at_us, at_us)


def unknown_caller_row(caller: UnknownCaller) -> Values:
    at_us = micros(caller.at)
    return (caller.tenant, caller.identity, at_us, at_us, 1, caller.address, caller.subprotocols)


def unknown_caller_tenant_row(caller: UnknownCaller) -> Values:
    """The tenant, for the rows that go and for those that are counted."""
    return (caller.tenant, caller.tenant)


def api_key_row(api_key: ApiKey) -> Values:
    return (api_key.key, api_key.tenant, _encode(api_key).decode())


def command_row(command: Command) -> Values:
    starts = command.kind == "RequestStartTransaction"
    return (
        command.key,
        command.tenant,
        command.station_key,
        command.kind,
        command.state,
        micros(command.created_at),
        command.request.get("remote_start_id") if starts else None,
        _encode(command).decode(),
    )


def outbox_row(committed: CommittedEvent) -> Values:
    event = committed.event
    return (
        committed.seq,
        event.tenant,
        event.kind,
        micros(event.at),
        event.station_key,
        _encode(event.data).decode(),
    )


_station = msgspec.json.Decoder(Station).decode
_station_info = msgspec.json.Decoder(StationInfo).decode
_callback = msgspec.json.Decoder(Callback).decode
_CALLED_NOWHERE = Callback()
_data = msgspec.json.Decoder(dict[str, Any]).decode
to_samples = msgspec.json.Decoder(tuple[Sample, ...]).decode
to_connector = msgspec.json.Decoder(Connector).decode
to_token = msgspec.json.Decoder(Token).decode
to_transaction = msgspec.json.Decoder(Transaction).decode
to_command = msgspec.json.Decoder(Command).decode
to_api_key = msgspec.json.Decoder(ApiKey).decode


def to_station(row: Row) -> Station:
    """From body, generation, and what the station tells of itself, in the table's order."""
    return msgspec.structs.replace(
        _station(row[0]),
        generation=row[1],
        version=row[2],
        info=_station_info(row[3]),
        boot_reason=row[4],
        booted_at=_moment_if(row[5]),
        connected_at=_moment_if(row[6]),
        disconnected_at=_moment_if(row[7]),
        last_seen_at=_moment_if(row[8]),
        skew_s=row[9],
        callback=_CALLED_NOWHERE if row[10] == "{}" else _callback(row[10]),
    )


def to_transaction_event(row: Row) -> TransactionEventRecord:
    """From the columns in the order of :func:`transaction_event_row`."""
    return TransactionEventRecord(
        station_key=row[0],
        transaction_key=row[1],
        dedupe_key=row[2],
        digest=row[3],
        event_type=row[4],
        trigger_reason=row[5],
        seq_no=row[6],
        timestamp=moment(row[7]),
        received_at=moment(row[8]),
        offline=bool(row[9]),
        body=bytes(row[10]),
    )


def to_reading(row: Row) -> Reading:
    """From the columns in the order of :func:`reading_row`."""
    return Reading(
        station_key=row[0],
        taken_at=moment(row[1]),
        digest=row[2],
        transaction_key=row[3],
        evse_id=row[4],
        connector_id=row[5],
        received_at=moment(row[6]),
        register_wh=_decimal_if(row[7]),
        power_w=_decimal_if(row[8]),
        samples=to_samples(row[9]),
    )


def to_conflict(row: Row) -> Conflict:
    return Conflict(
        station_key=row[0],
        transaction_key=row[1],
        dedupe_key=row[2],
        received_at=moment(row[3]),
        body=bytes(row[4]),
    )


def to_oddity(row: Row) -> Oddity:
    return Oddity(station_key=row[0], at=moment(row[1]), kind=row[2], action=row[3], detail=row[4])


def to_oddity_count(row: Row) -> OddityCount:
    return OddityCount(station_key=row[0], kind=row[1], count=row[2], first_at=moment(row[3]), last_at=moment(row[4]))


def to_caller_seen(row: Row) -> CallerSeen:
    return CallerSeen(
        tenant=row[0],
        identity=row[1],
        first_at=moment(row[2]),
        last_at=moment(row[3]),
        calls=row[4],
        address=row[5],
        subprotocols=row[6],
    )


def to_committed_event(row: Row) -> CommittedEvent:
    event = Event(tenant=row[1], kind=row[2], at=moment(row[3]), station_key=row[4], data=_data(row[5]))
    return CommittedEvent(row[0], event)
