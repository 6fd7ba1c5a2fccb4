from typing import Any

import pytest

from stationmaster.dialects.table import Unattributable, Unsupported
from stationmaster.dialects.v2.authorization import INCOMING as AUTHORIZATION
from stationmaster.dialects.v2.authorization import write_authorize
from stationmaster.dialects.v2.parts import read_answer, write_status_info
from stationmaster.dialects.v2.provisioning import INCOMING as PROVISIONING
from stationmaster.dialects.v2.provisioning import OUTGOING as BOOT
from stationmaster.dialects.v2.remote_control import INCOMING, OUTGOING
from stationmaster.domain import messages as m
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.ocpp import v21
from stationmaster.ocpp.v21 import lenient as wire

FACTS = StationFacts(version="2.0.1")


def start(**fields: Any) -> m.RequestStartTransaction:
    return m.RequestStartTransaction(id_token=IdToken("A1"), remote_start_id=4, **fields)


def sent(drive: Any, request: m.Request, response: Any) -> Any:
    calls, _ = drive(OUTGOING[type(request)], FACTS, request, response)
    return calls[0].message


def test_a_token_without_a_type_is_a_central_one(drive: Any) -> None:
    message = sent(drive, start(), wire.RequestStartTransactionResponse())
    assert message.id_token == v21.IdTokenType(id_token="A1", type="Central")


@pytest.mark.parametrize(("evse", "evse_id"), [(None, None), (Evse(0), None), (Evse(2, 1), 2)])
def test_a_remote_start_names_the_evse_only(drive: Any, evse: Evse | None, evse_id: int | None) -> None:
    assert sent(drive, start(evse=evse), wire.RequestStartTransactionResponse()).evse_id == evse_id


def test_a_profile_that_2x_would_refuse_is_unsupported_and_says_where(drive: Any) -> None:
    with pytest.raises(Unsupported, match="stackLevel"):
        drive(OUTGOING[m.RequestStartTransaction], FACTS, start(charging_profile={"id": 1}))


def test_f01_fr_13_the_answer_names_the_transaction_that_was_under_way(drive: Any) -> None:
    response = wire.RequestStartTransactionResponse(status="Accepted", transaction_id="t")
    _, answer = drive(OUTGOING[m.RequestStartTransaction], FACTS, start(), response)
    assert answer == m.RequestStartAnswer(status="Accepted", transaction_id="t")


def test_an_unlock_of_an_evse_is_of_its_first_connector(drive: Any) -> None:
    message = sent(drive, m.UnlockConnector(evse=Evse(2)), wire.UnlockConnectorResponse())
    assert (message.evse_id, message.connector_id) == (2, 1)


@pytest.mark.parametrize(("status", "written"), [("UnknownConnector", "UnknownConnector"), ("Jammed", "UnlockFailed")])
def test_a_status_that_2x_lacks_is_a_failure(status: str, written: str) -> None:
    assert INCOMING["UnlockConnector"].write(FACTS, None, m.CommandAnswer(status=status)).status == written


def test_a_trigger_of_no_version_is_unsupported(drive: Any) -> None:
    with pytest.raises(Unsupported, match="Tea"):
        drive(OUTGOING[m.TriggerMessage], FACTS, m.TriggerMessage(requested="Tea"))


def test_a_reason_is_read_as_it_was_written() -> None:
    answer = m.CommandAnswer(status="Rejected", reason="FixedCable", info="no lock")
    message = v21.ResetResponse(status="Rejected", status_info=write_status_info(answer))
    assert read_answer(FACTS, None, message) == answer


def test_an_explanation_without_a_reason_has_an_unspecified_one() -> None:
    info = write_status_info(m.CommandAnswer(status="Rejected", info="x" * 600))
    assert info == v21.StatusInfoType(reason_code="Unspecified", additional_info="x" * 512)


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (INCOMING["RequestStartTransaction"].read, wire.RequestStartTransactionRequest()),
        (INCOMING["RequestStopTransaction"].read, wire.RequestStopTransactionRequest()),
        (INCOMING["UnlockConnector"].read, wire.UnlockConnectorRequest()),
        (INCOMING["TriggerMessage"].read, wire.TriggerMessageRequest()),
        (PROVISIONING["Reset"].read, wire.ResetRequest(type="Hard")),
        (AUTHORIZATION["Authorize"].read, wire.AuthorizeRequest(id_token=wire.IdTokenType(type="eMAID"))),
    ],
)
def test_a_message_without_its_object_is_unattributable(read: Any, message: Any) -> None:
    with pytest.raises(Unattributable):
        read(FACTS, message)


def test_c07_hashes_that_the_schema_would_refuse_are_not_sent() -> None:
    with pytest.raises(Unsupported, match="hashAlgorithm"):
        write_authorize(FACTS, m.Authorize(id_token=IdToken("A1", "eMAID"), certificate_hashes=({},)))


def test_a_boot_that_says_nothing_is_read_with_an_unknown_reason() -> None:
    read = PROVISIONING["BootNotification"].read(FACTS, wire.BootNotificationRequest())
    assert read == m.BootNotification(station=m.StationInfo(), reason="Unknown")


def test_a_station_without_a_modem_sends_none(drive: Any) -> None:
    request = m.BootNotification(station=m.StationInfo(vendor="V", model="M"))
    calls, answer = drive(BOOT[m.BootNotification], FACTS, request, wire.BootNotificationResponse())
    assert calls[0].message.charging_station.modem is None
    assert answer.status == "Rejected"


@pytest.mark.parametrize(("version", "sent"), [("2.0", None), ("2.0.1", "s" * 25)])
def test_a_serial_number_is_sent_where_all_of_it_fits(drive: Any, version: str, sent: str | None) -> None:
    request = m.BootNotification(station=m.StationInfo(vendor="V", model="M", serial_number="s" * 25))
    calls, _ = drive(BOOT[m.BootNotification], StationFacts(version=version), request, wire.BootNotificationResponse())
    assert calls[0].message.charging_station.serial_number == sent
