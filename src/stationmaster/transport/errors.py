"""Why a connection could not be opened, or a question was not answered."""


class ConnectRefused(Exception):
    """The server answered the handshake with an HTTP status other than 101."""

    def __init__(self, status: int, reason: str = "") -> None:
        super().__init__(f"refused with HTTP status {status}: {reason}" if reason else f"refused with {status}")
        self.status = status
        self.reason = reason


class ConnectFailed(Exception):
    """No handshake came about: nobody there, no answer in time, or an answer that is not a WebSocket's."""


class Unreached(ConnectionError):
    """Nothing of a post was sent: nobody there, or an address that must not be called."""


class NoReply(EOFError):
    """At least some of a post was sent, and no answer came that could be read: nobody knows whether it was heeded."""


class NotInTime(NoReply, TimeoutError):
    """None came in time."""
