"""What the drivers of a simulated week hold to the readers: a table of kinds of cards, and how the CSMS comes to know
them."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any, Literal

import msgspec

from stationmaster.domain.authorization.prepaid import Account, AccountEntry
from stationmaster.domain.authorization.token_groups import TokenGroup
from stationmaster.domain.authorization.token_rules import EvseKinds, Quota, TokenPlace, TokenRules, Window
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.identity import DEFAULT_TENANT, NO_TOKEN, IdToken
from stationmaster.domain.records import Event
from stationmaster.testing import CsmsBench

MASTER_GROUP, LOST_GROUP, FLEET = "MASTER", "LOST", "FLEET"
BERLIN = "Europe/Berlin"
TOP_UP = Decimal("25")

How = Literal["card", "app", "free", "nothing but stops"]
Terms = Mapping[str, Any]


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """``terms``: what the CSMS knows of its cards, None: nothing. ``how``: what is done to charge. ``may_charge``:
    whether any of them ever gets energy."""

    type: str = "ISO14443"
    terms: Callable[["Issue"], Terms] | None = lambda issue: {}
    how: How = "card"
    may_charge: bool = True


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when cards are made: ``days`` the world goes on, ``somewhere`` the keys of a few stations."""

    bench: CsmsBench
    days: float
    somewhere: tuple[int, ...]
    accounts: list[Account]

    def runs_out(self) -> Terms:
        """In the middle of the time."""
        return {"expires_at": self.bench.clock.now() + timedelta(days=self.days / 2)}

    def prepaid(self) -> Terms:
        account = Account(
            key=self.bench.storage.keys.take(),
            tenant=DEFAULT_TENANT,
            name=f"account {len(self.accounts) + 1}",
            currency="EUR",
        )
        self.accounts.append(account)
        return {"account": account.key}

    def here_only(self) -> Terms:
        return {"rules": TokenRules(places=tuple(TokenPlace(station_key=key) for key in self.somewhere))}


def _ruled(**rules: Any) -> Callable[[Issue], Terms]:
    return lambda issue: {"rules": TokenRules(**rules)}


def _has(**terms: Any) -> Callable[[Issue], Terms]:
    return lambda issue: terms


_BY_DAY = (Window(days=tuple(range(7)), from_minute=6 * 60, to_minute=20 * 60),)

KINDS: Mapping[str, Kind] = {
    "valid": Kind(),
    "group": Kind(terms=_has(group=FLEET)),
    "another valid": Kind(terms=_has(language="de")),
    "app": Kind(how="app"),
    "app by the central system": Kind(type="Central", how="app"),
    "prepaid": Kind(terms=Issue.prepaid),
    "local hours": Kind(terms=_ruled(windows=_BY_DAY, time_zone=BERLIN)),
    "some places": Kind(terms=Issue.here_only),
    "AC only": Kind(terms=_ruled(kinds=EvseKinds(currents=("AC",)))),
    "once a day": Kind(terms=_ruled(quota=Quota(starts=1, period="day"))),
    "runs out": Kind(terms=Issue.runs_out),
    "PIN": Kind(type="KeyCode"),
    "MAC": Kind(type="MacAddress"),
    "eMAID": Kind(type="eMAID"),
    "lost later": Kind(),
    "blocked": Kind(terms=_has(status="Blocked"), may_charge=False),
    "of a lost group": Kind(terms=_has(group=LOST_GROUP), may_charge=False),
    "expired": Kind(terms=lambda issue: {"expires_at": issue.bench.clock.now()}, may_charge=False),
    "unknown": Kind(terms=None),
    "master pass": Kind(terms=_has(group=MASTER_GROUP), how="nothing but stops", may_charge=False),
    "none": Kind(terms=None, how="free"),
}
"""An unknown card may charge where a station lets those in while it is offline."""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """``colleague``: another card that may stop what this one began."""

    kind: str
    id_token: IdToken
    colleague: IdToken | None = None

    @property
    def how(self) -> How:
        return KINDS[self.kind].how


def _value(type: str, random: Random) -> str:
    """As that kind of token is spelled; no two are alike."""
    if type == "KeyCode":
        return str(random.randrange(10**7, 10**8))
    if type == "eMAID":
        return f"DESTMC{random.randrange(10**8):08}"
    return f"{random.getrandbits(48):012X}"


def draw(count: int, random: Random) -> list[Card]:
    """So many cards, of every kind as many as of any other."""
    names = list(KINDS)
    made = []
    for number in range(count):
        kind = names[number % len(names)]
        type = KINDS[kind].type
        token = NO_TOKEN if KINDS[kind].how == "free" else IdToken(_value(type, random), type)
        colleague = IdToken(_value(type, random), type) if kind == "group" else None
        made.append(Card(kind=kind, id_token=token, colleague=colleague))
    return made


async def issue(cards: list[Card], desk: Issue) -> None:
    """Make the cards known, and whatever stands behind them."""
    keys, now = desk.bench.storage.keys, desk.bench.clock.now()
    tokens = [
        Token(key=keys.take(), tenant=DEFAULT_TENANT, id_token=each, **made(desk))
        for card in cards
        if (made := KINDS[card.kind].terms) is not None
        for each in (card.id_token, card.colleague)
        if each is not None
    ]
    paid_in = [
        AccountEntry(
            key=keys.take(),
            account_key=account.key,
            at=now,
            kind="top_up",
            amount=TOP_UP,
            reference="cash",
            by="the shop",
        )
        for account in desk.accounts
    ]
    groups = [
        TokenGroup(tenant=DEFAULT_TENANT, name=MASTER_GROUP, is_master=True),
        TokenGroup(tenant=DEFAULT_TENANT, name=LOST_GROUP, status="Blocked"),
    ]
    await desk.bench.storage.journal.store([*groups, *desk.accounts, *paid_in, *tokens], [_news(desk.bench)])


async def report_lost(cards: list[Card], bench: CsmsBench, after_s: float) -> None:
    """After a while, some of the cards are blocked; stations hear of it by their lists."""
    await bench.clock.sleep(after_s)
    lost = [card.id_token for card in cards if card.kind == "lost later"]
    facts = [await bench.storage.reads.token_facts(DEFAULT_TENANT, id_token) for id_token in lost]
    tokens = [msgspec.structs.replace(each.token, status="Blocked") for each in facts if each.token is not None]
    await bench.storage.journal.store(tokens, [_news(bench)])


def _news(bench: CsmsBench) -> Event:
    return Event(kind="TokenChanged", tenant=DEFAULT_TENANT, at=bench.clock.now(), data={"what": "some"})
