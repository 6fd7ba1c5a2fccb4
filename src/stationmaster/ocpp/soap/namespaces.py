"""The namespaces of SOAP messages beside those of OCPP."""

from collections.abc import Mapping
from types import MappingProxyType

ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"
"""SOAP 1.2."""
ENVELOPE_11 = "http://schemas.xmlsoap.org/soap/envelope/"
WSA = "http://www.w3.org/2005/08/addressing"
WSA_2004 = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
"""WS-Addressing, and the pre-release of it that some frameworks speak (1.6-S, 3.5)."""

PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        ENVELOPE: "env",
        ENVELOPE_11: "env11",
        WSA: "wsa",
        WSA_2004: "wsa04",
        "http://www.w3.org/XML/1998/namespace": "xml",
        "http://www.w3.org/2001/XMLSchema-instance": "xsi",
    }
)
"""What we call them. Every other namespace is written as the default one of the elements that it begins with."""


def parted(tag: str) -> tuple[str, str]:
    """The namespace of a tag, which may be empty, and the local name."""
    namespace, _, name = tag.rpartition("}")
    return namespace[1:], name
