"""What blocks may know of a version, and that they ask nothing else of it."""

import re
from pathlib import Path

import pytest

from stationmaster.domain.abilities import Abilities, abilities_of
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
        ("speaks_only_of_connectors", {"1.6"}),
        ("carries_costs", {"2.0", "2.0.1", "2.1"}),
        ("carries_costs_in_transfers", {"1.6"}),
        ("keeps_limits", {"2.1"}),
        ("reckons_costs", {"2.1"}),
        ("forgets_people", {"2.0", "2.0.1", "2.1"}),
        ("knows_direct_payments", {"1.6", "2.1"}),
    ],
)
def test_who_can_what(ability: str, versions: set[str]) -> None:
    assert {str(version) for version in ("1.6", "2.0", "2.0.1", "2.1") if getattr(abilities_of(version), ability)} == (
        versions
    )


@pytest.mark.parametrize("block", BLOCKS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_no_block_asks_for_the_version(block: Path) -> None:
    assert ASKS.findall(block.read_text("utf-8")) == []
