"""For your tests as for ours: a bare end of an OCPP-J line, a CSMS in memory, a clock that jumps."""

from stationmaster.clock.virtual import VirtualClock, run_virtual
from stationmaster.testing.bench import CsmsBench, csms_bench
from stationmaster.testing.wire import WireClient, WireError

__all__ = ["CsmsBench", "VirtualClock", "WireClient", "WireError", "csms_bench", "run_virtual"]
