"""Transactions, looked through over the API."""

from decimal import Decimal

from stationmaster.domain.cost.billing_records import Charged

PATH = "/api/v1/transactions"


async def test_more_filters_are_handed_on(world, viewer):
    query = {
        "site": "harbour",
        "text": "quay",
        "transaction_id": "w1",
        "charging_state": "Charging",
        "energy": "true",
        "closed": "false",
    }
    assert (await viewer.get(PATH, params=query)).status_code == 200
    (asked,) = world.queries.asked
    assert (asked.site, asked.text, asked.wire_id, asked.charging_state) == ("harbour", "quay", "w1", "Charging")
    assert (asked.delivered, asked.closed) == (True, False)


async def test_they_are_counted_where_somebody_asks(world, viewer):
    world.add_transaction(10)
    world.add_transaction(11)
    assert (await viewer.get(PATH)).json()["total"] is None
    told = (await viewer.get(PATH, params={"count": "true", "limit": 1})).json()
    assert (told["total"], len(told["items"])) == (2, 1)


async def test_a_billed_one_tells_what_it_came_to_and_an_open_one_its_power(world, viewer):
    world.add_transaction(10, ended_at=world.clock.now())
    world.add_transaction(11)
    world.queries.all_charged[10] = Charged(bill_key=7, state="issued", currency="EUR", total=Decimal("1.10"))
    world.queries.powers = {10: Decimal(1), 11: Decimal("7360.5")}
    over, running = (await viewer.get(PATH)).json()["items"]
    assert (over["bill"], over["cost"], over["currency"], over["power_w"]) == (7, "1.10", "EUR", None)
    assert (running["bill"], running["cost"], running["currency"], running["power_w"]) == (None, None, None, 7360.5)
