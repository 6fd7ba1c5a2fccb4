"""What the description says beside its operations."""

from typing import Any


async def test_every_group_of_operations_is_described(world: Any) -> None:
    tree = (await world.client().get("/api/v1/openapi.json")).json()
    used = {tag for item in tree["paths"].values() for operation in item.values() for tag in operation["tags"]}
    assert used == {tag["name"] for tag in tree["tags"]}
