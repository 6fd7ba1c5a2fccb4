import pytest

from stationmaster.dialects import dialect_for
from stationmaster.domain.messages import Request


@pytest.mark.parametrize(("version", "family"), [("1.2", 1), ("1.6", 1), ("2.0", 2), ("2.0.1", 2), ("2.1", 2)])
def test_each_version_has_the_dialect_of_its_family(version: str, family: int) -> None:
    assert dialect_for(version).family == family


def test_an_unknown_version_has_no_dialect() -> None:
    with pytest.raises(KeyError):
        dialect_for("3.0")


@pytest.mark.parametrize("version", ["1.6", "2.1"])
def test_every_domain_request_has_an_outgoing_row(version: str) -> None:
    assert set(dialect_for(version).outgoing) == set(Request.__subclasses__())
