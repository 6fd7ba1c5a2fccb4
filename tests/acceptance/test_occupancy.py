"""The occupancy of a Connector, from a real station of every version to the API."""

from rest_desk import open_desk, running_station
from station_ways import every_version

from stationmaster.ocpp.version import Version


@every_version
async def test_a_start_that_waits_for_the_cable_is_told_as_authorized(version: Version) -> None:
    model, where = "Street post 2x22", {"evse_id": 1}
    if version is Version.V12:  # it cannot name the connector, and has to have but one
        model, where = "Wallbox 11", {}
    async with open_desk() as desk, running_station(desk, version, model=model) as (_, key):
        await desk.bench.add_token("T1", "ISO14443")
        token = {"value": "T1", "type": "ISO14443"}
        path = f"/stations/{key}/connectors"

        await desk.command(key, "RequestStartTransaction", id_token=token, **where)

        found = await desk.until(path, lambda found: found[0]["occupancy"] != "available")
        assert [connector["occupancy"] for connector in found] == ["authorized", "available"][: len(found)]
