"""Payloads of the schemas with values in them that nobody meant to send."""

from collections.abc import Iterator
from typing import Any

import msgspec
from hypothesis import strategies as st

RAW: tuple[bytes, ...] = (
    *(b"null", b"true", b"false", b"{}", b"[]", b"[null]", b"[[]]", b"[{}]", b'{"a":{"b":[1,{"c":null}]}}'),
    *(b"0", b"-1", b"-0", b"-0.0", b"1.5", b"2147483647", b"2147483648", b"-2147483649", b"4294967296"),
    *(b"9223372036854775807", b"9223372036854775808", b"-9223372036854775809", b"18446744073709551616"),
    *(b"1e18", b"1e30", b"1e300", b"1e309", b"1e999999", b"-1e999999999999", b"1e-999999", b"1e-300"),
    *(b"9" * 100, b"9" * 5000, b"0." + b"1" * 5000, b"1" + b"0" * 400 + b".0", b"-" + b"9" * 4400),
    *(b'""', b'" "', b'"x"', b'"\\u0000"', b'"a\\u0000b"', b'"\\ud800"', b'"\\udfff\\ud800"', b'"\\ud83d\\ude00"'),
    *('"\ufeff"'.encode(), '"\u202e\u2066"'.encode(), '"１２"'.encode(), '"İıſß"'.encode(), b'"\\\\\\""'),
    *(b'"\'; DROP TABLE stations; --"', b'"\\" OR 1=1 --"', b'"%_\\\\%"', b'"${jndi:ldap://x}"', b'"../../etc"'),
    *(b'"' + b"x" * 3000 + b'"', b'"' + "𝄞".encode() * 300 + b'"', b'"' + b"\\u0000" * 300 + b'"'),
    *(b'"NaN"', b'"sNaN"', b'"Infinity"', b'"-inf"', b'"1e400"', b'"1e999999999"', b'"1_000"', b'"0x10"'),
    *(b'"' + b"9" * 4500 + b'"', b'"1e20"', b'"-1"', b'"TRUE"', b'"1"', b'" 5 "'),
    *(b'"0001-01-01T00:00:00Z"', b'"0001-01-01T00:00:00+14:00"', b'"9999-12-31T23:59:59.999999Z"'),
    *(b'"9999-12-31T23:59:59-14:00"', b'"1970-01-01T00:00:00Z"', b'"2026-06-30T23:59:60Z"', b'"2036-02-07T06:28:16Z"'),
    *(b'"2026-01-01T00:00:00+23:59"', b'"2026-01-01T24:00:00Z"', b'"2026-W01-1"', b'"2026-01-01T00:00:00"'),
    *(b'"0000-00-00T00:00:00Z"', b'"-0001-01-01T00:00:00Z"', b'"2026-01-01T00:00:00+00:00:30"', b'"now"'),
    *(b"[" * 30 + b"]" * 30, b'{"a":' * 30 + b"1" + b"}" * 30, b'{"a":1,"a":2}', b'{"":0}', b'{"__class__":1}'),
    b"[" + b"1," * 500 + b"1]",
    b'{"vendorId":"v","deep":[9223372036854775808,1e400,"\\u0000"]}',
)
"""JSON values, as they stand on the wire."""

VALUES = st.sampled_from(RAW).map(msgspec.Raw)


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Every (owner, key) below the root."""
    found: list[tuple[Any, Any]] = []
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        found.append((tree, key))
        found += _places(value)
    return found


def replaced(payload: dict[str, Any]) -> Iterator[bytes]:
    """The payload's bytes with one place after another holding each of the values."""
    tree = msgspec.json.decode(msgspec.json.encode(payload))
    for owner, key in _places(tree):
        before = owner[key]
        for value in RAW:
            owner[key] = msgspec.Raw(value)
            yield msgspec.json.encode(tree)
        owner[key] = before


@st.composite
def mutated(draw: st.DrawFn, payload: dict[str, Any], most: int = 3) -> bytes:
    """The payload's bytes after a few changes: values replaced, left out, said twice, or put where none belongs."""
    tree = msgspec.json.decode(msgspec.json.encode(payload))
    for _ in range(draw(st.integers(0, most))):
        places = _places(tree)
        if not places:
            break
        owner, key = draw(st.sampled_from(places))
        match draw(st.sampled_from(("replace", "replace", "replace", "remove", "repeat", "add"))):
            case "replace":
                owner[key] = draw(VALUES)
            case "remove":
                del owner[key]
            case "repeat" if isinstance(owner, list):
                owner += [owner[key]] * draw(st.integers(1, 30))
            case _ if isinstance(owner, dict):
                owner[draw(st.sampled_from(("customData", "data", "noSuchMember", "idToken", "\x00")))] = draw(VALUES)
    return msgspec.json.encode(tree)
