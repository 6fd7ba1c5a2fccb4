import pytest

from stationmaster.domain.cost.telling import CAPABILITY as COSTS
from stationmaster.station.capabilities import capabilities
from stationmaster.station.settings import Settings


@pytest.mark.parametrize(
    ("version", "can"),
    [("1.2", set()), ("1.5", set()), ("1.6S", {COSTS}), ("1.6", {COSTS, "SecurityExtension"}), ("2.0.1", set())],
)
def test_a_station_has_the_extensions_of_its_version(version: str, can: set[str]) -> None:
    assert capabilities(Settings(), version) == can


def test_an_extension_can_be_switched_off() -> None:
    assert capabilities(Settings(security_extension=False, display_cost_and_price=False), "1.6") == set()
