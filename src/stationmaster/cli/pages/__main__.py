"""The process of the pages: ``python -m stationmaster.cli.pages NUMBER``, the number of the line's file.

It is started by the node, and ends when the line does: in order where the node closes it, and also where the node is
gone without a word. Signals are the node's affair.
"""

import asyncio
import signal
import socket
import sys

from stationmaster.cli.collector import loading
from stationmaster.cli.pages.standing_back import stand_back
from stationmaster.cli.shutdown import loop_factory


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    stand_back()
    with loading():
        from stationmaster.cli.pages.served import serve_pages

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serve_pages(socket.socket(fileno=int(sys.argv[1]))))


if __name__ == "__main__":
    main()
