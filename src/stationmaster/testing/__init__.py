"""For your tests as for ours: a bare end of an OCPP-J line, a station by script, a CSMS in memory, a jumping clock."""

from stationmaster.clock.virtual import VirtualClock, run_virtual
from stationmaster.testing.bench import CsmsBench, csms_bench
from stationmaster.testing.script import ScriptedStation, ScriptedTransaction
from stationmaster.testing.soap_wire import SoapWireClient
from stationmaster.testing.view import StationView
from stationmaster.testing.wire import BrokenRules, WireClient, WireError

__all__ = [
    "BrokenRules",
    "CsmsBench",
    "ScriptedStation",
    "ScriptedTransaction",
    "SoapWireClient",
    "StationView",
    "VirtualClock",
    "WireClient",
    "WireError",
    "csms_bench",
    "run_virtual",
]
