"""picows' log lines, reduced to what an operator can use.

At its own levels picows writes several lines per connection and, at debug, whole handshakes with their credentials.
What matters of it is logged by our connections; only its unexpected failures are passed on.
"""

import logging
from typing import Any

import structlog

log = structlog.get_logger(__name__)


class PicowsLogger(logging.LoggerAdapter[logging.Logger]):
    """Passes nothing on but unexpected exceptions. An adapter, because picows makes a child of every plain logger
    for each connection."""

    def __init__(self) -> None:
        super().__init__(logging.getLogger("picows"), {})

    def isEnabledFor(self, level: int) -> bool:
        return False

    def exception(self, msg: object, *args: object, **kwargs: Any) -> None:
        log.exception("picows_failed", detail=str(msg))


QUIET = PicowsLogger()
