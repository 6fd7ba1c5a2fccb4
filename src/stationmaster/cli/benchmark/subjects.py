"""What is measured: the CSMS with and without its message log, and the references."""

from pathlib import Path

import msgspec

from stationmaster.cli.benchmark.load import CALL, CALL_RESULT

CSMS, CSMS_WITHOUT_LOG, ECHO, MOBILITYHOUSE = "csms", "csms_without_log", "echo", "mobilityhouse"
HTTP_ECHO = "http_echo"


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A server to start. ``database``: where it keeps what it stores, if it does."""

    name: str
    kind: str
    arguments: tuple[str, ...] = ()
    answer_type: int = CALL_RESULT
    database: Path | None = None


def subjects(directory: Path) -> tuple[Subject, ...]:
    """In the order of measuring. The data goes below ``directory``."""
    return (
        Subject(name=ECHO, kind="echo", answer_type=CALL),
        _csms(CSMS, directory),
        _csms(CSMS_WITHOUT_LOG, directory, "--no-message-log"),
        Subject(name=MOBILITYHOUSE, kind="mobilityhouse"),
    )


def soap_subjects(directory: Path) -> tuple[Subject, ...]:
    """Those that stations speak SOAP to."""
    return (Subject(name=HTTP_ECHO, kind="http_echo"), _csms(CSMS, directory / "soap"))


def _csms(name: str, directory: Path, *more: str) -> Subject:
    data = directory / name
    return Subject(
        name=name, kind="csms", arguments=("--data-dir", str(data), *more), database=data / "stationmaster.db"
    )
