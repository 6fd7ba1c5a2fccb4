"""`stationmaster bench`: figures of this machine."""

from pathlib import Path
from typing import Annotated

import typer

from stationmaster.cli.command import command


@command()
def bench(
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", dir_okay=False, help="Write the figures there, too.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A short run, for a first look.")] = False,
) -> None:
    """Measure on this machine what a message, a station and a mass reconnection cost, each beside its reference."""
    from stationmaster.cli.benchmark.run import run

    raise typer.Exit(run(json_file=json_file, quick=quick))
