"""The versions of OCPP and their WebSocket sub-protocol names."""

from enum import StrEnum


class Version(StrEnum):
    """A version of OCPP, spelled as the field spells it.

    1.6 is spoken in two ways with the same messages: ``V16`` is 1.6 in JSON, ``V16S`` is 1.6 in SOAP.
    """

    V12 = "1.2"
    V15 = "1.5"
    V16S = "1.6S"
    V16 = "1.6"
    V20 = "2.0"
    V201 = "2.0.1"
    V21 = "2.1"

    @property
    def subprotocol(self) -> str:
        """The registered WebSocket sub-protocol, e.g. ``ocpp2.0.1``; only the versions in JSON have one."""
        return f"ocpp{self.value}"

    @property
    def family(self) -> int:
        """1 for the 1.x generation, 2 for 2.x: the two dialects."""
        return int(self.value[0])

    @property
    def is_soap(self) -> bool:
        """Whether its messages are XML in SOAP envelopes over HTTP."""
        return self in SOAP_VERSIONS

    @classmethod
    def from_subprotocol(cls, name: str) -> "Version | None":
        """The version behind a sub-protocol name that can be spoken over WebSocket, or None."""
        return _BY_SUBPROTOCOL.get(name)


def family_of(version: str) -> int:
    """The family of a version as it was stored, of whatever release of ours."""
    return 1 if version.startswith("1.") else 2


VERSIONS = tuple(Version)
"""Every version, oldest first."""

SOAP_VERSIONS = (Version.V12, Version.V15, Version.V16S)
"""The versions spoken over HTTP, oldest first."""

JSON_VERSIONS = (Version.V16, Version.V20, Version.V201, Version.V21)
"""The versions spoken over WebSocket, oldest first."""

_BY_SUBPROTOCOL = {version.subprotocol: version for version in JSON_VERSIONS}
