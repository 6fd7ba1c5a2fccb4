"""Of every service in SOAP, by every WSDL, no operation is left out of what is said to zeep and by zeep."""

from collections.abc import Mapping

import pytest
from zeep_contracts import ORIGINAL, OWN, contract, ours
from zeep_messages import CENTRAL_SYSTEM, CHARGE_POINT, Said

from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.version import SOAP_VERSIONS, Version


@pytest.mark.parametrize("version", SOAP_VERSIONS)
@pytest.mark.parametrize(("sender", "said"), [(Sender.STATION, CENTRAL_SYSTEM), (Sender.CSMS, CHARGE_POINT)])
@pytest.mark.parametrize("source", [OWN, pytest.param(ORIGINAL, marks=pytest.mark.originals)])
def test_every_operation_has_its_row(
    source: str, version: Version, sender: Sender, said: Mapping[Version, Said]
) -> None:
    described = set(contract(source, version, sender).operations)
    assert described == {each.action for each in ours(version, sender)}
    assert set(said[version].requests) == set(said[version].answers) == described
