import errno
from pathlib import Path

import pytest

from stationmaster.cli.config_values import ConfigError, Problem
from stationmaster.cli.errors import DATABASE, EXIT_CODES, OTHER, PORT, USAGE, CommandFailed, explain, report
from stationmaster.cli.settings import ServeSettings
from stationmaster.storage.engine import DatabaseLocked, DatabaseNewer, DatabaseOlder, DatabaseUnusable, NotADatabase

SETTINGS = ServeSettings(data_dir=Path("/data"))
BIND = "error while attempting to bind on address ('{}', {}): address already in use"


def os_error(number: int, text: str = "x", filename: str | None = None) -> OSError:
    return OSError(number, text, filename)


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (ConfigError(Problem("a.toml:3", "unknown")), USAGE, "a.toml:3: unknown"),
        (DatabaseNewer("x has schema 9"), DATABASE, "made by a newer stationmaster: upgrade"),
        (DatabaseOlder("x has schema 0"), DATABASE, "stationmaster migrate"),
        (DatabaseLocked("x is in use"), DATABASE, "Another stationmaster is running on it"),
        (NotADatabase("x is not one"), DATABASE, "backup"),
        (DatabaseUnusable("x cannot be opened"), DATABASE, "written to"),
        (os_error(errno.EADDRINUSE, BIND.format("127.0.0.1", 9000)), PORT, "--ocpp-port (STATIONMASTER_OCPP_PORT)"),
        (os_error(errno.EACCES, "Permission denied", "/data/x"), DATABASE, "--data-dir"),
        (os_error(errno.EACCES, "Permission denied"), PORT, "Ports below 1024"),
        (os_error(errno.EADDRNOTAVAIL), PORT, "no address"),
        (os_error(errno.ENOSPC), DATABASE, "no space left on the disk of /data"),
        (CommandFailed("it did not work"), OTHER, "it did not work"),
    ],
)
def test_a_known_error_has_its_exit_code_and_says_what_to_do(error: Exception, code: int, told: str) -> None:
    explanation = explain(error, SETTINGS)
    assert explanation.exit_code == code
    assert explanation.expected
    assert told in " ".join((explanation.summary, *explanation.hints))


def test_a_taken_port_is_named_with_only_its_own_setting() -> None:
    error = os_error(errno.EADDRINUSE, BIND.format("127.0.0.1", 8080))
    explanation = explain(error, SETTINGS)
    assert explanation.summary == "port 8080 of 127.0.0.1 is taken"
    assert "ocpp" not in " ".join(explanation.hints)


def test_where_an_error_does_not_name_the_port_both_are_suspected() -> None:
    explanation = explain(os_error(errno.EADDRINUSE, "Address already in use"), SETTINGS)
    assert explanation.summary == "port 9000 of 127.0.0.1 or 9001 of 127.0.0.1 or 8080 of 127.0.0.1 is taken"
    assert any("--ocpp-port" in hint and "--api-port" in hint for hint in explanation.hints)


def test_of_a_group_of_errors_the_known_one_is_told() -> None:
    group = BaseExceptionGroup("", [ValueError("x"), ExceptionGroup("", [DatabaseLocked("in use")])])
    assert explain(group).exit_code == DATABASE


def test_an_unknown_error_is_named_and_points_to_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    explanation = explain(ZeroDivisionError("division by zero"))
    assert (explanation.exit_code, explanation.expected) == (OTHER, False)
    report(explanation)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Error: ZeroDivisionError: division by zero" in printed.err
    assert "--debug" in printed.err


def test_brackets_in_an_error_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    report(explain(ConfigError(Problem("a.toml:1", "unknown section [red]; did you mean [network]?"))))
    assert "unknown section [red]; did you mean [network]?" in capsys.readouterr().err


def test_every_exit_code_is_told_in_the_manual() -> None:
    assert set(EXIT_CODES) == {0, OTHER, USAGE, PORT, DATABASE}
