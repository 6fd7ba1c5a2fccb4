"""The command line as a user meets it. What the commands run is stood in for by small modules of this file."""

import errno
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from stationmaster.cli.main import app
from stationmaster.cli.node_info import NodeInfo
from stationmaster.cli.settings import SETTINGS, ServeSettings
from stationmaster.cli.spoken import IN_JSON, IN_SOAP, SPOKEN
from stationmaster.ocpp.version import JSON_VERSIONS, SOAP_VERSIONS, VERSIONS
from stationmaster.storage.engine import DatabaseNewer

COMMANDS = ("serve", "station", "fleet", "demo", "bench", "migrate", "version")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")


def invoke(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(app, arguments, env=environment)


def stand_in(monkeypatch: pytest.MonkeyPatch, name: str, **content: Any) -> None:
    module = ModuleType(name)
    vars(module).update(content)
    monkeypatch.setitem(sys.modules, name, module)


Node = Callable[[ServeSettings, Callable[[NodeInfo], None]], Coroutine[Any, Any, None]]


def node_that(monkeypatch: pytest.MonkeyPatch, run_node: Node) -> None:
    stand_in(monkeypatch, "stationmaster.cli.node", run_node=run_node)


def failing_node(error: Exception) -> Node:
    async def run_node(settings: ServeSettings, ready: Callable[[NodeInfo], None]) -> None:
        raise error

    return run_node


def test_the_help_is_a_manual_with_the_commands_by_role() -> None:
    text = invoke("--help").stdout
    for part in ("stationmaster demo", "stationmaster-data", "stationmaster.toml", "STATIONMASTER_", "Exit codes"):
        assert part in text
    places = [text.index(title) for title in ("Operate stations (CSMS)", "Be a station", "Try and measure", "About")]
    assert places == sorted(places)
    for command in COMMANDS:
        assert f"│ {command} " in text


def test_a_name_in_brackets_is_not_lost_from_a_help_text() -> None:
    assert "[tenants.NAME]" in invoke("serve", "--help").stdout


def test_a_model_that_the_catalogue_has_not_is_refused_with_those_that_it_has() -> None:
    result = invoke("station", "--model", "Nope")
    assert result.exit_code == 2
    assert "Battery swap 4" in result.stderr


def test_the_help_needs_no_terminal_wider_than_80(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = invoke("--help").stdout.splitlines()
    assert "   stationmaster fleet --count 100 --for 60  A hundred of them, for a minute" in [
        line.rstrip() for line in lines
    ]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = invoke(command, "--help")
    assert result.exit_code == 0
    assert "--debug" in result.stdout


def test_without_a_command_the_manual_is_shown() -> None:
    assert "To begin" in invoke().output


def test_serve_has_a_flag_for_every_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    text = invoke("serve", "--help").stdout
    for setting in SETTINGS:
        assert setting.flag in text


def test_help_and_version_load_nothing_heavy() -> None:
    code = (
        "import sys; from stationmaster.cli import main; "
        "names = ('sqlalchemy', 'litestar', 'picows', 'structlog', 'alembic', 'stationmaster.ocpp'); "
        "heavy = sys.modules.keys() & set(names); "
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_versions_in_the_help_are_those_that_are_spoken() -> None:
    assert (VERSIONS, SOAP_VERSIONS, JSON_VERSIONS) == (SPOKEN, IN_SOAP, IN_JSON)


def test_version_names_the_program_python_and_ocpp() -> None:
    text = invoke("version").stdout
    assert text.startswith("stationmaster ")
    assert "python" in text and "2.0.1" in text and "msgspec" in text


def test_print_config_shows_a_value_with_its_source_and_starts_nothing() -> None:
    result = invoke("serve", "--print-config", "--ocpp-port", "9100", STATIONMASTER_API_PORT="8100")
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "ocpp_port = 9100 # flag --ocpp-port" in lines
    assert "api_port = 8100 # environment variable STATIONMASTER_API_PORT" in lines


def test_serve_runs_the_node_with_the_settings_and_tells_where_it_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[ServeSettings] = []

    async def run_node(settings: ServeSettings, ready: Callable[[NodeInfo], None]) -> None:
        seen.append(settings)
        ready(
            NodeInfo(
                ocpp_url="ws://here:1/ocpp",
                api_url="http://here:2",
                data_dir=settings.data_dir,
                api_key="k-1",
                password="p-1",
                tenants={"acme": "k-2", "known": None},
                passwords={"acme": "p-2", "known": None},
            )
        )

    node_that(monkeypatch, run_node)
    result = invoke("serve", "--no-message-log", "--registration", "open")
    assert result.exit_code == 0
    assert (seen[0].message_log, seen[0].registration) == (False, "open")
    told = [line.split("  ") for line in result.stdout.splitlines()]
    secrets = ("API key", "Password")
    assert [[row[0], row[-2] if row[0].startswith(secrets) else row[-1].strip()] for row in told] == [
        ["Stations connect to", "ws://here:1/ocpp"],
        ["Those of acme to", "ws://here:1/ocpp/acme"],
        ["Those of known to", "ws://here:1/ocpp/known"],
        ["Web pages and REST API", "http://here:2"],
        ["Data", str(seen[0].data_dir)],
        ["API key", "k-1"],
        ["API key of acme", "k-2"],
        ["Password of admin", "p-1"],
        ["Password of admin in acme", "p-2"],
    ]


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (OSError(errno.EADDRINUSE, "bind on address ('127.0.0.1', 9000)"), 3, "port 9000 of 127.0.0.1 is taken"),
        (PermissionError(errno.EACCES, "Permission denied", "/data"), 4, "no permission to use /data"),
        (DatabaseNewer("x has schema 0042"), 4, "x has schema 0042"),
        (RuntimeError("unforeseen"), 1, "RuntimeError: unforeseen"),
    ],
)
def test_an_error_ends_as_a_message_and_an_exit_code(
    error: Exception, code: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    node_that(monkeypatch, failing_node(error))
    result = invoke("serve")
    assert result.exit_code == code
    assert told in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("how", [{"arguments": ("--debug",)}, {"environment": {"STATIONMASTER_DEBUG": "1"}}])
def test_debug_shows_where_it_happened(how: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    node_that(monkeypatch, failing_node(RuntimeError("unforeseen")))
    result = invoke("serve", *how.get("arguments", ()), **how.get("environment", {}))
    assert result.exit_code == 1
    assert "Traceback" in result.stderr and "raise error" in result.stderr


def test_a_wrong_configuration_ends_with_exit_code_2_and_its_line(tmp_path: Path) -> None:
    (tmp_path / "stationmaster.toml").write_text("[network]\nocpp_port = 99999\n")
    result = invoke("serve")
    assert result.exit_code == 2
    assert "stationmaster.toml:2: ocpp_port must be an integer from 0 to 65535, not 99999" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("serve", "--api-port", "x"),
        ("serve", "--unknown"),
        ("unknown",),
        ("station", "--version", "1.4"),
        ("station", "--phases", "2"),
        ("station", "--url", "http://x"),
        ("station", "--url", "ws://x/?a=b"),
        ("fleet", "--url", "x"),
        ("fleet", "--versions", "1.6,x"),
        ("demo", "--stations", "0"),
    ],
)
def test_a_wrong_command_line_ends_with_exit_code_2(arguments: tuple[str, ...]) -> None:
    assert invoke(*arguments).exit_code == 2


def test_a_misspelt_variable_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        "did you mean STATIONMASTER_API_PORT?" in invoke("serve", "--print-config", STATIONMASTER_API_PROT="1").stderr
    )


def test_bench_hands_its_flags_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []

    def run(**given: Any) -> int:
        seen.append(given)
        return 130

    stand_in(monkeypatch, "stationmaster.cli.benchmark.run", run=run)
    assert invoke("bench", "--quick", "--json", "out.json").exit_code == 130
    assert seen == [{"quick": True, "json_file": Path("out.json")}]
