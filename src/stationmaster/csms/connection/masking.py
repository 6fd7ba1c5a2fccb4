"""Secrets out of frames before they are logged: passwords, keys, PINs, credentials in URLs; id tokens where the
tenant's policy says so.

A frame without any of the telling words is passed on untouched, which is nearly all of them; the others are parsed and
written again. One that cannot be parsed but holds such a word is not logged at all.
"""

import re
from typing import Any

import msgspec

from stationmaster.csms.connection.masking_xml import is_xml, masked_xml, may_hide
from stationmaster.domain.command import Command
from stationmaster.domain.frame_stretch import SEPARATOR
from stationmaster.domain.secret_names import MASK, SECRET_NAME

_TELLING = re.compile(
    r"password|secret|passphrase|authorizationkey|keycode|vpnkey|\b(?:sim)?pin\b|NotifyCustomerInf|:\\?/\\?/[^\"/\s]{1,512}@|\\u00[2-7]",
    re.IGNORECASE,
)
"""Also an escaped letter or slash, which may be part of such a word: JSON lets a sender write any letter so."""
_TOKEN_NAMES = frozenset({"idTag", "parentIdTag", "idToken", "additionalIdToken", "pspRef"})
"""``pspRef`` is the value of the token that a payment terminal made (2.1 DirectPayment). ``_holds_token`` looks for
parts of these."""
_VALUE_NAMES = ("value", "attributeValue", "actualValue", "attributes", "variableAttribute")
_CREDENTIALS = re.compile(r"([a-z][a-z0-9+.-]{0,20}://)[^/\s\"@]{1,512}@", re.IGNORECASE)
_DOCUMENTS = frozenset("{[<")
_PERSONAL = "NotifyCustomerInformation"
_MAX_DEPTH = 64


def masked_together(text: str, *, id_tokens: bool) -> str:
    """Frames with SEPARATOR between, fit for the log. They are looked at as one: nearly none has anything to hide."""
    if id_tokens or _may_tell(text):
        return SEPARATOR.join([masked(frame, id_tokens=id_tokens) for frame in text.split(SEPARATOR)])
    return text


def masked(text: str, *, id_tokens: bool = False) -> str:
    """A frame, fit for the log."""
    if not _tells(text) and not (id_tokens and _holds_token(text)):
        return text
    if is_xml(text):
        return masked_xml(text, lambda value: _clean_text(value, id_tokens, 0), id_tokens=id_tokens)
    try:
        content = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "(a frame that is not JSON and may hold a secret was left out)"
    return msgspec.json.encode(_impersonal(_clean(content, id_tokens, 0))).decode()


def _tells(text: str) -> bool:
    return _may_tell(text) and (_TELLING.search(text) is not None or (is_xml(text) and may_hide(text)))


def _impersonal(frame: Any) -> Any:
    """What a station tells of a person (N09) is kept elsewhere, and not for long."""
    match frame:
        case [2, message_id, action, {"data": _, **others}] if action == _PERSONAL:
            return [2, message_id, action, {**others, "data": MASK}]
    return frame


def without_secrets(content: Any) -> Any:
    """What was read from JSON, without secrets."""
    return _clean(content, False, 0)


def fit_to_show(command: Command) -> Command:
    """A command without the secrets that its request and its answer hold. Until it is sent it must keep them."""
    request, answer = (None if part is None else without_secrets(part) for part in (command.request, command.answer))
    return msgspec.structs.replace(command, request=request or {}, answer=answer)


def fit_to_keep(command: Command) -> Command:
    """A command as it is stored: whole while it may still be sent, then without secrets."""
    return command if command.state in ("queued", "sent") else _without_list(fit_to_show(command))


def _without_list(command: Command) -> Command:
    """A compiled local list is kept once for all stations that have it, and only as long as one has it."""
    if command.kind != "SendLocalList" or not command.request.get("digest"):
        return command
    return msgspec.structs.replace(command, request={**command.request, "entries": []})


def _may_tell(text: str) -> bool:
    """A cheap look for the telling words: nearly every frame has none, and the expression costs ten times as much.
    Written out, as a loop over the words would cost twice what they do. A single letter is found ten times faster
    than a word, so a rare one is looked for first."""
    low = text.lower()
    return (
        "pass" in low
        or "pin" in low
        or "secret" in low
        or ("k" in low and "key" in low)
        or "@" in text
        or ("\\" in text and "\\u00" in text)
        or may_hide(text)
        or _PERSONAL in text
    )


def _holds_token(text: str) -> bool:
    return "idT" in text or "IdT" in text or "pspRef" in text or "\\" in text


def _clean(content: Any, id_tokens: bool, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        return MASK
    if isinstance(content, dict):
        return _clean_object(content, id_tokens, depth + 1)
    if isinstance(content, list):
        return [_clean(item, id_tokens, depth + 1) for item in content]
    if isinstance(content, str):
        return _clean_text(content, id_tokens, depth)
    return content


def _clean_object(content: dict[str, Any], id_tokens: bool, depth: int) -> dict[str, Any]:
    hidden = _hidden_members(content, id_tokens)
    return {
        name: MASK if name in hidden and value is not None else _clean(value, id_tokens, depth)
        for name, value in content.items()
    }


def _hidden_members(content: dict[str, Any], id_tokens: bool) -> set[str]:
    hidden = {name for name, value in content.items() if SECRET_NAME.search(name) and not isinstance(value, dict)}
    if SECRET_NAME.search(_names_a_setting(content)):
        hidden.update(_VALUE_NAMES)
    if "key" in content and "password" in content:
        hidden.add("key")  # of a VPN, whose shared secret has no better name
    if content.get("type") == "KeyCode":
        hidden.update(("idToken", "value"))
    if id_tokens:
        hidden.update(name for name in _TOKEN_NAMES if isinstance(content.get(name), str))
    return hidden


def _names_a_setting(content: dict[str, Any]) -> str:
    """The name of the configuration key or variable that an object gives a value to, or nothing."""
    place = content.get("ref")  # an address of our own, with the variable in it
    variable = (place if isinstance(place, dict) else content).get("variable")
    if isinstance(variable, str):  # as our API writes it
        return variable
    name = variable.get("name") if isinstance(variable, dict) else content.get("key")
    return name if isinstance(name, str) else ""


def _clean_text(text: str, id_tokens: bool, depth: int) -> str:
    start = text.lstrip()[:1]
    if start in _DOCUMENTS:  # inside a document (DataTransfer)
        if _TELLING.search(text) or (start == "<" and may_hide(text)):
            return MASK
        if id_tokens and _holds_token(text):
            return _clean_document(text, depth)
    return _CREDENTIALS.sub(rf"\1{MASK}@", text) if "@" in text else text


def _clean_document(text: str, depth: int) -> str:
    """Without its id tokens; one that cannot be read may hold some."""
    try:
        content = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return MASK
    cleaned = _clean(content, True, depth + 1)
    return text if cleaned == content else msgspec.json.encode(cleaned).decode()
