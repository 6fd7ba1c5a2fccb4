"""The errors of OCPP-J, free of versions: one kind, spelled on the wire as each version spells it.

Sources: OCPP-J 1.6 section 4.2.3 with its errata 5.1 and 5.2, OCPP 2.0.1 and 2.1 part 4 section 4.3.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self

from stationmaster.ocpp.version import Version

MAX_DESCRIPTION_CHARS = 255
"""The longest errorDescription that may be sent (part 4, table 7)."""


class ErrorKind(StrEnum):
    """What went wrong with a message, whatever the version calls it."""

    NOT_IMPLEMENTED = "not_implemented"
    NOT_SUPPORTED = "not_supported"
    INTERNAL = "internal"
    PROTOCOL = "protocol"
    SECURITY = "security"
    FORMAT = "format"
    PROPERTY = "property"
    OCCURRENCE = "occurrence"
    TYPE = "type"
    GENERIC = "generic"
    MESSAGE_TYPE_NOT_SUPPORTED = "message_type_not_supported"
    RPC_FRAMEWORK = "rpc_framework"


class ErrorCode(StrEnum):
    """Every errorCode of OCPP-J, spelled as on the wire."""

    NotImplemented = "NotImplemented"
    NotSupported = "NotSupported"
    InternalError = "InternalError"
    ProtocolError = "ProtocolError"
    SecurityError = "SecurityError"
    FormationViolation = "FormationViolation"
    FormatViolation = "FormatViolation"
    PropertyConstraintViolation = "PropertyConstraintViolation"
    OccurenceConstraintViolation = "OccurenceConstraintViolation"
    OccurrenceConstraintViolation = "OccurrenceConstraintViolation"
    TypeConstraintViolation = "TypeConstraintViolation"
    GenericError = "GenericError"
    MessageTypeNotSupported = "MessageTypeNotSupported"
    RpcFrameworkError = "RpcFrameworkError"


_SHARED: dict[ErrorKind, ErrorCode] = {
    ErrorKind.NOT_IMPLEMENTED: ErrorCode.NotImplemented,
    ErrorKind.NOT_SUPPORTED: ErrorCode.NotSupported,
    ErrorKind.INTERNAL: ErrorCode.InternalError,
    ErrorKind.PROTOCOL: ErrorCode.ProtocolError,
    ErrorKind.SECURITY: ErrorCode.SecurityError,
    ErrorKind.PROPERTY: ErrorCode.PropertyConstraintViolation,
    ErrorKind.TYPE: ErrorCode.TypeConstraintViolation,
    ErrorKind.GENERIC: ErrorCode.GenericError,
}

CODES_BY_FAMILY: Mapping[int, Mapping[ErrorKind, ErrorCode]] = {
    1: _SHARED
    | {
        # Both misspellings are wire values that will stay (1.6-J errata 5.1, 5.2).
        ErrorKind.FORMAT: ErrorCode.FormationViolation,
        ErrorKind.OCCURRENCE: ErrorCode.OccurenceConstraintViolation,
        # 1.6 has no code for a broken envelope; its text for FormationViolation comes nearest.
        ErrorKind.RPC_FRAMEWORK: ErrorCode.FormationViolation,
        # 1.6 says to ignore such messages and has no code for them.
        ErrorKind.MESSAGE_TYPE_NOT_SUPPORTED: ErrorCode.GenericError,
    },
    2: _SHARED
    | {
        ErrorKind.FORMAT: ErrorCode.FormatViolation,
        ErrorKind.OCCURRENCE: ErrorCode.OccurrenceConstraintViolation,
        ErrorKind.RPC_FRAMEWORK: ErrorCode.RpcFrameworkError,
        ErrorKind.MESSAGE_TYPE_NOT_SUPPORTED: ErrorCode.MessageTypeNotSupported,
    },
}
"""The code of each kind, by `Version.family`. 2.0 uses the table of 2.0.1."""

_KIND_BY_CODE: dict[str, ErrorKind] = {
    **{code: kind for kind, code in CODES_BY_FAMILY[1].items()},
    **{code: kind for kind, code in CODES_BY_FAMILY[2].items()},
    # 1.6 sends this one for two kinds; received, it means what it says.
    ErrorCode.FormationViolation: ErrorKind.FORMAT,
}


def wire_code(version: Version, kind: ErrorKind) -> str:
    """The errorCode that `version` has for `kind`, or the nearest one where it has none."""
    return CODES_BY_FAMILY[version.family][kind].value


def kind_of(code: str) -> ErrorKind:
    """The kind behind a received errorCode, in any version's spelling; GENERIC when unknown."""
    return _KIND_BY_CODE.get(code, ErrorKind.GENERIC)


class OCPPError(Exception):
    """A CALLERROR or CALLRESULTERROR, to be sent or received.

    `code` is the errorCode as it was received, kept even when nobody knows it; None when the error is ours,
    because the code then depends on the version that it is sent in.
    """

    def __init__(
        self,
        kind: ErrorKind,
        description: str = "",
        details: Mapping[str, Any] | None = None,
        *,
        code: str | None = None,
    ) -> None:
        super().__init__(kind, description)
        self.kind = kind
        self.description = description
        self.details: dict[str, Any] = dict(details or {})
        self.code = code

    @classmethod
    def received(cls, code: str, description: str, details: Mapping[str, Any]) -> Self:
        """The error that a peer reported with these three fields."""
        return cls(kind_of(code), description, details, code=code)

    @property
    def wire_description(self) -> str:
        """The description as it may be sent: at most 255 characters, encodable as UTF-8."""
        return self.description[:MAX_DESCRIPTION_CHARS].encode(errors="replace").decode()

    def __str__(self) -> str:
        return f"{self.code or self.kind}: {self.description}"


class Unavailable(OCPPError):
    """An error of ours that will be over: the same message may be sent again in a while."""

    def __init__(self, description: str) -> None:
        super().__init__(ErrorKind.INTERNAL, description)
