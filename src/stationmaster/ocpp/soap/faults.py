"""SOAP faults: what OCPP calls each error, how they are written, and how those of foreign stacks are read.

Sources: OCPP 1.2 section 8.4, 1.5 section 8.4 and 1.6-S chapter 4, which agree on five pairs of code and sub-code; SOAP
1.2 part 1 chapter 5.4; WS-Addressing 1.0 SOAP Binding chapter 6.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType

from stationmaster.ocpp.errors import MAX_DESCRIPTION_CHARS, ErrorKind, OCPPError
from stationmaster.ocpp.soap.elements import Service
from stationmaster.ocpp.soap.namespaces import ENVELOPE, ENVELOPE_11, parted
from stationmaster.ocpp.soap.parsing import Element
from stationmaster.ocpp.soap.xml_text import escaped

__all__ = ["FAULT_OF", "Fault", "FaultCode", "SubCode", "fault_of", "http_status", "read_fault", "write_fault"]


class FaultCode(StrEnum):
    """Who or what is at fault (SOAP 1.2 part 1, 5.4.6)."""

    SENDER = "Sender"
    RECEIVER = "Receiver"
    MUST_UNDERSTAND = "MustUnderstand"
    VERSION_MISMATCH = "VersionMismatch"
    DATA_ENCODING_UNKNOWN = "DataEncodingUnknown"


class SubCode(StrEnum):
    """The sub-codes of OCPP."""

    SECURITY_ERROR = "SecurityError"
    IDENTITY_MISMATCH = "IdentityMismatch"
    PROTOCOL_ERROR = "ProtocolError"
    INTERNAL_ERROR = "InternalError"
    NOT_SUPPORTED = "NotSupported"


class Fault(Exception):
    """A fault, to be sent or received.

    ``subcode`` is OCPP's, or what a foreign stack said in its place. ``wsa``: what WS-Addressing says more closely,
    from the outside in. ``not_understood``: the tags of header blocks that must be understood, and are not.
    """

    def __init__(
        self,
        code: FaultCode,
        subcode: str | None,
        reason: str = "",
        *,
        wsa: tuple[str, ...] = (),
        not_understood: tuple[str, ...] = (),
    ) -> None:
        super().__init__(code, subcode, reason)
        self.code = code
        self.subcode = subcode
        self.reason = reason
        self.wsa = wsa
        self.not_understood = not_understood

    @property
    def word(self) -> str:
        """What to call it in one word: the sub-code, or the code where there is none."""
        return self.subcode or self.code

    def as_error(self) -> OCPPError:
        """The error that it tells of, as if it had come in JSON."""
        return OCPPError.received(self.word, self.reason, {})

    def __str__(self) -> str:
        return f"{self.word}: {self.reason}"


_SENDERS = (FaultCode.SENDER, SubCode.PROTOCOL_ERROR)
_RECEIVERS = (FaultCode.RECEIVER, SubCode.INTERNAL_ERROR)
_LACKING = (FaultCode.RECEIVER, SubCode.NOT_SUPPORTED)

FAULT_OF: Mapping[ErrorKind, tuple[FaultCode, SubCode]] = MappingProxyType(
    {
        ErrorKind.NOT_IMPLEMENTED: _LACKING,
        ErrorKind.NOT_SUPPORTED: _LACKING,
        ErrorKind.INTERNAL: _RECEIVERS,
        ErrorKind.GENERIC: _RECEIVERS,
        ErrorKind.SECURITY: (FaultCode.SENDER, SubCode.SECURITY_ERROR),
        ErrorKind.PROTOCOL: _SENDERS,
        ErrorKind.FORMAT: _SENDERS,
        ErrorKind.PROPERTY: _SENDERS,
        ErrorKind.OCCURRENCE: _SENDERS,
        ErrorKind.TYPE: _SENDERS,
        ErrorKind.RPC_FRAMEWORK: _SENDERS,
        ErrorKind.MESSAGE_TYPE_NOT_SUPPORTED: _SENDERS,
    }
)
"""The same in every version; only the namespace of the sub-code differs."""


def fault_of(error: OCPPError) -> Fault:
    """An error of ours as a fault."""
    code, subcode = FAULT_OF[error.kind]
    return Fault(code, subcode, error.description)


def protocol_error(reason: str, *wsa: str) -> Fault:
    """The message is not what OCPP or SOAP asks for."""
    return Fault(FaultCode.SENDER, SubCode.PROTOCOL_ERROR, reason, wsa=wsa)


def identity_mismatch(reason: str) -> Fault:
    """The chargeBoxIdentity is nobody's here."""
    return Fault(FaultCode.SENDER, SubCode.IDENTITY_MISMATCH, reason)


def http_status(fault: Fault) -> int:
    """What HTTP says with a fault (SOAP 1.2 part 2, table 20)."""
    return 400 if fault.code is FaultCode.SENDER else 500


# Writing ----------------------------------------------------------------------------------------------

_UPGRADE = f'<env:Upgrade xmlns:env="{ENVELOPE}"><env:SupportedEnvelope qname="env:Envelope"/></env:Upgrade>'


def header_of(fault: Fault) -> str:
    """The header blocks that a fault brings: which were not understood, which envelope is."""
    if fault.code is FaultCode.VERSION_MISMATCH:
        return _UPGRADE
    return "".join(_not_understood(tag) for tag in fault.not_understood)


def _not_understood(tag: str) -> str:
    namespace, name = parted(tag)
    declared = f' xmlns:h="{escaped(namespace)}"' if namespace else ""
    return f'<env:NotUnderstood qname="{"h:" if namespace else ""}{escaped(name)}"{declared}/>'


def write_fault(fault: Fault, service: Service) -> str:
    """The body's element; the prefixes ``env`` and ``wsa`` are declared around it."""
    subcodes = "".join(f"<env:Subcode><env:Value{each}</env:Value>" for each in _subcodes(fault, service))
    depth = (fault.subcode is not None) + len(fault.wsa)
    return (
        f"<env:Fault><env:Code><env:Value>env:{fault.code}</env:Value>{subcodes}{'</env:Subcode>' * depth}</env:Code>"
        f'<env:Reason><env:Text xml:lang="en">{escaped(_reason(fault))}</env:Text></env:Reason></env:Fault>'
    )


def write_fault_11(fault: Fault) -> str:
    """The body's element for one who speaks SOAP 1.1; the prefix ``env11`` is declared around it."""
    text = escaped(_reason(fault))
    return f"<env11:Fault><faultcode>env11:{fault.code}</faultcode><faultstring>{text}</faultstring></env11:Fault>"


def _subcodes(fault: Fault, service: Service) -> Iterator[str]:
    if fault.subcode is not None:
        yield f' xmlns:ocpp="{service.subcode_ns}">ocpp:{escaped(fault.subcode)}'
    yield from (f">wsa:{each}" for each in fault.wsa)


def _reason(fault: Fault) -> str:
    """SOAP wants one."""
    return fault.reason[:MAX_DESCRIPTION_CHARS] or fault.word


# Reading ----------------------------------------------------------------------------------------------

_MOST_SUBCODES = 8
_SUBCODES: Mapping[str, SubCode] = MappingProxyType(
    {
        **{each.lower(): each for each in SubCode},
        # What frameworks say of themselves, before OCPP's own code is asked (WS-Addressing 1.0 SOAP Binding, 6.4).
        "actionnotsupported": SubCode.NOT_SUPPORTED,
        "messageaddressingheaderrequired": SubCode.PROTOCOL_ERROR,
        "invalidaddressingheader": SubCode.PROTOCOL_ERROR,
        "actionmismatch": SubCode.PROTOCOL_ERROR,
    }
)
_CODES_11: Mapping[str, FaultCode] = MappingProxyType({"Client": FaultCode.SENDER, "Server": FaultCode.RECEIVER})
_CODES: Mapping[str, FaultCode] = MappingProxyType({each.value: each for each in FaultCode})


def is_fault(element: Element) -> bool:
    """Whether a body's element is a fault, of SOAP 1.2 or 1.1."""
    return element.tag in (f"{{{ENVELOPE}}}Fault", f"{{{ENVELOPE_11}}}Fault")


def read_fault(element: Element) -> Fault:
    """The fault that a peer sent, however incomplete: what says nothing is the receiver's.

    Of nested sub-codes the first that OCPP has counts, else the outermost. SOAP 1.1 has sub-codes behind a dot.
    """
    if element.tag == f"{{{ENVELOPE_11}}}Fault":
        first, *words = _local(_text_of(element, "faultcode")).split(".")
        reason = _text_of(element, "faultstring")
    else:
        code = _child(element, "Code")
        first, *words = [_local(each) for each in _values(code)] or [""]
        reason = _reason_of(element)
    value = _CODES_11.get(first) or _CODES.get(first, FaultCode.RECEIVER)
    return Fault(value, _subcode(words), reason[:MAX_DESCRIPTION_CHARS])


def _subcode(words: list[str]) -> str | None:
    known = (_SUBCODES.get(word.lower()) for word in words)
    return next(filter(None, known), None) or next((word[:MAX_DESCRIPTION_CHARS] for word in words if word), None)


def _values(code: Element | None) -> Iterator[str]:
    """The values of a code and of the sub-codes in it."""
    for _ in range(_MOST_SUBCODES):
        if code is None:
            return
        yield _text_of(code, "Value")
        code = _child(code, "Subcode")


def _reason_of(fault: Element) -> str:
    """In English, where there are several."""
    reason = _child(fault, "Reason")
    texts = [] if reason is None else list(reason)
    texts.sort(key=lambda each: not each.get("{http://www.w3.org/XML/1998/namespace}lang", "en").startswith("en"))
    return next((text for each in texts if (text := (each.text or "").strip())), "")


def _child(element: Element, name: str) -> Element | None:
    """Whatever its namespace: 1.1 has none here, and some are wrong about it."""
    return next((each for each in element if parted(each.tag)[1] == name), None)


def _text_of(element: Element, name: str) -> str:
    child = _child(element, name)
    return "" if child is None else (child.text or "").strip()


def _local(qname: str) -> str:
    return qname.rpartition(":")[2]
