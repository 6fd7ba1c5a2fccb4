"""C25 The address in a QR code: how it is made from a template, and read again."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.payment.web_payment import MAX_URL, ScannedUrl, Unreadable, filled, read, template_problem
from stationmaster.domain.transactions.limits import TransactionLimit

TEMPLATE = "https://pay.example/{chargingstationid}/{evse}/{totp}/{version}"
VALUES = {"chargingstationid": "CS-1", "evse": "2", "totp": "aHicux89", "version": "v1"}
SCANNED = ScannedUrl(station="CS-1", evse_id=2, code="aHicux89", version="v1")


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        (TEMPLATE, None),
        ("https://pay.example/{ChargingStationId}/{TOTP}?v={Version}", None),
        ("https://pay.example/{roamingevseid}/{totp}/{version}", None),
        ("ftp://pay.example/{chargingstationid}/{totp}/{version}", "no address"),
        ("https://u:p@pay.example/{chargingstationid}/{totp}/{version}", "credentials"),
        ("https://{chargingstationid}.example/{totp}/{version}", "path and the query only"),
        ("https://pay.example/{chargingstationid}/{totp}/{version}#x", "#"),
        ("https://pay.example/{chargingstationid}/{version}", "totp"),
        ("https://pay.example/{chargingstationid}/{totp}", "version"),
        ("https://pay.example/{totp}/{version}", "chargingstationid"),
        ("https://pay.example/{chargingstationid}/{totp}/{version}/{shoe}", "shoe"),
        ("https://pay.example/{chargingstationid}{totp}/{version}", "right behind"),
        ("https://pay.example/{chargingstationid}/{totp}/{totp}/{version}", "once"),
        ("https://pay.example/" + "x" * MAX_URL, "no address"),
    ],
)
def test_C25_FR_50_a_template_has_a_place_for_what_is_needed(template: str, problem: str | None) -> None:
    found = template_problem(template)
    assert found is None if problem is None else problem in str(found)


def test_C25_FR_51_52_the_places_are_filled() -> None:
    assert filled(TEMPLATE, VALUES) == "https://pay.example/CS-1/2/aHicux89/v1"


def test_C25_FR_56_57_58_the_driver_s_wishes_stand_behind_it() -> None:
    wishes = TransactionLimit(max_energy_wh=Decimal(20000), max_time_s=600, max_cost=Decimal("9.50"))
    url = filled(TEMPLATE, VALUES, wishes)
    assert url.endswith("/v1?maxenergy=20000&maxtime=600&maxcost=9.50")
    in_query = filled("https://p.example/{totp}?s={chargingstationid}", VALUES, wishes)
    assert in_query.endswith("?s=CS-1&maxenergy=20000&maxtime=600&maxcost=9.50")
    assert read(TEMPLATE, url).limit == wishes


@pytest.mark.parametrize(
    ("template", "url", "expected"),
    [
        (TEMPLATE, "https://pay.example/CS-1/2/aHicux89/v1", {}),
        (TEMPLATE, "HTTPS://PAY.example/CS-1/2/aHicux89/v1/", {}),
        (TEMPLATE, "https://pay.example/CS-1/0/aHicux89/v1", {"evse_id": None}),
        (TEMPLATE, "https://pay.example/CS%2F1/2/aHicux89/v1", {"station": "CS/1"}),
        (TEMPLATE, "https://pay.example/CS-1/2/aHicux89/v1?utm=x", {}),
        ("https://pay.example/{totp}?v={version}&cs={chargingstationid}",
         "https://pay.example/aHicux89?cs=CS%201&v=v1", {"station": "CS 1", "evse_id": None}),
        ("https://pay.example/p?x={chargingstationid}-{evse}-{totp}-{version}",
         "https://pay.example/p?x=CS-1-2-aHicux89-v1", {}),
        (TEMPLATE, "https://pay.example/CS-1/2/aHicux89/v1/?MaxEnergy=20000",
         {"limit": TransactionLimit(max_energy_wh=Decimal(20000))}),
    ],
)  # fmt: skip
def test_C25_FR_09_59_60_an_address_is_read(template: str, url: str, expected: dict[str, Any]) -> None:
    values = {"station": "CS-1", "evse_id": 2, "code": "aHicux89", "version": "v1", "limit": TransactionLimit()}
    assert read(template, url) == ScannedUrl(**(values | expected))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://elsewhere.example/CS-1/2/aHicux89/v1",
        "http://pay.example/CS-1/2/aHicux89/v1",
        "https://pay.example:444/CS-1/2/aHicux89/v1",
        "https://pay.example@evil.example/CS-1/2/aHicux89/v1",
        "https://pay.example/CS-1/2/aHicux89",
        "https://pay.example/CS-1/2/aHicux89/v1/more",
        "https://pay.example/CS-1/x/aHicux89/v1",
        "https://pay.example/CS-1/2/short/v1",
        "https://pay.example/CS-1/2/aHicu-89/v1",
        "https://pay.example//2/aHicux89/v1",
        "https://pay.example/CS-1/2/aHicux89/v1?maxtime=1&maxtime=2",
        "https://pay.example/CS-1/2/aHicux89/v1?maxtime=0",
        "https://pay.example/CS-1/2/aHicux89/v1?maxtime=1.5",
        "https://pay.example/CS-1/2/aHicux89/v1?maxcost=-1",
        "https://pay.example/CS-1/2/aHicux89/v1?maxcost=NaN",
        "https://pay.example/CS-1/2/aHicux89/v1?maxcost=1e99",
        "https://pay.example/CS-1/2/aHicux89/v1?maxenergy=",
        "https://pay.example/CS-1/2/aHicux89/v1?maxenergy=1e-999999999",
        "https://pay.example/CS-1/2/aHicux89/v1?maxenergy=1e3",
        "https://pay.example/CS-1/2/aHicux89/v1?maxenergy=0.0000",
        "https://pay.example/CS-1/2/aHicux89/v1?maxcost=1.00001",
        "https://pay.example/CS-1/2/aHicux89/v1?maxcost=%D9%A1",
        "https://pay.example/CS-1/2/aHicux89/v1?maxtime=1_0",
        "https://pay.example/CS-1/2/aHicux89/v1?" + "&".join(f"a{n}=1" for n in range(30)),
        "https://pay.example/CS-1/2/aHicux89/v1?x=" + "y" * MAX_URL,
        "https://pay.example/CS-1/2/aHicux89/v1\n",
        "https://[pay.example/CS-1/2/aHicux89/v1",
    ],
)
def test_what_was_not_made_from_the_template_is_not_read(url: str) -> None:
    with pytest.raises(Unreadable):
        read(TEMPLATE, url)


names = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=30)
templates = st.sampled_from(
    [TEMPLATE, "https://pay.example/{totp}/{version}?cs={chargingstationid}&e={evse}", "http://p/{version}-{totp}-{evse}/{chargingstationid}/x/"]
)  # fmt: skip


@given(templates, names, st.integers(1, 10**9 - 1), st.from_regex(r"[0-9A-Za-z]{6,64}", fullmatch=True))
def test_whatever_is_filled_in_is_read_again(template: str, station: str, evse_id: int, code: str) -> None:
    values = {"chargingstationid": station, "evse": str(evse_id), "totp": code, "version": "v1"}
    found = read(template, filled(template, values))
    assert (found.station, found.evse_id, found.code, found.version) == (station, evse_id, code, "v1")


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading(text: str) -> None:
    for url in (text, "https://pay.example/" + text):
        with suppress(Unreadable):
            read(TEMPLATE, url)
