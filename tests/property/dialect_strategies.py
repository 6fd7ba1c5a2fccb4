"""Every domain request and answer as far as a version can carry it, at random.

What a version cannot carry is left out here and is the subject of the unit tests of the dialects.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import charging_needs_strategies
import device_model_strategies
import driver_strategies
import hardware_strategies
import monitoring_strategies
import msgspec
import newest_strategies
import reservation_strategies
from hypothesis import strategies as st

from stationmaster.dialects.v1.availability import STATUSES
from stationmaster.dialects.v1.transactions import REASONS
from stationmaster.domain import messages as m
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.metering.values import MeterValue, Sample
from stationmaster.domain.texts import Text

V1, V2 = "1.x", "2.x"
OWN_ID, WIRE_ID = "own", "17"


def text(longest: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=1, max_size=longest)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


whole = st.integers(0, 2**31 - 1)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
)
connectors = st.builds(Evse, st.integers(1, 9), st.just(1))
evses = st.builds(Evse, st.integers(1, 9))
plain_tokens = st.builds(IdToken, text(20))
tokens = st.builds(
    IdToken,
    text(36),
    st.sampled_from(["ISO14443", "eMAID"]),
    st.lists(st.tuples(text(36), text(50)), max_size=2).map(tuple),
)
numbers = st.decimals(-(10**9), 10**9, places=3).map(lambda number: format(number, "f"))
samples = st.builds(
    Sample,
    numbers,
    measurand=st.sampled_from(["Energy.Active.Import.Register", "Power.Active.Import", "SoC", "Voltage"]),
    context=st.sampled_from(["Sample.Periodic", "Transaction.Begin", "Trigger"]),
    phase=st.sampled_from([None, "L1", "L1-N"]),
    location=st.sampled_from(["Outlet", "Inlet"]),
    unit=st.sampled_from([None, "Wh", "kWh", "W", "Percent", "Celsius"]),
)
signed = st.fixed_dictionaries(
    {name: text(50) for name in ("signedMeterData", "signingMethod", "encodingMethod", "publicKey")}
)
scaled = st.builds(
    lambda sample, multiplier, signature: msgspec.structs.replace(sample, multiplier=multiplier, signed=signature),
    samples,
    st.integers(-3, 3),
    maybe(signed),
)


def values_of(samples: st.SearchStrategy[Sample], fewest: int = 0) -> st.SearchStrategy[tuple[MeterValue, ...]]:
    taken = st.builds(MeterValue, moments, st.lists(samples, min_size=1, max_size=3).map(tuple))
    return st.lists(taken, min_size=fewest, max_size=2).map(tuple)


def info_of(tokens: st.SearchStrategy[IdToken], statuses: list[str]) -> st.SearchStrategy[m.IdTokenInfo]:
    return st.builds(m.IdTokenInfo, status=st.sampled_from(statuses), cache_expiry=maybe(moments), group=maybe(tokens))


def profile(period: dict[str, Any]) -> dict[str, Any]:
    schedule = {"id": 3, "chargingRateUnit": "A", "chargingSchedulePeriod": [period]}
    header = {
        "id": 3,
        "stackLevel": 0,
        "validFrom": "2026-01-01T00:00:00Z",
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
    }
    return {**header, "chargingSchedule": [schedule]}


profiles = maybe(
    st.decimals(0, 99, places=1).map(lambda limit: profile({"startPeriod": 0, "limit": limit, "numberPhases": 3}))
)
stationinfos = {
    V1: st.builds(
        m.StationInfo,
        vendor=text(20),
        model=text(20),
        **{name: maybe(text(20)) for name in m.StationInfo.__struct_fields__[2:]},
    ),
    V2: st.builds(
        m.StationInfo,
        vendor=text(50),
        model=text(20),
        serial_number=maybe(text(20)),
        firmware_version=maybe(text(50)),
        iccid=maybe(text(20)),
        imsi=maybe(text(20)),
    ),
}
vendor_status = {name: maybe(text(50)) for name in ("info", "vendor_id", "vendor_error_code")}
events = st.builds(
    m.EventData,
    event_id=whole,
    timestamp=moments,
    trigger=st.sampled_from(["Alerting", "Delta", "Periodic"]),
    component=text(50),
    variable=text(50),
    actual_value=text(99),
    evse=maybe(connectors | evses),
    notification_type=st.sampled_from(["HardWiredMonitor", "CustomMonitor"]),
    cause=maybe(whole),
    cleared=st.booleans(),
    tech_code=maybe(text(50)),
    monitoring_id=maybe(whole),
    transaction_id=maybe(text(36)),
)


def v2_transaction_events() -> st.SearchStrategy[m.TransactionEvent]:
    return st.builds(
        m.TransactionEvent,
        event_type=st.sampled_from(["Started", "Updated", "Ended"]),
        timestamp=moments,
        trigger_reason=st.sampled_from(["Authorized", "CablePluggedIn", "MeterValuePeriodic"]),
        transaction_id=text(36),
        seq_no=whole,
        evse=maybe(connectors),
        id_token=maybe(tokens),
        charging_state=maybe(st.sampled_from(["Charging", "Idle"])),
        stopped_reason=maybe(st.sampled_from(["Local", "MasterPass"])),
        remote_start_id=maybe(whole),
        reservation_id=maybe(whole),
        time_spent_charging_s=maybe(whole),
        phases_used=maybe(st.integers(1, 3)),
        cable_max_current_a=maybe(whole),
        offline=st.booleans(),
        meter_values=values_of(scaled),
    )


REQUESTS: dict[tuple[str, type[m.Request]], st.SearchStrategy[Any]] = {
    (V1, m.BootNotification): st.builds(m.BootNotification, station=stationinfos[V1]),
    (V2, m.BootNotification): st.builds(
        m.BootNotification, station=stationinfos[V2], reason=st.sampled_from(["PowerUp", "Watchdog"])
    ),
    (V1, m.Heartbeat): st.just(m.Heartbeat()),
    (V2, m.Heartbeat): st.just(m.Heartbeat()),
    (V1, m.StatusNotification): st.builds(
        lambda state, **fields: m.StatusNotification(
            status=state[0], charging_state=state[1], finishing=state[2], **fields
        ),
        st.sampled_from([state for name, state in STATUSES.items() if name != "Occupied"]),
        evse=connectors | st.just(Evse(0)),
        timestamp=maybe(moments),
        error_code=st.sampled_from([None, "GroundFailure"]),
        **vendor_status,
    ),
    (V2, m.StatusNotification): st.builds(
        m.StatusNotification,
        evse=connectors | evses,
        status=st.sampled_from(["Available", "Occupied", "Reserved", "Unavailable", "Faulted"]),
        timestamp=moments,
    ),
    (V2, m.NotifyEvent): st.builds(
        m.NotifyEvent,
        events=st.lists(events, min_size=1, max_size=2).map(tuple),
        generated_at=moments,
        seq_no=whole,
        to_be_continued=st.booleans(),
    ),
    (V1, m.Authorize): st.builds(m.Authorize, id_token=plain_tokens),
    (V2, m.Authorize): st.builds(
        m.Authorize,
        id_token=tokens,
        certificate=maybe(text(99)),
        certificate_hashes=st.lists(
            st.fixed_dictionaries(
                {
                    "hashAlgorithm": st.just("SHA256"),
                    **{name: text(40) for name in ("issuerNameHash", "issuerKeyHash", "serialNumber", "responderURL")},
                }
            ),
            max_size=4,
        ).map(tuple),
    ),
    (V1, m.TransactionEvent): st.builds(
        lambda reason, **fields: m.TransactionEvent(
            event_type="Ended",
            transaction_id=OWN_ID,
            stopped_reason=reason[0],
            trigger_reason=reason[1],
            **fields,
        ),
        st.sampled_from(sorted(set(REASONS.values()))),
        timestamp=moments,
        id_token=maybe(plain_tokens),
        meter_wh=whole,
        meter_values=values_of(samples),
    ),
    (V2, m.TransactionEvent): v2_transaction_events(),
    (V1, m.MeterValues): st.builds(
        m.MeterValues,
        evse=connectors,
        meter_values=values_of(samples, fewest=1),
        transaction_id=st.sampled_from([None, OWN_ID]),
    ),
    (V2, m.MeterValues): st.builds(m.MeterValues, evse=evses, meter_values=values_of(scaled, fewest=1)),
    (V1, m.RequestStartTransaction): st.builds(
        m.RequestStartTransaction,
        id_token=plain_tokens,
        remote_start_id=st.just(0),
        evse=maybe(connectors),
        charging_profile=profiles,
    ),
    (V2, m.RequestStartTransaction): st.builds(
        m.RequestStartTransaction,
        id_token=tokens,
        remote_start_id=whole,
        evse=maybe(evses),
        group=maybe(tokens),
        charging_profile=profiles,
    ),
    (V1, m.RequestStopTransaction): st.builds(m.RequestStopTransaction, transaction_id=whole.map(str)),
    (V2, m.RequestStopTransaction): st.builds(m.RequestStopTransaction, transaction_id=text(36)),
    (V1, m.UnlockConnector): st.builds(m.UnlockConnector, evse=connectors),
    (V2, m.UnlockConnector): st.builds(m.UnlockConnector, evse=connectors),
    (V1, m.Reset): st.builds(m.Reset, type=st.sampled_from(["Immediate", "OnIdle"])),
    (V2, m.Reset): st.builds(m.Reset, type=st.sampled_from(["Immediate", "OnIdle"]), evse_id=maybe(st.integers(1, 9))),
    (V1, m.TriggerMessage): st.builds(
        lambda requested, evse: m.TriggerMessage(requested=requested, evse=evse, extended=requested != "Heartbeat"),
        st.sampled_from(["Heartbeat", "LogStatusNotification", "SignChargingStationCertificate"]),
        maybe(connectors),
    ),
    (V2, m.TriggerMessage): st.builds(
        m.TriggerMessage,
        requested=st.sampled_from(["Heartbeat", "TransactionEvent"]),
        evse=maybe(connectors | evses),
    ),
    (V1, m.ChangeAvailability): st.builds(m.ChangeAvailability, operative=st.booleans(), evse=maybe(connectors)),
    (V2, m.ChangeAvailability): st.builds(
        m.ChangeAvailability, operative=st.booleans(), evse=maybe(connectors | evses)
    ),
}

REQUESTS |= {(V1, kind): strategy for kind, strategy in device_model_strategies.V1_REQUESTS.items()}
REQUESTS |= {(V2, kind): strategy for kind, strategy in device_model_strategies.V2_REQUESTS.items()}
REQUESTS |= {(V2, kind): strategy for kind, strategy in monitoring_strategies.V2_REQUESTS.items()}
REQUESTS |= {(V1, kind): strategy for kind, strategy in hardware_strategies.V1_REQUESTS.items()}
REQUESTS |= {(V1, kind): strategy for kind, strategy in driver_strategies.V1_REQUESTS.items()}
REQUESTS |= {(V2, kind): strategy for kind, strategy in driver_strategies.V2_REQUESTS.items()}
REQUESTS |= {(V2, kind): strategy for kind, strategy in driver_strategies.V21_REQUESTS.items()}
REQUESTS |= {(V2, kind): strategy for kind, strategy in hardware_strategies.V2_REQUESTS.items()}
REQUESTS |= {(V2, kind): strategy for kind, strategy in charging_needs_strategies.V2_REQUESTS.items()}
REQUESTS |= {(V2, kind): strategy for kind, strategy in newest_strategies.V21_REQUESTS.items()}
REQUESTS |= {(V1, kind): strategy for kind, strategy in reservation_strategies.V1_REQUESTS.items()}
REQUESTS |= {(V2, kind): strategy for kind, strategy in reservation_strategies.V2_REQUESTS.items()}
NOT_IN_V1 = frozenset(
    {
        m.NotifyEvent,
        *charging_needs_strategies.V2_REQUESTS,
        *device_model_strategies.NOT_IN_V1,
        *monitoring_strategies.NOT_IN_V1,
        *hardware_strategies.NOT_IN_V1,
        *newest_strategies.V21_REQUESTS,
        *reservation_strategies.NOT_IN_V1,
        *driver_strategies.NOT_IN_V1,
    }
)
NEW_IN_21 = frozenset(newest_strategies.V21_REQUESTS) | frozenset(driver_strategies.V21_REQUESTS)
_of_blocks = {
    V1: {
        **device_model_strategies.V1_ANSWERS,
        **hardware_strategies.V1_ANSWERS,
        **reservation_strategies.V1_ANSWERS,
        **driver_strategies.V1_ANSWERS,
    },
    V2: {
        **device_model_strategies.V2_ANSWERS,
        **monitoring_strategies.V2_ANSWERS,
        **hardware_strategies.V2_ANSWERS,
        **charging_needs_strategies.V2_ANSWERS,
        **newest_strategies.V21_ANSWERS,
        **reservation_strategies.V2_ANSWERS,
        **driver_strategies.V2_ANSWERS,
    },
}

_word = st.sampled_from(["Accepted", "Rejected"])
_reasons: dict[str, Any] = {"reason": maybe(text(20))}
_commands = {V1: st.builds(m.CommandAnswer, status=_word), V2: st.builds(m.CommandAnswer, status=_word, **_reasons)}
infos = {
    V1: info_of(plain_tokens, ["Accepted", "Blocked", "ConcurrentTx", "Expired", "Invalid"]),
    V2: st.builds(
        msgspec.structs.replace,
        info_of(tokens, ["Accepted", "NoCredit", "Unknown"]),
        charging_priority=maybe(st.integers(-9, 9)),
        language=maybe(text(8)),
        language2=maybe(text(8)),
        evse_ids=st.lists(st.integers(1, 9), max_size=2).map(tuple),
    ),
}
transaction_words: dict[str, Any] = {
    "total_cost": maybe(numbers.map(Decimal)),
    "charging_priority": maybe(st.integers(-9, 9)),
    "updated_personal_message": maybe(
        st.builds(
            Text, content=text(512), language=maybe(text(8)), format=st.sampled_from(["ASCII", "HTML", "URI", "UTF8"])
        )
    ),
}
everywhere: dict[type[m.Request], st.SearchStrategy[Any]] = {
    m.BootNotification: st.builds(
        m.BootAnswer,
        status=st.sampled_from(["Accepted", "Pending", "Rejected"]),
        current_time=moments,
        interval_s=whole,
    ),
    m.Heartbeat: st.builds(m.HeartbeatAnswer, current_time=moments),
    m.StatusNotification: st.just(m.ACKNOWLEDGED),
    m.NotifyEvent: st.just(m.ACKNOWLEDGED),
    m.MeterValues: st.just(m.ACKNOWLEDGED),
}


def answers(version: str, request: type[m.Request]) -> st.SearchStrategy[Any]:
    if request in everywhere:
        return everywhere[request]
    if request in _of_blocks[version]:
        return _of_blocks[version][request]
    if request is m.Authorize:
        certificate: st.SearchStrategy[Any] = st.none() if version == V1 else st.sampled_from([None, "CertChainError"])
        return st.builds(m.AuthorizeAnswer, id_token_info=infos[version], certificate_status=certificate)
    if request is m.TransactionEvent:
        more = {} if version == V1 else transaction_words
        return st.builds(m.TransactionAnswer, id_token_info=maybe(infos[version]), **more)
    if request is m.UnlockConnector:
        return st.builds(m.CommandAnswer, status=st.sampled_from(["Unlocked", "UnlockFailed"]))
    if request is m.RequestStartTransaction:
        if version == V1:
            return st.builds(m.RequestStartAnswer, status=_word)
        return st.builds(m.RequestStartAnswer, status=_word, transaction_id=maybe(text(36)), **_reasons)
    return _commands[version]
