"""WS-Addressing: who speaks, to whom, about what, and in answer to which message.

Sources: OCPP 1.6-S chapter 3, which says of every header whether it must be there; OCPP 1.2 section 8.1 and 1.5 section
8.1, which ask for From only. Of the specification's versions the final one is spoken; a message in the pre-release of
2004 is read, and answered, in that one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from urllib.parse import urlsplit

from msgspec import Struct

from stationmaster.ocpp.sender import Sender
from stationmaster.ocpp.soap.elements import Service
from stationmaster.ocpp.soap.namespaces import WSA, WSA_2004, parted
from stationmaster.ocpp.soap.parsing import Element
from stationmaster.ocpp.soap.xml_text import escaped
from stationmaster.ocpp.version import Version

ANONYMOUS: Mapping[str, str] = MappingProxyType({WSA: f"{WSA}/anonymous", WSA_2004: f"{WSA_2004}/role/anonymous"})
"""The address that means the HTTP response, by namespace."""
MAX_CALLBACK_CHARS = 2000
_UNFIT = re.compile(r"[^\x21-\x7e]|[\"<>\\^`{|}]")
"""What no URL has."""
HEADERS = frozenset({"Action", "MessageID", "RelatesTo", "To", "From", "ReplyTo", "FaultTo"})
"""The headers that are understood; FaultTo means nothing here, as all is answered in the HTTP response."""


class Addressing(Struct, frozen=True, kw_only=True):
    """The headers of one message, as they came but for white space around them. ``from_address`` and ``reply_to`` are
    the addresses of those endpoints. ``namespace``: that of WS-Addressing that the message speaks."""

    action: str | None = None
    message_id: str | None = None
    relates_to: str | None = None
    to: str | None = None
    from_address: str | None = None
    reply_to: str | None = None
    namespace: str = WSA


class Oddness(Struct, frozen=True):
    """What is odd about the headers of a message that could be read all the same. ``wsa``: what WS-Addressing calls
    it, for the fault of one who forgives nothing."""

    kind: str
    detail: str
    wsa: tuple[str, ...] = ()


def callback_of(addressing: Addressing) -> str | None:
    """The URL at which the sender says that it listens: From, or else ReplyTo. None where neither is one.

    It is a stranger's word: whoever connects to it must see to where that leads.
    """
    return next(filter(_is_callable, (addressing.from_address, addressing.reply_to)), None)


def _is_callable(address: str | None) -> bool:
    if address is None or len(address) > MAX_CALLBACK_CHARS or _UNFIT.search(address):
        return False
    try:
        parts = urlsplit(address)
        named = bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return False
    return named and parts.scheme in ("http", "https") and not address.startswith((WSA, WSA_2004))


# Reading ----------------------------------------------------------------------------------------------

_ADDRESSES = frozenset({"From", "ReplyTo"})
_MEMBERS: Mapping[str, str] = MappingProxyType(
    {
        "Action": "action",
        "MessageID": "message_id",
        "RelatesTo": "relates_to",
        "To": "to",
        "From": "from_address",
        "ReplyTo": "reply_to",
    }
)
_NAMES: Mapping[str, str] = MappingProxyType(
    {f"{{{namespace}}}{name}": name for namespace in ANONYMOUS for name in HEADERS}
)


def header_name(block: Element) -> str | None:
    """The local name of a header block of WS-Addressing, of either version; None of any other."""
    return _NAMES.get(block.tag)


def read_addressing(blocks: Iterable[Element]) -> Addressing:
    """What header blocks say, the first of each name; the others are passed by."""
    found: dict[str, str] = {}
    for block in blocks:
        name = header_name(block)
        if name is None:
            continue
        if not found:
            found["namespace"] = parted(block.tag)[0]
        member = _MEMBERS.get(name)
        text = _address(block) if name in _ADDRESSES else text_of(block)
        if member is not None and text:
            found.setdefault(member, text)
    return Addressing(**found)


def _address(endpoint: Element) -> str:
    """Of an endpoint; some write it without the element for it."""
    return next((text_of(each) for each in endpoint if parted(each.tag)[1] == "Address"), text_of(endpoint))


def text_of(header: Element) -> str:
    """What a header says, without the white space around it. Elements in it might cut its text in two ways: then it
    says nothing."""
    return "" if len(header) else (header.text or "").strip()


def action_of(action: str) -> str:
    """The message that an Action means: ``Heartbeat`` of ``/Heartbeat``, and of the longer forms that frameworks make
    of it (``urn://Ocpp/Cs/2012/06/Heartbeat``, ``urn://Ocpp/Cs/2010/08/:CentralSystemService:HeartbeatRequest``)."""
    return re.split("[/:]", action.strip().strip('"'))[-1].removesuffix("Request")


_FROM = ("from_address", "From")
_NEEDED: Mapping[Version, Sequence[tuple[str, str]]] = MappingProxyType(
    {
        Version.V12: (_FROM,),
        Version.V15: (_FROM,),
        Version.V16S: (
            ("action", "Action"),
            ("message_id", "MessageID"),
            _FROM,
            ("reply_to", "ReplyTo"),
            ("to", "To"),
        ),
    }
)
_REQUIRED = ("MessageAddressingHeaderRequired",)


def oddnesses_of(addressing: Addressing, service: Service, action: str, sender: Sender) -> tuple[Oddness, ...]:
    """What is odd about the headers of a request for ``action``.

    Nobody misses From in what a CSMS sends: a station answers, and calls another address.
    """
    found = [
        Oddness("header_missing", f"there is no {name} header", _REQUIRED)
        for member, name in _NEEDED[service.version]
        if getattr(addressing, member) is None and not (name == "From" and sender is Sender.CSMS)
    ]
    if addressing.action not in (None, f"/{action}"):
        found.append(Oddness("action_spelling", f"the Action is not spelled /{action}", _INVALID))
    if addressing.relates_to is not None:
        found.append(Oddness("request_relates", "a request has the RelatesTo header", _INVALID))
    if addressing.reply_to not in (None, *ANONYMOUS.values()):
        found.append(
            Oddness("reply_elsewhere", "ReplyTo is not anonymous", (*_INVALID, "OnlyAnonymousAddressSupported"))
        )
    return tuple(found)


_INVALID = ("InvalidAddressingHeader",)


# Writing ----------------------------------------------------------------------------------------------


def written(addressing: Addressing, must_understand: bool) -> str:
    """The header blocks; the prefixes ``env`` and ``wsa`` are declared around them.

    ``must_understand``: whether the receiver is to refuse the message where it does not know Action, To or ReplyTo.
    1.6-S wants that; before it nobody had to know them.
    """
    must = ' env:mustUnderstand="true"' if must_understand else ""
    blocks = (
        ("Action", must, addressing.action),
        ("MessageID", "", addressing.message_id),
        ("RelatesTo", "", addressing.relates_to),
        ("From", "", _endpoint(addressing.from_address)),
        ("ReplyTo", must, _endpoint(addressing.reply_to)),
        ("To", must, addressing.to),
    )
    return "".join(
        f"<wsa:{name}{attributes}>{content if name in _ADDRESSES else escaped(content)}</wsa:{name}>"
        for name, attributes, content in blocks
        if content is not None
    )


def _endpoint(address: str | None) -> str | None:
    return None if address is None else f"<wsa:Address>{escaped(address)}</wsa:Address>"
