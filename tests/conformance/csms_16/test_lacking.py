"""What a version has no message for is told the operator, and the station is asked nothing; and the tests that
``versions`` leaves out are there."""

import ast
from datetime import timedelta
from pathlib import Path

from case_16 import TAG, Case16
from versions import left_out

from stationmaster.dialects import dialect_for
from stationmaster.dialects.coverage import UNSUPPORTED, request_of
from stationmaster.dialects.v1.configuration_keys import key_named
from stationmaster.domain.certificates import (
    CertificateHash,
    CertificateSigned,
    DeleteCertificate,
    GetInstalledCertificateIds,
    InstallCertificate,
)
from stationmaster.domain.data_transfer import DataTransfer
from stationmaster.domain.device_model.addresses import GetVariables
from stationmaster.domain.diagnostics.log_upload import GetLog
from stationmaster.domain.firmware.updates import UpdateFirmware
from stationmaster.domain.identity import Evse, IdToken
from stationmaster.domain.local_list.entries import GetLocalListVersion, SendLocalList
from stationmaster.domain.messages import Request, TriggerMessage
from stationmaster.domain.reservation.reservations import CancelReservation, ReserveNow
from stationmaster.ocpp.messages import Sender, sender_of

ELSEWHERE = (UpdateFirmware,)
"""Asked in its plain form: ``test_firmware``."""


def requests(case: Case16) -> tuple[Request, ...]:
    until = case.now() + timedelta(hours=1)
    return (
        CancelReservation(reservation_id=1),
        CertificateSigned(chain="PEM"),
        DataTransfer(vendor_id="com.acme"),
        DeleteCertificate(hash=CertificateHash("SHA256", "ab", "cd", "1f")),
        GetInstalledCertificateIds(),
        GetLocalListVersion(),
        GetLog(log_type="SecurityLog"),
        GetVariables(variables=(key_named("HeartbeatInterval").ref,)),
        InstallCertificate(use="CSMSRootCertificate", certificate="PEM"),
        ReserveNow(id_token=IdToken(TAG), expires_at=until, evse=Evse(1, 1)),
        SendLocalList(update="Full", version=1),
        TriggerMessage(requested="SignChargingStationCertificate"),
    )


async def test_what_a_version_lacks_is_unsupported_and_not_asked(case: Case16) -> None:
    dialect = dialect_for(case.version)
    lacking = [
        action
        for version, action in UNSUPPORTED
        if version is case.version and sender_of(version, action) is not Sender.STATION
    ]
    wanted = {request_of(dialect, action) for action in lacking} - {*ELSEWHERE, None}
    asked = [request for request in requests(case) if type(request) in wanted]
    assert {type(request) for request in asked} == wanted

    for request in asked:
        command = await case.view.outcome(await case.view.ask(request))
        assert (command.state, bool(command.detail)) == ("unsupported", True), command

    assert case.client.received.empty()


def test_what_is_left_out_is_there() -> None:
    modules = list(Path(__file__).parent.glob("test_*.py"))
    defined = (node for path in modules for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    known = {node.name for node in defined if isinstance(node, ast.AsyncFunctionDef)} | {each.stem for each in modules}
    named = {name.partition("[")[0] for each in left_out() for name in each.tests}

    assert named <= known
