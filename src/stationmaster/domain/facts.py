"""What a dialect must know of a station to translate for it."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from stationmaster.domain.identity import Evse


class StationFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An immutable view of one station.

    ``version`` is the wire's ("1.6", "2.0", "2.0.1", "2.1").
    ``connectors`` maps a 1.x connectorId to an EVSE where it is not the usual n = (EVSE n, connector 1).
    ``wire_transactions`` maps this side's own transaction ids to the wire's (a 1.6 station learns them late).
    ``capabilities``: names of what the station can do beyond its version's core, e.g. ``SecurityExtension``.
    ``limits``: what it takes at once, e.g. ``{"items:GetVariables": 50, "bytes:SetVariables": 8000}``.
    ``free_vend_id_tag``: what a 1.x station sends for an idTag where nobody showed a token; None: it has none.
    """

    version: str
    role: Literal["csms", "station"] = "csms"
    connectors: Mapping[int, Evse] = {}
    wire_transactions: Mapping[str, str] = {}
    capabilities: frozenset[str] = frozenset()
    limits: Mapping[str, int] = {}
    free_vend_id_tag: str | None = None

    def evse_of(self, connector_id: int) -> Evse:
        """The EVSE behind a 1.x connectorId; 0 is the whole station."""
        found = self.connectors.get(connector_id)
        if found is not None:
            return found
        return Evse(0) if connector_id == 0 else Evse(connector_id, 1)

    def connector_of(self, evse: Evse | None) -> int:
        """The 1.x connectorId of an EVSE; None and EVSE 0 are the whole station."""
        if evse is None or evse.id == 0:
            return 0
        for connector_id, known in self.connectors.items():
            if known.id == evse.id and evse.connector_id in (None, known.connector_id):
                return connector_id
        return evse.id
