"""Write the WSDLs of every OCPP version in SOAP, or check that the committed ones are up to date.

python tools/wsdl.py            writes src/stationmaster/ocpp/soap/wsdl/*.wsdl
python tools/wsdl.py --check    fails, with a summary, if a committed file differs

They are made from the tables of `stationmaster.ocpp.soap.tables`, which messages are read and written by.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from lxml import etree
from lxml.builder import ElementMaker

from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap import wsdl as package
from stationmaster.ocpp.soap.elements import (
    Decimals,
    Field,
    Operation,
    Plain,
    Service,
    Shape,
    Text,
    Words,
    element_name,
)
from stationmaster.ocpp.soap.tables import SERVICES

FOLDER = Path(package.__file__).parent

_NAMESPACES = {
    "wsdl": "http://schemas.xmlsoap.org/wsdl/",
    "soap12": "http://schemas.xmlsoap.org/wsdl/soap12/",
    "xs": "http://www.w3.org/2001/XMLSchema",
    "wsaw": "http://www.w3.org/2006/05/addressing/wsdl",
    "wsp": "http://schemas.xmlsoap.org/ws/2004/09/policy",
    "wsu": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
}
_WSDL, _SOAP, _XS, _WSAW, _WSP, _ = (ElementMaker(namespace=uri) for uri in _NAMESPACES.values())
_ACTION = f"{{{_NAMESPACES['wsaw']}}}Action"
_POLICY_ID = f"{{{_NAMESPACES['wsu']}}}Id"
_HTTP = "http://schemas.xmlsoap.org/soap/http"
_POLICY = "ServicePolicy"
_HEADER = "Header"
_HEADER_PART = "ChargeBoxIdentity"
_IDENTITY = "chargeBoxIdentity"
_OCCURS = {
    "1": {},
    "?": {"minOccurs": "0"},
    "*": {"minOccurs": "0", "maxOccurs": "unbounded"},
    "+": {"maxOccurs": "unbounded"},
}

Element = etree._Element


def generated() -> dict[Path, bytes]:
    """The content of every WSDL by its path."""
    return {
        FOLDER / package.wsdl_name(service, sender): document(service, sender)
        for service in SERVICES.values()
        for sender in package.SERVICE_NAMES
    }


def document(service: Service, sender: Sender) -> bytes:
    """One WSDL; raises ``ValueError`` for two contents under one name."""
    name, namespace = package.SERVICE_NAMES[sender], service.namespace(sender)
    operations = [each for each in service.operations.values() if each.sender in (sender, Sender.BOTH)]
    root = ElementMaker(namespace=_NAMESPACES["wsdl"], nsmap={**_NAMESPACES, "tns": namespace}).definitions(
        _policy(),
        _WSDL.types(_schema(namespace, operations)),
        *_messages(operations),
        _port_type(name, operations),
        _binding(name, operations),
        _WSDL.service(
            _WSDL.port(_SOAP.address(location=package.PLACEHOLDER), name=f"{name}Soap12", binding=f"tns:{name}Soap"),
            name=name,
        ),
        name=name,
        targetNamespace=namespace,
    )
    version = service.version.removesuffix("S")
    root.insert(0, etree.Comment(f" OCPP {version} {name}. Written by tools/wsdl.py; do not edit. "))
    etree.indent(root)
    text: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return text + b"\n"


def _policy() -> Element:
    return _WSP.Policy(_WSP.ExactlyOne(_WSP.All(_WSAW.UsingAddressing())), {_POLICY_ID: _POLICY})


def _messages(operations: list[Operation]) -> Iterator[Element]:
    yield _WSDL.message(_WSDL.part(name=_HEADER_PART, element=f"tns:{_IDENTITY}"), name=_HEADER)
    for each in operations:
        for is_response, name in _directions(each):
            part = _WSDL.part(name="parameters", element=f"tns:{element_name(each.action, is_response)}")
            yield _WSDL.message(part, name=name)


def _directions(operation: Operation) -> tuple[tuple[bool, str], tuple[bool, str]]:
    """The names of the messages."""
    return (False, f"{operation.action}Input"), (True, f"{operation.action}Output")


def _port_type(name: str, operations: list[Operation]) -> Element:
    return _WSDL.portType(
        *(
            _WSDL.operation(
                _WSDL.input({_ACTION: f"/{each.action}"}, message=f"tns:{each.action}Input"),
                _WSDL.output({_ACTION: f"/{each.action}Response"}, message=f"tns:{each.action}Output"),
                name=each.action,
            )
            for each in operations
        ),
        name=name,
    )


def _binding(name: str, operations: list[Operation]) -> Element:
    return _WSDL.binding(
        _WSP.PolicyReference(URI=f"#{_POLICY}"),
        _SOAP.binding(transport=_HTTP, style="document"),
        *(
            _WSDL.operation(
                _SOAP.operation(soapAction=f"/{each.action}", style="document"),
                _WSDL.input(
                    _SOAP.header(message=f"tns:{_HEADER}", part=_HEADER_PART, use="literal"),
                    _SOAP.body(use="literal"),
                ),
                _WSDL.output(_SOAP.body(use="literal")),
                name=each.action,
            )
            for each in operations
        ),
        name=f"{name}Soap",
        type=f"tns:{name}",
    )


def _schema(namespace: str, operations: list[Operation]) -> Element:
    types: dict[str, Element] = {}
    elements = [_XS.element(name=_IDENTITY, type="xs:string")]
    for operation in operations:
        for is_response in (False, True):
            shape = operation.shape(is_response)
            _collect(shape, types)
            elements.append(_XS.element(name=element_name(operation.action, is_response), type=f"tns:{shape.name}"))
    return _XS.schema(*types.values(), *elements, targetNamespace=namespace, elementFormDefault="qualified")


def _collect(kind: Plain | Text | Decimals | Words | Shape, types: dict[str, Element]) -> str:
    """Put the type, and before it those that it needs, among the types; returns its name with its prefix."""
    if isinstance(kind, Plain):
        return f"xs:{kind}"
    if isinstance(kind, Shape):
        names = [_collect(field.type, types) for field in kind.fields]
        made = _complex(kind, names)
    else:
        made = _simple(kind)
    known = types.setdefault(kind.name, made)
    if etree.tostring(known) != etree.tostring(made):
        raise ValueError(f"{kind.name} has two contents")
    return f"tns:{kind.name}"


def _simple(kind: Text | Decimals | Words) -> Element:
    if isinstance(kind, Text):
        base, facets = "string", [_XS.maxLength(value=str(kind.max_length))]
    elif isinstance(kind, Decimals):
        base, facets = "decimal", [_XS.fractionDigits(value=str(kind.digits))]
    else:
        base, facets = "string", [_XS.enumeration(value=value) for value in kind.values]
    return _XS.simpleType(_XS.restriction(*facets, base=f"xs:{base}"), name=kind.name)


def _complex(shape: Shape, names: list[str]) -> Element:
    """``names``: of the types of its fields."""
    fields = list(zip(shape.fields, names, strict=True))
    if shape.text is None:
        return _XS.complexType(_XS.sequence(*(_element(*each) for each in fields)), name=shape.name)
    base = next(name for field, name in fields if field.name == shape.text)
    attributes = [_XS.attribute(name=field.name, type=name) for field, name in fields if field.attribute]
    return _XS.complexType(_XS.simpleContent(_XS.extension(*attributes, base=base)), name=shape.name)


def _element(field: Field, type_name: str) -> Element:
    return _XS.element(name=field.name, type=type_name, **_OCCURS[field.card])


def differences(files: dict[Path, bytes]) -> list[str]:
    """One line for each file on disk that is not what would be written."""
    return [
        f"{path.name} is not what the tables say"
        for path, content in files.items()
        if not path.exists() or path.read_bytes() != content
    ]


def main() -> int:
    """Write or check; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if something would change")
    check = parser.parse_args().check
    files = generated()
    if check:
        found = differences(files)
        for line in found:
            print(line, file=sys.stderr)
        return 1 if found else 0
    for path, content in files.items():
        path.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
