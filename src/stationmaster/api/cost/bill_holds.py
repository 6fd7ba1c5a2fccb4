"""Which oddities make a tenant's bills wait for somebody to look."""

from typing import Annotated

import msgspec
from litestar import Router, delete, get, put
from litestar.params import JSONBody
from msgspec import Meta

from stationmaster.api.cost.tariffs import refused
from stationmaster.api.http.services import ApiRequest
from stationmaster.csms.cost.tariff_desk import NotValid
from stationmaster.domain.cost.bill import HOLDING_FLAGS
from stationmaster.domain.cost.bill_flags import FLAGS

Flag = Annotated[str, Meta(max_length=60)]


class HoldsDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    flags: Annotated[tuple[Flag, ...], Meta(max_length=100)]


class FlagResource(msgspec.Struct, frozen=True, kw_only=True):
    """``holds``: bills with it are held; ``by_default``: unless a tenant says otherwise."""

    flag: str
    meaning: str
    holds: bool
    by_default: bool


class HoldsResource(msgspec.Struct, frozen=True, kw_only=True):
    """``own``: whether the tenant has said which; ``flags`` are all that there are."""

    own: bool
    flags: tuple[FlagResource, ...]


@get("/", summary="What may be odd about bills, and what of it holds them back")
async def get_bill_holds(request: ApiRequest) -> HoldsResource:
    return _holds(request)


@put("/", summary="Say which oddities hold bills back")
async def put_bill_holds(request: ApiRequest, data: JSONBody[HoldsDraft]) -> HoldsResource:
    """All of them anew; none: no bill waits. It is for bills, and versions of bills, that are made from now on."""
    try:
        await request.services.tariffs.put_holds(request.tenant, data.flags)
    except NotValid as error:
        raise refused(error) from None
    return _holds(request)


@delete("/", summary="Let the program say again which oddities hold bills back")
async def delete_bill_holds(request: ApiRequest) -> None:
    await request.services.tariffs.put_holds(request.tenant, None)


def _holds(request: ApiRequest) -> HoldsResource:
    book = request.services.tariffs.book
    holding = frozenset(book.holds(request.tenant))
    flags = tuple(
        FlagResource(flag=flag, meaning=meaning, holds=flag in holding, by_default=flag in HOLDING_FLAGS)
        for flag, meaning in FLAGS.items()
    )
    return HoldsResource(own=book.content(request.tenant).holds is not None, flags=flags)


bill_holds_router = Router(
    "/bill-holds", route_handlers=[get_bill_holds, put_bill_holds, delete_bill_holds], tags=["Bills"]
)
