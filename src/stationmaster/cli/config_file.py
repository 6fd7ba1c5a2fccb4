"""The configuration file: what each setting is given in it, for all or for one tenant, and on which line."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from stationmaster.cli.config_values import ConfigError, Given, Problem, did_you_mean, shown
from stationmaster.cli.settings import BY_NAME, SECTIONS, TENANT_NAME, TENANTS, TENANTS_OWN
from stationmaster.cli.toml_lines import key_lines
from stationmaster.domain.identity import DEFAULT_TENANT

_LINE_OF_MESSAGE: Final = re.compile(r"^(?P<what>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)$", re.DOTALL)
_TENANT_FORM: Final = f"write [{TENANTS}.NAME] and its settings below"


class FileContent(msgspec.Struct, frozen=True):
    """By setting name; ``tenants``: what each tenant is given of its own, by its name."""

    settings: Mapping[str, Given] = {}
    tenants: Mapping[str, Mapping[str, Given]] = {}


def read_file(path: Path, problems: list[Problem]) -> FileContent:
    """What stands in the file; the problems of its content are added. Raises ConfigError where it is no TOML file."""
    text = _read(path)
    document = _parse(path, text)
    page = _Page(path, key_lines(text), problems)
    return FileContent(page.settings(document), page.tenants(document.get(TENANTS)))


class _Page:
    """A file that is being read."""

    def __init__(self, path: Path, lines: Mapping[tuple[str, ...], int], problems: list[Problem]) -> None:
        self._path = path
        self._lines = lines
        self._problems = problems

    def settings(self, document: Mapping[str, Any]) -> dict[str, Given]:
        given: dict[str, Given] = {}
        for section, content in document.items():
            if section == TENANTS and isinstance(content, dict):
                continue
            if section not in SECTIONS or not isinstance(content, dict):
                self._wrong(_misplaced(section, content), section)
                continue
            for key, value in content.items():
                if key in BY_NAME and BY_NAME[key].section == section:
                    given[key] = self._given(value, section, key)
                else:
                    self._wrong(_unknown_key(key, section), section, key)
        return given

    def tenants(self, tables: Any) -> dict[str, dict[str, Given]]:
        found: dict[str, dict[str, Given]] = {}
        for name, content in tables.items() if isinstance(tables, dict) else ():
            if wrong := _no_tenant(name, content):
                self._wrong(wrong, TENANTS, name)
            else:
                found[name] = self._tenant(name, content)
        return found

    def _tenant(self, name: str, content: Mapping[str, Any]) -> dict[str, Given]:
        given: dict[str, Given] = {}
        for key, value in content.items():
            if key in TENANTS_OWN:
                given[key] = self._given(value, TENANTS, name, key)
            else:
                self._wrong(_not_a_tenants(key), TENANTS, name, key)
        return given

    def _given(self, value: Any, *key: str) -> Given:
        return Given(value, self._where(key), lax=False, base=self._path.parent)

    def _wrong(self, what: str, *key: str) -> None:
        self._problems.append(Problem(self._where(key), what))

    def _where(self, key: tuple[str, ...]) -> str:
        return f"{self._path}:{_line_of(self._lines, key)}"


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
    if name == TENANTS:
        return f'"{TENANTS}" holds the tenants: {_TENANT_FORM}'
    if name in SECTIONS:
        return f'"{name}" is a section: write [{name}] and its settings below'
    if name in BY_NAME:
        return f'"{name}" belongs into section [{BY_NAME[name].section}]'
    if isinstance(content, dict):
        return f"unknown section [{name}]{did_you_mean(name, (*SECTIONS, TENANTS), '[{}]')}"
    return _unknown_key(name, None)


def _unknown_key(key: str, section: str | None) -> str:
    if key in BY_NAME:
        return f'"{key}" belongs into section [{BY_NAME[key].section}], not [{section}]'
    return f'unknown setting "{key}"{did_you_mean(key, BY_NAME)}'


def _no_tenant(name: str, content: Any) -> str | None:
    """Why this is no table of a tenant."""
    if not isinstance(content, dict):
        return f'"{name}" is no tenant: {_TENANT_FORM}'
    if name == DEFAULT_TENANT:
        return f'the tenant "{name}" has no table: the sections hold for it'
    if not TENANT_NAME.fullmatch(name):
        return f'the name of a tenant must be 1 to 48 letters, digits, "-" or "_", not {shown(name)}'
    return None


def _not_a_tenants(key: str) -> str:
    if key in BY_NAME:
        return f'"{key}" is the same for all tenants: it belongs into section [{BY_NAME[key].section}]'
    return f'unknown setting "{key}" of a tenant{did_you_mean(key, TENANTS_OWN)}'
