"""Close codes of RFC 6455 section 7.4.1 that we use."""

GOING_AWAY = 1001
PROTOCOL_ERROR = 1002
UNSUPPORTED_DATA = 1003
NO_STATUS = 1005
ABNORMAL = 1006
INVALID_TEXT = 1007
POLICY_VIOLATION = 1008
TOO_BIG = 1009
INTERNAL_ERROR = 1011

MAX_REASON_BYTES = 123
"""A control frame carries 125 bytes, two of them the code."""


def fitting_reason(reason: str) -> bytes:
    """The reason as UTF-8, cut at a character so that it fits into a close frame."""
    return reason.encode(errors="replace")[:MAX_REASON_BYTES].decode(errors="ignore").encode()
