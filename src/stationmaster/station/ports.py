"""What the station's program needs of the world: its hardware, its memory, its clock, and a line to the CSMS."""

from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

import msgspec

from stationmaster.domain import transfer
from stationmaster.domain.battery_swap import Battery
from stationmaster.domain.der.controls import DERControl
from stationmaster.domain.der.grid import GridSample
from stationmaster.domain.der.nameplate import Nameplate
from stationmaster.domain.der.power import PowerOrder
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import Answer, Request, StationInfo
from stationmaster.domain.metering.values import Sample
from stationmaster.domain.payment.payments import SettlementStatus
from stationmaster.domain.transactions.limits import TransactionLimit

CurrentKind = Literal["AC", "DC"]


class ConnectorDescription(msgspec.Struct, frozen=True, kw_only=True):
    """One outlet or plug. ``type`` is spelled as in 2.x (cType2, sType2, cCCS2, ...)."""

    id: int
    type: str


class EvseDescription(msgspec.Struct, frozen=True, kw_only=True):
    """One EVSE as it is built. ``phases`` is 1 or 3 for AC and 0 for DC. ``inverter``: its own, where it feeds the grid
    from DC (R01). ``emulates``: on AC, the types of DER control that it can have any car follow (R03.FR.03); None: it
    takes no part in DER control."""

    id: int
    connectors: tuple[ConnectorDescription, ...]
    current: CurrentKind
    phases: int
    max_current_a: float
    max_power_w: float
    signs_readings: bool = False
    """Whether its meter signs its register."""
    detects_cars: bool = False
    """Whether something watches its parking bay."""
    inverter: Nameplate | None = None
    emulates: tuple[str, ...] | None = None


class HardwareDescription(msgspec.Struct, frozen=True, kw_only=True):
    """``boots_to_install``: firmware is written by a boot loader. ``installs_during_charging``: or beside sessions.
    ``manufacturer_roots``: the certificates (PEM) that its maker built in for the trust in firmware.
    ``der_modes``: the types of DER control that its inverters execute, or those of cars at it."""

    info: StationInfo
    evses: tuple[EvseDescription, ...]
    boots_to_install: bool = False
    installs_during_charging: bool = False
    manufacturer_roots: tuple[str, ...] = ()
    der_modes: tuple[str, ...] = ()
    swaps_batteries: bool = False
    takes_payments: bool = False
    has_keys: bool = False
    """Whether people can choose something at its display."""


class InstallOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How installing went. ``version`` is what was written; with ``needs_reboot`` it runs after the next reboot."""

    status: Literal["Installed", "VerificationFailed", "Failed"]
    version: str | None = None
    needs_reboot: bool = False
    info: str | None = None


class SignedReading(msgspec.Struct, frozen=True, kw_only=True):
    """What a meter signed, as SignedMeterValue of 2.x has it; ``data`` and ``public_key`` in base64."""

    data: str
    signing_method: str
    encoding_method: str
    public_key: str


class HardwareListener(Protocol):
    """What hardware tells the program, on the event loop, as it happens."""

    def on_cable(self, evse_id: int, connector_id: int, plugged: bool) -> None:
        """A car was plugged in (both ends of the cable), or is gone."""
        ...

    def on_bay(self, evse_id: int, occupied: bool) -> None:
        """A car drove into the parking bay, or out of it; only where one is watched."""
        ...

    def on_token(self, id_token: IdToken, evse_id: int | None) -> None:
        """Somebody held a token to the reader; ``evse_id`` None: one reader for all EVSEs."""
        ...

    def on_ev_drawing(self, evse_id: int, drawing: bool) -> None:
        """With the contactor closed: the car takes energy, or has stopped taking it (full, paused)."""
        ...

    def on_ev_stop(self, evse_id: int) -> None:
        """The car itself ended the session (ISO 15118 SessionStop, Terminate)."""
        ...

    def on_stop_button(self, evse_id: int) -> None: ...

    def on_choice(self, evse_ids: Collection[int]) -> None:
        """On the keys, after a master pass: stop what charges at these EVSEs, or at all where none is named."""
        ...

    def on_limit(self, evse_id: int, limit: TransactionLimit) -> None:
        """The driver of the running transaction, or of one that is to begin, wants it to end there."""
        ...

    def on_priority_button(self, evse_id: int) -> None:
        """The driver is in a hurry."""
        ...

    def on_tariff_refused(self, evse_id: int) -> None:
        """The driver has read the price, and does not want to charge at it."""
        ...

    def on_fault(self, evse_id: int, connector_id: int, error_code: str | None, info: str = "") -> None:
        """A fault in 1.6's words (GroundFailure, OverCurrentFailure, ...), or None: it is over."""
        ...


class SlotListener(Protocol):
    def on_battery(self, evse_id: int, battery: Battery | None) -> None:
        """A battery was put into a slot, or taken from it (None)."""
        ...


class BatterySlots(Protocol):
    """The slots of a station that swaps batteries; each is an EVSE."""

    def batteries(self) -> Mapping[int, Battery | None]:
        """What is in each slot now."""
        ...

    def open_slots(self, evse_ids: Collection[int]) -> None:
        """Let these be used, and no others."""
        ...

    def attach_slots(self, listener: SlotListener | None) -> None: ...


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Where a driver finds the receipt, as far as the payment provider makes one; ``info``: what went wrong."""

    id: str | None = None
    url: str | None = None
    info: str | None = None


class PaymentListener(Protocol):
    """What a payment terminal tells. ``psp_ref`` is the payment provider's reference of a payment."""

    def on_payment(self, psp_ref: str, evse_id: int, details: Mapping[str, str]) -> None:
        """The provider has reserved money for charging there. ``details`` of the card, by the names of 2.1's
        PaymentDetails."""
        ...

    def on_increased(self, psp_ref: str, *, granted: bool) -> None:
        """What came of asking for more."""
        ...

    def on_settled(self, psp_ref: str, status: SettlementStatus, amount: Decimal, receipt: Receipt) -> None: ...
    async def check_vat(self, vat_number: str, evse_id: int) -> bool:
        """Whether the driver's VAT number may stand on the receipt."""
        ...


class PaymentTerminal(Protocol):
    """Where drivers pay by card. It goes on with what was asked of it without power for the program."""

    def attach_payments(self, listener: PaymentListener | None) -> None: ...
    def reserve(self, amount: Decimal) -> None:
        """Have the provider reserve this of every card from now on (C18.FR.01)."""
        ...

    def increase(self, psp_ref: str, amount: Decimal) -> None:
        """Reserve so much more; the listener is told what came of it."""
        ...

    def settle(self, psp_ref: str, amount: Decimal) -> None:
        """Take this of the money that is reserved; the listener is told what came of it."""
        ...

    def release(self, psp_ref: str) -> None:
        """Give back all that is reserved."""
        ...


class Hardware(Protocol):
    """The physical side: connectors, contactor, meter, lock, reader, display.

    It does not promise that a command takes effect at once; what happens is told to the listener.
    """

    def describe(self) -> HardwareDescription: ...
    def attach(self, listener: HardwareListener | None) -> None:
        """Tell this listener from now on, and nobody else; None: while the program is down nobody listens."""
        ...

    async def run(self) -> None:
        """Whatever the hardware does by itself, until cancelled."""
        ...

    def plugged(self, evse_id: int) -> int | None:
        """The connector that a car is plugged into, or None: asked after a restart."""
        ...

    def parked(self, evse_id: int) -> bool:
        """Whether a car stands in the parking bay; asked after a restart, where one is watched."""
        ...

    def set_contactor(self, evse_id: int, closed: bool) -> None: ...
    def set_limit(self, evse_id: int, current_a: float | None) -> None:
        """The most that a car may draw per phase, in A (AC) or as the equal power (DC); None: no limit."""
        ...

    def lock(self, evse_id: int, connector_id: int) -> bool: ...
    def unlock(self, evse_id: int, connector_id: int) -> bool:
        """Whether the plug came free."""
        ...

    def read_meter(self, evse_id: int) -> Sequence[Sample]:
        """Everything that is measured now, registers in Wh; contexts are the caller's to set."""
        ...

    def sign_meter(self, evse_id: int, at: datetime, context: str) -> SignedReading:
        """The register now, signed by the meter; asked of meters that sign."""
        ...

    def show(self, evse_id: int | None, text: str) -> None:
        """Put text on the display; what it cannot show it cuts."""
        ...

    def slots(self) -> BatterySlots:
        """Asked of a station that swaps batteries."""
        ...

    def terminal(self) -> PaymentTerminal:
        """Asked of a station that takes payments."""
        ...

    def grid(self) -> GridSample:
        """What the grid is now at the inverters; asked of hardware that has any, as are the next four."""
        ...

    def hold_power(self, evse_id: int, order: PowerOrder) -> None:
        """Hold an EVSE's power to this, whatever car and station would have it be."""
        ...

    def usual_feed_w(self, evse_id: int) -> float:
        """What an EVSE would feed into the grid now if nothing held its power (negative: draw)."""
        ...

    def ev_needs(self, evse_id: int) -> Mapping[str, Any] | None:
        """What the car there told over ISO 15118-20, as ChargingNeedsType of 2.1; None: it speaks no such thing."""
        ...

    def configure_ev(self, evse_id: int, controls: Sequence[DERControl]) -> None:
        """Send DER controls to the inverter in the car (R02.FR.03); they replace those sent before."""
        ...

    async def install(self, image: bytes) -> InstallOutcome:
        """Look at a firmware image and write it beside the one that runs; what fails leaves that one as it is."""
        ...

    async def reboot(self) -> None:
        """Take as long as a restart takes; registers, plugs and locks keep their state. Raises RebootFailed."""
        ...


class Memory(Protocol):
    """What survives a loss of power. Every method returns when it is on disk, and does all or nothing."""

    def get(self, key: str) -> bytes | None: ...
    def put(self, key: str, value: bytes) -> None: ...
    def delete(self, key: str) -> None: ...
    def enqueue(self, body: bytes, values: Mapping[str, bytes] | None = None) -> int:
        """Append to the offline queue and put ``values``, at once; the result is the place, growing for ever."""
        ...

    def queued(self, limit: int = 100) -> Sequence[tuple[int, bytes]]:
        """The oldest entries with their places."""
        ...

    def dequeue(self, places: Sequence[int], values: Mapping[str, bytes] | None = None) -> None:
        """Remove entries from the queue and put ``values``, at once."""
        ...

    def queue_length(self) -> int: ...


class Clock(Protocol):
    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


class TooMany(Exception):
    """The CSMS asks for more at once than the station takes: it gets an error for it."""


class RebootFailed(Exception):
    """The hardware did not restart."""


class NotTold(Exception):
    """The CSMS answered with an error, or not in time. It may have acted on it."""


class Offline(NotTold):
    """There is no line, or it broke before an answer came."""


class NotKnown(NotTold):
    """The CSMS does not know the message."""


class CannotSay(NotTold):
    """The version of the line has no words for it."""


class Line(Protocol):
    """What blocks need of the line to the CSMS, whether or not it is open."""

    @property
    def online(self) -> bool:
        """Whether there is a connection; it says nothing about the registration."""
        ...

    async def perform(self, request: Request, *, triggered: bool = False) -> Answer:
        """Ask or tell the CSMS. Raises CallFailed or Unsupported.

        Until the CSMS has accepted the station, whatever is not ``triggered`` by it fails as if offline (B01.FR.08).
        """
        ...


class OpenLine(Protocol):
    """One open connection, as the link uses it."""

    async def perform(self, request: Request) -> Answer:
        """Raises what ``session.Session.perform`` raises."""
        ...

    def close(self, code: int = 1000, reason: str = "") -> None: ...
    async def wait_closed(self) -> None: ...


FailureKind = transfer.FailureKind
TransferFailed = transfer.TransferFailed


class FileTransfer(Protocol):
    """Files to and from addresses that the CSMS names, with the credentials in them. No redirect is followed."""

    @property
    def protocols(self) -> Sequence[str]:
        """Those that can be used, as FileTransferProtocols spells them (FTP, FTPS, HTTP, HTTPS, SFTP)."""
        ...

    async def upload(self, url: str, filename: str, body: bytes) -> None:
        """Bring a file; an address that ends with a slash gets the name (N01.FR.21). Raises TransferFailed."""
        ...

    async def download(self, url: str, *, max_bytes: int) -> bytes:
        """Fetch a file whole. Raises TransferFailed, also where it is longer."""
        ...


class NoFiles:
    """A station that can reach no file server."""

    protocols: Sequence[str] = ()

    async def upload(self, url: str, filename: str, body: bytes) -> None:
        raise TransferFailed("NotSupportedOperation")

    async def download(self, url: str, *, max_bytes: int) -> bytes:
        raise TransferFailed("NotSupportedOperation")


Spawn = Callable[[Coroutine[Any, Any, None]], object]
"""Run something beside what runs now, until the station stops; what it raises ends the station."""


class Connection(Protocol):
    """See ``session.ports.Connection``."""

    @property
    def subprotocol(self) -> str | None: ...
    @property
    def remote_address(self) -> str: ...
    def send(self, data: bytes) -> None: ...
    def close(self, code: int = 1000, reason: str = "") -> None: ...


class DialledConnection(Connection, Protocol):
    """One that the station has opened."""

    def ping_every(self, interval_s: float) -> None:
        """From now on ping the CSMS after so long a silence, and hang up where it stays silent; 0: never."""
        ...


class Receiver(Protocol):
    def on_text(self, data: bytes) -> None: ...
    def on_closed(self, code: int, reason: str) -> None: ...


Dial = Callable[[Callable[[Connection], Receiver]], Awaitable[DialledConnection]]
"""Open the line to the CSMS. Raises OSError (or a subclass) when that fails."""
