"""I07, I09-I11 The tariffs that a station of 2.1 reckons with by itself, as a CSMS sets, asks for and clears them."""

from datetime import datetime

import msgspec

from stationmaster.domain.cost.tariff import Tariff
from stationmaster.domain.messages import CommandAnswer, Request


class SetDefaultTariff(Request, frozen=True, kw_only=True, omit_defaults=True):
    """I07. ``evse_id`` 0: at each EVSE. ``at_once``: it replaces what is there, though that may have been valid from a
    later moment on (I07.FR.21): no validFrom is sent."""

    evse_id: int
    tariff: Tariff
    at_once: bool = False


def default_tariff(evse_id: int, tariff: Tariff, now: datetime) -> SetDefaultTariff:
    """The tariff, from its time on or, where that has come, at once."""
    return SetDefaultTariff(evse_id=evse_id, tariff=tariff, at_once=tariff.valid_from <= now)


class GetTariffs(Request, frozen=True, kw_only=True, omit_defaults=True):
    """I09. ``evse_id`` 0: of all EVSEs."""

    evse_id: int


class ClearTariffs(Request, frozen=True, kw_only=True, omit_defaults=True):
    """I10. Those default tariffs that both filters fit; without any filter all of them."""

    tariff_ids: tuple[str, ...] = ()
    evse_id: int | None = None


class ChangeTransactionTariff(Request, frozen=True, kw_only=True, omit_defaults=True):
    """I11. From now on, and not for what has been used. ``transaction_id`` is the wire's."""

    transaction_id: str
    tariff: Tariff


class InstalledTariff(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One that the station has; ``kind``: DefaultTariff or DriverTariff."""

    tariff_id: str
    kind: str
    valid_from: datetime | None = None
    evse_ids: tuple[int, ...] = ()
    id_tokens: tuple[str, ...] = ()


class TariffsAnswer(CommandAnswer, frozen=True, kw_only=True, omit_defaults=True):
    tariffs: tuple[InstalledTariff, ...] = ()


class TariffCleared(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one: Accepted, Rejected, NoTariff."""

    status: str
    tariff_id: str | None = None
    info: str | None = None


class ClearTariffsAnswer(CommandAnswer, frozen=True, kw_only=True, omit_defaults=True):
    """``status`` is the one that all have in common, else Partial."""

    results: tuple[TariffCleared, ...] = ()
