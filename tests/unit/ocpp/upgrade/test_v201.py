"""Every strict type of 2.0.1 can be read as its namesake in 2.1, and still accepts what 2.0.1 does."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
import pytest
from msgspec import Struct
from msgspec.structs import fields

from stationmaster.ocpp.kinds import CustomData, Integer, WholeNumber, python_type
from stationmaster.ocpp.messages import messages
from stationmaster.ocpp.upgrade import readable_as
from stationmaster.ocpp.version import Version

Types = tuple[type[Struct], type[Struct], type[Struct]]
"""A strict type of 2.0.1, the same readable as 2.1, and the lenient twin in 2.1."""


def _messages() -> Iterator[Types]:
    for action, native in messages(Version.V201).items():
        head = messages(Version.V21)[action]
        yield native.request, readable_as(native.request, head.request), head.lenient_request
        if native.response and head.response and head.lenient_response:
            yield native.response, readable_as(native.response, head.response), head.lenient_response


def _all_types() -> set[Types]:
    """Those of the messages and of every part of them."""
    found: set[Types] = set()
    waiting = list(_messages())
    while waiting:
        types = waiting.pop()
        if types not in found:
            found.add(types)
            waiting += _parts(*types)
    return found


def _parts(*types: type[Struct]) -> Iterator[Types]:
    native, readable, twin = ({each.name: _innermost(each.type) for each in fields(kind)} for kind in types)
    for name, kind in native.items():
        if isinstance(kind, type) and issubclass(kind, Struct):
            yield kind, readable[name], twin[name]


def _innermost(annotation: Any) -> Any:
    """The type of a member, or of the items of a list."""
    while get_origin(annotation) is not Literal and get_args(annotation) and get_origin(annotation) is not dict:
        annotation = get_args(annotation)[0]
    return annotation


def _plain(annotation: Any) -> Any:
    """What the values of a member are once decoded."""
    inner = _innermost(annotation)
    if inner is CustomData or get_origin(inner) is dict:
        return dict
    if get_origin(inner) is Literal:
        return str
    return Struct if isinstance(inner, type) and issubclass(inner, Struct) else python_type(inner)


def _is_list(annotation: Any) -> bool:
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return get_origin(annotation) is tuple


def test_every_attribute_of_2_1_can_be_read_and_is_absent_where_2_0_1_has_none() -> None:
    types = _all_types()
    for native, readable, twin in types:
        ours = {each.name for each in fields(native)}
        added = {each.name: each.default for each in fields(twin) if each.name not in ours}
        assert {name: getattr(readable, name) for name in added} == added, native
        assert ours <= {each.name for each in fields(twin)}, native
    assert len(types) > 150
    assert sum(len(fields(twin)) - len(fields(native)) for native, _, twin in types) > 50


def test_every_member_holds_the_plain_values_of_2_1() -> None:
    for native, readable, twin in _all_types():
        theirs = {each.name: each.type for each in fields(twin)}
        for field in fields(readable):
            there = theirs[field.name]
            assert (_plain(field.type), _is_list(field.type)) == (_plain(there), _is_list(there)), (native, field.name)


def _bounds(annotation: Any) -> Any:
    """An annotation with its parts and the kind of its whole numbers left open, for comparison."""
    if annotation in (WholeNumber, Integer):
        return Decimal
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return annotation.__name__
    if get_origin(annotation) in (Annotated, tuple):
        inner, *rest = get_args(annotation)
        return (_bounds(inner), *rest)
    return annotation


def test_names_bounds_and_what_is_required_are_those_of_2_0_1() -> None:
    for native, readable, _ in _all_types():
        rows = [
            [(each.name, each.encode_name, each.required, each.default, _bounds(each.type)) for each in fields(kind)]
            for kind in (native, readable)
        ]
        assert rows[0] == rows[1]
        for setting in ("forbid_unknown_fields", "omit_defaults", "frozen", "gc"):
            assert getattr(readable.__struct_config__, setting) is getattr(native.__struct_config__, setting)


def test_a_type_that_2_1_left_alone_is_itself() -> None:
    native, head = messages(Version.V201)["Heartbeat"], messages(Version.V21)["Heartbeat"]
    assert readable_as(native.request, head.request) is native.request


def test_the_types_of_2_0_1_themselves_stay_as_they_are() -> None:
    native, readable, _ = next(each for each in _messages() if each[0].__name__ == "TransactionEventRequest")
    assert not hasattr(native, "cost_details")
    with pytest.raises(msgspec.ValidationError, match="costDetails"):
        msgspec.json.decode(b'{"costDetails":{}}', type=readable)
