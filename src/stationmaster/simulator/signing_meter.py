"""A calibrated meter in simulation: it signs its register in the Open Charge Metering Format, by ECDSA on P-256.

Its key is its own and made anew with the hardware, as nobody but the meter has it.
"""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from stationmaster.station.ports import SignedReading

METHOD = "ECDSA-secp256r1-SHA256"
_EVENTS: Mapping[str, str] = {"Transaction.Begin": "B", "Transaction.End": "E"}
_OTHERWISE = "C"
"""OCMF's TX: begin, end, and a charging value in between."""


class SigningMeter:
    def __init__(self, vendor: str, model: str, serial: str) -> None:
        self._about = {"FV": "1.0", "MV": vendor, "MM": model, "MS": serial}
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._pages = 0
        der = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self._public = b64encode(der).decode()

    def sign(self, energy_wh: Decimal, at: datetime, context: str) -> SignedReading:
        """The register as it is, at this time of the meter's clock."""
        self._pages += 1
        reading = {
            "TM": f"{at:%Y-%m-%dT%H:%M:%S},{at.microsecond // 1000:03d}+0000 S",
            "TX": _EVENTS.get(context, _OTHERWISE),
            "RV": energy_wh / 1000,
            "RI": "1-b:1.8.0",
            "RU": "kWh",
            "ST": "G",
        }
        payload = _json({**self._about, "PG": f"T{self._pages}", "RD": [reading]})
        signature = self._key.sign(payload, ec.ECDSA(hashes.SHA256()))
        text = b"|".join((b"OCMF", payload, _json({"SA": METHOD, "SD": signature.hex()})))
        return SignedReading(
            data=b64encode(text).decode(), signing_method=METHOD, encoding_method="OCMF", public_key=self._public
        )


_json = msgspec.json.Encoder(decimal_format="number").encode
