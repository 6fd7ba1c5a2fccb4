"""Envelopes as they are sent."""

from collections.abc import Mapping
from types import MappingProxyType

from stationmaster.ocpp.soap.addressing import ANONYMOUS, Addressing, written
from stationmaster.ocpp.soap.elements import Service
from stationmaster.ocpp.soap.envelope import IDENTITY, Reply
from stationmaster.ocpp.soap.faults import Fault, header_of, write_fault, write_fault_11
from stationmaster.ocpp.soap.namespaces import ENVELOPE, ENVELOPE_11, PREFIXES, WSA, parted
from stationmaster.ocpp.soap.parsing import Element
from stationmaster.ocpp.soap.xml_text import DECLARATION, declarations, escaped, to_xml
from stationmaster.ocpp.version import Version


def content_type(action: str | None = None, *, is_soap_11: bool = False) -> str:
    """What HTTP says of a message; ``action`` as in ``request_headers``."""
    if is_soap_11:
        return "text/xml; charset=utf-8"
    return "application/soap+xml; charset=utf-8" + (f'; action="{action}"' if action else "")


def request_headers(action: str, message_id: str, to: str, from_address: str | None = None) -> Addressing:
    """The headers of a request. ``to``: the recipient's URL. ``from_address``: where the sender listens."""
    return Addressing(
        action=f"/{action}", message_id=message_id, to=to, from_address=from_address, reply_to=ANONYMOUS[WSA]
    )


def write_request(service: Service, body: Element, identity: str, headers: Addressing) -> bytes:
    """A request with ``body`` as its body's element, about the station of this identity."""
    must = _must(service)
    attribute = ' env:mustUnderstand="true"' if must else ""
    namespace = escaped(parted(body.tag)[0])
    header = f'<{IDENTITY} xmlns="{namespace}"{attribute}>{escaped(identity)}</{IDENTITY}>'
    return _written(header + written(headers, must), to_xml(body, _AROUND[headers.namespace]), headers.namespace)


def write_response(reply: Reply, action: str, body: Element, message_id: str) -> bytes:
    """The answer to a request; ``body`` is to be in the reply's namespace."""
    headers = _reply_headers(reply, f"/{action}Response", message_id)
    header = written(headers, _must(reply.service))
    return _written(header, to_xml(body, _AROUND[headers.namespace]), headers.namespace)


def write_refusal(reply: Reply, fault: Fault, message_id: str) -> bytes:
    """The fault that answers a request; in SOAP 1.1 to one who speaks that."""
    if reply.is_soap_11:
        return _enveloped(header_of(fault), write_fault_11(fault), {ENVELOPE_11: PREFIXES[ENVELOPE_11]})
    headers = _reply_headers(reply, f"{reply.addressing.namespace}/fault", message_id)
    header = header_of(fault) + written(headers, False)
    return _written(header, write_fault(fault, reply.service), headers.namespace)


def _reply_headers(reply: Reply, action: str, message_id: str) -> Addressing:
    asked = reply.addressing
    return Addressing(
        action=action,
        message_id=message_id,
        relates_to=asked.message_id,
        to=ANONYMOUS[asked.namespace],
        namespace=asked.namespace,
    )


def _must(service: Service) -> bool:
    """1.6-S wants its headers understood; the texts before it do not show it, and not all who spoke them knew these."""
    return service.version is Version.V16S


_AROUND: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {each: MappingProxyType({ENVELOPE: PREFIXES[ENVELOPE], each: "wsa"}) for each in ANONYMOUS}
)
"""The prefixes of an envelope, by the namespace of WS-Addressing in it."""


def _written(header: str, body: str, wsa_namespace: str) -> bytes:
    return _enveloped(header, body, _AROUND[wsa_namespace])


def _enveloped(header: str, body: str, prefixes: Mapping[str, str]) -> bytes:
    env = next(iter(prefixes.values()))
    return (
        f"{DECLARATION}<{env}:Envelope{declarations(prefixes)}>"
        f"<{env}:Header>{header}</{env}:Header><{env}:Body>{body}</{env}:Body></{env}:Envelope>"
    ).encode()
