"""The CSMS put together: which block serves which request, which engine fulfils which port."""

from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from stationmaster.csms.after_boot import AfterBoot
from stationmaster.csms.authorization.outside import Outside
from stationmaster.csms.authorization.prepaid_watch import PrepaidWatch
from stationmaster.csms.authorization.refusal_log import logging_refusals
from stationmaster.csms.authorization.vouching import Vouching
from stationmaster.csms.background import PAUSE_S, Background, kept_up
from stationmaster.csms.blocks.authorization import AuthorizeBlock, Judgement
from stationmaster.csms.blocks.battery_swap import HOOKS as SWAP_HOOKS
from stationmaster.csms.blocks.battery_swap import BatterySwapBlock
from stationmaster.csms.blocks.billing import with_billing
from stationmaster.csms.blocks.certificates import HOOKS as CERTIFICATE_HOOKS
from stationmaster.csms.blocks.certificates import SignCertificateBlock
from stationmaster.csms.blocks.change_of_version import forgets_other_versions
from stationmaster.csms.blocks.charging_needs import charging_needs
from stationmaster.csms.blocks.cost import HOOKS as COST_HOOKS
from stationmaster.csms.blocks.credentials import with_new_password
from stationmaster.csms.blocks.customer_information import NotifyCustomerInformationBlock, customer_hook
from stationmaster.csms.blocks.data_transfer import DataTransferBlock, transfer_hook
from stationmaster.csms.blocks.der import HOOKS as DER_HOOKS
from stationmaster.csms.blocks.der import alarm as der_alarm
from stationmaster.csms.blocks.der import report as der_report
from stationmaster.csms.blocks.der import start_stop as der_start_stop
from stationmaster.csms.blocks.diagnostics import Address, log_hook, log_status
from stationmaster.csms.blocks.display_message import HOOKS as DISPLAY_HOOKS
from stationmaster.csms.blocks.display_message import notify_display_messages
from stationmaster.csms.blocks.event_streams import HOOKS as STREAM_HOOKS
from stationmaster.csms.blocks.event_streams import close_stream, closes_streams, open_stream, take_values
from stationmaster.csms.blocks.firmware import concludes_updates, firmware_status
from stationmaster.csms.blocks.limits import WithLimits
from stationmaster.csms.blocks.local_list import LOCAL_LIST_HOOKS
from stationmaster.csms.blocks.matching import Matcher
from stationmaster.csms.blocks.metering import MeterValuesBlock
from stationmaster.csms.blocks.monitoring import NotifyEventBlock, StatusNotificationBlock
from stationmaster.csms.blocks.monitors import HOOKS as MONITOR_HOOKS
from stationmaster.csms.blocks.monitors import notify_monitoring_report
from stationmaster.csms.blocks.network_profile import NETWORK_PROFILE_HOOKS
from stationmaster.csms.blocks.payment import SettlementBlock, VatNumberBlock
from stationmaster.csms.blocks.price_messages import COST_TELLER
from stationmaster.csms.blocks.priced import only_with_prices
from stationmaster.csms.blocks.priority_charging import NotifyPriorityChargingBlock
from stationmaster.csms.blocks.provisioning import BootNotificationBlock, heartbeat
from stationmaster.csms.blocks.publishing import publish_status
from stationmaster.csms.blocks.registers import with_register_checks
from stationmaster.csms.blocks.reports import HOOKS as REPORT_HOOKS
from stationmaster.csms.blocks.reports import NotifyReportBlock, ends_reports
from stationmaster.csms.blocks.reservation import HOOKS as RESERVATION_HOOKS
from stationmaster.csms.blocks.reservation import (
    MeetsReservations,
    ReservationStatusUpdateBlock,
    frees_reservations,
)
from stationmaster.csms.blocks.security import security_event
from stationmaster.csms.blocks.station_cost import with_station_costs
from stationmaster.csms.blocks.transaction_status import HOOKS as TRANSACTION_STATUS_HOOKS
from stationmaster.csms.blocks.transactions import TransactionEventBlock
from stationmaster.csms.blocks.variables import HOOKS as VARIABLE_HOOKS
from stationmaster.csms.blocks.web_payment import with_web_payments
from stationmaster.csms.certificate_watch import refresh_certificates
from stationmaster.csms.commands.commands import CommandDesk
from stationmaster.csms.commands.effect_watch import give_up_effects
from stationmaster.csms.commands.hooks import Hooks
from stationmaster.csms.commands.sending import Sending
from stationmaster.csms.connection.admission import Caller, Door, NoVersion, TurnedAway, Welcome
from stationmaster.csms.connection.callbacks import Callbacks, forgotten
from stationmaster.csms.connection.connections import Connections
from stationmaster.csms.connection.desk import Blocks, Desk
from stationmaster.csms.connection.directory import Directory
from stationmaster.csms.connection.masking import masked
from stationmaster.csms.connection.message_log import LogBuffer
from stationmaster.csms.connection.silence import SilenceWatch
from stationmaster.csms.connection.soap_desk import SoapDesk
from stationmaster.csms.cost.bill_desk import BillDesk
from stationmaster.csms.cost.billing import Billing
from stationmaster.csms.cost.desk import CostDesk
from stationmaster.csms.cost.price_desk import PriceDesk
from stationmaster.csms.cost.tariff_book import TariffBook
from stationmaster.csms.cost.tariff_desk import TariffDesk
from stationmaster.csms.device_model.inventory import questions
from stationmaster.csms.device_model.report_watch import give_up_reports
from stationmaster.csms.firmware.campaigns import Campaigns
from stationmaster.csms.firmware.desk import FirmwareDesk
from stationmaster.csms.firmware.hooks import firmware_hooks
from stationmaster.csms.firmware.images import ImageDesk
from stationmaster.csms.firmware.transfers import TransferDesk
from stationmaster.csms.firmware.watch import FirmwareWatch
from stationmaster.csms.local_list.lists import LocalLists
from stationmaster.csms.operations import StationDesk
from stationmaster.csms.payment.vat_office import VatOffice
from stationmaster.csms.payment.web_payments import WebPaymentDesk
from stationmaster.csms.ports import NO_OTHERS, Blobs, Bus, Clock, Oracle, OtherSystems, Store
from stationmaster.csms.power_watch import PowerWatch
from stationmaster.csms.privacy.drivers import DriverDesk
from stationmaster.csms.relay import Relay
from stationmaster.csms.reservation_watch import ReservationWatch
from stationmaster.csms.retention_desk import RetentionDesk
from stationmaster.csms.settings import CsmsSettings
from stationmaster.csms.soap_place import SoapPlace
from stationmaster.csms.transactions.limit_watch import LimitWatch
from stationmaster.csms.transactions.transaction_desk import TransactionDesk
from stationmaster.csms.transactions.transaction_watch import TransactionWatch
from stationmaster.dialects.v1.cost_messages import UNREADABLE
from stationmaster.domain.battery_swap import BatterySwap
from stationmaster.domain.certificates import SignCertificate
from stationmaster.domain.charging_needs import NotifyEVChargingNeeds
from stationmaster.domain.data_transfer import DataTransfer
from stationmaster.domain.der.controls import NotifyDERAlarm, NotifyDERStartStop, ReportDERControl
from stationmaster.domain.device_model.addresses import NotifyReport, SetVariables
from stationmaster.domain.diagnostics.customer_information import CustomerInformation, NotifyCustomerInformation
from stationmaster.domain.diagnostics.log_upload import GetLog, LogStatusNotification
from stationmaster.domain.diagnostics.security_events import SecurityEventNotification
from stationmaster.domain.display_message import NotifyDisplayMessages
from stationmaster.domain.failures import StorageFailed
from stationmaster.domain.firmware.updates import FirmwareStatusNotification, PublishFirmwareStatusNotification
from stationmaster.domain.identity import StationRef
from stationmaster.domain.messages import (
    Authorize,
    BootNotification,
    Heartbeat,
    MeterValues,
    NotifyEvent,
    Request,
    StatusNotification,
    TransactionEvent,
)
from stationmaster.domain.monitoring.event_streams import (
    ClosePeriodicEventStream,
    NotifyPeriodicEventStream,
    OpenPeriodicEventStream,
)
from stationmaster.domain.monitoring.monitors import NotifyMonitoringReport
from stationmaster.domain.payment.payments import NotifySettlement, VatNumberValidation
from stationmaster.domain.priority_charging import NotifyPriorityCharging
from stationmaster.domain.records import Presence, Record, UnknownCaller
from stationmaster.domain.reservation.reservations import ReservationStatusUpdate
from stationmaster.domain.station import Station
from stationmaster.security.station_passwords import hash_password
from stationmaster.security.web_payment_secrets import shared_secret
from stationmaster.session.vendors import installed_vendors
from stationmaster.transport.handshake import Admission, Refusal, UpgradeRequest
from stationmaster.transport.ports import Connection, Receiver
from stationmaster.transport.soap_server import SoapRoute

log = structlog.get_logger(__name__)

NO_COMMON_VERSION = (1002, "no OCPP version in common")
GOING_AWAY = (1001, "the system is shutting down")
UNKNOWN_EVERY = timedelta(seconds=10)
MAX_UNKNOWN = 10_000
RELAY_PAUSE_S = 1.0
"""After a failure. Others wait for what is relayed."""


def blocks(
    store: Store, settings: CsmsSettings, clock: Clock, judgement: Judgement, vat: Oracle | None = None
) -> Blocks:
    """Who decides what. ``vat``: who is asked about VAT numbers."""
    vat_office = None if vat is None else VatOffice(vat, clock)
    return {
        BootNotification: closes_streams(
            concludes_updates(forgets_other_versions(ends_reports(BootNotificationBlock(settings))))
        ),
        FirmwareStatusNotification: firmware_status,
        PublishFirmwareStatusNotification: publish_status,
        NotifyReport: NotifyReportBlock(store.reads, store.keys),
        Heartbeat: heartbeat,
        StatusNotification: frees_reservations(StatusNotificationBlock(store.keys)),
        ReservationStatusUpdate: ReservationStatusUpdateBlock(store.reads),
        NotifyEvent: NotifyEventBlock(store.keys),
        NotifyMonitoringReport: notify_monitoring_report,
        NotifyDisplayMessages: notify_display_messages,
        Authorize: AuthorizeBlock(judgement),
        TransactionEvent: WithLimits(
            MeetsReservations(TransactionEventBlock(Matcher(store.reads, store.keys), judgement), store.reads),
            store.reads,
        ),
        MeterValues: MeterValuesBlock(store.reads),
        SignCertificate: SignCertificateBlock(settings),
        NotifySettlement: SettlementBlock(store.reads, store.keys, settings),
        VatNumberValidation: VatNumberBlock(store.keys, settings, vat_office),
        NotifyPriorityCharging: NotifyPriorityChargingBlock(store.reads),
        BatterySwap: BatterySwapBlock(store.keys, settings),
        OpenPeriodicEventStream: open_stream,
        ClosePeriodicEventStream: close_stream,
        NotifyPeriodicEventStream: take_values,
        ReportDERControl: der_report,
        NotifyDERStartStop: der_start_stop,
        NotifyDERAlarm: der_alarm,
        NotifyEVChargingNeeds: charging_needs,
        DataTransfer: DataTransferBlock({**UNREADABLE["csms"], **installed_vendors()}, clock, masked),
        SecurityEventNotification: security_event,
        LogStatusNotification: log_status,
        NotifyCustomerInformation: NotifyCustomerInformationBlock(store.keys),
    }


def billed(decided: Blocks, book: TariffBook, billing: Billing, costs: CostDesk) -> Blocks:
    """The same with what stations say of registers; and, for tenants with prices, with bills, all that is told of them,
    and what stations reckon by themselves."""
    checked = with_register_checks(decided, book.max_power_w)
    priced = costs.around(with_station_costs(with_billing(checked, billing)))
    return only_with_prices(checked, priced, book.bills)


def hooks(store: Store, settings: CsmsSettings, files: TransferDesk, pepper: bytes) -> Hooks:
    """What is done about commands, beside sending them."""
    return {
        DataTransfer: transfer_hook(masked),
        GetLog: log_hook(_upload_address(files), settings.files.max_upload_bytes, settings.files.upload_s),
        CustomerInformation: customer_hook(),
        **CERTIFICATE_HOOKS,
        **DER_HOOKS,
        **SWAP_HOOKS,
        **STREAM_HOOKS,
        **MONITOR_HOOKS,
        **DISPLAY_HOOKS,
        **NETWORK_PROFILE_HOOKS,
        **LOCAL_LIST_HOOKS,
        **REPORT_HOOKS,
        **TRANSACTION_STATUS_HOOKS,
        **VARIABLE_HOOKS,
        **RESERVATION_HOOKS,
        **COST_HOOKS,
        SetVariables: with_web_payments(
            with_new_password(VARIABLE_HOOKS[SetVariables], lambda password: hash_password(password, pepper)),
            partial(shared_secret, pepper=pepper),
        ),
        **firmware_hooks(files),
    }


def _upload_address(files: TransferDesk) -> Address:
    return lambda key, scheme, preferred: files.url(key, "upload", scheme=scheme, preferred=preferred)


class CSMS:
    """One node. ``admit``, ``connected``, ``soap_route``, ``files`` are for transports; ``commands``, ``stations``,
    ``judgement`` for the API. ``others``: systems that are asked, where tenants have any. ``soap``: what a composition
    root that serves ``soap_route`` has yet to say."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        clock: Clock,
        settings: CsmsSettings,
        pepper: bytes,
        blobs: Blobs,
        others: OtherSystems = NO_OTHERS,
    ) -> None:
        self._store = store
        self.outside = None if others.tokens is None else Outside(others.tokens, clock)
        self.judgement = Judgement(store.reads, settings, self.outside, vouching=Vouching(store.reads, settings))
        self.files = TransferDesk(store.reads, store.journal, blobs, clock, settings.files, pepper)
        self._bus, self._clock = bus, clock
        self._settings = settings
        self._background = Background()
        self._unknown: dict[StationRef, datetime] = {}
        self._relay, self.soap = Relay(bus), SoapPlace(settings)
        self.message_log = LogBuffer(store.message_log, clock) if settings.message_log else None
        self.book = TariffBook(store.reads)
        self.billing = Billing(self.book, store.reads, store.keys)
        self.costs = CostDesk(self.billing, store.reads, self._background, self._submit_cost)
        self.tariffs = TariffDesk(self.book, store.journal, store.keys, clock)
        decided = billed(
            blocks(store, settings, clock, self.judgement, others.vat), self.book, self.billing, self.costs
        )
        self.directory = Directory(decided, store.journal, clock, settings, self._relay.pass_on)
        self.costs.serve(self.directory)
        self.bills = BillDesk(self.billing, self.directory, store.reads, store.journal, store.keys, clock)
        self.door = Door(self.directory, settings, pepper, self._note_unknown, clock.now)
        commands_hooks = hooks(store, settings, self.files, pepper)
        self._sending = sending = Sending(store, clock, commands_hooks, self._background)
        self.connections = Connections(store, bus, clock, settings, self.directory, sending, self.message_log)
        self.commands = CommandDesk(store, bus, clock, settings, self._background, commands_hooks)
        self.web_payments = WebPaymentDesk(store, clock, self.commands, self.directory, settings, pepper)
        self.prices = PriceDesk(self.costs, self.book, self.directory, store, self.commands, clock)
        self._local_lists = LocalLists(store, bus, clock, self.directory, self.commands, settings)
        self.drivers = DriverDesk(store, bus, clock, self.commands, settings, pepper)
        self._after_boot = AfterBoot(bus, self.directory, self.commands, clock, questions(settings))
        self.retention = RetentionDesk(store.reads, store.journal, clock, settings)
        self.stations = StationDesk(store, bus, clock, self.directory, self.commands, pepper, self.soap.why_not)
        images, campaigns = ImageDesk(store, blobs, clock), Campaigns(store, bus, clock, self.commands)
        self.firmware = FirmwareDesk(images, campaigns, self.commands, clock)
        self._prepaid_watch = PrepaidWatch(store.reads, store.journal, store.keys, bus, clock)
        self._firmware_watch = FirmwareWatch(store, bus, clock, self.directory)
        self._reservation_watch = ReservationWatch(store, bus, clock, self.directory)
        self.transactions = TransactionDesk(self.directory)
        self.limit_watch = LimitWatch(store, clock, self.directory, self.commands, self.costs.total)
        self._transaction_watch = TransactionWatch(store, clock, settings, self.directory, self.commands)

    async def start(self) -> None:
        """Know every station, and take up what was under way when the last run ended."""
        self._store.journal.on_committed = logging_refusals(self._relay.put)
        stations = await forgotten(await self._store.reads.all_stations(), self._store.journal, self._settings)
        for station in stations:
            self.directory.add(station)
        await self.book.start()
        await self._note_interrupted(stations)
        power_watch = PowerWatch(self._store.reads, self._store.journal, self._clock)
        await power_watch.note_downtime()
        await self.commands.take_up()
        await self.files.sweep()
        self._keep_up(self._relay.run, RELAY_PAUSE_S)
        if self.message_log is not None:
            self._keep_up(self.message_log.run)
        self._keep_up(self._keep_presence)
        self._firmware_watch.start(self._background)
        self._prepaid_watch.start(self._background)
        self._reservation_watch.start(self._background)
        self.firmware.campaigns.start(self._background)
        self._local_lists.start(self._background)
        self.drivers.start(self._background)
        self._keep_up(partial(give_up_reports, self.directory, self._clock))
        self._keep_up(partial(refresh_certificates, self._bus, self.directory, self.commands), RELAY_PAUSE_S)
        self._keep_up(partial(give_up_effects, self._store, self.directory, self._clock))
        self._keep_up(self._after_boot.run)
        self._keep_up(SilenceWatch(self.directory, self._clock, self._settings).run)
        self._keep_up(self._transaction_watch.run)
        self._keep_up(self.limit_watch.run)
        self._keep_up(power_watch.run)
        self._keep_up(partial(self.costs.watch.run, self._clock))
        self._keep_up(self.stations.follow_changes, RELAY_PAUSE_S)
        self._keep_up(partial(self.book.follow_changes, self._bus), RELAY_PAUSE_S)
        self._keep_up(partial(self.bills.bill_closed, self._bus), RELAY_PAUSE_S)
        self._keep_up(self.bills.run)

    def _submit_cost(self, tenant: str, station_key: int, request: Request) -> None:
        """A total for whoever still stands there."""
        self._background.start(self.commands.submit(tenant, station_key, request, requested_by=COST_TELLER))

    def _keep_up(self, work: Callable[[], Coroutine[Any, Any, None]], pause_s: float = PAUSE_S) -> None:
        self._background.start(kept_up(work, self._clock, pause_s))

    async def stop(self) -> None:
        """Close every connection; what was received by then is handled, stored and, where possible, answered."""
        for desk in self.directory:
            if desk.session is not None:
                desk.session.close(*GOING_AWAY)
        for desk in self.directory:
            await desk.lane.drained()
        await self._background.stop()
        if self.message_log is not None:
            await self.message_log.flush()

    def admit(self, request: UpgradeRequest) -> Admission | Refusal:
        """A transport's question at the door."""
        username, password = request.basic_auth or (None, None)
        answer = self.door.answer(
            Caller(
                ref=StationRef(request.tenant, request.identity),
                subprotocols=request.subprotocols,
                username=username,
                password=password,
                credentials_broken=request.authorization_malformed,
                address=request.remote_address,
            )
        )
        if isinstance(answer, TurnedAway):
            return Refusal(status=answer.status, reason=answer.reason)
        if isinstance(answer, NoVersion):
            return Admission(close_at_once=NO_COMMON_VERSION)
        return Admission(subprotocol=answer.subprotocol, context=answer)

    def connected(self, connection: Connection, welcome: Welcome) -> Receiver:
        return self.connections.open(connection, welcome)

    def soap_route(self) -> SoapRoute:
        """What a listener for SOAP is to serve."""
        journal, clock, settings = self._store.journal, self._clock, self._settings
        callbacks = Callbacks(journal, clock, settings, self.soap.why_not, self._sending.call_again)
        self.directory.overridden = callbacks.overridden
        return self.soap.route(SoapDesk(self.connections, self.door, callbacks, self.soap, settings, clock))

    async def _note_interrupted(self, stations: Sequence[Station]) -> None:
        """Those that a crash of ours cut off are not connected, whatever is stored of them."""
        now = self._clock.now()
        cut_off = [station for station in stations if station.is_connected]
        await self._store.journal.store([Presence(station_key=s.key, disconnected_at=now) for s in cut_off])

    def _note_unknown(self, caller: UnknownCaller) -> None:
        """List a caller for the operator to admit; one that knocks all the time is written down now and then."""
        ref = StationRef(caller.tenant, caller.identity)
        last = self._unknown.get(ref)
        if last is not None and caller.at - last < UNKNOWN_EVERY:
            return
        if len(self._unknown) >= MAX_UNKNOWN:
            self._unknown.clear()
        self._unknown[ref] = caller.at
        self._background.start(self._store.journal.store([caller]))

    async def _keep_presence(self) -> None:
        """Heartbeats touch memory only; now and then what they tell is written for all stations together."""
        written: dict[int, datetime] = {}
        while True:
            await self._clock.sleep(self._settings.presence_interval_s)
            seen = [desk for desk in self.directory if desk.last_seen_at not in (None, written.get(desk.key))]
            records: list[Record] = [_presence(desk) for desk in seen]
            for desk in self.directory:
                records += desk.take_oddities()
            try:
                await self._store.journal.store(records)
            except StorageFailed as failed:
                log.error("presence not stored", reason=str(failed))
            else:
                written.update((desk.key, desk.last_seen_at) for desk in seen if desk.last_seen_at)


def _presence(desk: Desk) -> Presence:
    return Presence(station_key=desk.key, last_seen_at=desk.last_seen_at, skew_s=desk.skew_s)
