"""Strict types of 2.0.1 that can be read as 2.1: what 2.1 added is there, as absent.

2.0.1 is 2.1 without some members, but for a few numbers that 2.1 lets have a fraction. So a message that the
2.0.1 schema accepts need not be decoded a second time to be read as one of 2.1.
"""

from decimal import Decimal
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from msgspec import NODEFAULT, Meta, Struct, defstruct
from msgspec.structs import FieldInfo, fields

from stationmaster.ocpp.kinds import Integer, WholeNumber


@cache
def readable_as(native: type[Struct], head: type[Struct]) -> type[Struct]:
    """A type that accepts what ``native`` does and has every attribute of ``head``, the lenient twin in 2.1.

    Parts of the message too. Raises ``TypeError`` where a member means different things in the two.
    """
    ours, theirs = {each.name: each for each in fields(native)}, {each.name: each for each in fields(head)}
    if not ours.keys() <= theirs.keys():
        raise TypeError(f"2.1 has no {sorted(ours.keys() - theirs.keys())} in {native.__name__}")
    kinds = {name: _annotation(ours[name].type, theirs[name].type) for name in ours}
    added = {name: each.default for name, each in theirs.items() if name not in ours}
    if not added and all(kinds[name] == ours[name].type for name in ours):
        return native
    return defstruct(
        native.__name__,
        [_member(each, kinds[each.name]) for each in ours.values()],
        bases=native.__bases__,
        namespace={"__doc__": native.__doc__, **added},
        module=__name__,
        frozen=True,
        kw_only=True,
        rename={each.name: each.encode_name for each in ours.values()},
    )


def _member(field: FieldInfo, annotation: Any) -> tuple[str, Any] | tuple[str, Any, Any]:
    return (field.name, annotation) if field.default is NODEFAULT else (field.name, annotation, field.default)


def _annotation(ours: Any, theirs: Any) -> Any:
    """Our annotation of a member, with the parts of it readable as theirs."""
    if ours == Integer and _plain(_present(theirs)) is Decimal:
        return WholeNumber
    if get_origin(ours) is Annotated:
        inner, *bounds = get_args(ours)
        if not all(isinstance(each, Meta) for each in bounds):
            raise TypeError(f"{ours} is not understood")
        return Annotated[_annotation(inner, theirs), *bounds]
    theirs = _present(theirs)
    if get_origin(ours) is tuple and get_origin(theirs) is tuple:
        return tuple[_annotation(get_args(ours)[0], get_args(theirs)[0]), ...]
    if isinstance(ours, type) and issubclass(ours, Struct):
        return readable_as(ours, theirs)
    if _plain(ours) is not _plain(theirs):
        raise TypeError(f"{ours} and {theirs} mean different things")
    return ours
