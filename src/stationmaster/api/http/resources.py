"""What the shapes of the API have in common: how they are made from the domain's, paged and written."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import msgspec
from litestar import Response
from litestar.serialization import default_serializer
from litestar.types import Scope

from stationmaster.domain.queries import Page

Item = TypeVar("Item")
Shape = TypeVar("Shape", bound=msgspec.Struct)
Source = TypeVar("Source")


class PageOf(msgspec.Struct, Generic[Item], frozen=True):
    """Some of the items; ``next_cursor`` asks for those that follow, null: there are none."""

    items: tuple[Item, ...]
    next_cursor: str | None


class CountedPageOf(msgspec.Struct, Generic[Item], frozen=True):
    """As any page; ``total``: how many match, counted up to 100,000; null where nobody asked for it (``count``)."""

    items: tuple[Item, ...]
    next_cursor: str | None
    total: int | None


def page_of(page: Page[Source], to_item: Callable[[Source], Item]) -> PageOf[Item]:
    return PageOf(tuple(map(to_item, page.items)), page.next_cursor)


def shaped(shape: type[Shape], source: Any, **others: Any) -> Shape:
    """A resource with the source's values where their names agree, and ``others``."""
    same = {name: getattr(source, name) for name in shape.__struct_fields__ if name not in others}
    return shape(**same, **others)


def rfc3339(moment: datetime) -> str:
    """UTC, with Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def address_of(scope: Scope) -> str:
    """Whom the request comes from; of a proxy, the proxy."""
    client = scope.get("client")
    return client[0] if client else ""


class JsonResponse(Response[Any]):
    """Decimals are written as JSON numbers with all of their digits; times as RFC 3339 with Z."""

    def render(self, content: Any, media_type: str, enc_hook: Any = default_serializer) -> bytes:
        if isinstance(content, bytes | str) or not media_type.partition(";")[0].endswith("json"):
            return super().render(content, media_type, enc_hook)
        return _encode(content)


_encode = msgspec.json.Encoder(decimal_format="number").encode
