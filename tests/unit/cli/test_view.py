import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from stationmaster.cli.node_info import NodeInfo
from stationmaster.cli.snapshot import DemoSnapshot, EvseRow, StationRow, VersionTotals
from stationmaster.cli.view import one_line, render

NODE = NodeInfo(
    ocpp_url="ws://127.0.0.1:9000/ocpp", api_url="http://127.0.0.1:8080", data_dir=Path("x"), api_key="key-123"
)
CHARGING = EvseRow(id=1, status="Charging", power_w=11_040, energy_wh=5_250, who="Ada", transaction_id="tx-77")
SNAPSHOT = DemoSnapshot(
    now=datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
    elapsed_s=42.4,
    stations=(
        StationRow(identity="DEMO-1", version="1.6", online=True, evses=(EvseRow(id=1, status="Available"), CHARGING)),
        StationRow(identity="DEMO-2", version="2.0.1", online=False),
    ),
    versions=(VersionTotals(version="1.6", running=1, done=2), VersionTotals(version="2.0.1", running=0, done=3)),
    messages=1234,
    messages_per_s=56.7,
)


def drawn(snapshot: DemoSnapshot, width: int, height: int | None = None) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    console.print(render(snapshot, NODE, width=width, height=height))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_the_view_shows_what_matters_at_every_width_and_stays_within_it(width: int) -> None:
    text = drawn(SNAPSHOT, width)
    for part in (
        "http://127.0.0.1:8080",
        "key-123",
        "DEMO-1",
        "2.0.1",
        "Charging",
        "11.0",
        "1/2 online",
        "57 messages/s",
    ):
        assert part in text
    assert max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize(
    ("width", "columns"), [(60, ()), (80, ("5.25",)), (100, ("5.25", "Ada")), (120, ("Ada", "tx-77"))]
)
def test_a_wider_terminal_shows_more(width: int, columns: tuple[str, ...]) -> None:
    text = drawn(SNAPSHOT, width)
    assert {part for part in ("5.25", "Ada", "tx-77") if part in text} >= set(columns)


def test_totals_add_up_over_stations_and_versions() -> None:
    assert (SNAPSHOT.power_w, SNAPSHOT.online, SNAPSHOT.running, SNAPSHOT.done) == (11_040, 1, 1, 5)
    text = drawn(SNAPSHOT, 120)
    assert "1.6: 1 running, 2 done" in text and "2.0.1: 0 running, 3 done" in text


def test_a_station_is_named_once_and_one_without_evses_is_named_too() -> None:
    text = drawn(SNAPSHOT, 100)
    assert text.count("DEMO-1") == 1
    assert "DEMO-2" in text and "offline" in text


def test_what_does_not_fit_is_counted_and_running_transactions_are_kept() -> None:
    idle = tuple(
        StationRow(identity=f"IDLE-{place}", version="1.6", online=True, evses=(EvseRow(id=1, status="Available"),))
        for place in range(50)
    )
    busy = StationRow(identity="BUSY", version="2.1", online=True, evses=(EvseRow(id=1, status="Available"), CHARGING))
    crowded = DemoSnapshot(now=SNAPSHOT.now, elapsed_s=1, stations=(*idle, busy), versions=SNAPSHOT.versions)
    text = drawn(crowded, 100, height=24)
    assert len(text.splitlines()) <= 24
    assert "BUSY" in text and "tx-77" not in text and "Charging" in text
    assert "and 41 more EVSEs" in text


def test_markup_in_an_identity_is_text() -> None:
    station = StationRow(identity="[red]X[/red]", version="1.6", online=True)
    assert "[red]X[/red]" in drawn(DemoSnapshot(now=SNAPSHOT.now, elapsed_s=1, stations=(station,), versions=()), 100)


def test_one_line_says_the_same() -> None:
    text = one_line(SNAPSHOT)
    for part in ("42 s", "1/2 online", "11.0 kW", "57 messages/s", "1 running", "5 done (1.6: 2, 2.0.1: 3)"):
        assert part in text


def test_the_key_is_not_in_the_repr_of_a_node() -> None:
    assert "key-123" not in repr(NODE)
