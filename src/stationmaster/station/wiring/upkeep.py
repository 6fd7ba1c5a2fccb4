"""The hardware and its software, and what else the CSMS does with a station beside charging."""

from collections.abc import Callable
from functools import partial

from stationmaster.dialects.v1.cost_messages import UNREADABLE
from stationmaster.domain.cost.telling import CAPABILITY as COSTS
from stationmaster.domain.data_transfer import DataTransfer
from stationmaster.domain.diagnostics.customer_information import CustomerInformation
from stationmaster.domain.diagnostics.log_upload import GetLog
from stationmaster.domain.firmware.updates import FirmwareStatusNotification, UpdateFirmware
from stationmaster.session.vendors import installed_vendors
from stationmaster.station.blocks.authorization import Authorization
from stationmaster.station.blocks.authorization_cache import AuthorizationCache
from stationmaster.station.blocks.availability import Availability
from stationmaster.station.blocks.battery_charging import BatteryCharging
from stationmaster.station.blocks.battery_swap import BatterySwapping, SwapPlace
from stationmaster.station.blocks.battery_variables import (
    MOST,
    TARGET,
    battery_variables,
    check_most,
    check_target,
)
from stationmaster.station.blocks.certificates import Certificates
from stationmaster.station.blocks.charging_needs import ChargingNeeds
from stationmaster.station.blocks.customer_information import CustomerData
from stationmaster.station.blocks.data_transfer import VendorMessages
from stationmaster.station.blocks.der import DERControls
from stationmaster.station.blocks.der_execution import inverters
from stationmaster.station.blocks.diagnostics import Diagnostics, LogSource
from stationmaster.station.blocks.event_streams import EventStreams
from stationmaster.station.blocks.firmware import FirmwareUpdates
from stationmaster.station.blocks.firmware_course import Surroundings
from stationmaster.station.blocks.known_tokens import KnownTokens
from stationmaster.station.blocks.provisioning import Provisioning
from stationmaster.station.blocks.reader import Reader
from stationmaster.station.blocks.reset import Resetting
from stationmaster.station.blocks.security_log import SecurityLog
from stationmaster.station.blocks.transactions import Transactions
from stationmaster.station.blocks.trigger import Trigger
from stationmaster.station.capabilities import capabilities
from stationmaster.station.connection.gate import signed_if_wanted
from stationmaster.station.device_model.der_variables import der_entries
from stationmaster.station.diagnostics.diary import Diary
from stationmaster.station.diagnostics.log_file import about
from stationmaster.station.local_update import UpdateStore
from stationmaster.station.parts import Parts
from stationmaster.station.queue import TransactionQueue
from stationmaster.station.screen import Screen
from stationmaster.station.told_later import ToldLater


def _certificates(parts: Parts) -> Certificates:
    info = parts.description.info
    name = info.serial_number or info.model
    made = Certificates(name, parts.memory, parts.link, parts.clock, parts.configuration, parts.spawn)
    made.note = parts[SecurityLog].note
    for requested, send in made.triggered.items():
        parts[Trigger].offer(requested, send)
    parts.handlers |= made.handlers
    parts.variables.live["SecurityCtrlr.CertificateEntries"] = lambda _: str(made.entries)
    most = parts.configuration
    parts.variables.live["ConfigurationKey.CertificateStoreMaxLength"] = lambda _: str(most.now.certificate_entries)
    return made


def _firmware(parts: Parts) -> FirmwareUpdates:
    around = Surroundings(
        hardware=parts.hardware,
        files=parts.files,
        clock=parts.clock,
        configuration=parts.configuration,
        sessions=parts[Transactions],
        availability=parts[Availability],
        reboot=parts.reboot,
        note=parts[SecurityLog].note,
        online=lambda: parts.link.online,
    )
    told = (FirmwareStatusNotification,)
    teller = ToldLater("firmware.told", told, parts.memory, parts.link, parts.clock, parts.configuration)
    roots = partial(_manufacturer_roots, parts)
    made = FirmwareUpdates(around, UpdateStore(parts.memory), teller, parts.link, roots, parts.spawn)
    parts[Transactions].observers.append(made)
    parts[Trigger].offer("FirmwareStatusNotification", made.report, extended=partial(made.report, extended=True))
    parts.handlers[UpdateFirmware] = signed_if_wanted(made.update, parts.configuration)
    parts.keep_running(made.tell)
    parts.starts.append(made.begin)
    parts.resumes.append(made.resume)
    return made


def _manufacturer_roots(parts: Parts) -> tuple[str, ...]:
    """What it trusts in firmware: what its maker built in, and what was installed later."""
    return (*parts.hardware.describe().manufacturer_roots, *parts[Certificates].roots("ManufacturerRootCertificate"))


def _diagnostics(parts: Parts) -> Diagnostics:
    info, resetting = parts.description.info, parts[Resetting]
    station = info.serial_number or info.model or "station"
    made = Diagnostics(station, parts.memory, parts.link, parts.clock, parts.configuration, parts.files, parts.spawn)
    made.sources["SecurityLog"] = LogSource(lines=parts[SecurityLog].lines)
    made.sources["DiagnosticsLog"] = LogSource(lines=parts[Diary].lines, head=partial(_about, parts))
    parts[Trigger].offer("LogStatusNotification", made.report, extended=partial(made.report, extended=True))
    resetting.busy.append(lambda: made.busy)
    made.done = resetting.look_again
    parts.handlers[GetLog] = made.get_log
    parts.starts.append(made.recover)
    parts.resumes.append(made.resume)
    return made


def _about(parts: Parts) -> list[str]:
    """The head of a diagnostics file."""
    return [
        *about(parts.hardware.describe(), parts.version, parts.clock.now()),
        f"registration {parts[Provisioning].status}, {len(parts[TransactionQueue])} messages wait",
        *map(parts[Diary].situation, parts[Transactions].evse_ids),
    ]


def _customer_data(parts: Parts) -> CustomerData:
    made = CustomerData(
        parts[KnownTokens], parts[AuthorizationCache], parts[Transactions], parts.link, parts.clock, parts.spawn
    )
    parts.handlers[CustomerInformation] = made.ask
    return made


def _der(parts: Parts) -> DERControls:
    executed_by, put = inverters(parts.description, parts.hardware, parts.random), parts[ToldLater].put
    made = DERControls(executed_by, parts.memory, parts.link, parts.clock, put, parts.spawn)
    if made.modes:
        parts[Transactions].observers.append(made)
    if parts.version == "2.1":
        parts.variables.sources.append(partial(der_entries, parts.description))
    parts.handlers |= made.handlers
    parts.keep_running(made.run)
    return made


def _charging_needs(parts: Parts) -> ChargingNeeds | None:
    """Of cars that can feed the grid; no other station speaks ISO 15118-20."""
    if not any(evse.inverter is not None or evse.emulates is not None for evse in parts.description.evses):
        return None
    made = ChargingNeeds(parts.hardware, parts[Transactions], parts.link, parts.clock, parts.spawn)
    parts[Transactions].observers.append(made)
    parts.resumes.append(made.resume)
    return made


def _battery_swapping(parts: Parts) -> BatterySwapping | None:
    if not parts.description.swaps_batteries:
        return None
    slots, charging = parts.hardware.slots(), parts[BatteryCharging]
    place = SwapPlace(
        slots=slots,
        charging=charging,
        authorize=parts[Authorization].authorize,
        show=lambda text: parts[Screen].notice(None, text, parts.configuration.now.swap_timeout_in_s),
    )
    put = parts[ToldLater].put
    made = BatterySwapping(place, parts.memory, parts.clock, parts.configuration, put, parts.spawn)
    parts.handlers |= made.handlers
    parts.starts.append(made.resume)
    parts[Reader].swap = made.present
    parts.variables.live |= battery_variables(slots, made, charging, parts.configuration)
    return made


def _battery_charging(parts: Parts) -> BatteryCharging | None:
    if not parts.description.swaps_batteries:
        return None
    made = BatteryCharging(parts.hardware.slots(), parts[Transactions], parts.clock, parts.configuration)
    parts[Transactions].found = made.begin
    parts[Availability].observers.append(made.look)
    parts.starts.append(made.resume)
    parts.keep_running(made.run)
    variables = parts.variables
    if parts.version.startswith("2"):  # S04.FR.08, .09; 1.x leaves no choice
        for point in ("TxCtrlr.TxStartPoint", "TxCtrlr.TxStopPoint"):
            parts.configuration.change(point, "EVConnected")
            variables.fixed.add(point)
    variables.checks[TARGET] = partial(check_target, parts.configuration)
    variables.checks[MOST] = partial(check_most, parts.configuration)
    variables.on_change.append(lambda ref, before, now: made.look())
    return made


def _event_streams(parts: Parts) -> EventStreams:
    settings = parts.configuration
    made = EventStreams(parts.link, parts.clock, lambda: settings.now.max_periodic_event_streams, parts.spawn)
    parts.handlers |= made.handlers
    parts.keep_running(made.run)
    parts.resumes.append(made.resume)
    return made


def _vendor_messages(parts: Parts) -> VendorMessages:
    told_costs = COSTS in capabilities(parts.configuration.now, parts.version)
    vendors = {**(UNREADABLE["station"] if told_costs else {}), **installed_vendors()}
    made = VendorMessages(vendors, parts.link, parts.clock)
    parts.handlers[DataTransfer] = made.answer
    return made


BLOCKS: tuple[Callable[[Parts], object], ...] = (
    _certificates,
    _firmware,
    _diagnostics,
    _customer_data,
    _der,
    _charging_needs,
    _battery_charging,
    _battery_swapping,
    _event_streams,
    _vendor_messages,
)
