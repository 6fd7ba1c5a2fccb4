"""What a meter signed, as a file that a driver can check: the blobs as they were sent, with the meter's public keys.

Nothing is verified here, and nothing of a blob is changed: a text comes out of the base64 that OCPP carries it in.
The XML is the container that transparency software reads (S.A.F.E. e.V.): ``values``, ``signedData``, ``publicKey``.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr

import msgspec

from stationmaster.domain.cost.evidence import ReadingLike
from stationmaster.domain.metering.values import Sample

Encoding = Literal["plain", "base64", "hex"]

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+\Z")
_OCA_KEY = re.compile(r"oca:base16:asn1:([0-9A-Fa-f]+)\Z")
"""A public key as 2.1 spells it (J02.FR.23)."""
_NOT_IN_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BEGINNINGS = {"OCMF|": "OCMF", "AP;": "ALFEN"}
_NAMES = {"ocmf": "OCMF", "alfen": "ALFEN", "edl": "EDL_40_P", "edl40": "EDL_40_P", "pcdf": "PCDF"}
UNKNOWN = "UNKNOWN"
"""A format that the station did not name, and that the data do not begin with."""


class PublicKey(msgspec.Struct, frozen=True):
    text: str
    encoding: Encoding


class SignedValue(msgspec.Struct, frozen=True, kw_only=True):
    """One signed reading. ``format`` as transparency software names it, where it knows it; ``data`` is the blob in
    ``encoding``. ``sent`` is what the station sent: 2.x's members, or 1.6's one ``value``."""

    at: datetime
    context: str
    measurand: str
    format: str
    encoding: Encoding
    data: str
    public_key: PublicKey | None
    signing_method: str | None
    sent: dict[str, Any]


def signed_values(readings: Iterable[ReadingLike]) -> tuple[SignedValue, ...]:
    """All that was signed in a transaction, in order of time. A key that was told once holds for the values without one
    (OCPPCommCtrlr.PublicKeyWithSignedMeterValue = OncePerTransaction); where there are several, only for its own."""
    found = [
        _signed_value(reading.taken_at, sample, sent)
        for reading in sorted(readings, key=lambda each: each.taken_at)
        for sample in reading.samples
        if (sent := _sent(sample)) is not None
    ]
    keys = {value.public_key for value in found if value.public_key is not None}
    if len(keys) != 1:
        return tuple(found)
    (only,) = keys
    return tuple(value if value.public_key else msgspec.structs.replace(value, public_key=only) for value in found)


def transparency_xml(transaction: int, values: Iterable[SignedValue]) -> str:
    """The values in the container of the transparency software; no blank stands around what is signed."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<values>"]
    for value in values:
        data, encoding = value.data, value.encoding
        if encoding == "plain" and _NOT_IN_XML.search(data):
            data, encoding = b64encode(data.encode()).decode(), "base64"
        about = f"format={quoteattr(value.format)} encoding={quoteattr(encoding)}"
        lines += [
            f'  <value transactionId="{transaction}" context={quoteattr(value.context)}>',
            f"    <signedData {about}>{escape(data)}</signedData>",
        ]
        if value.public_key is not None:
            key = value.public_key
            lines.append(f"    <publicKey encoding={quoteattr(key.encoding)}>{escape(key.text)}</publicKey>")
        lines.append("  </value>")
    return "\n".join([*lines, "</values>", ""])


def plain_text(values: Iterable[SignedValue]) -> str | None:
    """The records themselves, one a line; None where one of them is no text of a line."""
    records = [value.data if value.encoding == "plain" else None for value in values]
    if any(record is None or "\n" in record or "\r" in record for record in records):
        return None
    return "".join(f"{record}\n" for record in records)


def _sent(sample: Sample) -> dict[str, Any] | None:
    """What was sent of a signed sample, in 2.x's members where it has them: a 1.6 station may put them in its value."""
    if sample.signed is not None:
        return sample.signed
    if sample.format != "SignedData":
        return None
    if sample.value.startswith("{"):
        try:
            content = msgspec.json.decode(sample.value)
        except (msgspec.DecodeError, RecursionError):
            content = None
        if isinstance(content, dict) and isinstance(content.get("signedMeterData"), str):
            return content
    return {"value": sample.value}


def _signed_value(at: datetime, sample: Sample, sent: Mapping[str, Any]) -> SignedValue:
    text = _text(sent, "signedMeterData") or _text(sent, "value") or ""
    data, encoding = _blob(text)
    return SignedValue(
        at=at,
        context=sample.context,
        measurand=sample.measurand,
        format=_format(data, _text(sent, "encodingMethod")),
        encoding=encoding,
        data=data,
        public_key=_key(_text(sent, "publicKey") or ""),
        signing_method=_text(sent, "signingMethod"),
        sent=dict(sent),
    )


def _text(sent: Mapping[str, Any], name: str) -> str | None:
    value = sent.get(name)
    return value if isinstance(value, str) and value else None


def _blob(text: str) -> tuple[str, Encoding]:
    """A text as text, whether it came in base64 or as it is; bytes in base64 or hex, as they came."""
    if text.startswith(tuple(_BEGINNINGS)):
        return text, "plain"
    if _HEX.match(text):
        return text, "hex"
    raw = _from_base64(text)
    if raw is None:
        return text, "plain"
    try:
        return raw.decode("utf-8"), "plain"
    except UnicodeDecodeError:
        return text, "base64"


def _from_base64(text: str) -> bytes | None:
    try:
        return b64decode(text, validate=True)
    except ValueError:  # also of text that is not ASCII
        return None


def _format(data: str, told: str | None) -> str:
    for beginning, name in _BEGINNINGS.items():
        if data.startswith(beginning):
            return name
    if told is None:
        return UNKNOWN
    return _NAMES.get(re.sub("[^a-z0-9]", "", told.lower()), told)


def _key(text: str) -> PublicKey | None:
    """The key itself, out of what it is wrapped in."""
    if not text:
        return None
    raw = _from_base64(text)
    inner = raw.decode("ascii", errors="replace") if raw is not None else ""
    for spelled in (text, inner):
        if (oca := _OCA_KEY.match(spelled)) is not None:
            return PublicKey(oca[1], "hex")
        if _HEX.match(spelled):
            return PublicKey(spelled, "hex")
    return PublicKey(text, "plain" if raw is None else "base64")
