"""The node itself, and the description of the API."""

import json
import os
from pathlib import Path

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from stationmaster.api.http.access import NEEDED, OPEN
from stationmaster.api.http.openapi import camel
from stationmaster.domain.failures import StorageFailed

SNAPSHOT = Path(__file__).parent / "openapi.snapshot.json"
REFERRING = {
    *("createToken", "importTokens", "judgeToken", "createDriverExport", "eraseDriver"),
    *("createTariffAssignment", "chooseTariff", "reserve", "exportMessages", "changeSiteStations"),
}
"""Their bodies or queries name things that may not be there."""
UPDATE = "UPDATE_SNAPSHOTS=1 .venv/bin/python -m pytest tests/unit/api/test_system.py"


@pytest.fixture
async def described(world):
    answer = await world.client().get("/api/v1/openapi.json")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.1"
    return answer.text


async def test_the_description_changes_only_on_purpose(described):
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(described + "\n")
    assert described == SNAPSHOT.read_text().rstrip("\n"), (
        f"the OpenAPI document has changed; if that is meant, run: {UPDATE}"
    )


async def test_every_operation_is_described_with_its_role_and_its_problems(described):
    found = {
        operation["operationId"]: operation
        for item in json.loads(described)["paths"].values()
        for operation in item.values()
    }
    assert set(found) == {camel(name) for name in set(NEEDED) | OPEN} - {"getOpenapi", "getIndex", "optionsHandler"}
    for name, operation in found.items():
        assert operation["summary"] and operation["tags"], name
        assert ("401" in operation["responses"]) == (name != "getHealth"), name
        named_in_path = any(p["in"] == "path" for p in operation.get("parameters", []))
        assert ("404" in operation["responses"]) == (named_in_path or operation["operationId"] in REFERRING)
    assert found["callStation"]["x-role"] == "administrator"


async def test_every_reference_leads_somewhere_and_every_shape_is_used(described):
    tree = json.loads(described)
    used = set()

    def look(node):
        if isinstance(node, dict):
            if "$ref" in node:
                used.add(node["$ref"])
            for value in node.values():
                look(value)
        elif isinstance(node, list):
            for value in node:
                look(value)

    look(tree)
    there = {f"#/components/{kind}/{name}" for kind in ("schemas", "responses") for name in tree["components"][kind]}
    assert used == there


async def test_the_description_names_nothing_of_the_inside(described):
    assert "stationmaster." not in described and "ApiRequest" not in described


async def test_integers_have_the_bounds_that_are_enforced(described):
    bounds = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}

    def integers(node):
        if isinstance(node, dict):
            if node.get("type") == "integer":
                yield node
            node = list(node.values())
        if isinstance(node, list):
            for value in node:
                yield from integers(value)

    tree = json.loads(described)
    found = [schema[bound] for schema in integers(tree) for bound in bounds & schema.keys()]
    assert found and {type(value) for value in found} == {int}
    (key,) = tree["paths"]["/api/v1/stations/{station_key}"]["get"]["parameters"]
    assert (key["schema"]["minimum"], key["schema"]["maximum"]) == (1, 2**63 - 1)


async def test_energy_is_described_as_the_number_it_is(described):
    fields = json.loads(described)["components"]["schemas"]["TransactionResource"]["properties"]
    assert fields["energy_wh"] == {"anyOf": [{"type": "number"}, {"type": "null"}]}


async def test_health_looks_at_the_store(world):
    assert (await world.client().get("/api/v1/health")).json() == {"status": "ok"}

    async def broken():
        raise StorageFailed("disk gone")

    world.store.last_seq = broken
    assert (await world.client().get("/api/v1/health")).status_code == 503


async def test_the_version_is_told(viewer):
    told = (await viewer.get("/api/v1/version")).json()
    assert told == {"version": "1.2.3", "ocpp": ["1.2", "1.5", "1.6S", "1.6", "2.0", "2.0.1", "2.1"]}


async def test_metrics_can_be_read_by_prometheus(viewer):
    await viewer.get("/api/v1/stations")
    await viewer.get("/api/v1/stations/1")
    await viewer.get("/nowhere/" + "x" * 50)
    answer = await viewer.get("/metrics")
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert samples["stationmaster_stations_connected",] == 7
    assert samples["stationmaster_event_streams",] == 0
    assert samples["stationmaster_api_requests_total", "list_stations", "200"] == 1
    assert samples["stationmaster_api_requests_total", "get_station", "404"] == 1
    assert "xxx" not in answer.text


async def test_answers_are_json_that_reads_back_exactly(viewer):
    answer = await viewer.get("/api/v1/stations")
    assert msgspec.json.decode(answer.content) == {"items": [], "next_cursor": None, "total": None}


async def test_a_browser_at_the_address_is_told_what_this_is(world):
    answer = await world.client().get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "/api/v1/openapi.json" in answer.text
