"""Who is on a local list, and what is sent of it."""

from datetime import UTC, datetime, timedelta

import pytest

from stationmaster.dialects.list_forms import FORMS
from stationmaster.domain.authorization.token_groups import TokenGroup
from stationmaster.domain.authorization.token_rules import EvseKinds, Quota, TokenPlace, TokenRules, Window
from stationmaster.domain.authorization.tokens import Token
from stationmaster.domain.identity import IdToken
from stationmaster.domain.local_list.entries import NEWEST_VERSION, ListEntry, LocalListState, next_version
from stationmaster.domain.local_list.list_making import (
    Compiled,
    ListTarget,
    compile_list,
    content_digest,
    difference,
    plan,
)
from stationmaster.domain.messages import IdTokenInfo

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def token(value="04A1", kind="ISO14443", key=1, **fields):
    return Token(key=key, tenant="t", id_token=IdToken(value, kind), **fields)


def target(version="2.0.1", **fields):
    return ListTarget(station_key=7, form=FORMS[version], **fields)


def compiled(*tokens, to=None, groups=(), now=NOW):
    return compile_list(tokens, {group.key: group for group in groups}, to or target(), now)


def statuses(made):
    return {entry.id_token.value: entry.info.status for entry in made.entries}


def test_an_entry_says_what_the_CSMS_would_say():
    later = NOW + timedelta(days=1)
    (entry,) = compiled(token(group="FLEET", expires_at=later, language="de", charging_priority=3)).entries
    assert entry.id_token == IdToken("04A1", "ISO14443")
    assert entry.info == IdTokenInfo(
        status="Accepted", cache_expiry=later, group=IdToken("FLEET", "Central"), language="de", charging_priority=3
    )


def test_1_6_has_neither_types_nor_languages():
    (entry,) = compiled(token(group="FLEET", language="de"), to=target("1.6")).entries
    assert entry == ListEntry(IdToken("04A1"), IdTokenInfo(status="Accepted", group=IdToken("FLEET")))


def test_a_token_without_a_type_is_a_card_to_a_station_that_compares_types():
    (entry,) = compiled(token(kind=None)).entries
    assert entry.id_token.type == "ISO14443"


def test_those_who_may_not_charge_are_listed_as_such():
    made = compiled(
        token("A", key=1, status="Blocked"),
        token("B", key=2, expires_at=NOW),
        token("C", key=3, group="fleet"),
        groups=[TokenGroup(tenant="t", name="FLEET", status="Invalid")],
    )
    assert statuses(made) == {"A": "Blocked", "B": "Expired", "C": "Invalid"}


@pytest.mark.parametrize(
    ("left_out", "why", "version"),
    [
        (token(on_lists=False), "not_wanted", "2.1"),
        (token(kind="KeyCode"), "never_listed", "2.1"),
        (token(kind="Central"), "never_listed", "2.1"),
        (token("x" * 21), "too_long", "1.6"),
        (token("x" * 37), "too_long", "2.0.1"),
        (token(kind="MacAddress"), "unknown_type", "2.0"),
        (token(kind="VIN"), "unknown_type", "2.0.1"),
        (token(account=5), "prepaid", "2.1"),
        (token(rules=TokenRules(places=(TokenPlace(station_key=8),))), "elsewhere", "2.1"),
        (token(rules=TokenRules(places=(TokenPlace(station_key=7, evse_ids=(2,)),))), "some_evses", "1.6"),
        (token(rules=TokenRules(places=(TokenPlace(station_key=7, evse_ids=(2,)),))), "some_evses", "2.0"),
        (token(rules=TokenRules(kinds=EvseKinds(currents=("DC",)))), "some_evses", "2.1"),
        (token(rules=TokenRules(windows=(Window(days=(0,)),))), "rationed", "2.1"),
        (token(rules=TokenRules(quota=Quota(starts=1, period="day"))), "rationed", "2.1"),
    ],
)
def test_what_a_station_could_not_keep_to_offline_is_left_out_and_counted(left_out, why, version):
    made = compiled(left_out, to=target(version))
    assert (made.entries, made.left_out) == ((), {why: 1})


def test_a_token_for_some_EVSEs_says_so_where_the_version_can():
    (entry,) = compiled(token(rules=TokenRules(places=(TokenPlace(station_key=7, evse_ids=(2,)),)))).entries
    assert entry.info.evse_ids == (2,)


def test_tokens_used_only_so_often_at_a_time_are_listed_as_the_operator_wants():
    assert len(compiled(token(max_concurrent=1)).entries) == 1
    assert compiled(token(max_concurrent=1), to=target(limited=False)).left_out == {"limited": 1}
    assert len(compiled(token(max_concurrent=None), to=target(limited=False)).entries) == 1


def test_where_room_is_short_those_who_may_charge_come_first_and_of_them_the_newest():
    made = compiled(
        *[token(f"N{key}", key=key, status="Blocked" if key > 4 else "Accepted") for key in range(1, 7)],
        to=target(room=3),
    )
    assert set(statuses(made)) == {"N4", "N3", "N2"}
    assert made.left_out == {"no_room": 3}


def test_a_value_with_two_types_is_there_once_in_1_6_and_twice_in_2_x():
    both = [token(kind="ISO14443", key=1), token(kind="eMAID", key=2, status="Blocked")]
    assert len(compiled(*both).entries) == 2
    made = compiled(*both, to=target("1.6"))
    assert (statuses(made), made.left_out) == ({"04A1": "Accepted"}, {"same_token": 1})


def test_the_list_is_out_of_date_when_the_first_of_its_tokens_expires():
    soon, late = NOW + timedelta(hours=1), NOW + timedelta(days=1)
    made = compiled(token("A", key=1, expires_at=late), token("B", key=2, expires_at=soon), token("C", key=3))
    assert made.next_expiry == soon


def test_the_digest_is_that_of_the_content_however_it_came_to_be():
    some = [token(f"N{key}", key=key) for key in range(5)]
    assert compiled(*some).digest == compiled(*reversed(some)).digest
    assert compiled(*some).digest != compiled(*some[1:]).digest


def test_the_difference_takes_off_first_and_leaves_what_is_the_same():
    kept, gone, changed = (ListEntry(IdToken(v, "ISO14443"), IdTokenInfo(status="Accepted")) for v in "KGC")
    blocked = ListEntry(changed.id_token, IdTokenInfo(status="Blocked"))
    assert difference((kept, gone, changed), (kept, blocked)) == (ListEntry(gone.id_token), blocked)


def entries_of(count):
    return tuple(ListEntry(IdToken(f"N{n}", "ISO14443"), IdTokenInfo(status="Accepted")) for n in range(count))


def wanted(entries):
    return Compiled(entries=entries, digest=content_digest(entries))


def known(entries, version):
    return LocalListState(station_key=1, tenant="t", version=version, digest=content_digest(entries))


def test_nothing_is_sent_of_what_is_there_already():
    assert plan(known(entries_of(3), 4), 4, entries_of(3), wanted(entries_of(3))) is None
    assert plan(LocalListState(station_key=1, tenant="t"), 0, None, wanted(())) is None


def test_a_small_change_is_a_difference_and_a_large_one_the_whole_list():
    small = plan(known(entries_of(9), 4), 4, entries_of(9), wanted(entries_of(10)))
    assert (small.update, small.version, len(small.entries)) == ("Differential", 5, 1)
    assert small.base == content_digest(entries_of(9))
    large = plan(known(entries_of(1), 4), 4, entries_of(1), wanted(entries_of(10)))
    assert (large.update, large.version, len(large.entries)) == ("Full", 5, 10)


@pytest.mark.parametrize("told", [0, 3, 5])
def test_a_station_with_another_version_than_is_known_gets_the_whole_list(told):
    made = plan(known(entries_of(9), 4), told, entries_of(9), wanted(entries_of(10)))
    assert (made.update, made.version) == ("Full", max(told, 4) + 1)


def test_a_version_is_higher_than_any_that_the_station_may_have():
    attempted = LocalListState(station_key=1, tenant="t", version=4, attempted=9)
    assert [next_version(attempted, 4), next_version(attempted, 12), next_version(None, 0)] == [10, 13, 1]


def test_where_versions_are_used_up_the_whole_list_begins_with_1():
    made = plan(known(entries_of(9), NEWEST_VERSION), NEWEST_VERSION, entries_of(9), wanted(entries_of(10)))
    assert (made.update, made.version) == ("Full", 1)
