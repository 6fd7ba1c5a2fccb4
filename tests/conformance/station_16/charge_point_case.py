"""A charge point of 1.x on simulated hardware, its Central System by script, and what must hold in every case."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from charge_point_words import BEFORE_1_6, in_words
from said import Said
from scripted_csms import Call, Payload, ScriptedCsms
from scripted_soap_csms import ScriptedSoapCsms
from station_case import CARD, StationCase

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import Version
from stationmaster.station.connection.lines import ToCsms

TRANSITIONS: Mapping[str, set[str]] = {
    "Available": {"Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Reserved", "Unavailable", "Faulted"},
    "Preparing": {"Available", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Faulted"},
    "Charging": {"Available", "SuspendedEV", "SuspendedEVSE", "Finishing", "Unavailable", "Faulted"},
    "SuspendedEV": {"Available", "Charging", "SuspendedEVSE", "Finishing", "Unavailable", "Faulted"},
    "SuspendedEVSE": {"Available", "Charging", "SuspendedEV", "Finishing", "Unavailable", "Faulted"},
    "Finishing": {"Available", "Preparing", "Unavailable", "Faulted"},
    "Reserved": {"Available", "Preparing", "Unavailable", "Faulted"},
    "Unavailable": {"Available", "Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Faulted"},
    "Faulted": {"Available", "Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Unavailable"},
}
"""1.6 §4.9 with errata 3.20: which status of a connector may follow which."""

TRANSACTION_MESSAGES = ("StartTransaction", "MeterValues", "StopTransaction")


class ChargePointCase(StationCase):
    """Connectors count through from 1: with two sockets, connector n is on EVSE n. All is said in the words of 1.6,
    also over SOAP; ``words`` and ``reason`` are what is left of them in the version that is spoken."""

    def words(self, *of_1_6: str, after: str | None = None) -> list[str]:
        """Statuses, or error codes, that follow each other, as the version tells them; ``after``: the one before."""
        return in_words(self.version, of_1_6, after)

    def reason(self, of_1_6: str) -> str | None:
        """Why a transaction was stopped; 1.2 and 1.5 do not tell."""
        return None if self.version in BEFORE_1_6 else of_1_6

    def beside(self, text: str) -> str | None:
        """What is said beside a status; 1.2 has no place for it."""
        return None if self.version is Version.V12 else text

    def at(self, connector: int) -> Payload:
        """Where to start remotely; 1.2 cannot say, and a station chooses where a car waits."""
        return {} if self.version is Version.V12 else {"connectorId": connector}

    def in_meter_values(self, transaction_id: int) -> int | None:
        """As MeterValues name it; 1.2 has no place for it."""
        return None if self.version is Version.V12 else transaction_id

    def _csms(self) -> ScriptedCsms:
        twin = ScriptedSoapCsms if self.version.is_soap else ScriptedCsms
        return twin(self.version, self.clock, self.script())

    async def _listen(self) -> None:
        if isinstance(self.csms, ScriptedSoapCsms):
            self.csms.listen()
        else:
            await super()._listen()

    def _way(self) -> ToCsms:
        return self.csms.place() if isinstance(self.csms, ScriptedSoapCsms) else super()._way()

    async def power_down(self) -> None:
        await super().power_down()
        if isinstance(self.csms, ScriptedSoapCsms):
            await self.csms.close()

    def script(self) -> dict[str, Any]:
        self.infos: dict[str, Payload] = {}
        self.tx_infos: dict[str, Payload] = {}
        self.named = 0

        def start(payload: Payload) -> Payload:
            self.named += 1
            return {"transactionId": self.named, "idTagInfo": self.tx_infos.get(payload["idTag"], ACCEPTED)}

        return {
            "BootNotification": lambda _: self.boot_answer("Accepted", 86_400),
            "Heartbeat": lambda _: {"currentTime": self.now()},
            "Authorize": lambda payload: {"idTagInfo": self.info(payload["idTag"])},
            "StartTransaction": start,
            **{action: lambda _: {} for action in ("StopTransaction", "StatusNotification", "MeterValues")},
            **{action: lambda _: {} for action in ("SecurityEventNotification", "LogStatusNotification")},
            "DiagnosticsStatusNotification": lambda _: {},
        }

    async def swipe(self, token: str = CARD, evse: int = 1) -> Said:
        self.hardware.present(IdToken(token), evse)
        return await self.wait()

    async def session(self, token: str = CARD, evse: int = 1) -> Payload:
        """Plug in, show the tag, take energy: what StartTransaction said."""
        said = await self.plug(evse) + await self.swipe(token, evse)
        (started,) = said.payloads("StartTransaction")
        assert statuses(said, evse) == self.words("Preparing", "Charging")
        return started

    def check_always(self) -> None:
        heard = Said(self.csms.heard)
        may_follow = transitions(self.version)
        for connector in range(1, len(self.connectors) + 1):
            calls = [call for call in heard.of("StatusNotification") if call.payload["connectorId"] == connector]
            for earlier, later in pairwise(calls):
                before, after = earlier.payload["status"], later.payload["status"]
                unseen = any(earlier.at <= lost <= later.at for lost in self.csms.lost_at)
                assert unseen or after == before or after in may_follow[before], f"{before} -> {after}"
        of_the_whole = {"Available", "Unavailable", "Faulted"}
        if self.version in BEFORE_1_6:  # 1.5 §7.10: there it is what its connectors come to
            of_the_whole |= {"Occupied", "Reserved"}
        assert set(statuses(heard, 0)) <= of_the_whole
        for call in heard.of("StatusNotification"):
            _check_error(call)


ACCEPTED: Payload = {"status": "Accepted"}


def transitions(version: Version) -> Mapping[str, set[str]]:
    """Which status may follow which, in a version's words."""
    found: dict[str, set[str]] = {}
    for before, afters in TRANSITIONS.items():
        for after in afters:
            (first, *_), (*_, last) = in_words(version, [before]), in_words(version, [after])
            found.setdefault(first, set()).add(last)
    return found


def statuses(said: Said, connector: int) -> list[str]:
    return [payload["status"] for payload in reports(said, connector)]


def reports(said: Said, connector: int) -> list[Payload]:
    return [payload for payload in said.payloads("StatusNotification") if payload["connectorId"] == connector]


def transaction_messages(said: Said) -> list[Call]:
    return [call for call in said if call.action in TRANSACTION_MESSAGES and not call.is_answer]


def _check_error(call: Call) -> None:
    """1.6 §4.9: a fault has a code, and EVCommunicationError belongs to four statuses."""
    status, code = call.payload["status"], call.payload["errorCode"]
    assert status != "Faulted" or code != "NoError"
    if code == "EVCommunicationError":
        assert status in ("Preparing", "SuspendedEV", "SuspendedEVSE", "Finishing")
