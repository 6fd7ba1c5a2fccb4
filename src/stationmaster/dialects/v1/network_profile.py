"""B09 in 1.x: there are no network profiles."""

from collections.abc import Mapping

from stationmaster.dialects.refusal import unsupported
from stationmaster.dialects.table import Incoming, Outgoing
from stationmaster.domain.device_model.network_profile import SetNetworkProfile
from stationmaster.domain.messages import Request

INCOMING: Mapping[str, Incoming] = {}
OUTGOING: Mapping[type[Request], Outgoing] = {
    SetNetworkProfile: unsupported(
        "OCPP 1.x has no network profiles; a station's address of the CSMS may be a configuration key of its vendor"
    )
}
