"""What all commands have in common: settings as flags, errors as messages, and `--debug`."""

import inspect
import os
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from stationmaster.cli.config import CONFIG_VARIABLE, Effective, load
from stationmaster.cli.errors import explain, report, warn
from stationmaster.cli.settings import BY_NAME, ENVIRONMENT_PREFIX, SECTIONS, Setting

EFFECTIVE = "effective"
DEBUG_VARIABLE = f"{ENVIRONMENT_PREFIX}DEBUG"

_THEIRS = (typer.Exit, typer.Abort, typer.BadParameter)
"""Typer prints these itself."""

_CONFIG = Annotated[
    Path | None,
    typer.Option(
        help=f"Configuration file, instead of stationmaster.toml in the working directory ({CONFIG_VARIABLE}).",
        metavar="FILE",
        show_default=False,
    ),
]
_DEBUG = Annotated[bool, typer.Option("--debug", help=f"On an error, show where it happened ({DEBUG_VARIABLE}=1).")]


def command(settings: Iterable[str] = ()) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a command of a function.

    With ``settings``, a flag for each and `--config` come with it, and the function is given ``effective``, an
    :class:`Effective`. Whatever it raises ends as a message and an exit code (see ``errors``).
    """
    rows = tuple(BY_NAME[name] for name in settings)

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        def run(**arguments: Any) -> None:
            debug = arguments.pop("debug") or os.environ.get(DEBUG_VARIABLE) == "1"
            effective: Effective | None = None
            try:
                if rows:
                    effective = _take_settings(rows, arguments)
                    arguments[EFFECTIVE] = effective
                function(**arguments)
            except _THEIRS:
                raise
            except Exception as error:
                if debug:
                    traceback.print_exception(error)
                explanation = explain(error, effective.settings if effective else None)
                report(explanation, debug=debug)
                raise typer.Exit(explanation.exit_code) from None

        run.__name__ = function.__name__
        run.__doc__ = reflowed(function.__doc__ or "")
        run.__signature__ = _signature(function, rows)  # type: ignore[attr-defined]
        return run

    return decorate


def _take_settings(rows: tuple[Setting, ...], arguments: dict[str, Any]) -> Effective:
    """Resolve the settings, taking their flags out of the arguments."""
    flags = {row.name: arguments.pop(row.name) for row in rows}
    effective = load(flags, os.environ, config=arguments.pop("config"))
    for text in effective.warnings:
        warn(text)
    return effective


def _signature(function: Callable[..., None], rows: tuple[Setting, ...]) -> inspect.Signature:
    """The function's own parameters, then a flag per setting; Typer reads its options from this."""
    own = [item for item in inspect.signature(function).parameters.values() if item.name != EFFECTIVE]
    added = [_keyword(row.name, _option(row), None) for row in rows]
    if rows:
        added.append(_keyword("config", _CONFIG, None))
    added.append(_keyword("debug", _DEBUG, False))
    return inspect.Signature([item.replace(kind=inspect.Parameter.KEYWORD_ONLY) for item in own] + added)


def reflowed(text: str) -> str:
    """A docstring with each paragraph on one line: the terminal breaks lines, not the source."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in inspect.cleandoc(text).split("\n\n"))


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _option(row: Setting) -> Any:
    """A flag that is None unless given, so that its absence can be told from its default. Values are checked by
    ``config``, in the same words as those of the file and the environment."""
    panel = SECTIONS[row.section]
    if row.is_switch:
        names = f"{row.flag}/--no-{row.flag.removeprefix('--')}"
        text = f"{row.help} Default: {'on' if row.default else 'off'}."
        return Annotated[bool | None, typer.Option(names, help=text, show_default=False, rich_help_panel=panel)]
    text = f"{row.help} Default: {row.default}."
    option = typer.Option(row.flag, help=text, metavar=row.kind, show_default=False, rich_help_panel=panel)
    return Annotated[str | None, option]
