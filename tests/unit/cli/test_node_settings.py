"""The settings that a node shows over its API."""

import msgspec

from stationmaster.cli.node_settings import settings_of_tenants
from stationmaster.cli.settings import SETTINGS, TENANTS_OWN, ServeSettings


def test_the_default_tenants_administrators_see_all_of_the_node() -> None:
    shown = settings_of_tenants(ServeSettings(api_port=8090))("default")
    assert [each.name for each in shown] == [row.name for row in SETTINGS]
    port = next(each for each in shown if each.name == "api_port")
    assert (port.value, port.default, port.flag) == (8090, 8080, "--api-port")
    assert port.environment_variable == "STATIONMASTER_API_PORT" and port.section == "network"


def test_another_tenant_sees_what_it_may_have_of_its_own_as_it_is_in_force_there() -> None:
    of_tenant = settings_of_tenants(ServeSettings(tenants={"acme": {"registration": "open"}}))
    assert tuple(each.name for each in of_tenant("acme")) == TENANTS_OWN
    found = {each.name: each.value for each in of_tenant("acme")}
    assert found["registration"] == "open"
    assert {each.name: each.value for each in of_tenant("default")}["registration"] == "closed"


def test_every_value_can_be_written_as_json() -> None:
    for each in settings_of_tenants(ServeSettings())("default"):
        assert msgspec.json.decode(msgspec.json.encode(each.value)) == each.value
