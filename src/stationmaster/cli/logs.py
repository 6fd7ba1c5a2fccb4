"""Log lines: for people or for programs, and nothing secret in them, whoever wrote them."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final, Protocol, TextIO

import structlog

MASK: Final = "***"

_SECRET: Final = re.compile(
    r"password|passwd|secret|authorization|api_?key|credential|private_?key|^pin$|^cookie$", re.I
)
_ID_TOKEN: Final = re.compile(r"^(id_?token|id_?tag|parent_?id_?tag|group_?id_?token)$", re.I)
_URL_CREDENTIALS: Final = re.compile(r"(?<=://)[^/\s@]+(?=@)")
_AUTHORIZATION: Final = re.compile(r"\b(Basic|Bearer)\s+[A-Za-z0-9+/=._~-]{4,}", re.I)
_MAX_DEPTH: Final = 6

_CHATTY: Final = ("uvicorn.access", "uvicorn.error", "asyncio", "sqlalchemy", "alembic", "httpx", "httpcore")
"""Libraries whose everyday lines tell an operator nothing."""

Event = MutableMapping[str, Any]


class LogTerms(Protocol):
    """As much of the settings as this needs."""

    @property
    def log_level(self) -> str: ...
    @property
    def log_format(self) -> str: ...
    @property
    def log_id_tokens(self) -> str: ...


class Masking:
    """A processor of structlog: masks what is secret by its name, and credentials inside texts."""

    def __init__(self, *, id_tokens: bool) -> None:
        self._id_tokens = id_tokens

    def __call__(self, _: Any, __: str, event: Event) -> Event:
        return {key: self._masked(key, value) for key, value in event.items()}

    def _masked(self, key: str, value: Any, depth: int = 0) -> Any:
        if value is not None and (_SECRET.search(key) or (self._id_tokens and _ID_TOKEN.match(key))):
            return MASK
        if isinstance(value, str):
            return _AUTHORIZATION.sub(rf"\1 {MASK}", _URL_CREDENTIALS.sub(MASK, value))
        if depth >= _MAX_DEPTH:
            return value
        if isinstance(value, Mapping):
            return {inner: self._masked(str(inner), item, depth + 1) for inner, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._masked(key, item, depth + 1) for item in value]
        return value


def configure(settings: LogTerms, stream: TextIO | None = None) -> None:
    """Send all log lines, ours and those of libraries, to ``stream`` (standard error), as the settings say."""
    stream = stream or sys.stderr
    masking = Masking(id_tokens=settings.log_id_tokens == "mask")
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,  # so that a test, or a second node in one process, can configure again
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(settings, stream, masking),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _renderers(settings: LogTerms, stream: TextIO, masking: Masking) -> list[Any]:
    """Tracebacks become text before the masking, so that it sees what they quote."""
    if settings.log_format == "json":
        return [structlog.processors.format_exc_info, masking, structlog.processors.JSONRenderer(sort_keys=True)]
    console = structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)
    return [structlog.processors.format_exc_info, masking, console]
