"""The commands that are given through a resource of their own, and that none is left out."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from stationmaster.api.commands.command_drafts import CommandDraft
from stationmaster.csms.commands.kinds import KINDS
from stationmaster.csms.firmware.images import reference
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.battery_swap import RequestBatterySwap
from stationmaster.domain.certificates import (
    CertificateHash,
    CertificateRequest,
    CertificateSigned,
    CertificatesSeen,
    DeleteCertificate,
    GetInstalledCertificateIds,
    InstallCertificate,
    InstalledCertificate,
)
from stationmaster.domain.der.controls import ClearDERControl, GetDERControl, SetDERControl
from stationmaster.domain.device_model.network_profile import NetworkProfile, SetNetworkProfile
from stationmaster.domain.diagnostics.customer_information import (
    CustomerInformation,
    CustomerReport,
    CustomerReportView,
)
from stationmaster.domain.display_message import ClearDisplayMessage, GetDisplayMessages
from stationmaster.domain.firmware.images import FirmwareImage
from stationmaster.domain.firmware.updates import (
    Firmware,
    Publication,
    PublishFirmware,
    UnpublishFirmware,
    UpdateFirmware,
)
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.monitoring.event_streams import (
    AdjustPeriodicEventStream,
    GetPeriodicEventStream,
    StreamParams,
)
from stationmaster.domain.queries import Page
from stationmaster.domain.reservation.reservations import CancelReservation, Reservation, ReserveNow, Wish
from stationmaster.security.certificates import new_request
from stationmaster.testing.certificates import Authority

NOW, LATER = datetime(2030, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
TOKEN = IdToken("04A1", "ISO14443")
AUTHORITY = Authority("CA", datetime(2026, 1, 1, tzinfo=UTC))
_, CSR = new_request("CS-1", "Operator")
CHAIN = AUTHORITY.sign(CSR)
HASH = CertificateHash("SHA256", "aa", "bb", "1")
IMAGE = FirmwareImage(
    key=7,
    tenant="default",
    name="image",
    version="2.0",
    file_name="image.bin",
    state="ready",
    blob="blob-7",
    md5="0123456789abcdef0123456789abcdef",
    signature="c2ln",
    signing_certificate="PEM",
    created_at=NOW,
)
GRADIENT = {"gradient": {"priority": 1, "gradient": 1, "softGradient": 2}}
OF_STATION = {"key": 501, "tenant": "default", "station_key": 1, "request_id": 3, "created_at": NOW}
RESERVATION = Reservation(
    key=501,
    tenant="default",
    station_key=1,
    reservation_id=501,
    wish=Wish(id_token=TOKEN, expires_at=LATER, evse_id=2),
    state="active",
    command=501,
    asked_at=NOW,
    changed_at=NOW,
)
STORED = {
    "installed_certificates": (
        CertificatesSeen(
            station_key=1,
            use="CSMSRootCertificate",
            seen_at=NOW,
            certificates=(InstalledCertificate(use="CSMSRootCertificate", hash=HASH),),
        ),
    ),
    "certificate_requests": Page(
        (CertificateRequest(station_key=1, use="V2GCertificate", csr=CSR, received_at=NOW, request_id=9),), None
    ),
    "firmware_image": IMAGE,
    "firmware_update": None,
    "publication": Publication(checksum="abc", updated_at=NOW, **OF_STATION),
    "customer_report": CustomerReportView(report=CustomerReport(**OF_STATION), command=None, parts=()),
    "open_reservations": (),
    "reservation": RESERVATION,
}
"""What is found beside what the fakes keep, by the name of the read."""
GIVEN = [
    (
        "POST",
        "reservations",
        {"id_token": {"value": "04A1", "type": "ISO14443"}, "expires_at": "2031-01-01T00:00:00Z", "evse_id": 2},
        ReserveNow(id_token=TOKEN, expires_at=LATER, evse=Evse(2)),
    ),
    (
        "PUT",
        "network-profiles/2",
        {"csms_url": "wss://csms.example/ocpp", "security_profile": 2},
        SetNetworkProfile(
            slot=2,
            profile=NetworkProfile(csms_url="wss://csms.example/ocpp", security_profile=2, message_timeout_s=30),
        ),
    ),
    (
        "PUT",
        "der-controls/c",
        {"control_type": "Gradients", "is_default": True, "settings": GRADIENT},
        SetDERControl(id="c", type="Gradients", is_default=True, settings=GRADIENT),
    ),
    ("POST", "der-controls/refresh", None, GetDERControl()),
    ("DELETE", "der-controls?kind=default", None, ClearDERControl(is_default=True)),
    (
        "POST",
        "battery-swaps",
        {"id_token": {"value": "04A1", "type": "ISO14443"}},
        RequestBatterySwap(id_token=TOKEN),
    ),
    ("POST", "event-streams/refresh", None, GetPeriodicEventStream()),
    (
        "PATCH",
        "event-streams/4",
        {"values": 10},
        AdjustPeriodicEventStream(id=4, params=StreamParams(values=10)),
    ),
    (
        "POST",
        "certificates",
        {"use": "CSMSRootCertificate", "certificate": AUTHORITY.pem},
        InstallCertificate(use="CSMSRootCertificate", certificate=AUTHORITY.pem),
    ),
    ("POST", "certificates/refresh", None, GetInstalledCertificateIds()),
    ("DELETE", f"certificates/{HASH.key}", None, DeleteCertificate(hash=HASH)),
    (
        "POST",
        "certificate-requests/V2GCertificate",
        {"chain": CHAIN},
        CertificateSigned(chain=CHAIN, use="V2GCertificate", request_id=9),
    ),
    (
        "POST",
        "customer-information",
        {"report": True, "identifier": "customer 3"},
        CustomerInformation(report=True, clear=False, identifier="customer 3"),
    ),
    (
        "POST",
        "firmware-updates",
        {"image": 7, "retrieve_at": "2030-01-01T00:00:00Z"},
        UpdateFirmware(
            firmware=Firmware(retrieve_at=NOW, signature="c2ln", signing_certificate="PEM"), image=reference(IMAGE)
        ),
    ),
    ("POST", "display-messages/refresh", {"priority": "InFront"}, GetDisplayMessages(priority="InFront")),
    ("DELETE", "display-messages/3", None, ClearDisplayMessage(id=3)),
    ("POST", "publications", {"image": 7}, PublishFirmware(checksum=IMAGE.md5, image=reference(IMAGE))),
    ("DELETE", "publications/501", None, UnpublishFirmware(checksum="abc")),
]


def finding(found):
    async def read(*_args):
        return found

    return read


@pytest.fixture
def stocked(world, monkeypatch):
    world.add_station(1)
    world.queries.all_tokens[1] = Token(key=1, tenant="default", id_token=TOKEN)
    for name, found in STORED.items():
        monkeypatch.setattr(world.queries, name, finding(found), raising=False)


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize(
    ("method", "path", "body", "request_"), GIVEN, ids=[type(request).__name__ for *_, request in GIVEN]
)
async def test_a_resource_gives_its_command(world, administrator, method, path, body, request_):
    answer = await administrator.request(method, f"/api/v1/stations/1/{path}", json=body)
    assert answer.status_code in (201, 202)
    ((submitted, by, _),) = world.commands.submitted
    assert (submitted, by) == (request_, "administrator of default")


@pytest.mark.usefixtures("stocked")
async def test_a_reservation_is_cancelled_by_its_key(world, operator):
    assert (await operator.post("/api/v1/reservations/501/cancel")).status_code == 200
    assert world.commands.submitted[0][0] == CancelReservation(reservation_id=501)


def test_every_kind_of_command_can_be_given_in_one_way_or_another():
    drafted = {draft.__struct_config__.tag for draft in get_args(CommandDraft)}
    by_resource = {type(request).__name__ for *_, request in GIVEN}
    of_ours = {"TellFinalCost"}  # nobody gives it: it follows the end of a transaction
    assert drafted | by_resource | of_ours | {"CancelReservation", "RawCall"} == set(KINDS)
