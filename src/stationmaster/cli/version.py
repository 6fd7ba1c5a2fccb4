"""`stationmaster version`."""

import platform
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from typing import Final

import typer

from stationmaster import __version__
from stationmaster.cli.command import command
from stationmaster.cli.spoken import SPOKEN

LIBRARIES: Final = ("msgspec", "picows", "uvloop", "sqlalchemy", "alembic", "litestar", "uvicorn", "structlog")


@command()
def version() -> None:
    """Print the versions of this program, of Python and of the libraries, and the OCPP versions it speaks."""
    rows = {
        "stationmaster": __version__,
        "python": f"{platform.python_version()} ({platform.python_implementation()}, {platform.system()})",
        "OCPP": ", ".join(SPOKEN),
    }
    rows |= {name: _installed(name) for name in LIBRARIES}
    width = max(map(len, rows))
    for name, text in rows.items():
        typer.echo(f"{name:<{width}}  {text}")


def _installed(library: str) -> str:
    try:
        return installed_version(library)
    except PackageNotFoundError:
        return "not installed"
