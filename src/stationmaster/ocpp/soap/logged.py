"""A message as a log has it: what it is, whoever sent it to whom."""

from msgspec import Struct

from stationmaster.ocpp.soap.elements import Service
from stationmaster.ocpp.soap.envelope import message_of, parts_in, parts_of, service_of
from stationmaster.ocpp.soap.faults import Fault, is_fault, read_fault
from stationmaster.ocpp.soap.namespaces import ENVELOPE_11, parted
from stationmaster.ocpp.soap.parsing import NotXml, tree_of
from stationmaster.ocpp.soap.payload import to_payload
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import Version


class Logged(Struct, frozen=True, kw_only=True):
    """A request or an answer with its payload as JSON."""

    version: Version
    action: str
    is_answer: bool
    payload: bytes


class Unreadable(Exception):
    """Nothing can be said of it; the text says why, to people."""


def read_logged(text: str, version: Version) -> Logged | Fault:
    """What a message in XML says, in the version that it is in; ``version`` is for an answer that has no namespace.

    Raises ``Unreadable``.
    """
    try:
        root = tree_of(text.encode(errors="replace"))
        is_11 = root.tag == f"{{{ENVELOPE_11}}}Envelope"
        body = (parts_in(root, ENVELOPE_11) if is_11 else parts_of(root))[1]
    except NotXml:
        raise Unreadable("It is not XML, or was cut because it is long.") from None
    except Fault as fault:
        raise Unreadable(f"It is no SOAP message: {fault.reason}.") from None
    if is_fault(body):
        return read_fault(body)
    namespace, name = parted(body.tag)
    service = _service(namespace, version)
    message = None if service is None else message_of(service, name)
    if service is None or message is None:
        raise Unreadable("It is no message of OCPP.")
    action, is_answer = message
    payload = to_payload(service, action, is_answer, body)
    return Logged(version=service.version, action=action, is_answer=is_answer, payload=payload)


def _service(namespace: str, version: Version) -> Service | None:
    known = service_of(namespace)
    if known is not None:
        return known[0]
    return None if namespace else SERVICES.get(version)
