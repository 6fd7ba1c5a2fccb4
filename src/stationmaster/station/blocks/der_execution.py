"""R Who executes DER controls: an EVSE's own inverter (R01), or car and station between them (R02, R03).

One executor for each EVSE that has to do with DER control. Each look hands it the controls in force and the grid; it
holds the EVSE's power to what comes of them, and says how its inverter fares.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any, Protocol

from msgspec import structs

from stationmaster.domain.der.controls import DERControl
from stationmaster.domain.der.grid import GridSample, rank
from stationmaster.domain.der.nameplate import EVInverter, Nameplate, ev_inverter, rated
from stationmaster.domain.der.power import FREE, PowerOrder, exceeds_limit, order
from stationmaster.domain.der.service import Cause, Conduct, conducted, ramped, trips
from stationmaster.station.ports import EvseDescription, HardwareDescription


class Power(Protocol):
    """What an executor needs of the hardware; see `station.ports.Hardware`."""

    def plugged(self, evse_id: int) -> int | None: ...
    def hold_power(self, evse_id: int, order: PowerOrder) -> None: ...
    def usual_feed_w(self, evse_id: int) -> float: ...
    def ev_needs(self, evse_id: int) -> Mapping[str, Any] | None: ...
    def configure_ev(self, evse_id: int, controls: Sequence[DERControl]) -> None: ...


class Grid(Protocol):
    def grid(self) -> GridSample:
        """What the grid is now, at the inverters."""
        ...


class Executor(Protocol):
    def begin(self, tripped: Cause | None) -> None:
        """Called once, before the first look: what it was tripped by when the program ended."""
        ...

    def on_evse(self, evse_id: int) -> None:
        """A car may have come to an EVSE, or gone from it."""
        ...

    def follow(self, controls: Sequence[DERControl], sample: GridSample, now: datetime) -> Conduct:
        """Do as the controls in force say."""
        ...


class Inverters:
    """All that a station has to do with. ``modes`` are the types of control that it takes."""

    def __init__(self, modes: Collection[str], grid: Grid, executors: Sequence[Executor]) -> None:
        self.modes = frozenset(modes)
        self._grid = grid
        self._executors = executors

    def begin(self, alarm: Cause | None) -> None:
        """What deviated when the program ended: what was tripped is so until it may enter service again."""
        tripped = alarm if alarm is not None and trips(alarm.type) else None
        for executor in self._executors:
            executor.begin(tripped)

    def on_evse(self, evse_id: int) -> None:
        """A car may have come to an EVSE, or gone from it."""
        for executor in self._executors:
            executor.on_evse(evse_id)

    def follow(self, controls: Sequence[DERControl], now: datetime) -> Cause | None:
        """Have what is in force executed; why something deviates now."""
        sample = self._grid.grid()
        conducts = [executor.follow(controls, sample, now) for executor in self._executors]
        ruling = [conduct.ruling for conduct in conducts if conduct.ruling is not None]
        return min(ruling, key=lambda cause: rank(cause.type), default=None)


class GridPower(Grid, Power, Protocol):
    """The hardware of a station with inverters."""


def inverters(description: HardwareDescription, hardware: GridPower, random: Random) -> Inverters:
    """Those that the station is built with, each with its share of EnterService.randomDelay."""
    return Inverters(description.der_modes, hardware, tuple(_executors(description, hardware, random)))


def _executors(description: HardwareDescription, hardware: Power, random: Random) -> Iterator[Executor]:
    for evse in description.evses:
        if evse.inverter is not None:
            yield StationInverter(evse.id, evse.inverter, hardware, random.random())
        elif evse.emulates is not None:
            yield SharedControl(evse, evse.emulates, hardware, random.random())


class StationInverter:
    """R01: the EVSE's own, with or without a car. ``spread``: its share of EnterService.randomDelay."""

    def __init__(self, evse_id: int, nameplate: Nameplate, hardware: Power, spread: float) -> None:
        self._evse_id = evse_id
        self._nameplate = nameplate
        self._hardware = hardware
        self._spread = spread
        self._conduct = Conduct()

    def begin(self, tripped: Cause | None) -> None:
        self._conduct = Conduct(tripped=tripped)

    def on_evse(self, evse_id: int) -> None:
        """It is the same inverter for every car."""

    def follow(self, controls: Sequence[DERControl], sample: GridSample, now: datetime) -> Conduct:
        self._conduct = conducted(self._conduct, controls, sample, now, self._spread)
        self._hardware.hold_power(self._evse_id, _order(self._conduct, controls, sample, self._nameplate, now))
        usual_w = self._hardware.usual_feed_w(self._evse_id)
        return _with_limit(self._conduct, controls, self._nameplate, usual_w)


class SharedControl:
    """R02, R03: the inverter is in the car. The car is sent all controls but those that only the station can see to
    (R03.FR.06); what both could do is the car's (R03.FR.05). A car that tells nothing only charges, and is held to
    what the station emulates by what it is offered."""

    def __init__(self, evse: EvseDescription, emulates: Sequence[str], hardware: Power, spread: float) -> None:
        self._evse = evse
        self._emulates = frozenset(emulates)
        self._hardware = hardware
        self._spread = spread
        self._conduct = self._own = Conduct()
        self._sent: tuple[DERControl, ...] = ()

    def begin(self, tripped: Cause | None) -> None:
        """What was tripped was the car's inverter, which keeps to that by itself."""

    def on_evse(self, evse_id: int) -> None:
        """The next car has heard of nothing, however soon it comes."""
        if evse_id == self._evse.id and self._hardware.plugged(evse_id) is None:
            self._forget()

    def follow(self, controls: Sequence[DERControl], sample: GridSample, now: datetime) -> Conduct:
        if self._hardware.plugged(self._evse.id) is None:
            self._forget()
            return self._conduct
        inverter, told = self._inverter()
        own = [each for each in controls if each.type in self._emulates and each.type not in inverter.modes]
        self._send(tuple(each for each in controls if each not in own) if told else ())
        executed = [each for each in controls if each in own or each.type in inverter.modes]
        self._conduct = conducted(self._conduct, executed, sample, now, self._spread)
        self._own = conducted(self._own, own, sample, now, self._spread)
        self._hold(_order(self._own, own, sample, inverter.nameplate, now))
        usual_w = self._hardware.usual_feed_w(self._evse.id)
        return _with_limit(self._conduct, executed, inverter.nameplate, usual_w)

    def _forget(self) -> None:
        self._hold(FREE)
        self._conduct = self._own = Conduct()
        self._sent = ()

    def _inverter(self) -> tuple[EVInverter, bool]:
        """The car's, and whether it told of it."""
        needs = self._hardware.ev_needs(self._evse.id)
        if needs is None:
            return EVInverter(nameplate=rated(0.0, self._evse.max_power_w)), False
        return ev_inverter(needs, self._evse.max_power_w), True

    def _send(self, controls: tuple[DERControl, ...]) -> None:
        if controls != self._sent:
            self._hardware.configure_ev(self._evse.id, controls)
            self._sent = controls

    def _hold(self, held_to: PowerOrder) -> None:
        self._hardware.hold_power(self._evse.id, held_to)


def _order(
    conduct: Conduct, controls: Sequence[DERControl], sample: GridSample, nameplate: Nameplate, now: datetime
) -> PowerOrder:
    if not controls and not conduct.ceased:
        return FREE
    share = ramped(conduct, controls, now)
    return order(controls, sample, nameplate, ceased=conduct.ceased, share=share)


def _with_limit(conduct: Conduct, controls: Sequence[DERControl], nameplate: Nameplate, usual_w: float) -> Conduct:
    """A limit of discharging makes an inverter deviate too, where nothing else does already."""
    if conduct.causes or not exceeds_limit(controls, nameplate, usual_w):
        return conduct
    return structs.replace(conduct, causes=(Cause("LimitMaxDischarge", None),))
