"""Frames that share a row are read back one by one, as they were on the wire."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationmaster.domain.frame_stretch import SEPARATOR, Stretch
from stationmaster.domain.queries import FrameFilter, InvalidCursor, LoggedFrame, PageRequest
from stationmaster.domain.records import FrameRecord
from stationmaster.storage.batch import BatchWriter
from stationmaster.storage.engine import connect
from stationmaster.storage.journal import Journal
from stationmaster.storage.message_log import MessageLog
from stationmaster.storage.migrate import ensure_schema
from stationmaster.storage.reads.frames import frame_exchange, frame_page, frame_tail

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Heard(NamedTuple):
    """What went over the wire, and the rows that it is kept in."""

    frames: list[FrameRecord]
    stretches: list[Stretch]


def _heard(drawn: Sequence[dict[str, Any]]) -> Heard:
    """Rows as a log keeps them: in each portion, all of a station's frames share one."""
    at, heard = NOW, Heard([], [])
    told: dict[tuple[int, int], list[FrameRecord]] = {}
    portion = 0
    for number, fields in enumerate(drawn):
        at += timedelta(seconds=fields["after_s"])
        portion += fields["ends_portion"]
        starts = STARTS[fields["kind"]]
        frame = FrameRecord(
            station_key=fields["station_key"],
            at=at,
            direction=fields["direction"],
            kind=fields["kind"],
            message_id=fields["message_id"],
            action=fields["action"],
            frame=f"{starts[fields['form'] % len(starts)]}{number} {fields['text']}",
        )
        heard.frames.append(frame)
        told.setdefault((portion, frame.station_key), []).append(frame)
    heard.stretches.extend(stretch_of(frames) for frames in told.values())
    return heard


STARTS = {"call": ["[2,", "<e:Body><aRequest/>"], "result": ["[3,", "<Body>\n<o:aResponse>"], "send": ["[6,"]} | {
    "error": ["[4,", "<e:Body><e:Fault>", "<Body x=''><Fault/>", "<Body><Fault\n>"],
    "other": ["no ", "[<"],
}

HEARD = st.lists(
    st.builds(
        lambda **fields: fields,
        station_key=st.integers(1, 2),
        after_s=st.sampled_from([0, 0, 1, 11]),
        ends_portion=st.sampled_from([0, 0, 0, 1]),
        direction=st.sampled_from(["in", "out"]),
        kind=st.sampled_from(["call", "call", "result", "error", "send", "other"]),
        form=st.integers(0, 3),
        message_id=st.sampled_from(["1", "2", None]),
        action=st.sampled_from(["A", "A", "B", None]),
        text=st.sampled_from(["x", "y%"]),
    ),
    max_size=24,
).map(_heard)


def stretch_of(frames: Sequence[FrameRecord]) -> Stretch:
    heads = [(frame.at, frame.direction, frame.message_id, frame.action) for frame in frames]
    return Stretch(frames[0].station_key, heads, SEPARATOR.join(frame.frame for frame in frames))


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    made = connect(":memory:")
    ensure_schema(made, "here")
    made.execute(
        "INSERT INTO stations (key, tenant, identity, generation, registration, info, body)"
        " VALUES (1, 'default', 'A', 0, 'accepted', '{}', '{}'), (2, 'default', 'B', 0, 'accepted', '{}', '{}')"
    )
    yield made
    made.close()


def read_all(connection: sqlite3.Connection, query: FrameFilter, limit: int) -> list[LoggedFrame]:
    found: list[LoggedFrame] = []
    cursor = None
    while True:
        page = frame_page(connection, query, PageRequest(limit=limit, cursor=cursor))
        assert len(page.items) <= limit
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


async def store(connection: sqlite3.Connection, stretches: Sequence[Stretch]) -> None:
    connection.execute("DELETE FROM frame_stretches")
    await add(connection, stretches)


async def add(connection: sqlite3.Connection, stretches: Sequence[Stretch]) -> None:
    journal = Journal(BatchWriter(connection), threaded=False)
    await MessageLog(journal).write(stretches)
    await journal.close()


@given(heard=HEARD, limit=st.integers(1, 5))
async def test_a_stations_frames_come_back_in_the_order_of_the_wire(
    connection: sqlite3.Connection, heard: Heard, limit: int
) -> None:
    await store(connection, heard.stretches)
    for station_key in (1, 2):
        found = read_all(connection, FrameFilter(tenant="default", station_key=station_key), limit)
        wanted = [frame for frame in reversed(heard.frames) if frame.station_key == station_key]
        assert [logged.frame for logged in found] == wanted


@given(heard=HEARD, limit=st.integers(1, 5))
async def test_all_frames_come_back_once_with_keys_of_their_own(
    connection: sqlite3.Connection, heard: Heard, limit: int
) -> None:
    await store(connection, heard.stretches)
    found = read_all(connection, FrameFilter(tenant="default"), limit)
    assert sorted(logged.frame.frame for logged in found) == sorted(frame.frame for frame in heard.frames)
    keys = [logged.key for logged in found]
    assert keys == sorted(set(keys), reverse=True)
    assert read_all(connection, FrameFilter(tenant="another"), limit) == []


@given(
    heard=HEARD,
    station_key=st.sampled_from([None, 1]),
    action=st.sampled_from([None, "A"]),
    direction=st.sampled_from([None, "in", "out"]),
    message_id=st.sampled_from([None, "1"]),
    failed=st.sampled_from([None, True, False]),
    text=st.sampled_from([None, "Y%", "x"]),
    from_s=st.none() | st.integers(0, 30),
    to_s=st.none() | st.integers(0, 30),
)
async def test_every_filter_looks_at_single_frames(
    connection: sqlite3.Connection,
    heard: Heard,
    station_key: int | None,
    action: str | None,
    direction: str | None,
    message_id: str | None,
    failed: bool | None,
    text: str | None,
    from_s: int | None,
    to_s: int | None,
) -> None:
    await store(connection, heard.stretches)
    from_at = None if from_s is None else NOW + timedelta(seconds=from_s)
    to_at = None if to_s is None else NOW + timedelta(seconds=to_s)
    query = FrameFilter(
        tenant="default",
        station_key=station_key,
        action=action,
        direction=direction,
        message_id=message_id,
        failed=failed,
        text=text,
        from_at=from_at,
        to_at=to_at,
    )
    wanted = {
        frame.frame
        for frame in heard.frames
        if station_key in (None, frame.station_key)
        and action in (None, frame.action)
        and direction in (None, frame.direction)
        and message_id in (None, frame.message_id)
        and failed in (None, frame.kind in ("error", "other"))
        and (text is None or text.lower() in frame.frame)
        and (from_at is None or frame.at >= from_at)
        and (to_at is None or frame.at < to_at)
    }
    assert {logged.frame.frame for logged in read_all(connection, query, 3)} == wanted


def an_exchange(number: int = 0, *, answered_after: timedelta = timedelta(0)) -> Stretch:
    at = NOW + number * SECOND
    heads = [(at, "in", str(number), "Heartbeat"), (at + answered_after, "out", str(number), "Heartbeat")]
    return Stretch(1, heads, f'[2,"{number}","Heartbeat",{{}}]{SEPARATOR}[3,"{number}",{{}}]')


async def test_an_answer_is_found_by_its_own_time_however_late_it_came(connection: sqlite3.Connection) -> None:
    await store(connection, [an_exchange(answered_after=9 * SECOND)])

    def kinds(**times: datetime) -> list[str]:
        return [logged.frame.kind for logged in read_all(connection, FrameFilter(tenant="default", **times), 5)]

    assert kinds() == ["result", "call"]
    assert kinds(from_at=NOW + SECOND) == kinds(from_at=NOW + 9 * SECOND) == ["result"]
    assert kinds(to_at=NOW + SECOND) == kinds(to_at=NOW + 9 * SECOND) == ["call"]
    assert kinds(from_at=NOW + 10 * SECOND) == []


async def test_a_callerror_tells_its_code(connection: sqlite3.Connection) -> None:
    heads = [(NOW, "out", "1", "Reset")] * 3
    text = SEPARATOR.join(['[4,"1","NotSupported","",{}]', '[5,"1","FormatViolation","",{}]', '[4,"1","Cut'])
    await store(connection, [Stretch(1, heads, text)])
    found = read_all(connection, FrameFilter(tenant="default"), 5)
    assert [(each.frame.kind, each.frame.error) for each in found] == [
        ("error", None),
        ("result_error", "FormatViolation"),
        ("error", "NotSupported"),
    ]


FAULT = (
    "<env:Envelope><env:Body ><env:Fault><env:Code><env:Value>env:Sender</env:Value><env:Subcode>"
    '<env:Value xmlns:o="u">'
    "\n o:ProtocolError</env:Value></env:Subcode></env:Code></env:Fault></env:Body></env:Envelope>"
)
FAULT_11 = "<Envelope><Body><s:Fault><faultcode>s:Client.x</faultcode></s:Fault></Body></Envelope>"
BARE = "<Envelope><Body><Fault><Code><Value>env:Receiver</Value></Code></Fault></Body></Envelope>"


@pytest.mark.parametrize(
    ("text", "error"),
    [(FAULT, "ProtocolError"), (FAULT_11, "Client.x"), (BARE, "Receiver"), ("<Body><Fault", None)],
)
async def test_a_soap_fault_tells_its_code(connection: sqlite3.Connection, text: str, error: str | None) -> None:
    await store(connection, [Stretch(1, [(NOW, "out", "1", "Reset")] * 2, f"<Body><resetRequest/>{SEPARATOR}{text}")])
    (found,) = read_all(connection, FrameFilter(tenant="default", failed=True), 5)
    assert (found.frame.kind, found.frame.error) == ("error", error)


async def test_a_call_and_its_answer_in_xml_are_an_exchange(connection: sqlite3.Connection) -> None:
    heads = [(NOW, "in", "urn:uuid:1", "Heartbeat"), (NOW, "out", "urn:uuid:1", "Heartbeat")]
    await store(connection, [Stretch(1, heads, f"<Body><heartbeatRequest/>{SEPARATOR}<Body><heartbeatResponse/>")])
    for logged in read_all(connection, FrameFilter(tenant="default"), 5):
        found = frame_exchange(connection, "default", logged.key)
        assert found is not None
        assert found.other is not None
        assert {found.one.frame.kind, found.other.frame.kind} == {"call", "result"}


async def test_a_cursor_of_another_query_is_refused(connection: sqlite3.Connection) -> None:
    await store(connection, [an_exchange()])
    cursor = frame_page(connection, FrameFilter(tenant="default"), PageRequest(limit=1)).next_cursor
    with pytest.raises(InvalidCursor):
        frame_page(connection, FrameFilter(tenant="default", station_key=1), PageRequest(cursor=cursor))


@pytest.mark.parametrize("query", [FrameFilter(tenant="default"), FrameFilter(tenant="default", station_key=1)])
async def test_a_page_costs_the_same_however_much_is_stored(connection: sqlite3.Connection, query: FrameFilter) -> None:
    async def steps(count: int) -> int:
        await store(connection, [an_exchange(number) for number in range(count)])
        taken = 0

        def step() -> None:
            nonlocal taken
            taken += 1

        newest = frame_page(connection, query, PageRequest(limit=5))
        connection.set_progress_handler(step, 10)
        frame_page(connection, query, PageRequest(limit=5, cursor=newest.next_cursor))
        connection.set_progress_handler(None, 0)
        return taken

    assert await steps(2000) < 2 * await steps(50)


@pytest.mark.parametrize("text", ["größe", "GRÖSSE", "öSSe", "GR"])
async def test_a_text_is_found_in_whatever_case_though_it_is_not_ascii(
    connection: sqlite3.Connection, text: str
) -> None:
    await store(connection, [Stretch(1, [(NOW, "in", "1", "A")], '[2,"1","A",{"x":"GRÖSSE"}]')])
    assert len(read_all(connection, FrameFilter(tenant="default", text=text), 5)) == 1


async def test_a_row_s_other_frames_make_no_difference_to_what_is_found(connection: sqlite3.Connection) -> None:
    for texts, found in ((["Straße"], 0), (["Straße", "STRASSE"], 1)):
        await store(connection, [Stretch(1, [(NOW, "in", "1", "A")] * len(texts), SEPARATOR.join(texts))])
        assert len(read_all(connection, FrameFilter(tenant="default", text="strasse"), 5)) == found


@pytest.mark.parametrize("text", ["", "x", "[", f"[{SEPARATOR}[2", f"[2,{SEPARATOR}", f"[3,{SEPARATOR}x", "[4]", "[9]"])
async def test_what_is_cut_to_almost_nothing_counts_as_failed(connection: sqlite3.Connection, text: str) -> None:
    heads = [(NOW, "in", None, None)] * len(text.split(SEPARATOR))
    await store(connection, [Stretch(1, heads, text)])
    assert len(read_all(connection, FrameFilter(tenant="default", failed=True), 5)) == 1


@given(heard=HEARD, limit=st.integers(1, 5))
async def test_oldest_first_is_newest_first_backwards(connection: sqlite3.Connection, heard: Heard, limit: int) -> None:
    await store(connection, heard.stretches)
    for station_key in (None, 1):
        query = FrameFilter(tenant="default", station_key=station_key)
        forwards = FrameFilter(tenant="default", station_key=station_key, oldest_first=True)
        assert read_all(connection, forwards, limit) == read_all(connection, query, limit)[::-1]


@given(heard=HEARD, more=HEARD, limit=st.integers(1, 5), action=st.sampled_from([None, "B", "none of them"]))
async def test_a_tail_misses_and_repeats_nothing(
    connection: sqlite3.Connection, heard: Heard, more: Heard, limit: int, action: str | None
) -> None:
    query = FrameFilter(tenant="default", action=action)
    await store(connection, heard.stretches)
    begun = frame_tail(connection, query, None, limit)
    assert list(begun.items) == read_all(connection, query, 100)[:limit][::-1]
    assert frame_tail(connection, query, begun.position, limit).items == ()
    await add(connection, more.stretches)
    told: list[LoggedFrame] = []
    tail = begun
    while True:
        tail = frame_tail(connection, query, tail.position, limit)
        assert len(tail.items) <= limit
        told += tail.items
        if not tail.more:
            break
    assert [logged.key for logged in told] == sorted({logged.key for logged in told})
    wanted = [frame.frame for frame in more.frames if action in (None, frame.action)]
    assert sorted(logged.frame.frame for logged in told) == sorted(wanted)


async def test_a_tail_goes_on_where_the_log_was_emptied(connection: sqlite3.Connection) -> None:
    await store(connection, [an_exchange()])
    await add(connection, [an_exchange(1)])
    position = frame_tail(connection, FrameFilter(tenant="default"), None, 5).position
    await store(connection, [an_exchange(2)])
    tail = frame_tail(connection, FrameFilter(tenant="default"), position, 5)
    assert [logged.frame.kind for logged in tail.items] == ["call", "result"]
    assert frame_tail(connection, FrameFilter(tenant="default"), tail.position, 5).items == ()


async def test_a_call_and_its_answer_find_each_other(connection: sqlite3.Connection) -> None:
    await store(connection, [an_exchange(), an_exchange(1, answered_after=9 * SECOND)])
    await add(connection, [an_exchange(0)])  # the id is used again at once
    by_key = {logged.key: logged for logged in read_all(connection, FrameFilter(tenant="default"), 9)}
    call, answer, late_call, late_answer, again, answered_again = sorted(by_key)
    for one, other in ((call, answer), (late_call, late_answer), (answered_again, again)):
        found = frame_exchange(connection, "default", one)
        assert found is not None
        assert (found.one, found.other) == (by_key[one], by_key[other])
    back = frame_exchange(connection, "default", late_answer)
    assert back is not None
    assert back.other == by_key[late_call]


async def test_a_frame_without_its_other_half_is_found_alone(connection: sqlite3.Connection) -> None:
    heads = [(NOW, "in", "1", "Heartbeat"), (NOW, "in", None, None)]
    await store(connection, [Stretch(1, heads, f'[2,"1","Heartbeat",{{}}]{SEPARATOR}no json')])
    for logged in read_all(connection, FrameFilter(tenant="default"), 5):
        found = frame_exchange(connection, "default", logged.key)
        assert found is not None
        assert (found.one, found.other) == (logged, None)
        assert frame_exchange(connection, "another", logged.key) is None
    assert frame_exchange(connection, "default", 0) is None
    assert frame_exchange(connection, "default", 2**62) is None
    assert frame_exchange(connection, "default", 256 + 77) is None
