"""The occupancy of a Connector, from a real station of every version to the API."""

import pytest
from rest_desk import open_desk, running_station

from stationmaster.ocpp.version import JSON_VERSIONS, Version


@pytest.mark.parametrize("version", JSON_VERSIONS)
async def test_a_start_that_waits_for_the_cable_is_told_as_authorized(version: Version) -> None:
    async with open_desk() as desk, running_station(desk, version) as (_, key):
        await desk.bench.add_token("T1", "ISO14443")
        token = {"value": "T1", "type": "ISO14443"}
        path = f"/stations/{key}/connectors"

        await desk.command(key, "RequestStartTransaction", id_token=token, evse_id=1)

        found = await desk.until(path, lambda found: found[0]["occupancy"] != "available")
        assert [connector["occupancy"] for connector in found] == ["authorized", "available"]
