from decimal import Decimal

import pytest

from stationmaster.clock.virtual import VirtualClock, run_virtual
from stationmaster.domain.battery_swap import Battery
from stationmaster.simulator.battery_slots import SimulatedSlots, SlotClosed, new_battery
from stationmaster.simulator.catalogue import station_model
from stationmaster.simulator.hardware import SimulatedHardware


class Listener:
    def __init__(self) -> None:
        self.told: list[tuple[int, str | None]] = []

    def on_battery(self, evse_id: int, battery: Battery | None) -> None:
        self.told.append((evse_id, battery and battery.serial_number))


def test_a_slot_is_used_while_it_stands_open() -> None:
    slots, listener = SimulatedSlots(2), Listener()
    slots.attach_slots(listener)
    with pytest.raises(SlotClosed):
        slots.insert(2, new_battery("A", 10))
    slots.open_slots([1, 2])
    with pytest.raises(SlotClosed):
        slots.insert(1, new_battery("A", 10))
    slots.insert(2, new_battery("A", 10))
    assert slots.take(1).serial_number == "SM-0001"
    with pytest.raises(SlotClosed):
        slots.take(1)
    assert listener.told == [(2, "A"), (1, None)]
    assert {number: battery and battery.serial_number for number, battery in slots.batteries().items()} == {
        1: None,
        2: "A",
    }


def hardware(clock: VirtualClock) -> SimulatedHardware:
    return SimulatedHardware(station_model("Battery swap 4"), clock)


def test_a_battery_in_a_slot_is_charged_by_its_outlet_and_comes_out_with_that() -> None:
    async def story() -> None:
        clock = VirtualClock()
        swap = hardware(clock)
        swap.slots().open_slots([4])
        swap.slots().insert(4, new_battery("A", 10))
        assert [swap.plugged(slot) for slot in (1, 4)] == [1, 1]
        await clock.sleep(1800)
        assert swap.slots().batteries()[4] == new_battery("A", 10, evse_id=4)
        swap.set_contactor(4, True)
        await clock.sleep(1800)
        charged = swap.slots().take(4)
        assert Decimal(30) < charged.soc_pct < Decimal(60)
        assert (swap.plugged(4), swap.energized(4)) == (None, False)
        register = next(s.value for s in swap.read_meter(4) if s.measurand == "Energy.Active.Import.Register")
        stored_wh = (charged.soc_pct - 10) / 100 * 2000
        assert Decimal("0.95") < stored_wh / Decimal(register) < Decimal("0.99")

    run_virtual(story())


def test_while_the_program_is_down_nobody_is_told() -> None:
    async def story() -> None:
        swap, listener = hardware(VirtualClock()), Listener()
        swap.slots().attach_slots(listener)
        swap.attach(None)
        swap.slots().open_slots([1])
        swap.slots().take(1)
        assert listener.told == []

    run_virtual(story())
