"""`stationmaster serve`: the CSMS."""

from typing import Annotated, Final

import typer

from stationmaster.cli.command import command
from stationmaster.cli.config import Effective, as_toml
from stationmaster.cli.node_info import NodeInfo
from stationmaster.cli.settings import SETTINGS, ServeSettings
from stationmaster.domain.people.person import FIRST_NAME

ALL: Final = tuple(setting.name for setting in SETTINGS)
_KEEP_IT: Final = "(made now and shown this once: keep it)"


@command(settings=ALL)
def serve(
    effective: Effective,
    print_config: Annotated[
        bool, typer.Option("--print-config", help="Print the settings in force, each with its source, and stop.")
    ] = False,
) -> None:
    """Run the CSMS: stations connect to it, people and programs manage them through it.

    Every setting is a flag, an environment variable (STATIONMASTER_ and its name in capitals), or a line of
    stationmaster.toml; the flag wins over the variable, the variable over the file. --print-config prints them all
    in the form of that file. Tenants have tables in the file: \\[tenants.NAME] with what each has of its own: how
    its stations are admitted, who may charge, what is masked; --print-config names all of it.

    Ctrl-C or SIGTERM stops it once what is in flight is stored and answered; a second one stops it at once.
    """
    if print_config:
        typer.echo(as_toml(effective), nl=False)
        return
    _serve(effective.settings)


def _serve(settings: ServeSettings) -> None:
    from stationmaster.cli.collector import loading

    with loading():
        from stationmaster.cli.logs import configure
        from stationmaster.cli.node import run_node
        from stationmaster.cli.shutdown import run_until_signal

    configure(settings)
    run_until_signal(run_node(settings, announce))


def announce(node: NodeInfo) -> None:
    """Tell where the node listens; the one place that shows new API keys and passwords, and only once."""
    rows = [("Stations connect to", node.ocpp_url)]
    rows += [(f"Those of {tenant} to", f"{node.ocpp_url}/{tenant}") for tenant in node.tenants]
    rows += [("Those that speak SOAP to", node.soap_url)] if node.soap_url else []
    rows += [("They bring files to", node.files_url)] if node.files_url else []
    rows += [("Web pages and REST API", node.api_url), ("Data", str(node.data_dir))]
    keys = [("API key", node.api_key), *((f"API key of {tenant}", key) for tenant, key in node.tenants.items())]
    keys += [(f"Password of {FIRST_NAME}", node.password)]
    keys += [(f"Password of {FIRST_NAME} in {tenant}", password) for tenant, password in node.passwords.items()]
    rows += [(title, f"{key}  {_KEEP_IT}") for title, key in keys if key]
    width = max(len(title) for title, _ in rows)
    for title, text in rows:
        typer.echo(f"{title:<{width}}  {text}")
