"""Reports that stations are asked for by ourselves: `after_boot` does the asking.

The inventory of a station that is new here, and of one whose firmware or hardware changed (B07.FR.14, a SHOULD). The
monitors of one that was known to have any: with a boot their ids may have become others (N04.FR.19, a SHOULD).
"""

from stationmaster.csms.after_boot import Question
from stationmaster.csms.blocks.reports import FULL, INVENTORY_OF, inventory_of
from stationmaster.csms.settings import CsmsSettings
from stationmaster.domain.device_model.addresses import GetBaseReport
from stationmaster.domain.monitoring.monitors import GetMonitoringReport
from stationmaster.domain.station import StationState


def _inventory_is_unknown(state: StationState) -> bool:
    """Whether no inventory is known of the station as it is now, and it can be asked for one."""
    return state.abilities.tells_its_configuration and state.learned.get(INVENTORY_OF) != inventory_of(state)


def _inventory_is_coming(state: StationState, command_key: int) -> bool:
    return any(report.command_key == command_key for report in state.reports.values())


def _has_monitors(state: StationState) -> bool:
    return bool(state.watched.monitors)


def _monitors_are_coming(state: StationState, command_key: int) -> bool:
    return any(known.report.command_key == command_key for known in state.watched.reports.values())


INVENTORY = Question(
    asked_by="inventory",
    request=GetBaseReport(report_base=FULL),
    is_due=_inventory_is_unknown,
    is_under_way=_inventory_is_coming,
)
MONITORS = Question(
    asked_by="monitoring",
    request=GetMonitoringReport(),
    is_due=_has_monitors,
    is_under_way=_monitors_are_coming,
)


def questions(settings: CsmsSettings) -> tuple[Question, ...]:
    """Those that the operator wants asked."""
    inventory = (INVENTORY,) if settings.inventory == "changed" else ()
    return (*inventory, MONITORS) if settings.monitor_reports == "after-boot" else inventory
