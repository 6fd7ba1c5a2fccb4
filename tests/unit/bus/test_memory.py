"""What is particular to the bus in memory."""

import gc

from hypothesis import given
from hypothesis import strategies as st

from stationmaster.bus.errors import NobodyThere, ServiceFailed
from stationmaster.bus.memory import MemoryBus
from stationmaster.bus.subjects import SubjectTable, check_pattern, check_subject, matches

WORDS = st.sampled_from(["a", "b", "c"])
SUBJECTS = st.lists(WORDS, min_size=1, max_size=4).map(".".join)


async def test_a_forgotten_subscription_is_no_listener_any_more() -> None:
    bus = MemoryBus()
    for pattern in ("a", "a.*"):
        bus.subscribe(pattern)
    gc.collect()
    assert bus.listeners == 0
    await bus.publish("a", b"")


async def test_a_kept_subscription_listens_until_closed() -> None:
    bus = MemoryBus()
    kept = bus.subscribe("a.>")
    gc.collect()
    assert bus.listeners == 1
    await kept.aclose()
    await kept.aclose()
    assert bus.listeners == 0


def test_the_errors_keep_the_ports_promise() -> None:
    assert issubclass(NobodyThere, LookupError)
    assert issubclass(ServiceFailed, RuntimeError)


@given(SUBJECTS)
def test_a_subject_matches_itself_and_its_wildcards(subject: str) -> None:
    words = subject.split(".")
    assert matches(subject, subject)
    for index in range(len(words)):
        assert matches(".".join([*words[:index], "*", *words[index + 1 :]]), subject)
        assert matches(".".join([*words[:index], ">"]), subject)
    assert not matches(f"{subject}.>", subject)
    assert not matches(f"{subject}.*", subject)


@given(st.lists(st.sampled_from(["a", "a.b", "*", "a.*", ">", "a.>", "*.b"]), max_size=12), SUBJECTS)
def test_a_table_finds_what_a_walk_over_everything_finds(patterns: list[str], subject: str) -> None:
    table: SubjectTable[int] = SubjectTable()
    for index, pattern in enumerate(patterns):
        table.add(check_pattern(pattern), index)
    wanted = {index for index, pattern in enumerate(patterns) if matches(pattern, check_subject(subject))}
    assert set(table.find(subject)) == wanted
    for index, pattern in enumerate(patterns):
        table.remove(pattern, index)
        table.remove(pattern, index)
    assert len(table) == 0
