"""Whether a station can reckon with a tariff, in the order in which it says why not (I07.FR.02-.05, I11.FR.02, .03)."""

from typing import NamedTuple

from stationmaster.domain.cost.local_cost import has_conditions, most_prices
from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.cost.tariff_checks import problems
from stationmaster.domain.messages import CommandAnswer
from stationmaster.station.settings import Settings

_IGNORED = frozenset({"maximum.taxes"})
"""They have no meaning, and do no harm."""


class Objection(NamedTuple):
    """``status`` in the words of TariffSetStatusEnumType; ``reason`` in those of StatusInfoType."""

    status: str
    reason: str
    info: str

    def answer(self) -> CommandAnswer:
        return CommandAnswer(status=self.status, reason=self.reason, info=self.info)


def too_much(tariff: Tariff, settings: Settings) -> Objection | None:
    """More than the station holds, or conditions that it does not know."""
    if most_prices(tariff) > settings.tariff_max_elements:
        most = f"at most {settings.tariff_max_elements} prices for each dimension"
        return Objection("TooManyElements", "TooManyElements", most)
    if has_conditions(tariff) and not settings.tariff_conditions_supported:
        return Objection("ConditionNotSupported", "UnsupportedParam", "prices cannot have conditions")
    return None


def invalid(tariff: Tariff) -> Objection | None:
    """What makes no sense."""
    found = [each for each in problems(tariff) if not each.is_warning and each.path not in _IGNORED]
    return Objection("Rejected", "InvalidValue", f"{found[0].path} {found[0].why}") if found else None


def objection(tariff: Tariff, settings: Settings) -> Objection | None:
    return too_much(tariff, settings) or invalid(tariff)
