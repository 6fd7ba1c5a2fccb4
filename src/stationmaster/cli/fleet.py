"""`stationmaster fleet`: many charging stations against any CSMS."""

from typing import TYPE_CHECKING, Annotated

import typer

from stationmaster.cli.api_flags import ApiKey, ApiUrl, api_access
from stationmaster.cli.called_at import CallbackUrl, Listen, called_at
from stationmaster.cli.command import command
from stationmaster.cli.config import Effective
from stationmaster.cli.errors import OTHER
from stationmaster.cli.spoken import IN_JSON, IN_SOAP, SPOKEN
from stationmaster.cli.station import URL, csms_url, one_of, soap_url

if TYPE_CHECKING:
    from rich.console import Console

    from stationmaster.simulator.fleet import FleetSnapshot


def _versions(text: str | None) -> str | None:
    """A list of versions, without blanks. Raises typer.BadParameter for an unknown one."""
    return text and ",".join(one_of(*SPOKEN)(version.strip()) for version in text.split(","))


def _soap_url(text: str | None) -> str | None:
    return text and soap_url(text)


def _spoken(versions: str | None, soap: str | None) -> tuple[str, ...]:
    """The versions of a fleet. Raises typer.BadParameter for one in SOAP without an address."""
    if versions is None:
        return IN_JSON if soap is None else (*IN_JSON, *IN_SOAP)
    spoken = tuple(versions.split(","))
    missing = [version for version in spoken if version in IN_SOAP and soap is None]
    if missing:
        raise typer.BadParameter(f"OCPP {missing[0]} needs --soap-url", param_hint="--versions")
    return spoken


_MOST_REASONS = 10

Versions = Annotated[
    str | None,
    typer.Option(
        help="OCPP versions of the stations, with commas; taken in turn.",
        metavar="LIST",
        show_default=f"{','.join(IN_JSON)}; with --soap-url also {','.join(IN_SOAP)}",
        callback=_versions,
    ),
]
SoapUrl = Annotated[
    str | None,
    typer.Option(
        help="The CSMS for versions in SOAP, such as http://127.0.0.1:9001/soap.", metavar="URL", callback=_soap_url
    ),
]


@command(settings=("log_level", "log_format"))
def fleet(  # noqa: PLR0913, PLR0917  (a parameter is a flag)
    effective: Effective,
    url: Annotated[
        str, typer.Option(help="The CSMS; each identity is added to it.", metavar="URL", callback=csms_url)
    ] = URL,
    count: Annotated[int, typer.Option(min=1, max=50_000, metavar="N", help="How many stations.")] = 10,
    versions: Versions = None,
    soap_url: SoapUrl = None,
    listen: Listen = None,
    callback_url: CallbackUrl = None,
    seed: Annotated[
        int, typer.Option(metavar="N", help="The same seed gives the same fleet and the same drivers.")
    ] = 1,
    speed: Annotated[
        float, typer.Option(min=1, max=3600, metavar="X", help="Seconds in the fleet per second here.")
    ] = 1,
    for_s: Annotated[
        float | None,
        typer.Option("--for", min=1, metavar="SECONDS", help="Stop after so many seconds here. Default: at Ctrl-C."),
    ] = None,
    prefix: Annotated[str, typer.Option(help="What the identities begin with.", metavar="TEXT")] = "FLEET",
    api_url: ApiUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Run a fleet of charging stations with drivers against a CSMS, and print what it reaches.

    The CSMS must know the stations, or be one that takes in strangers (stationmaster serve --registration open).
    Exit code 0: every station was accepted.
    """
    from rich.console import Console

    from stationmaster.cli.fleet_run import FleetOptions, run_fleet
    from stationmaster.cli.logs import configure
    from stationmaster.cli.shutdown import run_until_signal
    from stationmaster.ocpp.version import Version

    configure(effective.settings)
    line = LastLine(Console())
    options = FleetOptions(
        url=url,
        count=count,
        versions=tuple(map(Version, _spoken(versions, soap_url))),
        seed=seed,
        speed=speed,
        prefix=prefix,
        for_s=for_s,
        api=api_access(api_url, api_key),
        soap_url=soap_url,
        called_at=called_at(listen, callback_url),
    )
    run_until_signal(run_fleet(options, line.show, line.failed))
    line.finish()
    if line.accepted < count:
        raise typer.Exit(OTHER)


class LastLine:
    """Shows figures as they come: one line that changes on a terminal, a line each time elsewhere."""

    def __init__(self, console: "Console") -> None:
        self._console = console
        self._failures: set[str] = set()
        self.accepted = 0

    def show(self, elapsed_s: float, fleet: "FleetSnapshot") -> None:
        self.accepted = max(self.accepted, fleet.accepted)
        text = one_line(elapsed_s, fleet)
        if self._console.is_terminal:
            room = self._console.width - 1  # a line that wraps could not be written over
            self._console.print(f"{text[:room]:<{room}}", end="\r", highlight=False)
        else:
            self._console.print(text, highlight=False, soft_wrap=True)

    def failed(self, reason: str) -> None:
        """Why a station cannot reach the CSMS: each reason once, as many stations fail alike."""
        if reason not in self._failures and len(self._failures) < _MOST_REASONS:
            self._failures.add(reason)
            self._console.print(f"no connection: {reason}; they go on trying", highlight=False, soft_wrap=True)

    def finish(self) -> None:
        """Leave the last line standing."""
        if self._console.is_terminal:
            self._console.print()


def one_line(elapsed_s: float, fleet: "FleetSnapshot") -> str:
    return (
        f"{elapsed_s:5.0f} s  {fleet.online}/{fleet.stations} online, {fleet.accepted} accepted  "
        f"{fleet.charging} charging, {fleet.power_w / 1000:.1f} kW  "
        f"transactions {sum(fleet.transactions_started.values())} started, "
        f"{sum(fleet.transactions_ended.values())} ended  {fleet.messages} messages, {fleet.queued} waiting"
    )
