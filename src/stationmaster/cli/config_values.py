"""What somebody gave a setting, taken into the setting's type, or a sentence that says what is wrong with it."""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from stationmaster.cli.settings import BY_NAME, Setting

_WORDS_FOR_BOOL: Final = dict.fromkeys(("on", "yes", "true", "1"), True) | dict.fromkeys(
    ("off", "no", "false", "0"), False
)


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


class Given(msgspec.Struct, frozen=True):
    """A value somebody gave. ``lax``: it is text, whatever its type should be. ``base``: what paths are relative to."""

    value: Any
    source: str
    lax: bool
    base: Path = Path()


def checked(given: Mapping[str, Given], problems: list[Problem]) -> dict[str, Any]:
    """The values by setting name, in their types; what cannot be taken is added to the problems."""
    values = {}
    for name, gift in given.items():
        try:
            values[name] = _checked(BY_NAME[name], gift)
        except ValueError as error:
            problems.append(Problem(gift.source, str(error)))
    return values


def shown(value: Any) -> str:
    """A value as an error cites it."""
    text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def did_you_mean(word: str, known: Iterable[str], form: str = '"{}"') -> str:
    """The end of an error about an unknown word; empty where nothing known looks like it."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {form.format(close[0])}?" if close else ""


def _checked(setting: Setting, given: Given) -> Any:
    """The value in its type. Raises ValueError with a sentence."""
    value = given.value
    if setting.is_switch and given.lax and isinstance(value, str):
        value = _WORDS_FOR_BOOL.get(value.strip().lower(), value)
    try:
        taken = msgspec.convert(value, setting.type, strict=not given.lax, dec_hook=_to_path)
    except msgspec.ValidationError as error:
        raise ValueError(f"{setting.name} must be {setting.expects}, not {shown(given.value)}") from error
    return given.base / taken if isinstance(taken, Path) else taken


def _to_path(kind: type, value: Any) -> Any:
    if kind is not Path or not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("not a path")
    try:
        return Path(value).expanduser()
    except RuntimeError as error:  # ~name, and nobody has that name
        raise ValueError("not a path") from error
