"""Locks on plugs, and cables that stay locked in their socket until whoever they belong to comes back for them."""

from collections.abc import Mapping

import msgspec

from stationmaster.domain.identity import IdToken
from stationmaster.station.ports import Hardware, Memory
from stationmaster.station.records import Grant

_KEY = "kept_cables"
_SOCKET = "s"
"""What the types of connectors begin with that take the driver's own cable (2.x ConnectorEnumType: sType2, ...)."""


class KeptCable(msgspec.Struct, frozen=True, omit_defaults=True):
    """A cable in the lock of a connector, and the token and group that it is let go for."""

    connector_id: int
    id_token: IdToken
    group: IdToken | None = None

    def belongs_to(self, id_token: IdToken, group: IdToken | None = None) -> bool:
        """Whether a token, or one of this group, may have the cable (1.6 errata 3.5)."""
        same_group = self.group is not None and group is not None and self.group.key == group.key
        return self.id_token.key == id_token.key or same_group


class Cables:
    """The locks of a station. What is kept outlives a restart."""

    def __init__(self, hardware: Hardware, memory: Memory) -> None:
        self._hardware = hardware
        self._memory = memory
        self._types: Mapping[tuple[int, int], str] = {
            (evse.id, connector.id): connector.type
            for evse in hardware.describe().evses
            for connector in evse.connectors
        }
        kept = memory.get(_KEY)
        self._kept: dict[int, KeptCable] = {} if kept is None else msgspec.json.decode(kept, type=dict[int, KeptCable])

    def kept(self, evse_id: int) -> KeptCable | None:
        """The cable that waits for its owner at an EVSE."""
        return self._kept.get(evse_id)

    def lock(self, evse_id: int, connector_id: int) -> bool:
        """Hold a plug while energy may flow; whether the lock caught."""
        self._forget(evse_id)
        return self._hardware.lock(evse_id, connector_id)

    def keep(self, evse_id: int, connector_id: int, grant: Grant | None) -> None:
        """Leave a driver's own cable locked (C15.FR.05, E09.FR.03, E10.FR.01); a fixed one is nobody's to keep."""
        if grant is None or not self._types[evse_id, connector_id].startswith(_SOCKET):
            self.free(evse_id, connector_id)
            return
        self._kept[evse_id] = KeptCable(connector_id, grant.id_token, grant.group)
        self._save()

    def free(self, evse_id: int, connector_id: int | None) -> bool:
        """Let a plug go, and what is kept at the EVSE; whether everything came free."""
        kept = self._kept.get(evse_id)
        plugs = {connector_id, kept.connector_id if kept is not None else None}
        self._forget(evse_id)
        stuck = [plug for plug in plugs if plug is not None and not self._hardware.unlock(evse_id, plug)]
        return not stuck

    def _forget(self, evse_id: int) -> None:
        if self._kept.pop(evse_id, None) is not None:
            self._save()

    def _save(self) -> None:
        self._memory.put(_KEY, msgspec.json.encode(self._kept))
