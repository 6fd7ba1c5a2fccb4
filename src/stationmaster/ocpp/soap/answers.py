"""What comes back to a request: an answer or a fault, in whatever shape real stacks give it."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from stationmaster.ocpp.soap.addressing import Addressing, Oddness, read_addressing
from stationmaster.ocpp.soap.elements import Service, element_name
from stationmaster.ocpp.soap.envelope import (
    may_be_ours,
    not_understood,
    parts_in,
    parts_of,
    service_of,
)
from stationmaster.ocpp.soap.faults import Fault, is_fault, read_fault
from stationmaster.ocpp.soap.namespaces import ENVELOPE_11, parted
from stationmaster.ocpp.soap.parsing import DEFAULT_BOUNDS, Bounds, Element, NotXml, as_utf8, tree_of
from stationmaster.ocpp.version import Version


class Answer(Struct, frozen=True, kw_only=True):
    """What came back: the one element in its body, or the fault that it is."""

    content: Element | Fault
    addressing: Addressing
    oddnesses: tuple[Oddness, ...]
    document: bytes


class BadAnswer(Exception):
    """What came back is no answer. ``document`` None: nor is it XML."""

    def __init__(self, reason: str, document: bytes | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.document = document


def read_answer(
    data: bytes,
    service: Service,
    action: str,
    *,
    message_id: str | None = None,
    charset: str | None = None,
    bounds: Bounds = DEFAULT_BOUNDS,
) -> Answer:
    """What a peer answered to a request for ``action``. Raises ``BadAnswer``, and nothing else, whatever the bytes.

    An answer that came is better read than not: of its headers nothing is needed, and those that nobody knows are
    only odd.
    """
    try:
        document = as_utf8(data, charset, bounds)
        root = tree_of(document, bounds)
    except NotXml as error:
        raise BadAnswer(error.reason) from None
    try:
        is_11 = root.tag == f"{{{ENVELOPE_11}}}Envelope"
        blocks, body = parts_in(root, ENVELOPE_11) if is_11 else parts_of(root)
    except Fault as fault:
        raise BadAnswer(fault.reason, document) from None
    namespace, name = parted(body.tag)
    if not is_fault(body) and (name != element_name(action, True) or not may_be_ours(namespace)):
        raise BadAnswer(f"the body is no answer to {action}", document)
    addressing = read_addressing(blocks)
    oddnesses = tuple(_answer_oddnesses(blocks, body, addressing, service, message_id))
    return Answer(
        content=read_fault(body) if is_fault(body) else body,
        addressing=addressing,
        oddnesses=(_SOAP_11, *oddnesses) if is_11 else oddnesses,
        document=document,
    )


_SOAP_11 = Oddness("soap_11", "the answer is in SOAP 1.1")


def _answer_oddnesses(
    blocks: Sequence[Element], body: Element, addressing: Addressing, service: Service, message_id: str | None
) -> Iterator[Oddness]:
    namespace = parted(body.tag)[0]
    known = service_of(namespace)
    if not is_fault(body) and (known is None or known[0] is not service):
        yield Oddness("answer_namespace", "the answer is in the namespace of another version")
    if addressing.relates_to is None:
        if service.version is Version.V16S:
            yield Oddness("header_missing", "there is no RelatesTo header")
    elif message_id is not None and addressing.relates_to != message_id:
        yield Oddness("answer_relates", "RelatesTo names another message")
    if not_understood(blocks):
        yield Oddness("not_understood", "a header must be understood, and is not")
