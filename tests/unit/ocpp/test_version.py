"""The versions."""

import pytest

from stationmaster.ocpp.version import JSON_VERSIONS, SOAP_VERSIONS, VERSIONS, Version


def test_every_version_is_spoken_in_one_way() -> None:
    assert sorted(VERSIONS) == sorted((*SOAP_VERSIONS, *JSON_VERSIONS))
    assert [version for version in VERSIONS if version.is_soap] == list(SOAP_VERSIONS)


@pytest.mark.parametrize(
    ("version", "family"),
    [("1.2", 1), ("1.5", 1), ("1.6S", 1), ("1.6", 1), ("2.0", 2), ("2.0.1", 2), ("2.1", 2)],
)
def test_a_version_belongs_to_a_family(version: str, family: int) -> None:
    assert Version(version).family == family


@pytest.mark.parametrize("name", ["ocpp1.2", "ocpp1.5", "ocpp1.6S", "ocpp3.0", "", "1.6"])
def test_only_what_is_spoken_over_websocket_has_a_subprotocol(name: str) -> None:
    assert Version.from_subprotocol(name) is None
    assert Version.from_subprotocol("ocpp1.6") is Version.V16
