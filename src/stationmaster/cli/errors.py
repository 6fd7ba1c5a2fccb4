"""Errors as an operator should read them: what is wrong, what to do about it, and an exit code for scripts."""

import errno
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from stationmaster.cli.config_values import ConfigError
from stationmaster.cli.settings import BY_NAME, ServeSettings

OTHER: Final = 1
USAGE: Final = 2
PORT: Final = 3
DATABASE: Final = 4

EXIT_CODES: Final = {
    0: "it went well",
    OTHER: "it failed in another way, or the demo did not reach its goal",
    USAGE: "the command line or the configuration is wrong",
    PORT: "a port cannot be listened on",
    DATABASE: "the database or its directory cannot be used",
}


class Explanation(msgspec.Struct, frozen=True):
    """What to tell about an error. ``expected``: it is a known kind, and a traceback would only be in the way."""

    exit_code: int
    summary: str
    hints: tuple[str, ...] = ()
    expected: bool = True


class CommandFailed(Exception):
    """A command could not do its job; the text is written for the person who gave it."""


Explain = Callable[[Any, ServeSettings], Explanation]

_ADDRESS: Final = re.compile(r"\('(?P<host>[^']+)', (?P<port>\d+)")
_LISTENERS: Final = (("ocpp_host", "ocpp_port"), ("files_host", "files_port"), ("api_host", "api_port"))


def explain(error: BaseException, settings: ServeSettings | None = None) -> Explanation:
    """The explanation of an error; of a group, that of its first known member."""
    settings = settings or ServeSettings()
    explanations = [_explain_one(leaf, settings) for leaf in _leaves(error)]
    return next((item for item in explanations if item.expected), explanations[0])


def report(explanation: Explanation, *, debug: bool = False) -> None:
    """Print it on standard error."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text.assemble(("Error: ", "bold red"), explanation.summary))
    for hint in explanation.hints:
        console.print(Text(f"  {hint}"))
    if not explanation.expected and not debug:
        console.print(Text("  Run it again with --debug to see where it happened.", style="dim"))


def warn(text: str) -> None:
    """Print a warning on standard error."""
    sys.stderr.write(f"Warning: {text}\n")


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from _leaves(member)
    else:
        yield error


def _explain_one(error: BaseException, settings: ServeSettings) -> Explanation:
    for kind, explanation in _table():
        if isinstance(error, kind):
            return explanation(error, settings)
    text = str(error)
    return Explanation(OTHER, f"{type(error).__name__}: {text}" if text else type(error).__name__, expected=False)


def _table() -> tuple[tuple[type[BaseException], Explain], ...]:
    """Kinds of error, the narrower first. Imported here: nobody should wait for them who makes no mistake."""
    from stationmaster.storage.engine import (
        DatabaseLocked,
        DatabaseNewer,
        DatabaseOlder,
        DatabaseUnusable,
        NotADatabase,
    )

    return (
        (ConfigError, _config),
        (CommandFailed, lambda error, _: Explanation(OTHER, str(error))),
        (DatabaseNewer, _database("It was made by a newer stationmaster: upgrade this program.")),
        (DatabaseOlder, _database("Bring it up to date with: stationmaster migrate")),
        (
            DatabaseLocked,
            _database(
                "Another stationmaster is running on it: stop that one, or give this one a --data-dir of its own.",
            ),
        ),
        (NotADatabase, _database("Choose another --data-dir, or put a backup in its place.")),
        (DatabaseUnusable, _database("Check that the data directory exists and may be written to.")),
        (OSError, _os_error),
    )


def _config(error: ConfigError, _: ServeSettings) -> Explanation:
    if len(error.problems) == 1:
        return Explanation(USAGE, str(error.problems[0]))
    return Explanation(USAGE, "the configuration cannot be used:", tuple(map(str, error.problems)))


def _database(hint: str) -> Explain:
    def explained(error: Exception, _: ServeSettings) -> Explanation:
        return Explanation(DATABASE, str(error), (hint,))

    return explained


def _os_error(error: OSError, settings: ServeSettings) -> Explanation:
    row = _BY_ERRNO.get(error.errno or 0)
    if row is not None:
        return row(error, settings)
    return Explanation(OTHER, str(error), expected=error.filename is not None)


def _port_taken(error: OSError, settings: ServeSettings) -> Explanation:
    taken = _listeners(error, settings)
    ports = " or ".join(f"{port} of {host}" for host, port, _ in taken)
    flags = " or ".join(f"{BY_NAME[name].flag} ({BY_NAME[name].environment_variable})" for *_, name in taken)
    port = taken[0][1]
    return Explanation(
        PORT,
        f"port {ports} is taken",
        (
            "Another program listens there, perhaps another stationmaster.",
            f"To see which: {_WHO_LISTENS.get(sys.platform, _WHO_LISTENS['linux']).format(port=port)}",
            f"To use another port: {flags}",
        ),
    )


def _address_not_here(error: OSError, settings: ServeSettings) -> Explanation:
    hosts = " or ".join(
        f"{host} ({BY_NAME[name].flag.replace('port', 'host')})" for host, _, name in _listeners(error, settings)
    )
    return Explanation(PORT, f"this machine has no address {hosts}", ("Use 0.0.0.0 for all of its addresses.",))


def _not_permitted(error: OSError, settings: ServeSettings) -> Explanation:
    if error.filename is not None:
        return Explanation(
            DATABASE,
            f"no permission to use {error.filename}",
            (f"The data directory is {settings.data_dir}; choose another with --data-dir (STATIONMASTER_DATA_DIR).",),
        )
    flags = " or ".join(f"{port} ({BY_NAME[name].flag})" for _, port, name in _listeners(error, settings))
    return Explanation(PORT, f"no permission to listen on port {flags}", ("Ports below 1024 need special rights.",))


def _disk_full(_: OSError, settings: ServeSettings) -> Explanation:
    return Explanation(DATABASE, f"no space left on the disk of {settings.data_dir}", ("Make room, then start again.",))


_BY_ERRNO: Final[dict[int, Explain]] = {
    errno.EADDRINUSE: _port_taken,
    errno.EADDRNOTAVAIL: _address_not_here,
    errno.EACCES: _not_permitted,
    errno.EPERM: _not_permitted,
    errno.EROFS: _not_permitted,
    errno.ENOSPC: _disk_full,
}

_WHO_LISTENS: Final = {
    "linux": "ss -ltnp 'sport = :{port}'",
    "darwin": "lsof -nP -iTCP:{port} -sTCP:LISTEN",
    "win32": "netstat -ano | findstr :{port}",
}


def _listeners(error: OSError, settings: ServeSettings) -> list[tuple[str, int, str]]:
    """Host, port and setting of the listeners that an error is about: all, where it does not say."""
    said = _ADDRESS.search(str(error))
    every = [(getattr(settings, host), getattr(settings, port), port) for host, port in _LISTENERS]
    return [row for row in every if said and row[1] == int(said["port"])] or every
