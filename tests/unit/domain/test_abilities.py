"""What blocks may know of a version, and that they ask nothing else of it."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stationmaster.domain.abilities import Abilities, abilities_of
from stationmaster.domain.station import Station, StationState
from stationmaster.ocpp.version import Version

BLOCKS = [
    path
    for role in ("csms", "station")
    for path in (Path(__file__).parents[3] / "src" / "stationmaster" / role / "blocks").glob("*.py")
]
ASKS = re.compile(r"(?:station|self|facts)\._?version(?: or [\"']{2}\))?(?:\.startswith| (?:==|!=|<|>|in) [\"'_A-Z])")


def test_every_version_has_its_abilities() -> None:
    for version in Version:
        assert abilities_of(version) != Abilities(), version


def test_a_version_that_is_not_known_can_nothing() -> None:
    assert abilities_of(None) == abilities_of("9.9") == Abilities()


@pytest.mark.parametrize(
    ("ability", "versions"),
    [
        ("speaks_only_of_connectors", {"1.2", "1.5", "1.6S", "1.6"}),
        ("carries_costs", {"2.0", "2.0.1", "2.1"}),
        ("carries_costs_in_transfers", {"1.6S", "1.6"}),
        ("keeps_limits", {"2.1"}),
        ("reckons_costs", {"2.1"}),
        ("forgets_people", {"2.0", "2.0.1", "2.1"}),
        ("knows_direct_payments", {"1.2", "1.5", "1.6S", "1.6", "2.1"}),
        ("takes_triggers", {"1.6S", "1.6", "2.0", "2.0.1", "2.1"}),
        ("tells_its_configuration", {"1.5", "1.6S", "1.6", "2.0", "2.0.1", "2.1"}),
        ("has_local_lists", {"1.5", "1.6S", "1.6", "2.0", "2.0.1", "2.1"}),
        ("names_transactions_of_values", {"1.5", "1.6S", "1.6", "2.0", "2.0.1", "2.1"}),
        ("file_scheme", {"1.2", "1.5"}),
        ("has_security_messages", {"1.6", "2.0", "2.0.1", "2.1"}),
    ],
)
def test_who_can_what(ability: str, versions: set[str]) -> None:
    assert {str(version) for version in Version if getattr(abilities_of(version), ability)} == versions


@pytest.mark.parametrize("block", BLOCKS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_no_block_asks_for_the_version(block: Path) -> None:
    assert ASKS.findall(block.read_text("utf-8")) == []


def test_what_a_station_learned_of_itself_in_json_is_no_ability_of_it_in_soap() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    station = Station(key=1, tenant="default", identity="CS-1", created_at=at)
    state = StationState(station=station, learned={"can:SecurityExtension": "yes", "can:Other": "yes"})
    assert state.facts("1.6").capabilities == {"SecurityExtension", "Other"}
    assert state.facts("1.6S").capabilities == {"Other"}
