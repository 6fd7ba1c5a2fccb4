"""SOAP envelopes: who says what in which version, and everything that can be wrong with that.

The version is found by the namespace of the body's element. Around it everything is looked at that two readers might
take differently: no header twice, one body with one element, an Action that means that element. What is wrong in a way
that changes nothing is an ``Oddness``, for the receiver to forgive or not.

The body's content is not looked at here (see ``payload``).
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NoReturn

from msgspec import Struct
from msgspec.structs import astuple, replace

from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap import addressing as wsa
from stationmaster.ocpp.soap.addressing import Addressing, Oddness, read_addressing
from stationmaster.ocpp.soap.elements import Service, element_name
from stationmaster.ocpp.soap.faults import Fault, FaultCode, SubCode, protocol_error
from stationmaster.ocpp.soap.namespaces import ENVELOPE, ENVELOPE_11, parted
from stationmaster.ocpp.soap.parsing import DEFAULT_BOUNDS, Bounds, Element, NotXml, as_utf8, tree_of
from stationmaster.ocpp.soap.tables import SERVICES
from stationmaster.ocpp.version import Version

IDENTITY = "chargeBoxIdentity"
MAX_HEADER_CHARS = 2000
MOST_NAMED = 10
"""Of headers that are not understood: a fault is not to be longer than what it answers."""
_IDENTITY = IDENTITY.lower()
NEWEST = SERVICES[Version.V16S]


class Reply(Struct, frozen=True, kw_only=True):
    """How a request is to be answered: in its version, its namespace to the letter, and its WS-Addressing."""

    service: Service = NEWEST
    namespace: str = NEWEST.cs_ns
    addressing: Addressing = Addressing()
    is_soap_11: bool = False


class Request(Struct, frozen=True, kw_only=True):
    """A request that can be answered. ``body`` is the one element in its body; ``document`` the message in UTF-8."""

    action: str
    identity: str
    body: Element
    oddnesses: tuple[Oddness, ...]
    reply: Reply
    document: bytes

    @property
    def service(self) -> Service:
        return self.reply.service

    @property
    def addressing(self) -> Addressing:
        return self.reply.addressing

    @property
    def strict_fault(self) -> Fault | None:
        """What one who forgives nothing answers."""
        return next((protocol_error(each.detail, *each.wsa) for each in self.oddnesses), None)


class Refused(Exception):
    """A request that cannot be answered but with a fault. ``document`` None: it is no XML, and is not to be kept.
    ``identity``: who it says that it is from, or for, as far as that could be read."""

    def __init__(self, fault: Fault, reply: Reply, document: bytes | None = None, identity: str | None = None) -> None:
        super().__init__(fault)
        self.fault = fault
        self.reply = reply
        self.document = document
        self.identity = identity

    def __str__(self) -> str:
        return str(self.fault)


# Reading requests -------------------------------------------------------------------------------------

_MISMATCH = ("InvalidAddressingHeader", "ActionMismatch")
_TWICE = ("InvalidAddressingHeader", "InvalidCardinality")
_OTHER_SIDE = Oddness("namespace_side", "the namespace is that of the other side's messages")
_OTHER_HTTP_ACTION = Oddness("http_action", "HTTP names another action than the body is", _MISMATCH)


def read_request(
    data: bytes,
    sender: Sender,
    *,
    charset: str | None = None,
    http_action: str | None = None,
    bounds: Bounds = DEFAULT_BOUNDS,
    service: Service = NEWEST,
) -> Request:
    """The request that an HTTP body holds. Raises ``Refused``, and nothing else, whatever the bytes.

    ``sender``: the side that it is from. ``charset`` and ``http_action``: what HTTP says, in the parameters of its
    content type or in ``SOAPAction``. ``service``: the version to answer in where the request has none.
    """
    reply = Reply(service=service, namespace=service.namespace(sender))
    try:
        document = as_utf8(data, charset, bounds)
        root = tree_of(document, bounds)
    except NotXml as error:
        raise Refused(protocol_error(error.reason), reply) from None
    return _Reading(root, document, reply).request(sender, http_action)


class _Reading:
    """One request, with what is known of it so far for whoever is told that it is refused."""

    def __init__(self, root: Element, document: bytes, reply: Reply) -> None:
        self._root = root
        self._document = document
        self._reply = reply
        self._identity: str | None = None

    def request(self, sender: Sender, http_action: str | None) -> Request:
        blocks, body = self._parts()
        namespace, name = parted(body.tag)
        known = service_of(namespace)
        addressing = read_addressing(blocks)
        if known is None:
            self._reply = replace(self._reply, addressing=addressing)
        else:
            self._reply = Reply(service=known[0], namespace=namespace, addressing=addressing)
        names = list(map(known_name, blocks))
        if names.count(IDENTITY) == 1:
            self._identity = wsa.text_of(blocks[names.index(IDENTITY)])
        self._check_blocks(blocks, names)
        if max(map(len, filter(None, (self._identity, *astuple(addressing))))) > MAX_HEADER_CHARS:
            self._reply = replace(self._reply, addressing=Addressing(namespace=addressing.namespace))
            self._refuse(protocol_error(f"a header has more than {MAX_HEADER_CHARS} characters", _TWICE[0]))
        if known is None:
            self._refuse(protocol_error("the body is of no version of OCPP"))
        if not self._identity:
            self._refuse(protocol_error(f"there is no {IDENTITY} header", "MessageAddressingHeaderRequired"))
        service, side = known
        action = self._action(service, name, sender)
        found = wsa.oddnesses_of(addressing, service, action, sender)
        if side is not sender:
            found += (_OTHER_SIDE,)
        if http_action and not _means(http_action, action):
            found += (_OTHER_HTTP_ACTION,)
        return Request(
            action=action,
            identity=self._identity,
            body=body,
            oddnesses=found,
            reply=self._reply,
            document=self._document,
        )

    def _parts(self) -> tuple[Sequence[Element], Element]:
        try:
            return parts_of(self._root)
        except Fault as fault:
            if self._root.tag == f"{{{ENVELOPE_11}}}Envelope":
                self._reply = replace(self._reply, is_soap_11=True)
            self._refuse(fault)

    def _check_blocks(self, blocks: Sequence[Element], names: Sequence[str | None]) -> None:
        """First whether all is understood that must be, as SOAP wants it; then that nothing is said twice."""
        strange = not_understood(blocks) if None in names else ()
        if strange:
            reason = "a header must be understood, and is not"
            self._refuse(Fault(FaultCode.MUST_UNDERSTAND, None, reason, not_understood=strange[:MOST_NAMED]))
        known = list(filter(None, names))
        if len(known) != len(set(known)):
            self._refuse(protocol_error("a header is there twice", *_TWICE))

    def _action(self, service: Service, name: str, sender: Sender) -> str:
        action, is_answer = message_of(service, name) or (None, False)
        if action is None or is_answer or service.operations[action].sender not in (sender, Sender.BOTH):
            reason = f"OCPP {service.version} has no such request from this side"
            self._refuse(Fault(FaultCode.RECEIVER, SubCode.NOT_SUPPORTED, reason))
        told = self._reply.addressing.action
        if told is not None and not _means(told, action):
            self._refuse(protocol_error("the Action is not that of the body", *_MISMATCH))
        return action

    def _refuse(self, fault: Fault) -> NoReturn:
        raise Refused(fault, self._reply, self._document, self._identity)


def _means(told: str, action: str) -> bool:
    return told == f"/{action}" or wsa.action_of(told).lower() == action.lower()


def parts_of(root: Element) -> tuple[Sequence[Element], Element]:
    """The header blocks and the one element of the body. Raises ``Fault``."""
    namespace, name = parted(root.tag)
    if name != "Envelope":
        raise protocol_error("no SOAP envelope")
    if namespace != ENVELOPE:
        raise Fault(FaultCode.VERSION_MISMATCH, None, "SOAP 1.2 is spoken here")
    return parts_in(root, ENVELOPE)


def parts_in(root: Element, namespace: str) -> tuple[Sequence[Element], Element]:
    """The same of an envelope in this namespace. Raises ``Fault``."""
    header, body = f"{{{namespace}}}Header", f"{{{namespace}}}Body"
    tags = [each.tag for each in root]
    if tags not in ([body], [header, body]):
        raise protocol_error("an envelope has a Header, if any, and a Body, and nothing else")
    if len(root[-1]) != 1:
        raise protocol_error("the Body must have one element")
    return (() if len(tags) == 1 else list(root[0])), root[-1][0]


_ROLE = f"{{{ENVELOPE}}}role"
_MUST = f"{{{ENVELOPE}}}mustUnderstand"
_OUR_ROLES = frozenset({"", f"{ENVELOPE}/role/next", f"{ENVELOPE}/role/ultimateReceiver"})
_YES = frozenset({"true", "1"})
_OCPP = "urn://ocpp/"


def not_understood(blocks: Sequence[Element]) -> tuple[str, ...]:
    """The tags of header blocks that we must understand and do not. There are others, for whoever is on the way."""
    return tuple(
        block.tag
        for block in blocks
        if known_name(block) is None
        and block.get(_MUST, "").strip() in _YES
        and block.get(_ROLE, "").strip() in _OUR_ROLES
    )


def known_name(block: Element) -> str | None:
    """What a header block is called that is understood."""
    return wsa.header_name(block) or (IDENTITY if _is_identity(block) else None)


def _is_identity(block: Element) -> bool:
    """In any namespace of OCPP or in none, whatever the case (1.5 section 8.1, 1.6-S section 3.3)."""
    if not block.tag.lower().endswith(_IDENTITY):
        return False
    namespace, name = parted(block.tag)
    return len(name) == len(_IDENTITY) and may_be_ours(namespace)


def _all_namespaces() -> Iterator[tuple[str, tuple[Service, Sender]]]:
    for service in SERVICES.values():
        yield _plain(service.cs_ns), (service, Sender.STATION)
        yield _plain(service.cp_ns), (service, Sender.CSMS)
    # As the text of 1.2 prints them (section 8.8).
    yield "urn://ocpp/cs/2010/10", (SERVICES[Version.V12], Sender.STATION)
    yield "urn://ocpp/cp/2010/10", (SERVICES[Version.V12], Sender.CSMS)


def _plain(namespace: str) -> str:
    """The texts and the WSDLs do not agree on the slash at its end."""
    return namespace.rstrip("/").lower()


_SERVICES: Mapping[str, tuple[Service, Sender]] = MappingProxyType(dict(_all_namespaces()))
_MESSAGES: Mapping[Version, Mapping[str, tuple[str, bool]]] = MappingProxyType(
    {
        version: MappingProxyType(
            {
                element_name(action, answer): (action, answer)
                for action in service.operations
                for answer in (False, True)
            }
        )
        for version, service in SERVICES.items()
    }
)


def service_of(namespace: str) -> tuple[Service, Sender] | None:
    """The version of a namespace, and the side that starts what is said in it."""
    return _SERVICES.get(_plain(namespace))


def message_of(service: Service, name: str) -> tuple[str, bool] | None:
    """The action of a body's element, by its local name, and whether it is the answer to that."""
    return _MESSAGES[service.version].get(name)


def may_be_ours(namespace: str) -> bool:
    """Whether it is of OCPP, or none."""
    return not namespace or namespace.lower().startswith(_OCPP)
