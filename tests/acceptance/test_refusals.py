"""Every reason for which a token is refused, at stations of every version: their display, the API and the log say so.

What a station is told is a word of its version: every word is tried in every version. Why it is that one was decided
without a look at the version: of several reasons with one word, each is tried in both generations.

Left to others: what another system refuses (test_authorize_with_another_system.py), contract certificates, which no
simulated car has (conformance C07), and a second card at a deauthorized transaction, which a station sends away by
itself (C01.FR.23).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import count
from typing import Any

import msgspec
import pytest
from rest_desk import RestDesk, open_desk, running_station
from structlog.testing import capture_logs

from stationmaster.csms.settings import CsmsSettings, TenantPolicy
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import AuthorizationStatus
from stationmaster.ocpp.version import VERSIONS, Version
from stationmaster.simulator.catalogue import ev_model
from stationmaster.simulator.ev import EV
from stationmaster.station.display import REFUSALS
from stationmaster.testing.script import moment

CARD, COLLEAGUE, PIN = IdToken("04A1B2C3", "ISO14443"), IdToken("04D4E5F6", "ISO14443"), IdToken("4711", "KeyCode")
TYPED = tuple(version for version in VERSIONS if version.family == 2)
PATIENT = CsmsSettings(default_policy=TenantPolicy(registration="open", accept_no_authorization=False))

Prepare = Callable[[RestDesk, int], Awaitable[None]]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """``reason``: a part of the operator's words. ``source``: who decided. ``prepare`` is given the station's key."""

    status: AuthorizationStatus
    reason: str
    prepare: Prepare
    card: IdToken = CARD
    versions: tuple[Version, ...] = VERSIONS
    model: str = "Street post 2x22"
    source: str = "own"


def known(**terms: Any) -> Prepare:
    """The card is known, on these terms."""

    async def prepare(desk: RestDesk, station: int) -> None:
        await make_known(desk, CARD, **terms)

    return prepare


async def make_known(desk: RestDesk, card: IdToken, **terms: Any) -> None:
    await desk.send("POST", "/tokens", {"value": card.value, "type": card.type, **terms})


async def nobody(desk: RestDesk, station: int) -> None:
    """The card is not known."""


async def of_blocked_group(desk: RestDesk, station: int) -> None:
    await desk.send("PUT", "/token-groups/LOST", {"status": "Blocked"}, 200)
    await make_known(desk, CARD, group="LOST")


async def for_dc_only(desk: RestDesk, station: int) -> None:
    await desk.command(station, "GetBaseReport", report_base="FullInventory")
    await asyncio.sleep(5)
    await make_known(desk, CARD, rules={"kinds": {"currents": ["DC"]}})


async def for_nothing_here(desk: RestDesk, station: int) -> None:
    """Allowed at EVSE 1, which is DC, and on AC."""
    await desk.command(station, "GetBaseReport", report_base="FullInventory")
    await asyncio.sleep(5)
    places = [{"station": station, "evse_ids": [1]}]
    await make_known(desk, CARD, rules={"kinds": {"currents": ["AC"]}, "places": places})


async def without_money(desk: RestDesk, station: int) -> None:
    await make_known(desk, CARD, account=await account(desk))


async def with_money_held(desk: RestDesk, station: int) -> None:
    """All of it, for what a colleague charges."""
    key = await account(desk)
    await desk.send("POST", f"/accounts/{key}/top-ups", {"amount": "20", "reference": "P-1"})
    await make_known(desk, CARD, account=key)
    await make_known(desk, COLLEAGUE, account=key)
    await charge_elsewhere(desk, COLLEAGUE)


async def account(desk: RestDesk) -> int:
    key: int = (await desk.send("POST", "/accounts", {"name": "Ms A", "currency": "EUR"}))["key"]
    return key


async def in_use(desk: RestDesk, station: int) -> None:
    await make_known(desk, CARD)
    await charge_elsewhere(desk, CARD)


async def of_busy_group(desk: RestDesk, station: int) -> None:
    await desk.send("PUT", "/token-groups/FLEET", {"max_concurrent": 1}, 200)
    await make_known(desk, CARD, group="FLEET")
    await make_known(desk, COLLEAGUE, group="FLEET")
    await charge_elsewhere(desk, COLLEAGUE)


async def used_up(desk: RestDesk, station: int) -> None:
    await make_known(desk, CARD, max_concurrent=2, rules={"quota": {"starts": 1, "period": "day"}})
    await charge_elsewhere(desk, CARD)


async def master_pass(desk: RestDesk, station: int) -> None:
    """At a station that does not know it for one."""
    await desk.send("PUT", "/token-groups/MASTER", {"is_master": True}, 200)
    await make_known(desk, CARD, group="MASTER")


async def guessed(desk: RestDesk, station: int) -> None:
    """The PIN is right, but it is the sixth."""
    await make_known(desk, PIN)
    client = await desk.bench.dial("CS-1", Version.V201)
    await client.call("BootNotification", {"reason": "PowerUp", "chargingStation": {"vendorName": "M", "model": "X"}})
    for number in range(5):
        await client.call("Authorize", {"idToken": {"idToken": f"000{number}", "type": "KeyCode"}})
    client.connection.cut()
    await asyncio.sleep(25)  # the station itself is back by then, and nobody has forgotten


async def charge_elsewhere(desk: RestDesk, card: IdToken) -> None:
    client = await desk.bench.boot("ELSEWHERE", Version.V16)
    start = {"connectorId": 1, "idTag": card.value, "meterStart": 0, "timestamp": moment(desk.bench.clock.now())}
    answer = await client.call("StartTransaction", start)
    assert answer["idTagInfo"]["status"] == "Accepted"


_MONDAYS = {"windows": [{"days": ["Monday"], "from": "00:00", "to": "24:00"}]}
CASES = {
    "unknown": Case(status="Unknown", reason="not known", prepare=nobody),
    "blocked": Case(status="Blocked", reason="the token is blocked", prepare=known(status="Blocked")),
    "marked invalid": Case(status="Invalid", reason="marked invalid", prepare=known(status="Invalid")),
    "marked as without credit": Case(status="NoCredit", reason="has no credit", prepare=known(status="NoCredit")),
    "of a blocked group": Case(status="Blocked", reason="its group is blocked", prepare=of_blocked_group),
    "expired": Case(status="Expired", reason="expired", prepare=known(expires_at="2020-01-01T00:00:00Z")),
    "master pass": Case(status="Invalid", reason="a master pass stops", prepare=master_pass),
    "elsewhere": Case(
        status="NotAtThisLocation", reason="this place", prepare=known(rules={"places": [{"station": 999_999}]})
    ),
    "wrong kind": Case(status="NotAllowedTypeEVSE", reason="this kind of EVSE", prepare=for_dc_only, versions=TYPED),
    "nothing here": Case(
        status="NotAllowedTypeEVSE",
        reason="any EVSE here",
        prepare=for_nothing_here,
        versions=TYPED,
        model="Triple 50",
    ),
    "wrong time": Case(status="NotAtThisTime", reason="at this time", prepare=known(rules=_MONDAYS)),
    "no money": Case(status="NoCredit", reason="nothing is left", prepare=without_money),
    "money is held": Case(status="NoCredit", reason="nothing is left", prepare=with_money_held),
    "in use": Case(status="ConcurrentTx", reason="in use elsewhere", prepare=in_use),
    "group in use": Case(status="ConcurrentTx", reason="its group is in use", prepare=of_busy_group),
    "used up": Case(status="NotAtThisTime", reason="as often as it may", prepare=used_up),
    "too many guesses": Case(
        status="NotAtThisTime", reason="too many wrong PINs", prepare=guessed, card=PIN, versions=TYPED, source="policy"
    ),
}
_OF_FIRST = {"Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"}


def word_of(case: Case, version: Version) -> AuthorizationStatus:
    """What a station is told."""
    return case.status if version.family == 2 or case.status in _OF_FIRST else "Invalid"


def pairs() -> Iterator[tuple[str, Version]]:
    """All versions see a word's first reason; the others go round, one version of each generation at a time."""
    seen: set[tuple[AuthorizationStatus, Version]] = set()
    turn = {1: count(), 2: count()}
    for name, case in CASES.items():
        for family in (1, 2):
            versions = [version for version in case.versions if version.family == family]
            if all((word_of(case, version), version) in seen for version in versions):
                versions = versions and [versions[next(turn[family]) % len(versions)]]
            seen |= {(word_of(case, version), version) for version in versions}
            yield from ((name, version) for version in versions)


PAIRS = list(pairs())


@pytest.fixture
async def desk() -> AsyncIterator[RestDesk]:
    async with open_desk(PATIENT) as made:
        yield made


async def shown(hardware: Any, text: str) -> None:
    async with asyncio.timeout(60):
        while hardware.display(1) != text:
            await asyncio.sleep(0.25)


async def is_told(desk: RestDesk, station: int, lines: list[Any], case: Case) -> None:
    """The last refusal in the API, and a line in the log; neither has the PIN."""
    found = (await desk.get("/refusals", station=station))["items"]
    told = found[0]
    assert (told["status"], case.reason in told["reason"], told["source"]) == (case.status, True, case.source), told
    logged = [line for line in lines if line["event"] == "authorization.refused" and line["station"] == station]
    assert (logged[-1]["status"], logged[-1]["reason"]) == (case.status, told["reason"])
    assert len(logged) == len(found)
    assert PIN.value not in str(found) + str(logged)


@pytest.mark.parametrize(("name", "version"), PAIRS, ids=[f"{name}-{version}" for name, version in PAIRS])
async def test_a_refusal_is_on_the_display_in_the_api_and_in_the_log(
    desk: RestDesk, name: str, version: Version
) -> None:
    case = CASES[name]
    with capture_logs() as lines:
        async with running_station(desk, version, model=case.model) as (station, key):
            await case.prepare(desk, key)
            hardware: Any = station.hardware
            hardware.plug(1, EV(ev_model("Compact 58"), 0.5))
            hardware.present(case.card, 1)
            await shown(hardware, REFUSALS[word_of(case, version)])
            await is_told(desk, key, lines, case)
            await asyncio.sleep(60)
            assert not hardware.energized(1)


@pytest.mark.parametrize("version", TYPED, ids=str)
async def test_where_charging_needs_a_token_a_station_that_is_free_for_all_is_refused(
    desk: RestDesk, version: Version
) -> None:
    case = Case(status="Invalid", reason="needs a token", prepare=nobody, source="policy")
    with capture_logs() as lines:
        async with running_station(desk, version, auth_enabled=False) as (station, key):
            hardware: Any = station.hardware
            hardware.plug(1, EV(ev_model("Compact 58"), 0.5))
            await shown(hardware, REFUSALS["Invalid"])
            await is_told(desk, key, lines, case)
            await asyncio.sleep(60)
            assert not hardware.energized(1)
