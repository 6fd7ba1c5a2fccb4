from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest

from stationmaster.cli.station_run import StationOptions, Teller, changes, station_model
from stationmaster.ocpp.version import Version
from stationmaster.simulator.supply import AcSupply, DcSupply
from stationmaster.station.snapshot import EvseSnapshot, StationSnapshot

IDLE = EvseSnapshot(
    id=1,
    status="Available",
    plugged=None,
    authorized=False,
    charging_state=None,
    transaction_id=None,
    power_w=Decimal(0),
    energy_wh=Decimal(1500),
)
BUSY = msgspec.structs.replace(
    IDLE, status="Occupied", charging_state="Charging", transaction_id="tx-1", power_w=Decimal(11_000)
)


def at(online: bool = True, *evses: EvseSnapshot, **changed: Any) -> StationSnapshot:
    plain = StationSnapshot(
        identity="CP-1",
        version="2.0.1",
        running=True,
        online=online,
        registration="Accepted",
        evses=evses,
        queued=0,
        boots=1,
        connections=1,
        transactions_started=0,
        transactions_ended=0,
        messages=0,
    )
    return msgspec.structs.replace(plain, **changed)


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (None, at(False, registration=None), []),
        (None, at(True, IDLE), ["connected", "registration Accepted", "EVSE 1: Available"]),
        (at(True, IDLE), at(True, IDLE), []),
        (at(True, IDLE), at(False, IDLE), ["connection lost"]),
        (at(True, registration="Pending"), at(True), ["registration Accepted"]),
        (
            at(True),
            at(True, registration="Rejected"),
            [
                "registration Rejected: the CSMS does not know it, or does not want it"
                " (is the identity admitted there?); it asks again"
            ],
        ),
        (
            at(True, IDLE),
            at(True, BUSY),
            [
                "EVSE 1: Occupied",
                "EVSE 1: transaction tx-1 started, 1.500 kWh on the meter",
                "EVSE 1: Charging, 11.0 kW",
            ],
        ),
        (
            at(True, BUSY),
            at(True, IDLE),
            ["EVSE 1: Available", "EVSE 1: transaction tx-1 ended, 1.500 kWh on the meter"],
        ),
    ],
)
def test_what_changed_between_two_looks_is_told_once(
    before: StationSnapshot | None, now: StationSnapshot, told: list[str]
) -> None:
    assert list(changes(before, now)) == told


def test_why_there_is_no_line_is_told_once_until_there_was_one() -> None:
    told: list[str] = []
    teller = Teller(told.append)
    teller.no_line("refused")
    teller.no_line("refused")
    teller.look(at(True))
    teller.no_line("refused")
    assert told == [
        "no connection: refused; it goes on trying",
        "connected",
        "registration Accepted",
        "no connection: refused; it goes on trying",
    ]


@pytest.mark.parametrize(("current", "supply"), [("AC", AcSupply), ("DC", DcSupply)])
def test_the_station_is_built_as_asked_for(current: Literal["AC", "DC"], supply: type) -> None:
    options = StationOptions(
        url="ws://x",
        identity="CP-1",
        version=Version.V201,
        password=None,
        evses=3,
        current=current,
        phases=1,
        seed=1,
        speed=1,
        drivers=True,
        memory=Path("unused.db"),
    )
    model = station_model(options)
    assert len(model.evses) == 3
    for evse in model.evses:
        assert isinstance(evse.supply, supply)
        assert not isinstance(evse.supply, AcSupply) or evse.supply.phases == 1


def test_a_model_of_the_catalogue_is_taken_as_it_is() -> None:
    options = StationOptions(
        url="ws://x",
        identity="CP-1",
        version=Version.V21,
        password=None,
        evses=3,
        current="AC",
        phases=1,
        seed=1,
        speed=1,
        drivers=True,
        memory=Path("unused.db"),
        model="Bidirectional 2x50",
    )
    model = station_model(options)
    assert model.model == "Bidirectional 2x50"
    assert model.der_modes
