"""A charge point of 1.6 on simulated hardware, its Central System by script, and what must hold in every case."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from said import Said
from scripted_csms import Call, Payload
from station_case import CARD, StationCase

from stationmaster.domain.identity import IdToken
from stationmaster.ocpp.version import Version

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
    """Connectors count through from 1: with two sockets, connector n is on EVSE n."""

    def __init__(self, model: str) -> None:
        super().__init__(Version.V16, model)

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
        assert statuses(said, evse) == ["Preparing", "Charging"]
        return started

    def check_always(self) -> None:
        heard = Said(self.csms.heard)
        for connector in range(1, len(self.connectors) + 1):
            calls = [call for call in heard.of("StatusNotification") if call.payload["connectorId"] == connector]
            for earlier, later in pairwise(calls):
                before, after = earlier.payload["status"], later.payload["status"]
                unseen = any(earlier.at <= lost <= later.at for lost in self.csms.lost_at)
                assert unseen or after == before or after in TRANSITIONS[before], f"{before} -> {after}"
        assert set(statuses(heard, 0)) <= {"Available", "Unavailable", "Faulted"}
        for call in heard.of("StatusNotification"):
            _check_error(call)


ACCEPTED: Payload = {"status": "Accepted"}


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
