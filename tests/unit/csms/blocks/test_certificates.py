from datetime import UTC, datetime
from typing import Any

import pytest

from stationmaster.csms.blocks.certificates import HOOKS, SignCertificateBlock
from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.certificates import (
    CertificateHash,
    CertificateRequest,
    CertificateRequestMoved,
    CertificateSigned,
    GetInstalledCertificateIds,
    InstalledCertificate,
    InstalledCertificates,
    SignCertificate,
)
from stationmaster.domain.messages import CommandAnswer
from stationmaster.domain.station import Station, StationState
from stationmaster.security.certificates import new_request

NOW = datetime(2026, 3, 1, tzinfo=UTC)
STATE = StationState(station=Station(key=7, tenant="default", identity="CS-7", created_at=NOW))
_, CSR = new_request("SN1", "Maker")
KEEP = SignCertificateBlock(CsmsSettings())
REFUSE = SignCertificateBlock(CsmsSettings(default_policy=TenantPolicy(certificate_requests="refuse")))
ROOT = InstalledCertificate(use="CSMSRootCertificate", hash=CertificateHash("SHA256", "a", "b", "1"))


def test_a02_fr_11_a_request_is_accepted_and_kept() -> None:
    decision = KEEP(STATE, SignCertificate(csr=CSR, request_id=4), NOW)
    assert decision.answer == CommandAnswer(status="Accepted")
    assert decision.records == (
        CertificateRequest(station_key=7, use="ChargingStationCertificate", csr=CSR, received_at=NOW, request_id=4),
    )
    assert [event.data["subject"] for event in decision.events] == ["O=Maker,CN=SN1"]


def test_a02_fr_12_a_tenant_that_wants_none_refuses_and_sees_it_all_the_same() -> None:
    decision = REFUSE(STATE, SignCertificate(csr=CSR), NOW)
    assert decision.answer == CommandAnswer(status="Rejected")
    assert [record.state for record in decision.records] == ["refused"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("request_", "reason"),
    [(SignCertificate(csr="tea"), "InvalidCSR"), (SignCertificate(csr=CSR, use="Tea"), "UnsupportedParam")],
)
def test_what_cannot_be_signed_is_refused_and_not_kept(request_: SignCertificate, reason: str) -> None:
    decision = KEEP(STATE, request_, NOW)
    assert isinstance(decision.answer, CommandAnswer)
    assert (decision.answer.status, decision.answer.reason, decision.records) == ("Rejected", reason, ())


@pytest.mark.parametrize(("status", "state"), [("Accepted", "installed"), ("Rejected", "declined")])
def test_a_request_goes_on_with_its_chain(status: str, state: str) -> None:
    hook: Any = HOOKS[CertificateSigned]
    signed = CertificateSigned(chain="PEM")
    before = hook.before(STATE, NOW, request=signed, command=None)
    after = hook.after(STATE, NOW, request=signed, answer=CommandAnswer(status=status), command=None)
    use = "ChargingStationCertificate"
    assert before.records == (CertificateRequestMoved(station_key=7, use=use, state="sent"),)
    assert after.records == (CertificateRequestMoved(station_key=7, use=use, state=state),)


def test_a_chain_that_did_not_arrive_may_be_sent_again() -> None:
    hook: Any = HOOKS[CertificateSigned]
    signed = CertificateSigned(chain="PEM", use="V2GCertificate")
    decision = hook.unanswered(STATE, NOW, request=signed, command=None, outcome="timed_out")
    assert decision.records == (CertificateRequestMoved(station_key=7, use="V2GCertificate", state="open"),)


def seen(uses: tuple[str, ...], *told: InstalledCertificate) -> dict[str, int]:
    hook: Any = HOOKS[GetInstalledCertificateIds]
    answer = InstalledCertificates(status="Accepted" if told else "NotFound", certificates=told)
    decision = hook.after(STATE, NOW, request=GetInstalledCertificateIds(uses=uses), answer=answer, command=None)
    return {record.use: len(record.certificates) for record in decision.records}


def test_what_a_station_tells_takes_the_place_of_what_it_told_before() -> None:
    assert seen((), ROOT)["CSMSRootCertificate"] == 1
    assert seen(()) == dict.fromkeys(seen((), ROOT), 0)
    assert seen(("MORootCertificate",)) == {"MORootCertificate": 0}


def test_a_station_that_does_not_say_what_it_has_leaves_what_is_known() -> None:
    hook: Any = HOOKS[GetInstalledCertificateIds]
    answer = InstalledCertificates(status="Rejected")
    decision = hook.after(STATE, NOW, request=GetInstalledCertificateIds(), answer=answer, command=None)
    assert decision.records == ()


def test_a_use_that_was_not_asked_for_is_taken_too_if_it_is_one() -> None:
    odd = InstalledCertificate(use="Tea", hash=ROOT.hash)
    assert seen(("MORootCertificate",), ROOT, odd) == {"MORootCertificate": 0, "CSMSRootCertificate": 1}
