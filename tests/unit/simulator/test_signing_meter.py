"""A calibrated meter in simulation."""

from base64 import b64decode
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from stationmaster.simulator.signing_meter import SigningMeter

AT = datetime(2026, 5, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def parts(signed):
    return b64decode(signed.data).split(b"|")


def check(signed, payload):
    public = load_der_public_key(b64decode(signed.public_key))
    signature = msgspec.json.decode(parts(signed)[2])["SD"]
    public.verify(bytes.fromhex(signature), payload, ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize(
    ("context", "event"), [("Transaction.Begin", "B"), ("Sample.Periodic", "C"), ("Transaction.End", "E")]
)
def test_what_it_read_when_and_why_is_in_what_it_signs(context, event):
    signed = SigningMeter("Maker", "Model", "SN-1").sign(Decimal("12345.6"), AT, context)

    head, payload, _ = parts(signed)

    assert head == b"OCMF"
    told = msgspec.json.decode(payload)
    assert (told["MV"], told["MS"], told["PG"]) == ("Maker", "SN-1", "T1")
    assert told["RD"] == [
        {"TM": "2026-05-01T12:00:00,250+0000 S", "TX": event, "RV": 12.3456, "RI": "1-b:1.8.0", "RU": "kWh", "ST": "G"}
    ]
    check(signed, payload)


def test_what_was_changed_afterwards_does_not_hold_and_each_meter_has_a_key_of_its_own():
    meter, other = SigningMeter("M", "M", "1"), SigningMeter("M", "M", "2")
    signed = meter.sign(Decimal(1000), AT, "Transaction.End")
    with pytest.raises(InvalidSignature):
        check(signed, parts(signed)[1].replace(b'"RV":1', b'"RV":9'))
    assert signed.public_key != other.sign(Decimal(1000), AT, "Transaction.End").public_key


def test_its_pages_are_counted():
    meter = SigningMeter("M", "M", "1")
    pages = [msgspec.json.decode(parts(meter.sign(Decimal(1), AT, "Sample.Clock"))[1])["PG"] for _ in range(3)]
    assert pages == ["T1", "T2", "T3"]
