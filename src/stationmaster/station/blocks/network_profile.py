"""B09, B10: the CSMS sets network profiles, and in which order they are used."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from stationmaster.domain.device_model.addresses import Characteristics, Component, Variable
from stationmaster.domain.device_model.network_profile import NetworkProfile, SetNetworkProfile, problem_of
from stationmaster.domain.messages import Answer, CommandAnswer
from stationmaster.station.connection.network import Route
from stationmaster.station.device_model.variables import ACCEPTED, Entry, Live, Verdict

_Column = tuple[str, Characteristics, Callable[[NetworkProfile], str]]
_TEXT = Characteristics(data_type="string")
_COUNT = Characteristics(data_type="integer")
_WITH_PASSWORD = (1, 2)
"""The security profiles whose stations show a password."""
_YES_NO = Characteristics(data_type="boolean")


def _one_of(*values: str) -> Characteristics:
    return Characteristics(data_type="OptionList", values_list=values)


_COLUMNS: tuple[_Column, ...] = (
    ("OcppCsmsUrl", _TEXT, lambda profile: profile.csms_url),
    (
        "OcppInterface",
        _one_of(*(f"{kind}{n}" for kind in ("Wired", "Wireless") for n in range(4)), "Any"),
        lambda profile: profile.interface,
    ),
    ("OcppTransport", _one_of("JSON", "SOAP"), lambda profile: profile.transport),
    (
        "OcppVersion",
        _one_of("OCPP12", "OCPP15", "OCPP16", "OCPP20", "OCPP201", "OCPP21"),
        lambda profile: profile.ocpp_version or "",
    ),
    ("MessageTimeout", _COUNT, lambda profile: str(profile.message_timeout_s)),
    ("SecurityProfile", _COUNT, lambda profile: str(profile.security_profile or 0)),
    ("ApnEnabled", _YES_NO, lambda profile: "false"),  # B09.FR.13
    ("VpnEnabled", _YES_NO, lambda profile: "false"),
)


Note = Callable[[str, str | None], None]
"""Write a line into the security log."""
_SHORTEST_PASSWORD = 16


@dataclass(frozen=True, slots=True)
class Shown:
    """What of it the device model has: the slots with their profiles, and a password of so many characters."""

    slots: bool
    longest_password: int


class NetworkProfileSetting:
    """Profiles are set by SetNetworkProfile alone, so their variables are read only (B09.FR.10)."""

    def __init__(self, route: Route, shown: Shown, reconnect: Callable[[], object], note: Note) -> None:
        self._route = route
        self._shown = shown
        self._reconnect = reconnect
        self._note = note

    async def set_profile(self, request: SetNetworkProfile) -> Answer:
        """B09: check and keep; nothing changes before the next connection."""
        if not self._route.can.security_profiles:
            return CommandAnswer(status="Rejected", reason="NotEnabled", info="this station has one way to its CSMS")
        problem = problem_of(request.slot, request.profile, self.active_security, self._route.can)
        if problem is not None:
            return CommandAnswer(status="Rejected", reason=problem.reason, info=problem.info)
        self._route.profiles.put(request.slot, request.profile)
        return CommandAnswer(status="Accepted")

    @property
    def active_security(self) -> int:
        return self._route.profile.security_profile or 0

    def live(self) -> Mapping[str, Live]:
        """What the table of variables tells of the line."""
        told: dict[str, Live] = {
            "OCPPCommCtrlr.ActiveNetworkProfile": lambda _: str(self._route.slot),
            "SecurityCtrlr.SecurityProfile": lambda _: str(self.active_security),
        }
        if self._route.identity is not None:
            told["SecurityCtrlr.Identity"] = lambda _: self._route.identity or ""
        return told

    def check_priority(self, text: str) -> Verdict | None:
        """B10.FR.01, .02, B09.FR.33, .34: every slot holds a profile that can be used, and stands there once."""
        slots = text.split(",")
        known = self._route.profiles.slots
        if not text or len(set(slots)) != len(slots):
            return Verdict("Rejected", "InvalidValue")
        empty = [slot for slot in slots if int(slot) not in known]
        return Verdict("Rejected", "InvalidNetworkConf", f"slot {empty[0]} is empty") if empty else None

    def entries(self) -> Iterator[Entry]:
        """What the table of variables does not hold."""
        if self.active_security in _WITH_PASSWORD:
            yield self._password()
        if self._shown.slots:
            yield from self._slots()

    def _password(self) -> Entry:
        """A01; nobody may read it."""
        return Entry(
            component=Component(name="SecurityCtrlr"),
            variable=Variable(name="BasicAuthPassword"),
            characteristics=Characteristics(
                data_type="string",
                supports_monitoring=True,
                min_limit=Decimal(_SHORTEST_PASSWORD),
                max_limit=Decimal(self._shown.longest_password),
            ),
            mutability="WriteOnly",
            read=lambda: "",
            write=self._set_password,
        )

    def _set_password(self, password: str) -> Verdict:
        self._route.profiles.set_password(password, self._route.slot)
        self._note("ReconfigurationOfSecurityParameters", "BasicAuthPassword")  # A01.FR.11, .12
        self._reconnect()
        return ACCEPTED

    def _slots(self) -> Iterator[Entry]:
        """B09.FR.08, .09: NetworkConfiguration of every slot (2.1)."""
        for slot, profile in sorted(self._route.profiles.slots.items()):
            component = Component(name="NetworkConfiguration", instance=str(slot))
            for name, characteristics, tell in _COLUMNS:
                yield Entry(
                    component=component,
                    variable=Variable(name=name),
                    characteristics=characteristics,
                    mutability="ReadOnly",
                    read=lambda tell=tell, profile=profile: tell(profile),  # type: ignore[misc]
                )
