"""How a call can fail, whichever side makes it."""


class CallFailed(Exception):
    """Base of the ways in which a call ends without an answer."""


class CallTimedOut(CallFailed):
    """No answer came in time. The other side may have acted on it."""


class ConnectionLost(CallFailed):
    """The line broke. ``sent`` tells whether the call had gone out, and so may have been acted on."""

    def __init__(self, sent: bool) -> None:
        super().__init__("the connection was lost " + ("before an answer came" if sent else "before it was sent"))
        self.sent = sent


class Unreachable(CallFailed):
    """The other side could not be reached: nothing was sent."""


class CallRefused(CallFailed):
    """The other side answered with an error."""

    def __init__(self, code: str, description: str, details: object = None) -> None:
        super().__init__(f"{code}: {description}" if description else code)
        self.code = code
        self.description = description
        self.details = details


class AnswerUnreadable(CallFailed):
    """An answer came that no type fits, not even the lenient one."""
