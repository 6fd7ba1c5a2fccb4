"""What the API is given to work with, and the request that carries it to the handlers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import SerializationException

from stationmaster.api.http.event_stream import EventStreams
from stationmaster.api.http.keys import KeyRing
from stationmaster.api.http.problems import ProblemError, invalid_body
from stationmaster.api.http.shared import SharedAnswers
from stationmaster.api.metrics import Figure
from stationmaster.api.ports import (
    Blobs,
    Bus,
    Clock,
    Commands,
    Journal,
    Judgement,
    Keys,
    Outbox,
    Queries,
    Stations,
    TransactionDesk,
)
from stationmaster.csms.cost.bill_desk import BillDesk
from stationmaster.csms.cost.price_desk import PriceDesk
from stationmaster.csms.cost.tariff_desk import TariffDesk
from stationmaster.csms.firmware.desk import FirmwareDesk
from stationmaster.csms.payment.web_payments import WebPaymentDesk
from stationmaster.csms.people.desk import PeopleDesk
from stationmaster.csms.people.sign_in import SignInDesk
from stationmaster.csms.privacy.drivers import DriverDesk
from stationmaster.csms.retention_desk import RetentionDesk
from stationmaster.domain.people.person import Caller


class NodeSetting(msgspec.Struct, frozen=True, kw_only=True):
    """A setting in force, and where it is set."""

    name: str
    section: str
    section_title: str
    help: str
    value: int | float | bool | str
    default: int | float | bool | str
    flag: str
    environment_variable: str
    per_tenant: bool


def _none(_: str) -> Sequence[NodeSetting]:
    """Where nothing is set from outside."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """``figures`` are what /metrics shows beside the API's own; ``version`` is the program's. ``ocpp_url``: what
    stations of the default tenant add their identity to; those of another add the tenant's name before it.
    ``soap_url``: what those that speak SOAP post to, with the tenant's name behind it; None: SOAP is off. ``settings``
    tells those in force for a tenant."""

    commands: Commands
    judgement: Judgement
    stations: Stations
    transactions: TransactionDesk
    queries: Queries
    journal: Journal
    keys: Keys
    outbox: Outbox
    bus: Bus
    clock: Clock
    key_ring: KeyRing
    people: PeopleDesk
    sign_in: SignInDesk
    blobs: Blobs
    firmware: FirmwareDesk
    drivers: DriverDesk
    tariffs: TariffDesk
    prices: PriceDesk
    bills: BillDesk
    retention: RetentionDesk
    web_payments: WebPaymentDesk
    version: str
    ocpp_url: str = ""
    soap_url: str | None = None
    figures: Sequence[Figure] = ()
    settings: Callable[[str], Sequence[NodeSetting]] = _none


class ApiRequest(Request[Any, Any, State]):
    """A request whose caller is known (see ``access``)."""

    async def json(self) -> Any:
        """The body as what its handler takes. Strict about types: the framework by itself would take "5" for a number.

        Raises a ProblemError of 422; of 415 where it is no JSON and does not say it is.
        """
        wanted = self.route_handler.parsed_data_field
        try:
            body = await super().json()
        except SerializationException:
            kind = self.content_type[0]
            if kind and not kind.endswith("json"):
                told = f"The body must be JSON (application/json); this one is {kind[:100]}."
                raise ProblemError(415, told) from None
            raise
        try:
            return body if wanted is None else msgspec.convert(body, wanted.annotation)
        except msgspec.ValidationError as error:
            raise invalid_body(wanted.annotation if wanted is not None else Any, body, error) from None

    @property
    def services(self) -> Services:
        return cast("Services", self.app.state.services)

    @property
    def streams(self) -> EventStreams:
        return cast("EventStreams", self.app.state.streams)

    @property
    def shared(self) -> SharedAnswers:
        return cast("SharedAnswers", self.app.state.shared)

    @property
    def queries(self) -> Queries:
        return self.services.queries

    @property
    def caller(self) -> Caller:
        return cast("Caller", self.scope["auth"])

    @property
    def tenant(self) -> str:
        """The caller's: nothing is read or written past it."""
        return self.caller.tenant
