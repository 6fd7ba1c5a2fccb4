import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from stationmaster.cli.logs import Masking, configure
from stationmaster.cli.settings import ServeSettings


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(**settings: str) -> io.StringIO:
    stream = io.StringIO()
    configure(ServeSettings(**settings), stream)  # type: ignore[arg-type]
    return stream


def test_a_json_line_has_time_level_name_event_and_fields() -> None:
    stream = lines(log_format="json")
    structlog.get_logger("stationmaster.x").warning("odd_message", station="CP-1")
    line = json.loads(stream.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "odd_message", "level": "warning", "logger": "stationmaster.x", "station": "CP-1"}


def test_lines_of_libraries_look_the_same() -> None:
    stream = lines(log_format="json")
    logging.getLogger("a.library").error("failed %s", "twice")
    line = json.loads(stream.getvalue())
    assert (line["event"], line["level"], line["logger"]) == ("failed twice", "error", "a.library")


def test_a_console_line_can_be_read_and_has_no_colours_where_nobody_sees_them() -> None:
    stream = lines()
    structlog.get_logger("x").info("booted", station="CP-1")
    assert "booted" in stream.getvalue() and "station=CP-1" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_what_is_below_the_level_is_not_written() -> None:
    stream = lines(log_level="warning")
    structlog.get_logger("x").info("no")
    logging.getLogger("y").info("no")
    assert stream.getvalue() == ""


def test_access_lines_of_the_web_server_are_left_out() -> None:
    stream = lines()
    logging.getLogger("uvicorn.access").info("GET /")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_secrets_do_not_reach_the_log(log_format: str) -> None:
    stream = lines(log_format=log_format)
    log = structlog.get_logger("x")
    log.info(
        "connect",
        password="S3CRET",
        headers={"Authorization": "Basic S3CRET"},
        nested=[{"api_key": "S3CRET"}],
        url="wss://user:S3CRET@host/ocpp",
        id_token="S3CRET",
    )
    log.info("header Authorization: Bearer S3CRET.S3CRET")
    logging.getLogger("library").info("dial %s", "ws://u:S3CRET@host")
    address = "ws://u:S3CRET@host"
    try:
        raise ValueError(address)
    except ValueError:
        log.exception("failed")
    assert "S3CRET" not in stream.getvalue()
    assert stream.getvalue().count("***") == 8
    assert "ValueError" in stream.getvalue()


def test_id_tokens_are_written_where_that_is_wanted() -> None:
    stream = lines(log_format="json", log_id_tokens="plain")
    structlog.get_logger("x").info("authorized", id_token="04AB", id_tag="04AC")
    assert "04AB" in stream.getvalue() and "04AC" in stream.getvalue()


def test_numbers_and_nothing_are_left_alone_by_the_masking() -> None:
    event = {"event": "x", "count": 3, "none": None, "password": None}
    assert Masking(id_tokens=True)(None, "info", event) == event
