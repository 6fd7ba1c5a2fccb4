"""The settings in force: flag before environment variable before configuration file before default."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from stationmaster.cli.settings import BY_NAME, ENVIRONMENT_PREFIX, SECTIONS, SETTINGS, ServeSettings, Setting
from stationmaster.cli.toml_lines import key_lines

CONFIG_NAME: Final = "stationmaster.toml"
CONFIG_VARIABLE: Final = f"{ENVIRONMENT_PREFIX}CONFIG"
DEFAULT_SOURCE: Final = "default"

_WORDS_FOR_BOOL: Final = dict.fromkeys(("on", "yes", "true", "1"), True) | dict.fromkeys(
    ("off", "no", "false", "0"), False
)
_OTHER_VARIABLES: Final = frozenset({CONFIG_VARIABLE, f"{ENVIRONMENT_PREFIX}DEBUG"})
_LINE_OF_MESSAGE: Final = re.compile(r"^(?P<what>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)$", re.DOTALL)


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong with the configuration, and where it was said."""

    where: str  # "stationmaster.toml:3", "environment variable STATIONMASTER_API_PORT", "flag --api-port"
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class ConfigError(Exception):
    """The configuration cannot be used; all that is wrong with it, at once."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class Effective(msgspec.Struct, frozen=True):
    """The settings in force, where each came from, and what looks like a slip without being an error."""

    settings: ServeSettings
    sources: Mapping[str, str]
    warnings: tuple[str, ...] = ()


class _Given(msgspec.Struct, frozen=True):
    """A value somebody gave. ``lax``: it is text, whatever its type should be. ``base``: what paths are relative to."""

    value: Any
    source: str
    lax: bool
    base: Path = Path()


def load(
    flags: Mapping[str, Any], environment: Mapping[str, str], *, config: Path | None = None, directory: Path = Path()
) -> Effective:
    """The settings in force.

    ``flags`` by setting name; None where a flag was not given. ``config`` is the file named by a flag, before the one
    that the environment names, before `stationmaster.toml` in ``directory``. Raises ConfigError.
    """
    problems: list[Problem] = []
    given = _from_file(_config_path(config, environment, directory), problems)
    given |= _from_environment(environment)
    given |= {
        name: _Given(value, f"flag {BY_NAME[name].flag}", lax=True)
        for name, value in flags.items()
        if value is not None
    }
    values = {}
    for name, gift in given.items():
        try:
            values[name] = _checked(BY_NAME[name], gift)
        except ValueError as error:
            problems.append(Problem(gift.source, str(error)))
    if problems:
        raise ConfigError(*problems)
    sources = {setting.name: DEFAULT_SOURCE for setting in SETTINGS}
    sources |= {name: gift.source for name, gift in given.items()}
    return Effective(ServeSettings(**values), sources, tuple(_suspicious(environment)))


def as_toml(effective: Effective) -> str:
    """The settings in force as a configuration file, each with its source in a comment."""
    blocks = []
    for section, title in SECTIONS.items():
        rows = [setting for setting in SETTINGS if setting.section == section]
        texts = [f"{row.name} = {_toml_value(getattr(effective.settings, row.name))}" for row in rows]
        width = max(map(len, texts))
        lines = [f"{text:<{width}}  # {effective.sources[row.name]}" for text, row in zip(texts, rows, strict=True)]
        blocks.append("\n".join([f"[{section}]  # {title}", *lines]))
    return "\n\n".join(blocks) + "\n"


def _config_path(flag: Path | None, environment: Mapping[str, str], directory: Path) -> Path | None:
    named = flag or (Path(environment[CONFIG_VARIABLE]) if environment.get(CONFIG_VARIABLE) else None)
    if named is not None:
        return named
    usual = directory / CONFIG_NAME
    return usual if usual.is_file() else None


def _from_environment(environment: Mapping[str, str]) -> dict[str, _Given]:
    return {
        setting.name: _Given(environment[name], f"environment variable {name}", lax=True)
        for setting in SETTINGS
        if (name := setting.environment_variable) in environment
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


def _from_file(path: Path | None, problems: list[Problem]) -> dict[str, _Given]:
    if path is None:
        return {}
    text = _read(path)
    document = _parse(path, text)
    lines = key_lines(text)
    given: dict[str, _Given] = {}
    for section, content in document.items():
        line = _line_of(lines, (section,))
        if section not in SECTIONS or not isinstance(content, dict):
            problems.append(Problem(f"{path}:{line}", _misplaced(section, content)))
            continue
        for key, value in content.items():
            where = f"{path}:{_line_of(lines, (section, key))}"
            setting = BY_NAME.get(key)
            if setting is None or setting.section != section:
                problems.append(Problem(where, _unknown_key(key, section)))
            else:
                given[key] = _Given(value, where, lax=False, base=path.parent)
    return given


def _line_of(lines: Mapping[tuple[str, ...], int], path: tuple[str, ...]) -> int:
    """The line of a key or, where only longer or shorter paths are listed (dotted keys, inline tables), of these."""
    if path in lines:
        return lines[path]
    longer = [line for other, line in lines.items() if other[: len(path)] == path]
    return min(longer) if longer else _line_of(lines, path[:-1]) if path else 1


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(Problem(f"{path}:{line}", "is not UTF-8 text")) from error
    except OSError as error:
        raise ConfigError(Problem(str(path), f"cannot be read: {error.strerror}")) from error


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _LINE_OF_MESSAGE.match(str(error))
        line = int(found["line"]) if found else text.count("\n") + 1  # "at end of document"
        what = f"{found['what']}, at column {found['column']}" if found else str(error)
        raise ConfigError(Problem(f"{path}:{line}", f"not valid TOML: {what}")) from error


def _misplaced(name: str, content: Any) -> str:
    if name in SECTIONS:
        return f'"{name}" is a section: write [{name}] and its settings below'
    if name in BY_NAME:
        return f'"{name}" belongs into section [{BY_NAME[name].section}]'
    if isinstance(content, dict):
        return f"unknown section [{name}]{_did_you_mean(name, SECTIONS, '[{}]')}"
    return _unknown_key(name, None)


def _unknown_key(key: str, section: str | None) -> str:
    if key in BY_NAME:
        return f'"{key}" belongs into section [{BY_NAME[key].section}], not [{section}]'
    return f'unknown setting "{key}"{_did_you_mean(key, BY_NAME)}'


def _did_you_mean(word: str, known: Iterable[str], form: str = '"{}"') -> str:
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {form.format(close[0])}?" if close else ""


def _checked(setting: Setting, given: _Given) -> Any:
    """The value in its type. Raises ValueError with a sentence."""
    value = given.value
    if setting.is_switch and given.lax and isinstance(value, str):
        value = _WORDS_FOR_BOOL.get(value.strip().lower(), value)
    try:
        checked = msgspec.convert(value, setting.type, strict=not given.lax, dec_hook=_to_path)
    except msgspec.ValidationError as error:
        raise ValueError(f"{setting.name} must be {setting.expects}, not {_shown(given.value)}") from error
    return given.base / checked if isinstance(checked, Path) else checked


def _to_path(kind: type, value: Any) -> Any:
    if kind is not Path or not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("not a path")
    try:
        return Path(value).expanduser()
    except RuntimeError as error:  # ~name, and nobody has that name
        raise ValueError("not a path") from error


def _shown(value: Any) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _toml_value(value: Any) -> str:
    """Numbers and switches as TOML writes them; JSON's strings are TOML's basic strings."""
    return msgspec.json.encode(value, enc_hook=str).decode()
