"""From a tariff to an explained and corrected bill, step by step as docs/howto/explain-a-bill.md tells it."""

import csv
import io
import json
import re
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from rest_desk import ROOT, RestDesk, open_desk

from stationmaster.ocpp.version import Version
from stationmaster.testing import WireClient

HOWTO = Path(__file__).parents[2] / "docs" / "howto" / "explain-a-bill.md"
BERLIN = timedelta(hours=2)
"""On the evening of the session, in summer."""


def tariff_of_the_page() -> Any:
    """The tariff as the page writes it."""
    found = re.search(r"POST /tariffs\n(.*?)```", HOWTO.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return json.loads(found[1])


_MONEY = ("amount", "price", "net", "tax", "total", "difference")


def with_money(found: dict[str, Any]) -> dict[str, Any]:
    """Amounts are told as text, as JSON has no decimals."""
    for name in _MONEY:
        if found.get(name) is not None:
            assert isinstance(found[name], str), name
            found[name] = Decimal(found[name])
    return found


async def exact(desk: RestDesk, path: str) -> Any:
    answer = await desk.http.get(ROOT + path)
    assert answer.status_code == 200, answer.text
    return json.loads(answer.content, parse_float=Decimal, object_hook=with_money)


async def session(station: WireClient) -> None:
    """21:00 to 23:45 local time: 10 kWh until ten, 5 after it, full at eleven, left at a quarter to twelve."""
    ten = (datetime.fromisoformat("2027-07-01T22:00:00+00:00") - BERLIN).replace(tzinfo=None)
    steps = [
        ("Started", "Authorized", -60, 100_000, "Charging"),
        ("Updated", "MeterValueClock", 0, 110_000, "Charging"),
        ("Updated", "ChargingStateChanged", 60, 115_000, "SuspendedEV"),
        ("Ended", "EVDeparted", 105, 115_000, "Idle"),
    ]
    for number, (kind, trigger, minute, register, state) in enumerate(steps):
        at = f"{(ten + timedelta(minutes=minute)).isoformat()}Z"
        payload: dict[str, Any] = {
            "eventType": kind,
            "timestamp": at,
            "triggerReason": trigger,
            "seqNo": number,
            "transactionInfo": {"transactionId": "T-1", "chargingState": state},
            "meterValue": [{"timestamp": at, "sampledValue": [{"value": register}]}],
        }
        if kind == "Started":
            payload |= {"evse": {"id": 1, "connectorId": 1}, "idToken": {"idToken": "CARD", "type": "ISO14443"}}
        await station.call("TransactionEvent", payload)


async def test_the_page_from_the_first_step_to_the_last() -> None:
    async with open_desk() as desk:
        await desk.bench.add_token("CARD", "ISO14443")
        station = await desk.bench.boot("CP-1", Version.V201)
        key = desk.bench.station("CP-1").key

        await desk.send("PUT", "/sites/Harbour", {"zone": "Europe/Berlin"}, status=200)
        await desk.send("PUT", f"/stations/{key}/places/0", {"site": "Harbour"}, status=200)
        await desk.send("POST", "/tariffs", tariff_of_the_page())
        await desk.send("POST", "/tariff-assignments", {"tariff": "street"})
        choice = await desk.get("/tariff-choice", station=key, token="CARD")
        assert (choice["tariff"], choice["zone"]) == ("street", "Europe/Berlin")

        await session(station)
        (transaction,) = (await desk.get("/transactions"))["items"]
        path = f"/transactions/{transaction['key']}"
        bill = await exact(desk, f"{path}/bill")
        content = bill["content"]
        amounts = {(line["kind"], line["price"]): line["amount"] for line in content["lines"] if line["kind"] != "tax"}
        # 10 kWh at 0.45, 5 kWh at 0.25, and 30 of the 45 idle minutes, as the first fifteen are free
        assert amounts == {
            ("energy", Decimal("0.45")): Decimal("4.50"),
            ("energy", Decimal("0.25")): Decimal("1.25"),
            ("idle_time", Decimal("0.1")): Decimal("3.00"),
        }
        assert (content["net"], content["tax"], content["total"]) == (
            Decimal("8.75"),
            Decimal("1.66"),
            Decimal("10.41"),
        )

        told = await desk.get(f"/bills/{bill['key']}/explanation")
        text = "\n".join(told["sentences"])
        assert told["why"].startswith("for all, everywhere")
        assert "2027-07-01 21:00:00 to 22:00:00" in text
        assert "4.50 + 1.25 + 3.00 + 1.66 = 10.41 EUR" in text
        assert (await desk.send("POST", f"/bills/{bill['key']}/recompute", status=200))["same"] is True

        gone = {"from_at": "2027-07-01T21:00:00Z", "to_at": "2027-07-01T21:45:00Z"}
        await desk.send("POST", f"{path}/corrections", {"kind": "idle", "reason": "the barrier was down", **gone})
        corrected = await exact(desk, f"{path}/bill")
        assert (corrected["content"]["net"], corrected["difference"]) == (Decimal("5.75"), Decimal("-3.57"))
        assert len((await desk.get(f"{path}/bill-versions"))["items"]) == 2

        text = (await desk.http.get(f"{ROOT}/cdrs", params={"format": "csv"})).text
        (row,) = csv.DictReader(io.StringIO(text))
        assert (row["total"], row["difference"], row["corrects"]) == ("6.84", "-3.57", str(bill["key"]))
        assert row["started_local"] == "2027-07-01T21:00:00"
        assert (await desk.get("/cdrs", after=int(row["bill"])))["items"] == []
