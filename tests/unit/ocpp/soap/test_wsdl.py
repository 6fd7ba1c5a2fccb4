"""The WSDLs: what the tables say, for toolkits."""

from io import BytesIO
from pathlib import Path

import pytest
from lxml import etree
from zeep.wsdl import Document

from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap import wsdl as package
from stationmaster.ocpp.soap.elements import element_name
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.soap.wsdl import wsdl, wsdl_name
from stationmaster.ocpp.version import Version

ALL = [(version, sender) for version in SERVICES for sender in (Sender.STATION, Sender.CSMS)]
ADDRESS = 'https://host:9001/soap/a&b<"c">'


@pytest.mark.parametrize(("version", "sender"), ALL)
def test_a_stock_toolkit_finds_every_operation(version: Version, sender: Sender) -> None:
    service = SERVICES[version]
    name, namespace = package.SERVICE_NAMES[sender], service.namespace(sender)
    document = Document(BytesIO(wsdl(service, sender, ADDRESS)), transport=None)
    port = document.services[name].ports[f"{name}Soap12"]
    assert port.binding_options["address"] == ADDRESS
    binding = document.bindings[f"{{{namespace}}}{name}Soap"]
    ours = {action: each for action, each in service.operations.items() if each.sender in (sender, Sender.BOTH)}
    assert set(binding._operations) == set(ours)
    for action, operation in ours.items():
        found = binding.get(action)
        assert found.soapaction == found.abstract.wsa_action == f"/{action}"
        assert found.style == "document"
        for is_response, message in ((False, found.input), (True, found.output)):
            shape = operation.shape(is_response)
            assert message.body.qname.text == f"{{{namespace}}}{element_name(action, is_response)}"
            assert [part for part, _ in message.body.type.elements] == [field.name for field in shape.fields]
        assert [part for part, _ in found.input.header.type.elements] == ["ChargeBoxIdentity"]


@pytest.mark.parametrize(("version", "sender"), ALL)
def test_only_the_address_is_put_in(version: Version, sender: Sender) -> None:
    service = SERVICES[version]
    committed = (Path(package.__file__).parent / wsdl_name(service, sender)).read_bytes()
    assert committed.count(package.PLACEHOLDER.encode()) == 1
    assert wsdl(service, sender, package.PLACEHOLDER) == committed
    (address,) = etree.fromstring(wsdl(service, sender, ADDRESS)).iter("{*}address")
    assert address.get("location") == ADDRESS


def test_either_side_has_a_service_of_its_own() -> None:
    with pytest.raises(KeyError):
        wsdl(SERVICES[Version.V15], Sender.BOTH, ADDRESS)
