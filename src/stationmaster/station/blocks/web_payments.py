"""C25 Payments on a web page: the QR code of an idle EVSE leads there, with a one-time password in it that only the
CSMS can look at. While somebody pays, nobody else can begin at that EVSE.

The secret is made at the first start, and may be written by the CSMS; nobody can read it.
"""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from stationmaster.domain.device_model.addresses import Characteristics, Component, Variable
from stationmaster.domain.identity import IdToken
from stationmaster.domain.messages import ACKNOWLEDGED, Acknowledged, Answer, CommandAnswer, RequestStartTransaction
from stationmaster.domain.payment import totp
from stationmaster.domain.payment.payments import DIRECT_PAYMENT, NotifyWebPaymentStarted
from stationmaster.domain.payment.web_payment import CODE, EVSE, ROAMING, STATION, VERSION, filled, template_problem
from stationmaster.domain.transactions.limits import TransactionLimit, changed
from stationmaster.station import display
from stationmaster.station.device_model.variables import ACCEPTED, Entry, Verdict
from stationmaster.station.ports import Clock, Memory
from stationmaster.station.screen import Layers
from stationmaster.station.settings import Configuration

STARTS_WITHIN_S = 60.0
"""How long an EVSE stays held for a payment that the CSMS has asked to start with."""
MOST_HELD_S = 86_400
MAX_SECRET = 255
_KEPT = "web_payments.secret"
_COMPONENT = "WebPaymentsCtrlr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The EVSEs. ``is_idle``: whether anybody could begin there; ``has_begun``: whether somebody is authorized.
    ``identity``: the station's own."""

    evse_ids: Collection[int]
    is_idle: Callable[[int], bool]
    has_begun: Callable[[int], bool]
    identity: Callable[[], str]


class WebPayments:
    """An observer of the EVSEs. ``refresh`` is called when the display may have to change."""

    def __init__(self, places: Places, memory: Memory, clock: Clock, configuration: Configuration) -> None:
        self._places = places
        self._memory = memory
        self._clock = clock
        self._configuration = configuration
        self._held_until: dict[int, float] = {}
        """In monotonic time."""
        self._wishes: dict[int, TransactionLimit] = {}
        self.refresh: Callable[[], None] = lambda: None
        kept = memory.get(_KEPT)
        self._secret = secrets.token_urlsafe(32) if kept is None else kept.decode()
        if kept is None:
            self._keep()

    # Asked by the CSMS ────────────────────────────────────────────────────────────────────────────────────────────

    async def payment_started(self, request: NotifyWebPaymentStarted) -> Acknowledged:
        """C25.FR.22, .27. EVSE 0 means all; a payment that came to nothing frees them at once."""
        for evse_id in self._places.evse_ids if request.evse_id == 0 else (request.evse_id,):
            if evse_id in self._places.evse_ids and not self._places.has_begun(evse_id):
                self._hold(evse_id, min(max(request.timeout_s, 0), MOST_HELD_S))
        self.refresh()
        return ACKNOWLEDGED

    def on_remote_start(self, request: RequestStartTransaction, answer: Answer) -> None:
        """C25.FR.22: the CSMS asks to start, so the payment is over. What was paid for still has the place before
        others, until it has begun there."""
        accepted = isinstance(answer, CommandAnswer) and answer.status == "Accepted"
        for evse_id in tuple(self._held_until) if request.evse is None else (request.evse.id,):
            if accepted and self.is_held(evse_id):
                self._hold(evse_id, min(self._left_s(evse_id), STARTS_WITHIN_S))
            else:
                self._held_until.pop(evse_id, None)
        self.refresh()

    # Asked by others of the station ───────────────────────────────────────────────────────────────────────────────

    def is_held(self, evse_id: int) -> bool:
        """Whether somebody is paying for it."""
        return self._left_s(evse_id) > 0

    def wish(self, evse_id: int, limit: TransactionLimit) -> None:
        """C25.FR.03-.06: how far whoever scans the code wants to go. It holds until somebody begins there."""
        self._wishes[evse_id] = changed(self._wishes.get(evse_id), limit)
        self.refresh()

    def limit_of(self, evse_id: int, id_token: IdToken) -> TransactionLimit | None:
        """What was wished for at an EVSE where a payment begins now."""
        return self._wishes.get(evse_id) if id_token.type == DIRECT_PAYMENT else None

    def url(self, evse_id: int) -> str | None:
        """The address in the QR code of an EVSE now (C25.FR.01, .50-.58); None: it shows none."""
        settings = self._configuration.now
        template = settings.web_payments_url_template
        if not (settings.web_payments_enabled and template) or self.is_held(evse_id):
            return None
        if not self._places.is_idle(evse_id):
            return None
        interval = totp.interval_of(self._clock.now(), settings.web_payments_validity_s)
        values = {
            STATION: self._places.identity(),
            EVSE: str(evse_id),
            CODE: totp.totp(self._secret, interval, settings.web_payments_length),
            VERSION: settings.web_payments_totp_version,
        }
        return filled(template, values, self._wishes.get(evse_id))

    def shown(self, evse_id: int, layers: Layers) -> Layers:
        """The messages for an EVSE, and the code among them."""
        now = self._clock.now()
        if self.is_held(evse_id):
            return _with(layers, now + timedelta(seconds=self._left_s(evse_id)), in_front=display.PAYING)
        url = self.url(evse_id)
        if url is None:
            return layers
        validity_s = self._configuration.now.web_payments_validity_s
        lasts_s = validity_s - now.timestamp() % validity_s
        return _with(layers, now + timedelta(seconds=lasts_s), in_turns=display.qr_code(url))

    def entries(self) -> tuple[Entry, ...]:
        """The secret, as a variable."""
        return (
            Entry(
                component=Component(name=_COMPONENT),
                variable=Variable(name="SharedSecret"),
                characteristics=Characteristics(data_type="string", supports_monitoring=False),
                mutability="WriteOnly",
                read=lambda: "",
                write=self._write,
            ),
        )

    def check_template(self, text: str) -> Verdict | None:
        """C25.FR.50. Roaming partners' names of its EVSEs are not known here."""
        problem = template_problem(text) if text else None
        if problem is None and f"{{{ROAMING}}}" in text.lower():
            problem = f"it has no value for {{{ROAMING}}}"
        return None if problem is None else Verdict("Rejected", "InvalidValue", problem)

    # Observer of transactions ─────────────────────────────────────────────────────────────────────────────────────

    def on_evse(self, evse_id: int) -> None:
        if self._places.has_begun(evse_id):
            self._held_until.pop(evse_id, None)
            self._wishes.pop(evse_id, None)
        self.refresh()

    def on_lock_failure(self, evse_id: int, connector_id: int) -> None:
        """Nothing to do with payments."""

    # Inside ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _hold(self, evse_id: int, lasts_s: float) -> None:
        self._held_until[evse_id] = self._clock.monotonic() + lasts_s

    def _left_s(self, evse_id: int) -> float:
        return max(self._held_until.get(evse_id, 0.0) - self._clock.monotonic(), 0.0)

    def _write(self, text: str) -> Verdict:
        if not 0 < len(text) <= MAX_SECRET:
            return Verdict("Rejected", "ValueOutOfRange", f"a secret has 1 to {MAX_SECRET} characters")
        self._secret = text
        self._keep()
        self.refresh()
        return ACCEPTED

    def _keep(self) -> None:
        self._memory.put(_KEPT, self._secret.encode())


def _with(layers: Layers, until: datetime, *, in_front: str | None = None, in_turns: str | None = None) -> Layers:
    return msgspec.structs.replace(
        layers,
        in_front=layers.in_front if in_front is None else (in_front, *layers.in_front),
        in_turns=layers.in_turns if in_turns is None else (*layers.in_turns, in_turns),
        until=until if layers.until is None else min(layers.until, until),
    )
