"""The versions of OCPP by name. Copies of those in `ocpp.version`, which a test compares: importing that brings all
message types along, and `--help` should not wait for them."""

from typing import Final

SPOKEN: Final = ("1.2", "1.5", "1.6S", "1.6", "2.0", "2.0.1", "2.1")
IN_SOAP: Final = ("1.2", "1.5", "1.6S")
IN_JSON: Final = ("1.6", "2.0", "2.0.1", "2.1")
