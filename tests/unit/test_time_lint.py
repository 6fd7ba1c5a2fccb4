"""Waiting and telling the time go through the Clock port: this reads the sources for shortcuts."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import stationmaster

SOURCE = Path(stationmaster.__file__).parent

FORBIDDEN = {
    "asyncio.sleep",
    "asyncio.timeout",
    "asyncio.timeout_at",
    "asyncio.wait_for",
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.localtime",
    "time.gmtime",
    "time.monotonic",
    "time.monotonic_ns",
    "time.sleep",
    "time.time",
    "time.time_ns",
}
"""``time.perf_counter`` and ``time.process_time`` measure cost and are free to use."""

FORBIDDEN_METHODS = {"utcnow"}
_TOLD_BY = {name.rpartition(".")[2] for name in FORBIDDEN} | FORBIDDEN_METHODS | {"time"}
"""The last words of all these: where none of them stands in a text, it need not be parsed."""
_WORD = re.compile(r"\w+")
LOOP_NAMES = {"loop", "_loop", "get_running_loop", "get_event_loop"}

ALLOWED = {
    # Other processes live in real time whatever our clock says, and on a virtual loop these are virtual.
    ("transport/websocket_client.py", "asyncio.timeout"),
    ("bus/memory.py", "asyncio.timeout"),
    ("transport/http_client.py", "asyncio.timeout"),
    ("transport/http_room.py", "asyncio.timeout"),
    ("transport/http_server.py", "asyncio.timeout"),
    ("transport/http_wire.py", "asyncio.timeout"),
    ("transport/memory_http.py", "asyncio.timeout"),
    ("transport/soap_client.py", "asyncio.timeout"),
    ("transport/soap_server.py", "asyncio.timeout"),
    # Tools for tests, which have no clock but the loop they run on.
    ("testing/wire.py", "asyncio.timeout"),
    ("testing/soap_wire.py", "asyncio.timeout"),
}


def _aliases(tree: ast.AST) -> dict[str, str]:
    """Local name -> what it stands for, from every import of the module."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                names[name.asname or name.name.partition(".")[0]] = name.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for name in node.names:
                names[name.asname or name.name] = f"{node.module}.{name.name}"
    return names


def _dotted(node: ast.AST, aliases: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return aliases.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, aliases)}.{node.attr}"
    return _dotted(node.func, aliases) if isinstance(node, ast.Call) else "?"


def _last(node: ast.Name | ast.Attribute, aliases: dict[str, str]) -> str:
    return node.attr if isinstance(node, ast.Attribute) else aliases.get(node.id, node.id).rpartition(".")[2]


def shortcuts(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of every use of real time in a module's text."""
    if not _TOLD_BY.intersection(_WORD.findall(source)):
        return
    tree = ast.parse(source)
    aliases = _aliases(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name | ast.Attribute) or _last(node, aliases) not in _TOLD_BY:
            continue
        name = _dotted(node, aliases)
        *owner, last = name.split(".")
        reads_loop = last == "time" and owner and owner[-1] in LOOP_NAMES
        if name in FORBIDDEN or (owner and last in FORBIDDEN_METHODS) or reads_loop:
            yield node.lineno, name


def test_nothing_outside_clock_waits_or_tells_the_time_by_itself() -> None:
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        where = path.relative_to(SOURCE).as_posix()
        if where.startswith("clock/"):
            continue
        for line, name in shortcuts(path.read_text()):
            if (where, name) not in ALLOWED:
                found.append(f"{where}:{line}: {name}")
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "import asyncio\nasync def f():\n    await asyncio.sleep(1)",
        "from asyncio import sleep as nap\nnap(1)",
        "import asyncio as aio\naio.wait_for(x, 3)",
        "import time\ntime.time()",
        "from time import monotonic\nmonotonic()",
        "from datetime import datetime, UTC\ndatetime.now(UTC)",
        "import datetime as dt\ndt.datetime.now()",
        "import datetime\ndatetime.date.today()",
        "import asyncio\nasyncio.get_running_loop().time()",
        "class A:\n    def f(self):\n        return self._loop.time()",
        "import asyncio\nwait = asyncio.sleep",
    ],
)
def test_the_lint_sees_a_shortcut(source: str) -> None:
    assert list(shortcuts(source))


@pytest.mark.parametrize(
    "source",
    [
        "from time import perf_counter\nperf_counter()",
        "async def f(clock):\n    await clock.sleep(1)\n    return clock.now()",
        "from datetime import datetime\ndatetime.fromisoformat('2030-01-01')",
        "class A:\n    time = 1\nA().time",
    ],
)
def test_the_lint_lets_a_clock_pass(source: str) -> None:
    assert not list(shortcuts(source))


def test_every_exception_from_the_rule_is_still_needed() -> None:
    for where, name in ALLOWED:
        assert name in {found for _, found in shortcuts((SOURCE / where).read_text())}
