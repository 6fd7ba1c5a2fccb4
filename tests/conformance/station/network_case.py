"""A station between two CSMS: the cases of network profiles."""

from typing import Any

from said import Said
from scripted_csms import Payload, ScriptedCsms
from station_case import StationCase

from stationmaster.domain.device_model.network_profile import NetworkProfile
from stationmaster.ocpp.version import Version
from stationmaster.station.app import Place
from stationmaster.station.connection.network import Network
from stationmaster.station.ports import Dial
from stationmaster.transport.errors import ConnectRefused

OLD, NEW = "ws://csms.test", "ws://new.test"


class NetworkCase(StationCase):
    """`csms` is where the station begins, `new` where it may be sent."""

    def __init__(self, version: Version, model: str) -> None:
        super().__init__(version, model)
        self.new = ScriptedCsms(version, self.clock, self.script())
        self.passwords: list[str | None] = []
        self._taken_new = 0

    async def power_up(self) -> Said:
        await self._network.serve("new.test", admit=self.new.admit, connected=self.new.connected)
        return await super().power_up()

    def _place(self) -> Place:
        wired = super()._place()
        preset = NetworkProfile(csms_url=OLD, message_timeout_s=30, security_profile=1)
        network = Network(preset=preset, dial=self._dial_for, security_profiles=(1,))
        return Place(hardware=wired.hardware, memory=wired.memory, clock=wired.clock, dial=network)

    def _dial_for(self, profile: NetworkProfile) -> Dial:
        async def dial(receive: Any) -> Any:
            self.passwords.append(profile.basic_auth_password)
            try:
                return await self._network.connect(
                    f"{profile.csms_url}/S1", subprotocols=(self.version.subprotocol,), receiver_factory=receive
                )
            except ConnectRefused as refused:
                raise OSError(str(refused)) from refused

        return dial

    async def power_down(self) -> None:
        await super().power_down()
        assert self.new.violations == []

    def take_new(self) -> Said:
        """What the station said to the new CSMS since this was asked last."""
        new = Said(self.new.heard[self._taken_new :])
        self._taken_new = len(self.new.heard)
        return new

    def profile(self, url: str = NEW, **changes: Any) -> Payload:
        """connectionData for a CSMS."""
        return {
            "ocppVersion": "OCPP21" if self.version is Version.V21 else "OCPP20",
            "ocppTransport": "JSON",
            "ocppCsmsUrl": url,
            "messageTimeout": 30,
            "securityProfile": 1,
            "ocppInterface": "Wired0",
        } | changes

    async def set_profile(self, slot: int = 2, **changes: Any) -> tuple[str, str | None]:
        """The status and the reasonCode."""
        answer = await self.ask("SetNetworkProfile", configurationSlot=slot, connectionData=self.profile(**changes))
        return answer["status"], answer.get("statusInfo", {}).get("reasonCode")

    async def ready_to_move(self, priority: str = "2,1", attempts: int = 1) -> None:
        """A profile in slot 2 and the priorities set; a restart is all that is missing."""
        assert await self.set_profile() == ("Accepted", None)
        self.set(OCPPCommCtrlr__NetworkProfileConnectionAttempts=str(attempts))
        answer = await self.ask(
            "SetVariables",
            setVariableData=[
                {
                    "component": {"name": "OCPPCommCtrlr"},
                    "variable": {"name": "NetworkConfigurationPriority"},
                    "attributeValue": priority,
                }
            ],
        )
        assert answer["setVariableResult"][0]["attributeStatus"] == "RebootRequired"  # B10.FR.01

    async def restart(self) -> None:
        assert (await self.ask("Reset", type="OnIdle"))["status"] == "Accepted"
