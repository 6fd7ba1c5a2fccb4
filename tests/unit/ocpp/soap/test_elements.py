"""The words of the tables."""

import pytest

from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.elements import Field, Plain, element_name
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import Version


@pytest.mark.parametrize(
    ("card", "required", "many"), [("1", True, False), ("?", False, False), ("*", False, True), ("+", True, True)]
)
def test_a_card_says_how_often(card: str, required: bool, many: bool) -> None:
    field = Field("x", Plain.TEXT, card)
    assert (field.required, field.many) == (required, many)


def test_a_body_element_is_named_after_its_action() -> None:
    assert element_name("GetLocalListVersion", False) == "getLocalListVersionRequest"
    assert element_name("Reset", True) == "resetResponse"


def test_each_side_starts_messages_in_a_namespace_of_its_own() -> None:
    service = SERVICES[Version.V16S]
    assert service.namespace(Sender.STATION) == "urn://Ocpp/Cs/2015/10/"
    assert service.namespace(Sender.CSMS) == "urn://Ocpp/Cp/2015/10/"
    with pytest.raises(ValueError, match="either side"):
        service.namespace(Sender.BOTH)
