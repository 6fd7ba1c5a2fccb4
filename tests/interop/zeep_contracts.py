"""The WSDLs that zeep works by: our own, and the originals where the environment says where they are.

``OCPP_SPEC`` names a folder with the originals as they were published, in v12/, v15/ and v16/.
"""

import os
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

from lxml import etree
from zeep.wsdl import Document

from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.elements import Operation
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.soap.wsdl import PLACEHOLDER, SERVICE_NAMES, wsdl
from stationmaster.ocpp.version import Version

ENV = "{http://www.w3.org/2003/05/soap-envelope}"
WSA = "{http://www.w3.org/2005/08/addressing}"
ANONYMOUS = "http://www.w3.org/2005/08/addressing/anonymous"
OWN, ORIGINAL = "own", "original"
VARIABLE = "OCPP_SPEC"
_FILES = {
    Version.V12: "v12/{}.wsdl",
    Version.V15: "v15/{}.wsdl",
    Version.V16S: "v16/OCPP_{}_1.6.wsdl",
}


class Contract:
    """One service by one WSDL: that of what ``sender`` starts."""

    def __init__(self, version: Version, sender: Sender, text: bytes) -> None:
        self.version = version
        self.name = SERVICE_NAMES[sender]
        self.namespace = SERVICES[version].namespace(sender)
        self.binding_name = f"{{{self.namespace}}}{self.name}Soap"
        self._text = text

    @cached_property
    def document(self) -> Any:
        return Document(BytesIO(self._text), transport=None)

    @cached_property
    def operations(self) -> dict[str, Any]:
        """zeep's, by action."""
        binding = self.document.bindings[self.binding_name]
        return {action: binding.get(action) for action in binding._operations}

    @cached_property
    def _schema(self) -> etree.XMLSchema:
        (schema,) = etree.fromstring(self._text).iter("{http://www.w3.org/2001/XMLSchema}schema")
        return etree.XMLSchema(etree.fromstring(etree.tostring(schema)))

    def check(self, envelope: Any) -> None:
        """Raises DocumentInvalid where the body, or a header of the service, does not fit the schema."""
        (content,) = envelope.find(f"{ENV}Body")
        if content.tag == f"{ENV}Fault":
            return
        for element in (content, *envelope.iterfind(f"{ENV}Header/{{{self.namespace}}}*")):
            alone = etree.fromstring(etree.tostring(element))
            alone.attrib.pop(f"{ENV}mustUnderstand", None)  # SOAP's own
            self._schema.assertValid(alone)


def ours(version: Version, sender: Sender) -> list[Operation]:
    """The operations of a service, by our own tables."""
    return [each for each in SERVICES[version].operations.values() if each.sender in (sender, Sender.BOTH)]


def missing_originals() -> bool:
    """Whether any of them is not where the environment says, or it says nothing."""
    return VARIABLE not in os.environ or not all(_original(*each).is_file() for each in _EVERY)


def contract(source: str, version: Version, sender: Sender) -> Contract:
    """Read once for all tests."""
    key = (source, version, sender)
    if key not in _read:
        _read[key] = Contract(version, sender, _text(source, version, sender))
    return _read[key]


_EVERY = [(version, sender) for version in SERVICES for sender in (Sender.STATION, Sender.CSMS)]
_read: dict[tuple[str, Version, Sender], Contract] = {}


def _original(version: Version, sender: Sender) -> Path:
    return Path(os.environ[VARIABLE]) / _FILES[version].format(SERVICE_NAMES[sender])


def _text(source: str, version: Version, sender: Sender) -> bytes:
    if source == ORIGINAL:
        return _original(version, sender).read_bytes()
    return wsdl(SERVICES[version], sender, PLACEHOLDER)
