"""A driver's data: which tokens are meant, what takes their place when they are erased, and what was done.

What is erased becomes a pseudonym: the same for all that one token did, so that bills and transactions still belong
together, and made with a secret, so that nobody can go back from it.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from html import escape, unescape
from typing import Any, Literal

import msgspec

from stationmaster.domain.identity import IdToken

ErasureState = Literal["running", "asking", "done"]

_LENGTH = 20
_MAX_DEPTH = 64
_LEAST = 4
_OF_TOKENS = frozenset({"idToken", "idTag", "parentIdTag", "additionalIdToken", "token_key"})
_SEPARATORS = "[-:.]?"
_XML_ELEMENT = re.compile(rf"(<(?:[\w.-]+:)?({'|'.join(sorted(_OF_TOKENS))})(?:\s[^<>]*)?>)([^<>]*)(?=</)")


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A token of the driver's, and what stands in its place once it is erased."""

    token_key: int
    id_token: IdToken
    pseudonym: str


class AskedStation(msgspec.Struct, frozen=True, kw_only=True):
    """A station that has seen a token. ``command_key`` None: it was not asked, and ``why`` says it."""

    station_key: int
    command_key: int | None = None
    why: str | None = None


class Remaining(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept, or may still be somewhere, and the reason. ``count`` None: nobody can tell."""

    what: str
    count: int | None
    why: str


class Erasure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far an erasure has come; it holds no value of a token. ``place`` and ``after``: where it goes on.

    ``changed``: rows by table. ``second``: the pass after the stations were asked, for what that left behind.
    """

    key: int
    tenant: str
    at: datetime
    tokens: tuple[int, ...]
    pseudonyms: tuple[str, ...]
    state: ErasureState = "running"
    reason: str | None = None
    requested_by: str | None = None
    ask_stations: bool = True
    asked: bool = False
    stations: tuple[AskedStation, ...] = ()
    place: int = 0
    after: int = 0
    second: bool = False
    changed: dict[str, int] = {}
    remains: tuple[Remaining, ...] = ()
    done_at: datetime | None = None


class DriverExport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a driver. ``data``: rows by table. ``cut``: tables with more rows than are told."""

    key: int
    tenant: str
    at: datetime
    tokens: tuple[int, ...]
    requested_by: str | None = None
    data: dict[str, Any] = {}
    cut: tuple[str, ...] = ()


def pseudonym(secret: bytes, tenant: str, id_token: IdToken) -> str:
    """What takes the place of a token; nobody can tell from it which one that was."""
    digest = hmac.digest(secret, f"erased driver|{tenant}|{id_token.key}".encode(), hashlib.sha256)
    return "erased-" + base64.b32encode(digest).decode("ascii")[:_LENGTH].lower()


class Scrubber:
    """Takes tokens out of whatever is stored: from members that hold one, and from texts that mention one.

    A value that could be any word (short, or without a digit) is only taken from members that hold tokens.
    """

    def __init__(self, subjects: Sequence[Subject]) -> None:
        self._subjects = tuple(subjects)
        self._telling = [(_expression(each.id_token), each.pseudonym) for each in subjects if _is_telling(each)]

    @property
    def needles(self) -> tuple[str, ...]:
        """What a row must hold, in small letters and without separators, to be worth a look."""
        return tuple({re.sub("[-:.]", "", each.id_token.key) for each in self._subjects})

    def text(self, text: str, name: str = "") -> str:
        """A text without the tokens; one that is a JSON document stays one."""
        return self._text(text, name, 0)

    def _text(self, text: str, name: str, depth: int) -> str:
        for subject in self._subjects:
            if (name in _OF_TOKENS or _is_telling(subject)) and _is_same(text, subject.id_token):
                return subject.pseudonym
        if text.lstrip().startswith(("{", "[")):
            try:
                content = _decode(text)
            except (msgspec.DecodeError, RecursionError):
                pass
            else:
                cleaned = self._content(content, "", depth + 1)
                return text if cleaned == content else _encode(cleaned).decode()
        if text.lstrip().startswith("<"):
            text = _XML_ELEMENT.sub(self._element, text)
        for expression, instead in self._telling:
            text = expression.sub(instead, text)
        return text

    def _element(self, found: re.Match[str]) -> str:
        tag, name, content = found.groups()
        cleaned = self._text(unescape(content).strip(), name, _MAX_DEPTH)
        return f"{tag}{content if cleaned == unescape(content).strip() else escape(cleaned)}"

    def _content(self, content: Any, name: str, depth: int) -> Any:
        if depth > _MAX_DEPTH:
            return content
        if isinstance(content, dict):
            holds_token = "token" in name.casefold()
            return {
                member: self._content(value, "idToken" if holds_token and member == "value" else member, depth + 1)
                for member, value in content.items()
            }
        if isinstance(content, list):
            return [self._content(item, name, depth + 1) for item in content]
        return self._text(content, name, depth) if isinstance(content, str) else content


def _is_telling(subject: Subject) -> bool:
    value = subject.id_token.value
    return len(value) >= _LEAST and any(letter.isdigit() for letter in value)


def _is_same(text: str, id_token: IdToken) -> bool:
    return id_token.key in (IdToken(text, id_token.type).key, text.casefold())


def _expression(id_token: IdToken) -> re.Pattern[str]:
    """The token in running text, in whatever case, with separators where its type has them."""
    letters = [re.escape(letter) for letter in id_token.key]
    between = _SEPARATORS if IdToken("a-b", id_token.type).key == "ab" else ""
    return re.compile(rf"(?<![0-9A-Za-z]){between.join(letters)}(?![0-9A-Za-z])", re.IGNORECASE)


_decode = msgspec.json.Decoder(float_hook=Decimal).decode
"""Numbers keep their digits."""
_encode = msgspec.json.Encoder(decimal_format="number").encode
