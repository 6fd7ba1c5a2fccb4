"""What a version cannot carry is said with the way round it, where there is one."""

import pytest

from stationmaster.dialects import dialect_for
from stationmaster.dialects.table import Unsupported
from stationmaster.domain.certificates import InstallCertificate
from stationmaster.domain.facts import StationFacts
from stationmaster.domain.messages import Request, TriggerMessage
from stationmaster.ocpp.version import Version


@pytest.mark.parametrize(
    ("version", "request_", "said"),
    [
        (Version.V16, TriggerMessage(requested="Bogus"), "it triggers BootNotification, FirmwareStatus"),
        (Version.V201, TriggerMessage(requested="Bogus"), "it triggers BootNotification, "),
        (
            Version.V20,
            InstallCertificate(use="CSMSRootCertificate", certificate="x" * 1200),
            "certificates of up to 800 characters, and this one has 1200",
        ),
    ],
)
def test_a_refusal_tells_what_would_do(version: Version, request_: Request, said: str) -> None:
    with pytest.raises(Unsupported) as refused:
        next(dialect_for(version).outgoing[type(request_)](StationFacts(version=version), request_))
    assert said in refused.value.reason
