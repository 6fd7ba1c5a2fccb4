"""`stationmaster station`: one charging station, with simulated hardware and, if wanted, drivers."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

import typer

from stationmaster.cli.api_flags import ApiKey, ApiUrl, api_access
from stationmaster.cli.called_at import SOAP_URL, CallbackUrl, CalledAt, Listen, called_at, is_http
from stationmaster.cli.command import command
from stationmaster.cli.config import Effective
from stationmaster.cli.errors import CommandFailed
from stationmaster.cli.spoken import IN_SOAP, SPOKEN

PASSWORD_VARIABLE = "STATIONMASTER_STATION_PASSWORD"  # noqa: S105  (the name of a variable)
URL = "ws://127.0.0.1:9000/ocpp"
_MAX_PASSWORD_BYTES = 512
_MAX_CERTIFICATE_BYTES = 64 * 1024

T = TypeVar("T")


def one_of(*allowed: T) -> Callable[[T], T]:
    """A check for Typer: the value is one of these."""

    def check(value: T) -> T:
        if value not in allowed:
            raise typer.BadParameter(f"{value} is none of {', '.join(map(str, allowed))}")
        return value

    return check


def csms_url(text: str) -> str:
    """A check for Typer: an address that stations can dial."""
    parts = urlsplit(text)
    if parts.scheme not in {"ws", "wss"} or not parts.hostname or parts.query or parts.fragment:
        raise typer.BadParameter(f"{text} is not of the form ws://host:port/path or wss://host:port/path")
    return text


def soap_url(text: str) -> str:
    """A check for Typer: an address that stations can post to."""
    if not is_http(text):
        raise typer.BadParameter(f"{text} is not of the form http://host:port/path or https://host:port/path")
    return text


def url_for(version: str, url: str | None) -> str:
    """The CSMS's address, as the version wants it. Raises typer.BadParameter."""
    try:
        return soap_url(url or SOAP_URL) if version in IN_SOAP else csms_url(url or URL)
    except typer.BadParameter as bad:
        raise typer.BadParameter(f"for OCPP {version}, {bad.message}", param_hint="--url") from None


def _called_at(version: str, listen: str | None, callback_url: str | None) -> CalledAt | None:
    """None for a version that nobody calls."""
    if version in IN_SOAP:
        return called_at(listen, callback_url)
    if listen is not None or callback_url is not None:
        raise typer.BadParameter(f"--listen and --callback-url are for OCPP {', '.join(IN_SOAP)}")
    return None


Password = Annotated[
    str | None,
    typer.Option(
        envvar=PASSWORD_VARIABLE, show_envvar=True, help="Others can see flags: better name a file.", metavar="TEXT"
    ),
]
MemoryFile = Annotated[
    Path | None,
    typer.Option(
        help="File for what it must not forget, such as events that the CSMS has not got yet; made if missing.",
        metavar="FILE",
        show_default="stationmaster-station/ID.db",
    ),
]
FirmwareRoot = Annotated[
    list[Path] | None,
    typer.Option(help="Certificate (PEM) of a maker whose signed firmware it takes; may be repeated.", metavar="FILE"),
]


def _known_model(name: str | None) -> str | None:
    """A check for Typer: a station of the catalogue."""
    from stationmaster.simulator.catalogue import SPECIAL_MODELS, STATION_MODELS

    return None if name is None else one_of(*(model.model for model in (*STATION_MODELS, *SPECIAL_MODELS)))(name)


Model = Annotated[
    str | None,
    typer.Option(
        help="A station of the catalogue instead of --evses, --current and --phases, such as 'Fast 2x150', "
        "'Bidirectional 2x50' (DER control, OCPP 2.1), 'Battery swap 4', 'Calibrated 2x22' (signed readings) or "
        "'Car park 2x11' (sees cars).",
        metavar="NAME",
        callback=_known_model,
    ),
]


@command(settings=("log_level", "log_format"))
def station(  # noqa: PLR0913, PLR0917  (a parameter is a flag)
    effective: Effective,
    identity: Annotated[str, typer.Option("--id", help="Identity that it connects with.", metavar="ID")] = "CP-1",
    url: Annotated[
        str | None,
        typer.Option(
            help="The CSMS; for versions in JSON the identity is added to it.",
            metavar="URL",
            show_default=f"{URL}, or {SOAP_URL}",
        ),
    ] = None,
    version: Annotated[
        str, typer.Option(help=f"One of {', '.join(SPOKEN)}.", metavar="VERSION", callback=one_of(*SPOKEN))
    ] = "2.0.1",
    listen: Listen = None,
    callback_url: CallbackUrl = None,
    password: Password = None,
    password_file: Annotated[Path | None, typer.Option(help="Read the password from it.", metavar="FILE")] = None,
    evses: Annotated[int, typer.Option(min=1, max=100, metavar="N", help="How many EVSEs it has.")] = 1,
    current: Annotated[str, typer.Option(help="AC or DC.", metavar="AC|DC", callback=one_of("AC", "DC"))] = "AC",
    phases: Annotated[int, typer.Option(help="1 or 3, for AC.", metavar="1|3", callback=one_of(1, 3))] = 3,
    model: Model = None,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed gives the same drivers.")] = 1,
    speed: Annotated[float, typer.Option(min=1, max=3600, metavar="X", help="Its seconds per second here.")] = 1,
    drivers: Annotated[bool, typer.Option("--drivers/--no-drivers", help="Cars come and go by themselves.")] = True,
    memory: MemoryFile = None,
    firmware_root: FirmwareRoot = None,
    api_url: ApiUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Run one charging station against a CSMS, and print what it does.

    The station's software is the real one; its hardware (contactor, meter, plugs) is simulated, and so are the cars.
    Where it runs again on the same memory, it goes on as after a loss of power.
    """
    from stationmaster.cli.logs import configure
    from stationmaster.cli.shutdown import run_until_signal
    from stationmaster.cli.station_run import StationOptions, run_station
    from stationmaster.cli.station_store import default_memory
    from stationmaster.ocpp.version import Version

    configure(effective.settings)
    options = StationOptions(
        url=url_for(version, url),
        identity=identity,
        version=Version(version),
        password=read_password(password, password_file),
        evses=evses,
        current="DC" if current == "DC" else "AC",
        phases=phases,
        seed=seed,
        speed=speed,
        drivers=drivers,
        memory=memory or default_memory(identity),
        model=model,
        api=api_access(api_url, api_key),
        firmware_roots=tuple(map(read_certificate, firmware_root or ())),
        called_at=_called_at(version, listen, callback_url),
    )
    run_until_signal(run_station(options, tell))


def tell(at: datetime, text: str) -> None:
    """Print a line of what the station does; ``at`` is its own time."""
    typer.echo(f"{at:%H:%M:%S}  {text}")


def read_certificate(file: Path) -> str:
    """A certificate as it goes into the station; what is wrong with it the station finds."""
    try:
        with file.open("rb") as opened:
            return opened.read(_MAX_CERTIFICATE_BYTES).decode("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(f"the certificate {file} cannot be read: {error}") from error


def read_password(password: str | None, file: Path | None) -> str | None:
    """The password from whichever was given; a file's last line end does not belong to it."""
    if file is None:
        return password
    if password is not None:
        raise typer.BadParameter("give --password or --password-file, not both")
    try:
        with file.open("rb") as opened:
            content = opened.read(_MAX_PASSWORD_BYTES + 1)
        text = content.decode().rstrip("\r\n")
    except OSError as error:
        raise CommandFailed(f"the password file {file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandFailed(f"the password file {file} is not UTF-8 text") from error
    if len(content) > _MAX_PASSWORD_BYTES:
        raise CommandFailed(f"the password file {file} is longer than {_MAX_PASSWORD_BYTES} bytes")
    return text
