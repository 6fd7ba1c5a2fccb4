"""What meters signed, as a file for each transaction."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, Router, get
from litestar.params import QueryParameter

from stationmaster.api.http.parameters import TransactionKey
from stationmaster.api.http.problems import ProblemError, not_found
from stationmaster.api.http.resources import JsonResponse
from stationmaster.api.http.services import ApiRequest
from stationmaster.api.transactions.transactions import known_transaction
from stationmaster.domain.metering.signed_data import (
    PublicKey,
    SignedValue,
    plain_text,
    signed_values,
    transparency_xml,
)

Form = Literal["json", "xml", "text"]
_MEDIA_TYPES: dict[str, Form] = {
    "application/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
    "text/plain": "text",
    "application/*": "json",
    "text/*": "text",
    "*/*": "json",
}
_WRITTEN_AS = {"xml": "application/xml", "text": "text/plain; charset=utf-8"}
_ENDING = {"xml": "xml", "text": "txt"}


class SignedValueResource(msgspec.Struct, frozen=True, kw_only=True):
    """``data`` is what was signed, with its signature, as ``encoding`` says; ``format`` as transparency software names
    it. ``sent`` is all that the station sent of it, as it was sent."""

    timestamp: datetime
    context: str
    measurand: str
    format: str
    encoding: str
    data: str
    public_key: PublicKey | None
    signing_method: str | None
    sent: dict[str, Any]


class SignedDataResource(msgspec.Struct, frozen=True, kw_only=True):
    """``public_keys``: each once; whether they are the meter's is for whoever checks to find out."""

    transaction: int
    transaction_id: str
    station: int
    evse_id: int | None
    public_keys: tuple[PublicKey, ...]
    values: tuple[SignedValueResource, ...]


@get("/{transaction_key:int}/signed-data", summary="What the meter signed in a transaction, as JSON, XML or text")
async def get_signed_data(
    request: ApiRequest,
    transaction_key: TransactionKey,
    wanted: Annotated[
        Form | None,
        QueryParameter(name="format", description="Goes before the Accept header; text: one record a line."),
    ] = None,
) -> Response[SignedDataResource]:
    """XML (``application/xml``) is for transparency software; text (``text/plain``) are the records themselves, one a
    line, where they are text, such as OCMF. A transaction without any has no such file: 404."""
    transaction = await known_transaction(request, transaction_key)
    form = wanted or _accepted(request.headers.get("accept", "*/*"))
    values = signed_values([each async for each in request.queries.all_readings(request.tenant, transaction.key)])
    if form == "json":
        place = transaction.evse
        return JsonResponse(
            SignedDataResource(
                transaction=transaction.key,
                transaction_id=transaction.wire_id,
                station=transaction.station_key,
                evse_id=place.id if place is not None else None,
                public_keys=tuple(dict.fromkeys(each.public_key for each in values if each.public_key is not None)),
                values=tuple(map(_resource, values)),
            )
        )
    if not values:
        raise not_found("signed data")
    content = transparency_xml(transaction.key, values) if form == "xml" else plain_text(values)
    if content is None:
        raise _not_acceptable("Not all of it is text; JSON and XML have all of it.")
    name = f"signed-data-{transaction.key}.{_ENDING[form]}"
    return Response(
        content,  # type: ignore[arg-type]
        media_type=_WRITTEN_AS[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _resource(value: SignedValue) -> SignedValueResource:
    fields = {name: getattr(value, name) for name in SignedValueResource.__struct_fields__ if name != "timestamp"}
    return SignedValueResource(timestamp=value.at, **fields)


def _accepted(accept: str) -> Form:
    """The first in the header that can be had, by quality."""
    offers = [part.strip().lower().partition(";") for part in accept.split(",")]
    by_quality = sorted(offers, key=lambda offer: -_quality(offer[2]))
    for media_type, _, parameters in by_quality:
        form = _MEDIA_TYPES.get(media_type.strip())
        if form is not None and _quality(parameters) > 0:
            return form
    raise _not_acceptable("There is application/json, application/xml and text/plain.")


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _not_acceptable(why: str) -> ProblemError:
    return ProblemError(406, why)


signed_data_router = Router("/transactions", route_handlers=[get_signed_data], tags=["Transactions"])
