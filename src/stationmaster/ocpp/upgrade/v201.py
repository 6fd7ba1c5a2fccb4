"""The strict types of 2.0.1, readable as 2.1: what 2.1 added can be read on them too, and is absent.

2.0.1 is 2.1 without some members, but for a few whole numbers that may have a fraction in 2.1. So a message that
the schema of 2.0.1 accepts need not be decoded a second time to be read as one of 2.1.
"""

from decimal import Decimal
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from msgspec import NODEFAULT, Struct, defstruct
from msgspec.structs import FieldInfo, fields

from stationmaster.ocpp.kinds import Integer, WholeNumber, python_type


@cache
def readable_as(native: type[Struct], head: type[Struct]) -> type[Struct]:
    """A type that accepts what ``native`` accepts and has every attribute of ``head``, its namesake in 2.1.

    So have its parts. It is ``native`` itself where 2.1 changed nothing.
    """
    ours, theirs = {each.name: each for each in fields(native)}, {each.name: each for each in fields(head)}
    added = {name: _absent(each) for name, each in theirs.items() if name not in ours}
    kinds = {name: _readable(each.type, theirs[name].type) for name, each in ours.items()}
    if not added and all(kinds[name] == each.type for name, each in ours.items()):
        return native
    return defstruct(
        native.__name__,
        [(name, kinds[name], each.default) for name, each in ours.items()],
        bases=native.__bases__,
        namespace={"__doc__": native.__doc__, **added},
        module=__name__,
        frozen=True,
        kw_only=True,
        rename={name: each.encode_name for name, each in ours.items()},
    )


def _absent(field: FieldInfo) -> object:
    """What a member reads as that 2.0.1 does not have, even where 2.1 requires it."""
    return None if field.default is NODEFAULT else field.default


def _readable(ours: Any, theirs: Any) -> Any:
    """Our annotation of a member, its parts readable as those of theirs."""
    if ours == Integer and python_type(theirs) is Decimal:
        return WholeNumber
    if get_origin(ours) is Annotated:
        inner, *bounds = get_args(ours)
        readable = _readable(inner, theirs)
        return ours if readable == inner else Annotated[(readable, *bounds)]
    if get_origin(theirs) is Annotated:
        return _readable(ours, get_args(theirs)[0])
    if get_origin(ours) is tuple:
        return tuple[_readable(get_args(ours)[0], get_args(theirs)[0]), ...]  # type: ignore[misc]
    if isinstance(ours, type) and issubclass(ours, Struct):
        return readable_as(ours, theirs)
    return ours
