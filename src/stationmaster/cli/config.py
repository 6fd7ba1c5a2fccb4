"""The settings in force: flag before environment variable before configuration file before default."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from stationmaster.cli.config_file import FileContent, read_file
from stationmaster.cli.config_values import ConfigError, Given, Problem, checked
from stationmaster.cli.settings import (
    BY_NAME,
    ENVIRONMENT_PREFIX,
    SECTIONS,
    SETTINGS,
    TENANTS,
    TENANTS_OWN,
    ServeSettings,
)

CONFIG_NAME: Final = "stationmaster.toml"
CONFIG_VARIABLE: Final = f"{ENVIRONMENT_PREFIX}CONFIG"
DEFAULT_SOURCE: Final = "default"

_OTHER_VARIABLES: Final = frozenset({CONFIG_VARIABLE, f"{ENVIRONMENT_PREFIX}DEBUG"})
_ABOUT_TENANTS: Final = (
    f"# [{TENANTS}.NAME]  # A tenant, whose stations connect to /ocpp/NAME/IDENTITY. It may have its own\n"
    f"#   {', '.join(TENANTS_OWN)}.\n"
)


class Effective(msgspec.Struct, frozen=True):
    """The settings in force, where each came from, and what looks like a slip without being an error.

    ``sources``: by setting name; those of tenants by ``tenants.NAME.setting``.
    """

    settings: ServeSettings
    sources: Mapping[str, str]
    warnings: tuple[str, ...] = ()


def load(
    flags: Mapping[str, Any], environment: Mapping[str, str], *, config: Path | None = None, directory: Path = Path()
) -> Effective:
    """The settings in force.

    ``flags`` by setting name; None where a flag was not given. ``config`` is the file named by a flag, before the one
    that the environment names, before `stationmaster.toml` in ``directory``. What a tenant has of its own stands in
    the file alone, and holds for it whoever says otherwise for all. Raises ConfigError.
    """
    problems: list[Problem] = []
    path = _config_path(config, environment, directory)
    file = read_file(path, problems) if path is not None else FileContent()
    given = {**file.settings, **_from_environment(environment), **_from_flags(flags)}
    values = checked(given, problems)
    values[TENANTS] = {name: checked(own, problems) for name, own in file.tenants.items()}
    if problems:
        raise ConfigError(*problems)
    sources = {setting.name: DEFAULT_SOURCE for setting in SETTINGS}
    sources |= {name: gift.source for name, gift in given.items()}
    sources |= {f"{TENANTS}.{name}.{key}": own[key].source for name, own in file.tenants.items() for key in own}
    return Effective(ServeSettings(**values), sources, tuple(_suspicious(environment)))


def as_toml(effective: Effective) -> str:
    """The settings in force as a configuration file, each with its source in a comment."""
    settings, sources = effective.settings, effective.sources
    blocks = []
    for section, title in SECTIONS.items():
        names = [setting.name for setting in SETTINGS if setting.section == section]
        blocks.append(
            _block(f"[{section}]  # {title}", ((name, getattr(settings, name), sources[name]) for name in names))
        )
    for tenant, own in settings.tenants.items():
        path = f"{TENANTS}.{tenant}"
        blocks.append(_block(f"[{path}]", ((key, value, sources[f"{path}.{key}"]) for key, value in own.items())))
    return "\n".join([*blocks, _ABOUT_TENANTS])


def _block(head: str, rows: Iterable[tuple[str, Any, str]]) -> str:
    """A table of the file, from rows of name, value and source."""
    said = [(f"{name} = {_toml_value(value)}", source) for name, value, source in rows]
    width = max((len(text) for text, _ in said), default=0)
    return "".join(f"{line}\n" for line in (head, *(f"{text:<{width}}  # {source}" for text, source in said)))


def _config_path(flag: Path | None, environment: Mapping[str, str], directory: Path) -> Path | None:
    named = flag or (Path(environment[CONFIG_VARIABLE]) if environment.get(CONFIG_VARIABLE) else None)
    if named is not None:
        return named
    usual = directory / CONFIG_NAME
    return usual if usual.is_file() else None


def _from_environment(environment: Mapping[str, str]) -> dict[str, Given]:
    return {
        setting.name: Given(environment[name], f"environment variable {name}", lax=True)
        for setting in SETTINGS
        if (name := setting.environment_variable) in environment
    }


def _from_flags(flags: Mapping[str, Any]) -> dict[str, Given]:
    return {
        name: Given(value, f"flag {BY_NAME[name].flag}", lax=True) for name, value in flags.items() if value is not None
    }


def _suspicious(environment: Mapping[str, str]) -> Iterator[str]:
    """Variables that look like misspelt settings. Others with our prefix are left alone: container platforms set
    some for every service by its name, with addresses in them."""
    known = {setting.environment_variable for setting in SETTINGS} | _OTHER_VARIABLES
    for name in sorted(environment):
        if name.startswith(ENVIRONMENT_PREFIX) and name not in known:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
            if close:
                yield f"environment variable {name} is not a setting; did you mean {close[0]}?"


def _toml_value(value: Any) -> str:
    """Numbers and switches as TOML writes them; JSON's strings are TOML's basic strings."""
    return msgspec.json.encode(value, enc_hook=str).decode()
