"""Write the picture of the demo that the README shows: ``python tools/picture.py [docs/images/demo.svg]``.

It is the demo itself, run for some seconds and drawn as the terminal would have shown it at the end.
"""

import asyncio
import re
import sys
import tempfile
from io import StringIO
from pathlib import Path

import msgspec
from rich.console import Console

from stationmaster.cli.demo import demo_settings
from stationmaster.cli.demo_contract import DemoOptions
from stationmaster.cli.demo_run import create_demo
from stationmaster.cli.logs import configure
from stationmaster.cli.settings import ServeSettings
from stationmaster.cli.view import render
from stationmaster.clock.wall import WallClock

WIDTH, HEIGHT, SECONDS = 118, 34, 25.0


async def picture(directory: Path) -> str:
    settings = demo_settings(ServeSettings(), directory, drawn=True)
    configure(settings)
    demo = create_demo(DemoOptions(stations=14, speed=60, seed=1), settings)
    node = await demo.start()
    try:
        await WallClock().sleep(SECONDS - 1)
        demo.snapshot()  # messages per second are counted between two looks
        await WallClock().sleep(1)
        snapshot = demo.snapshot()
    finally:
        await demo.stop()
    console = Console(record=True, width=WIDTH, height=HEIGHT, file=StringIO(), force_terminal=True)
    shown = msgspec.structs.replace(
        node, api_key="sm_..." if node.api_key else None, password="..." if node.password else None
    )
    console.print(render(snapshot, shown, width=WIDTH, height=HEIGHT))
    return without_web_fonts(console.export_svg(title="stationmaster demo"))


def without_web_fonts(svg: str) -> str:
    """A picture must not call home: the reader's own monospaced font will do."""
    return re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)


def main() -> None:
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images/demo.svg")
    with tempfile.TemporaryDirectory() as directory:
        target.write_text(asyncio.run(picture(Path(directory))), encoding="utf-8")


if __name__ == "__main__":
    main()
