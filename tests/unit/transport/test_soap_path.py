"""Which tenant and version a SOAP path names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.ocpp.version import Version
from stationmaster.transport.soap_path import SoapPath, any_path, asks_for_contract, soap_address, soap_path


@pytest.mark.parametrize(
    ("path", "tenant", "version"),
    [
        ("/soap", "default", None),
        ("/soap/", "default", None),
        ("/soap//", "default", None),
        ("/soap/v1.2", "default", Version.V12),
        ("/soap/v1.5/", "default", Version.V15),
        ("/soap/V1.6", "default", Version.V16S),
        ("/soap/acme", "acme", None),
        ("/soap/Acme-Nord_1/", "Acme-Nord_1", None),
        ("/soap/acme/v1.5", "acme", Version.V15),
        ("//soap//acme//v1.6//", "acme", Version.V16S),
        ("/soap/v15", "v15", None),
        ("/soap/wsdl", "default", None),
        ("/soap/acme/v1.5/WSDL", "acme", Version.V15),
        ("/other/acme", "acme", None),
    ],
)
def test_a_path_names_a_tenant_and_a_version(path: str, tenant: str, version: Version | None) -> None:
    assert soap_path(path) == SoapPath(tenant, version)


@pytest.mark.parametrize(
    "path",
    [
        "/soap/v2.0",
        "/soap/v1.7/x",
        "/soap/v1.5/acme",
        "/soap/acme/CS1",
        "/soap/a.b",
        "/soap/..",
        "/soap/a%2Fb",
        "/soap/" + "x" * 49,
        "/soap/acme/v1.5/v1.5",
        "/soap/ä",
        "/" * 3000,
    ],
)
def test_other_paths_lead_nowhere(path: str) -> None:
    assert soap_path(path) is None


@given(st.text(max_size=60))
def test_no_path_is_worse_than_a_wrong_one(path: str) -> None:
    soap_path(path)


@pytest.mark.parametrize("tenant", ["default", "acme"])
@pytest.mark.parametrize("version", [None, Version.V12, Version.V15, Version.V16S])
def test_the_address_that_a_station_is_given_leads_back(tenant: str, version: Version | None) -> None:
    place = SoapPath(tenant, version)
    address = soap_address("https://csms.example/soap/", place)
    assert address.startswith("https://csms.example/soap")
    assert soap_path(address.removeprefix("https://csms.example")) == place


def test_a_stations_own_listener_takes_any_path() -> None:
    assert any_path("/what/ever/v9") == SoapPath()
    assert any_path("/" + "x" * 3000) is None


@pytest.mark.parametrize(
    ("path", "query", "asks"),
    [
        ("/soap", "wsdl", True),
        ("/soap/acme", "WSDL", True),
        ("/soap/wsdl", "", True),
        ("/soap/v1.5/WSDL/", "", True),
        ("/soap", "", False),
        ("/soap", "x=wsdl", False),
    ],
)
def test_the_contract_is_asked_for_by_query_or_path(path: str, query: str, asks: bool) -> None:
    assert asks_for_contract(path, query) is asks
