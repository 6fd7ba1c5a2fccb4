"""The network profiles of a station and the way it goes through them (B09, B10).

After a restart and after a lost connection it tries each slot of NetworkConfigurationPriority in order,
NetworkProfileConnectionAttempts times each (B10.FR.03, .04); then the profile of its last success (B10.FR.07), and then
from the start again (B10.FR.08), for ever (B10.FR.09). The waits between attempts are the link's.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from stationmaster.domain.device_model.network_profile import Capabilities, NetworkProfile
from stationmaster.station.device_model.variable_table import SLOTS
from stationmaster.station.ports import Dial, Memory
from stationmaster.station.settings import Configuration

PRESET_SLOT = 1
_KEY = "network_profiles"
_LAST_KEY = "network_last"
_CREDENTIALS = "basic_auth"
_VERSIONS = {"2.0": ("OCPP20",), "2.0.1": ("OCPP20", "OCPP201"), "2.1": ("OCPP21",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What a station can reach. ``preset`` is its profile in slot 1 until the CSMS sets another there; ``dial`` makes
    the way to the CSMS of a profile. Without ``security_profiles`` no other profile can be set."""

    preset: NetworkProfile
    dial: Callable[[NetworkProfile], Dial]
    interfaces: tuple[str, ...] = ("Wired0",)
    security_profiles: tuple[int, ...] = (0, 1, 2)

    def capabilities(self, version: str) -> Capabilities:
        """What the station can connect with when it speaks this version."""
        return Capabilities(
            slots=tuple(map(int, SLOTS)),
            versions=_VERSIONS.get(version, ()),
            interfaces=self.interfaces,
            security_profiles=self.security_profiles,
        )


THE_ONE_CSMS = NetworkProfile(csms_url="", message_timeout_s=30, security_profile=0)
"""The profile of a station that is wired to its CSMS, as in a simulation."""
ONE_WAY = Capabilities(slots=(), versions=(), interfaces=(), security_profiles=())


def wired(dial: Dial) -> Network:
    """The one CSMS that there is."""
    return Network(preset=THE_ONE_CSMS, dial=lambda _: dial, security_profiles=())


class NetworkProfiles:
    """What stands in the slots. What the CSMS has set outlives restarts, and goes before the preset."""

    def __init__(self, memory: Memory, preset: NetworkProfile) -> None:
        self._memory = memory
        self._preset = preset
        kept = memory.get(_KEY)
        self._set: dict[int, NetworkProfile] = (
            {} if kept is None else msgspec.json.decode(kept, type=dict[int, NetworkProfile])
        )

    @property
    def slots(self) -> Mapping[int, NetworkProfile]:
        return {PRESET_SLOT: self._preset, **self._set}

    def put(self, slot: int, profile: NetworkProfile) -> None:
        """Keep a profile; it is used from the next connection on (B09.FR.01)."""
        self._memory.put(_KEY, msgspec.json.encode({**self._set, slot: profile}))
        self._set[slot] = profile

    @property
    def password(self) -> str | None:
        """What the CSMS has set for all profiles that bring none of their own (A01.FR.01)."""
        kept = self._memory.get(_CREDENTIALS)
        return None if kept is None else kept.decode()

    def set_password(self, password: str, slot: int) -> None:
        """Keep it, and let it count where one of the profile's own stood before (B09.FR.27)."""
        self._memory.put(_CREDENTIALS, password.encode())
        profile = self.slots[slot]
        if profile.basic_auth_password is not None:
            self.put(slot, msgspec.structs.replace(profile, basic_auth_password=None))


class Route:
    """Which profile is tried now, or in use. ``slot`` and ``profile`` are settled by ``begin``."""

    def __init__(
        self,
        configuration: Configuration,
        memory: Memory,
        preset: NetworkProfile = THE_ONE_CSMS,
        can: Capabilities = ONE_WAY,
    ) -> None:
        self.can = can
        self.profiles = NetworkProfiles(memory, preset)
        self._preset = preset
        self._configuration = configuration
        self._memory = memory
        self.begin()

    @property
    def slot(self) -> int:
        return self._slot

    @property
    def profile(self) -> NetworkProfile:
        return self._profile

    @property
    def destination(self) -> Hashable:
        """See ``link.Way``."""
        return self._slot, self._profile.csms_url, self.identity

    @property
    def dialled(self) -> NetworkProfile:
        """The profile with the credentials that it is dialled with, as far as they are not the hardware's own."""
        if self._profile.basic_auth_password is not None:
            return self._profile
        return msgspec.structs.replace(self._profile, basic_auth_password=self.profiles.password)

    @property
    def identity(self) -> str | None:
        """What the station calls itself, None: its maker has not told."""
        return self._profile.identity or self._preset.identity

    @property
    def is_preset(self) -> bool:
        """Whether the CSMS has not set what is used now."""
        return self._profile is self._preset

    def begin(self) -> None:
        """A restart, or a lost connection: the list is gone through from its first slot."""
        self._attempts = self._all_attempts()
        self.failed()

    def failed(self) -> None:
        """The attempt came to nothing: on to the next."""
        self._slot = next(self._attempts)
        self._profile = self.profiles.slots[self._slot]

    def succeeded(self) -> None:
        """The CSMS has accepted the station."""
        if self._last() != self._slot:
            self._memory.put(_LAST_KEY, str(self._slot).encode())

    def _all_attempts(self) -> Iterator[int]:
        while True:
            known = self.profiles.slots
            settings = self._configuration.now
            last = self._last()
            order = [*map(int, settings.network_priority), *([] if last is None else [last])]
            for slot in [slot for slot in order if slot in known] or [PRESET_SLOT]:
                for _ in range(settings.network_profile_connection_attempts):
                    yield slot

    def _last(self) -> int | None:
        kept = self._memory.get(_LAST_KEY)
        return None if kept is None else int(kept)
