"""The command line. Each command stands in a file of its own; what they run is imported when they run."""

from typing import Final

import typer

from stationmaster.cli.bench import bench
from stationmaster.cli.demo import demo
from stationmaster.cli.errors import EXIT_CODES
from stationmaster.cli.fleet import fleet
from stationmaster.cli.migrate import migrate
from stationmaster.cli.password import password
from stationmaster.cli.serve import serve
from stationmaster.cli.spoken import SPOKEN
from stationmaster.cli.station import station
from stationmaster.cli.version import version

OPERATE: Final = "Operate stations (CSMS)"
CHARGE: Final = "Be a station"
TRY: Final = "Try and measure"
ABOUT: Final = "About"

MANUAL: Final = """The Open Charge Point Protocol (OCPP) in one program: the management
system (CSMS) that stations connect to, and the charging station itself.
Speaks {versions}.

[bold]To begin[/bold]
  stationmaster demo                        A CSMS with a fleet charging on it
  stationmaster serve                       A CSMS of your own, for stations
                                            that you admit
  stationmaster serve --registration open   The same for any station
  stationmaster station --id CP-1           A station that connects to it
  stationmaster fleet --count 100 --for 60  A hundred of them, for a minute
  Stations connect to port 9000, those that speak SOAP to port 9001 (/soap);
  web pages and REST API are on port 8080.

[bold]Where things are[/bold]
  ./stationmaster-data/  Database and secrets of `serve`; or --data-dir
  ./stationmaster.toml   Settings, if it is there; or --config
  `demo` uses a temporary directory and removes it at the end.

[bold]Settings[/bold]
  A flag wins over an environment variable, that over the file, that over
  the default. These three are the same:
    --api-port 8090
    STATIONMASTER_API_PORT=8090
    api_port = 8090    (below \\[network] in stationmaster.toml)
  stationmaster serve --print-config shows all, and where each comes from.
  In the file alone: a table \\[tenants.NAME] makes a tenant, with a policy of
  its own; its stations connect to /ocpp/NAME/IDENTITY.

[bold]Environment[/bold]
  STATIONMASTER_CONFIG            The configuration file
  STATIONMASTER_DEBUG=1           Tracebacks with errors, as with --debug
  STATIONMASTER_STATION_PASSWORD  The password of `station`
  STATIONMASTER_<SETTING>         Any setting of `serve`, in capitals

[bold]Exit codes[/bold]
{exit_codes}
""".format(versions=", ".join(SPOKEN), exit_codes="\n".join(f"  {code}  {text}" for code, text in EXIT_CODES.items()))

app = typer.Typer(
    name="stationmaster",
    help=MANUAL,
    rich_markup_mode="rich",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.callback()
def _root() -> None:
    """Every command stands on its own; there are no options before it."""


for panel, commands in {
    OPERATE: (serve, migrate, password),
    CHARGE: (station, fleet),
    TRY: (demo, bench),
    ABOUT: (version,),
}.items():
    for function in commands:
        app.command(rich_help_panel=panel)(function)


def run() -> None:
    """The entry point of the `stationmaster` script."""
    app()
