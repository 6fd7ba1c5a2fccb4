"""The versions of OCPP and their WebSocket sub-protocol names."""

from enum import StrEnum


class Version(StrEnum):
    """A version of OCPP, spelled as the field spells it."""

    V12 = "1.2"
    V15 = "1.5"
    V16 = "1.6"
    V20 = "2.0"
    V201 = "2.0.1"
    V21 = "2.1"

    @property
    def subprotocol(self) -> str:
        """The registered WebSocket sub-protocol, e.g. ``ocpp2.0.1``."""
        return f"ocpp{self.value}"

    @property
    def family(self) -> int:
        """1 for the 1.x generation, 2 for 2.x: the two dialects."""
        return int(self.value[0])

    @classmethod
    def from_subprotocol(cls, name: str) -> "Version | None":
        """The version behind a sub-protocol name that can be spoken over WebSocket, or None."""
        return _BY_SUBPROTOCOL.get(name)


JSON_VERSIONS = (Version.V16, Version.V20, Version.V201, Version.V21)
"""The versions spoken over WebSocket, oldest first."""

_BY_SUBPROTOCOL = {version.subprotocol: version for version in JSON_VERSIONS}
