"""What a payload says survives the way through XML, and the XML is what the WSDL promises."""

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from soap_strategies import MESSAGES, payloads
from tries import tries

from stationmaster.ocpp.codec import read_native
from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.parsing import parse
from stationmaster.ocpp.soap.payload import to_element, to_payload
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.soap.writing import to_xml
from stationmaster.ocpp.soap.wsdl import wsdl
from stationmaster.ocpp.version import Version
from stationmaster.ocpp.wire import decode_plain, encode


@cache
def schema(version: Version, sender: Sender) -> etree.XMLSchema:
    root = etree.fromstring(wsdl(SERVICES[version], sender, "http://x/"))
    (found,) = root.iter("{http://www.w3.org/2001/XMLSchema}schema")
    return etree.XMLSchema(etree.fromstring(etree.tostring(found)))


def without_empty_lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_empty_lists(item) for name, item in value.items() if item != []}
    return [without_empty_lists(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("version", "action", "is_response"), MESSAGES)
@tries(15)
@given(data=st.data())
def test_a_payload_survives_the_way_through_xml(
    version: Version, action: str, is_response: bool, data: st.DataObject
) -> None:
    payload, service = data.draw(payloads(version, action, is_response)), SERVICES[version]
    raw = encode(payload)
    read_native(version, action, raw, is_response)
    sender = service.operations[action].sender
    for side in [sender] if sender is not Sender.BOTH else [Sender.STATION, Sender.CSMS]:
        element = to_element(service, action, is_response, raw, service.namespace(side))
        text = to_xml(element).encode()
        schema(version, side).assertValid(etree.fromstring(text))
        back = decode_plain(to_payload(service, action, is_response, parse(text)))
        assert without_empty_lists(back) == without_empty_lists(payload)
