"""The process of the pages: ``python -m stationmaster.cli.pages NUMBER``, the number of the line's file.

It is started by the node, and ends when the line does: in order where the node closes it, and also where the node is
gone without a word. Signals are the node's affair.
"""

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress

from stationmaster.cli.shutdown import loop_factory

NICENESS = 10


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    _stand_back()
    from stationmaster.cli.pages.served import serve_pages

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serve_pages(socket.socket(fileno=int(sys.argv[1]))))


def _stand_back() -> None:
    """Stations come first where processors are scarce: who answers them is not to wait for its turn behind a page."""
    os.nice(NICENESS)
    with suppress(AttributeError, OSError):  # Linux has it
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


if __name__ == "__main__":
    main()
