"""What parameters are called by clients."""

import json

from litestar.routes import HTTPRoute

from stationmaster.api.http.openapi import camel
from stationmaster.api.http.wire_names import parameters_of


async def test_every_described_parameter_is_known_by_its_name_on_the_wire_and_no_other(world):
    tree = json.loads(world.app.state.openapi())
    described = {
        operation["operationId"]: {f"{parameter['in']}.{parameter['name']}" for parameter in operation["parameters"]}
        for item in tree["paths"].values()
        for operation in item.values()
        if "parameters" in operation
    }
    known = {
        camel(handler.handler_name): {parameter.path for parameter in parameters}
        for route in world.app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if (parameters := parameters_of(handler).values())
    }
    assert known == described


async def test_a_parameter_of_a_dependency_is_known_by_its_name_in_the_code(world):
    (listed,) = (
        handler
        for route in world.app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.handler_name == "list_transactions"
    )
    parameters = parameters_of(listed)
    assert (parameters["from_at"].path, parameters["is_open"].path) == ("query.from", "query.open")
    assert "within" not in parameters
