"""The versions of OCPP by name. A copy of `ocpp.version.JSON_VERSIONS`, which a test compares: importing that brings
all message types along, and `--help` should not wait for them."""

from typing import Final

SPOKEN: Final = ("1.6", "2.0", "2.0.1", "2.1")
