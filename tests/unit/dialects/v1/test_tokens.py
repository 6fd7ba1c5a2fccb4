from typing import Any, get_args

import pytest

from stationmaster.dialects.table import Unattributable, Unsupported
from stationmaster.dialects.v1.authorization import INCOMING, OUTGOING
from stationmaster.dialects.v1.provisioning import INCOMING as PROVISIONING
from stationmaster.dialects.v1.provisioning import write_boot
from stationmaster.dialects.v1.tokens import read_info, write_info
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import (
    AuthorizationStatus,
    Authorize,
    BootNotification,
    IdTokenInfo,
    StationInfo,
)
from stationmaster.ocpp import v16
from stationmaster.ocpp.v16 import lenient as wire

FACTS = StationFacts(version="1.6")


@pytest.mark.parametrize("status", get_args(v16.AuthorizationStatus))
def test_every_status_of_16_is_written_as_it_was_read(status: str) -> None:
    assert write_info(read_info(wire.IdTagInfo(status=status))).status == status


@pytest.mark.parametrize("status", get_args(AuthorizationStatus))
def test_a_status_that_16_lacks_is_invalid(status: AuthorizationStatus) -> None:
    known = status in get_args(v16.AuthorizationStatus)
    assert write_info(IdTokenInfo(status=status)).status == (status if known else "Invalid")


def test_an_unreadable_status_is_invalid() -> None:
    assert read_info(wire.IdTagInfo(status="Perhaps")).status == "Invalid"


def test_a_parent_that_16_cannot_carry_is_left_out_of_the_answer() -> None:
    assert write_info(IdTokenInfo(status="Accepted", group=IdToken("x" * 21))).parent_id_tag is None
    assert write_info(IdTokenInfo(status="Accepted", group=IdToken("x" * 20))).parent_id_tag == "x" * 20


def test_an_authorize_without_an_id_tag_is_unattributable() -> None:
    with pytest.raises(Unattributable, match="idTag"):
        INCOMING["Authorize"].read(FACTS, wire.AuthorizeRequest())


@pytest.mark.parametrize("evidence", [{"certificate": "PEM"}, {"certificate_hashes": ({},)}])
def test_contract_certificates_are_not_dropped_in_silence(drive: Any, evidence: dict[str, Any]) -> None:
    with pytest.raises(Unsupported, match="certificates"):
        drive(OUTGOING[Authorize], FACTS, Authorize(id_token=IdToken("A1"), **evidence))


def test_what_a_station_says_of_itself_is_cut_to_what_16_holds_but_for_its_numbers() -> None:
    station = StationInfo(vendor="v" * 50, model="m", firmware_version="f" * 60, serial_number="s" * 26)
    message = write_boot(FACTS, BootNotification(station=station))
    assert (message.charge_point_vendor, message.firmware_version) == ("v" * 20, "f" * 50)
    assert message.charge_point_serial_number is None


def test_a_boot_that_says_nothing_is_read_as_a_station_without_names() -> None:
    assert PROVISIONING["BootNotification"].read(FACTS, wire.BootNotificationRequest()).station == StationInfo()
