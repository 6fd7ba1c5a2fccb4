"""What the audit log keeps of a request's body: without secrets, and not much."""

from typing import Any

import msgspec

from stationmaster.csms.connection.masking import without_secrets
from stationmaster.domain.secret_names import MASK, is_secret

MAX_BODY_BYTES = 64 * 1024
"""Longer ones are not looked at."""
MAX_DETAIL = 2000
_MAX_ITEMS, _MAX_TEXT = 5, 100
_MAX_DEPTH = 64


def told(body: bytes) -> str:
    """JSON without secrets, shortened where it is long; or in brackets how long it is."""
    if not body:
        return ""
    if len(body) > MAX_BODY_BYTES:
        return f"({len(body)} bytes)"
    try:
        clean = without_secrets(_hidden(msgspec.json.decode(body), 0))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return f"({len(body)} bytes that are no JSON)"
    for form in (clean, _shortened(clean), _outline(clean)):
        text = msgspec.json.encode(form).decode()
        if len(text) <= MAX_DETAIL:
            return text
    return f"({len(body)} bytes)"


def _hidden(content: Any, depth: int) -> Any:
    """Whatever stands under the name of a secret, also a whole object."""
    if depth > _MAX_DEPTH:
        return MASK
    if isinstance(content, dict):
        return {name: MASK if is_secret(name) else _hidden(value, depth + 1) for name, value in content.items()}
    if isinstance(content, list):
        return [_hidden(item, depth + 1) for item in content]
    return content


def _shortened(content: Any) -> Any:
    """Long lists with their first items, and without long texts: half of one could not be found again when a driver is
    to be forgotten."""
    if isinstance(content, dict):
        return {name: _shortened(value) for name, value in content.items()}
    if isinstance(content, list):
        more = [f"({len(content) - _MAX_ITEMS} more)"] if len(content) > _MAX_ITEMS else []
        return [*map(_shortened, content[:_MAX_ITEMS]), *more]
    if isinstance(content, str) and len(content) > _MAX_TEXT:
        return f"({len(content)} characters)"
    return content


def _outline(content: Any) -> Any:
    """The plain members of an object alone."""
    if not isinstance(content, dict):
        return []
    plain = {name: value for name, value in content.items() if not isinstance(value, dict | list)}
    return _shortened(plain)
