"""Both engines of a station's memory keep the same promises."""

import sqlite3

import pytest

from stationmaster.storage.station_memory import FileMemory, RamMemory


@pytest.fixture(params=["ram", "file"])
def memory(request, tmp_path):
    if request.param == "ram":
        yield RamMemory()
        return
    engine = FileMemory(tmp_path / "station.db")
    yield engine
    engine.close()


def test_values_are_put_replaced_and_deleted(memory):
    assert memory.get("a") is None
    memory.put("a", b"1")
    memory.put("a", b"2")
    assert memory.get("a") == b"2"
    memory.delete("a")
    memory.delete("a")
    assert memory.get("a") is None


def test_queue_keeps_its_order_and_never_repeats_a_place(memory):
    places = [memory.enqueue(body) for body in (b"a", b"b", b"c")]
    assert memory.queued(2) == list(zip(places, (b"a", b"b"), strict=False))
    memory.dequeue(places)
    assert memory.queue_length() == 0
    assert memory.enqueue(b"d") > places[-1]


def test_values_go_in_with_what_is_queued_and_taken_off(memory):
    place = memory.enqueue(b"a", {"x": b"1"})
    assert memory.get("x") == b"1"
    memory.dequeue([place], {"x": b"2", "y": b"3"})
    assert (memory.get("x"), memory.get("y")) == (b"2", b"3")


def test_file_survives_its_program(tmp_path):
    first = FileMemory(tmp_path / "station.db")
    first.put("a", b"1")
    place = first.enqueue(b"body")
    second = FileMemory(tmp_path / "station.db")  # as if the first had been killed: it was not closed in order
    assert second.get("a") == b"1"
    assert second.queued() == [(place, b"body")]
    second.close()
    first.close()


def test_file_is_synchronised_at_every_change(tmp_path):
    memory = FileMemory(tmp_path / "station.db")
    assert memory._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert memory._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    memory.close()


def test_failed_change_leaves_nothing_behind(tmp_path):
    memory = FileMemory(tmp_path / "station.db")
    with pytest.raises(sqlite3.Error):
        memory.enqueue(b"a", {"bad": None})
    assert memory.queue_length() == 0
    memory.close()
