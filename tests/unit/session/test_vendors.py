from importlib.metadata import EntryPoint
from typing import Any

from stationmaster.session import vendors
from stationmaster.session.vendors import GROUP, load


def entry(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


HANDLERS: dict[str, Any] = {"Ping": lambda transfer: None}
NO_TABLE = 7
NO_HANDLERS = {"Ping": 7}


def test_an_entry_point_s_name_is_the_vendor_and_its_object_the_handlers(monkeypatch: Any) -> None:
    monkeypatch.setattr(vendors, "EXAMPLE", HANDLERS, raising=False)
    assert load([entry("com.acme", "stationmaster.session.vendors:EXAMPLE")]) == {"com.acme": HANDLERS}


def test_what_cannot_be_loaded_is_left_out_and_the_rest_serves(monkeypatch: Any) -> None:
    for name, value in {"GOOD": HANDLERS, "NUMBER": NO_TABLE, "NUMBERS": NO_HANDLERS}.items():
        monkeypatch.setattr(vendors, name, value, raising=False)
    found = [
        entry("a", "no_such_module_anywhere:X"),
        entry("b", "stationmaster.session.vendors:NUMBER"),
        entry("c", "stationmaster.session.vendors:NUMBERS"),
        entry("d", "stationmaster.session.vendors:GOOD"),
    ]
    assert list(load(found)) == ["d"]
